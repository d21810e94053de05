// Package minijail reads the policies of minijail.
package minijail

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/interop"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
)

// Dialect is which of minijail's two compilers is meant: the one in Python (tools/parser.py), or
// the one in C that minijail has built in (syscall_filter.c).
type Dialect string

// The dialects.
const (
	Python Dialect = "py"
	C      Dialect = "c"
)

// Options say how a policy is read.
type Options struct {
	Source string // the file's name, for the header
	// to make a policy for; nil: that of the constants, or of the running program
	ABIs      []*linux.ABI
	Dialect   Dialect       // "": any, as long as they do not differ
	Kill      policy.Action // what kill is, and the default without @default
	Constants []byte        // a constants.json, or nil
	Exact     bool          // compare whole registers

	// Read returns an included file; from is the file that includes it.
	Read func(from, name string) (text []byte, err error)
}

// Policy is a policy in the language.
type Policy struct {
	Text     []byte
	Warnings interop.Warnings
}

// Import returns the policy that a policy of minijail's is, proved equal to what its compiler makes
// of it.
func Import(text []byte, opts Options) (*Policy, error) {
	im := &importer{opts: opts, repairs: map[string]place{}, hot: map[string]bool{}}
	if err := im.readConstants(); err != nil {
		return nil, err
	}
	if im.opts.ABIs == nil {
		native, ok := linux.Native()
		if !ok {
			return nil, errors.New("the tables do not have this machine's ABI: choose one by " +
				"--arch")
		}
		im.opts.ABIs = []*linux.ABI{native}
	}
	if err := im.file(opts.Source, text, 0); err != nil {
		return nil, err
	}
	if im.denylist && im.headless != "" {
		return nil, fmt.Errorf("line %d: %s has no @denylist: minijail's compiler wants it in "+
			"each file or in none", im.denies.line, diag.Printable(im.headless))
	}
	if len(im.statements) == 0 && !im.hasDefault && !im.denylist {
		return nil, errors.New("line 1: the policy has no statement")
	}
	var filters []*interop.Filter
	for _, abi := range im.opts.ABIs {
		f, err := im.filter(abi)
		if err != nil {
			return nil, err
		}
		filters = append(filters, f)
	}
	return im.write(filters)
}

// importer is the state of [Import].
type importer struct {
	opts        Options
	consts      constants
	statements  []located
	denylist    bool
	headless    string // a file without @denylist
	byDefault   policy.Action
	hasDefault  bool
	hot         map[string]bool
	files       int
	comparisons int
	size        int
	warnings    interop.Warnings
	repairs     map[string]place
	denies      place  // of @denylist
	file0       string // the file that is read
	open        []string
	kept        bool // conditions that minijail's compiler drops
}

// place is a line of a file.
type place struct {
	file string
	line int
}

// located is a statement of a file.
type located struct {
	statement
	file string
}

// warn warns of a line of the file that is read.
func (im *importer) warn(line int, format string, args ...any) {
	im.warnAt(place{im.file0, line}, format, args...)
}

func (im *importer) warnAt(p place, format string, args ...any) {
	if p.file == im.opts.Source {
		p.file = ""
	}
	im.warnings.AddIn(p.file, p.line, format, args...)
}

// Bounds of what is read.
const (
	maxSize  = 4 << 20
	maxFiles = 100
	maxNest  = 10
)

// file reads the statements of a file and of those that it includes.
func (im *importer) file(name string, text []byte, depth int) (err error) {
	im.files++
	im.size += len(text)
	switch {
	case im.size > maxSize || im.files > maxFiles:
		return fmt.Errorf("there are more than %d files or %d bytes", maxFiles, maxSize)
	case strings.ContainsRune(string(text), 0):
		return fmt.Errorf("there is a NUL byte: this is no policy's text")
	}
	list, err := split(string(text), im.opts.Dialect)
	if err != nil {
		return err
	}
	outer := im.file0
	im.file0 = name
	im.open = append(im.open, name)
	defer func() { im.file0, im.open = outer, im.open[:len(im.open)-1] }()
	if !slices.ContainsFunc(list, func(s statement) bool {
		return s.tokens[0].kind == "@denylist"
	}) {
		im.headless = cmp.Or(im.headless, name, "the policy")
	}
	for _, s := range list {
		switch t := s.tokens[0]; t.kind {
		case "@include":
			err = im.include(name, s, depth)
		case "@frequency":
			err = im.frequency(name, s)
		case "@default":
			err = im.setDefault(s)
		case "@denylist":
			im.denylist, im.denies = true, place{name, t.line}
			if im.opts.Dialect == C {
				err = fmt.Errorf("line %d: the dialect of C has no @denylist", t.line)
			}
		default:
			im.statements = append(im.statements, located{s, name})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// other reads the file that a statement names.
func (im *importer) other(from string, s statement) (name string, text []byte, err error) {
	line := s.tokens[0].line
	if len(s.tokens) != 2 || s.tokens[1].kind != "path" {
		return "", nil, fmt.Errorf("line %d: expected a path that begins with / or ./", line)
	}
	name = s.tokens[1].text
	if im.opts.Read == nil {
		return "", nil, fmt.Errorf("line %d: %s cannot be included from here", line, short(name))
	}
	text, err = im.opts.Read(from, name)
	if err != nil {
		return "", nil, fmt.Errorf("line %d: %w", line, err)
	}
	if !path.IsAbs(name) {
		name = path.Join(path.Dir(from), name)
	}
	return name, text, nil
}

func (im *importer) include(from string, s statement, depth int) error {
	if depth++; depth >= maxNest {
		return fmt.Errorf("line %d: files include each other more than %d deep", s.tokens[0].line,
			maxNest)
	}
	name, text, err := im.other(from, s)
	if err != nil {
		return err
	}
	if slices.Contains(im.open, name) {
		return fmt.Errorf("line %d: %s includes itself", s.tokens[0].line, diag.Printable(name))
	}
	if err := im.file(name, text, depth); err != nil {
		return fmt.Errorf("line %d: %s: %w", s.tokens[0].line, diag.Printable(name), err)
	}
	return nil
}

// frequency reads a file of counts; its calls are hot.
func (im *importer) frequency(from string, s statement) error {
	if im.opts.Dialect == C {
		im.warn(s.tokens[0].line, "the dialect of C ignores @frequency")
		return nil
	}
	name, text, err := im.other(from, s)
	if err != nil {
		return err
	}
	list, err := split(string(text), im.opts.Dialect)
	if err != nil {
		return fmt.Errorf("%s: %w", diag.Printable(name), err)
	}
	im.size += len(text)
	for _, l := range list {
		if len(l.tokens) != 3 || l.tokens[1].kind != ":" || l.tokens[2].kind != "number" {
			return fmt.Errorf("%s: line %d: expected the name of a call, a colon and a number",
				diag.Printable(name), l.tokens[0].line)
		}
		im.hot[l.tokens[0].text] = true
	}
	return nil
}

func (im *importer) setDefault(s statement) error {
	line := s.tokens[0].line
	if im.opts.Dialect == C {
		return fmt.Errorf("line %d: the dialect of C has no @default", line)
	}
	if len(s.tokens) == 2 && s.tokens[1].kind == "action" {
		im.hasDefault = true
		switch a := s.tokens[1].text; a {
		case "kill":
			im.byDefault = im.opts.Kill
			return nil
		case "kill-process", "kill-thread", "trap", "user-notify":
			im.byDefault = actions[a]
			return nil
		}
	}
	return fmt.Errorf("line %d: expected kill, kill-process, kill-thread, trap or user-notify "+
		"behind @default",
		line)
}

// defaultAction is for calls that no statement is about.
func (im *importer) defaultAction() policy.Action {
	switch {
	case im.hasDefault:
		return im.byDefault
	case im.denylist:
		return policy.Allow
	}
	return im.opts.Kill
}

// minijailName is minijail's name of an ABI.
func minijailName(abi *linux.ABI) string {
	return cmp.Or(map[string]string{"i386": "x86", "aarch64": "arm64"}[abi.Name], abi.Name)
}

// noSuchCall is an error for a name that no ABI has, and a warning for one that others have.
func (im *importer) noSuchCall(line int, abi *linux.ABI, name string) error {
	if !linux.HasSyscall(name) {
		return fmt.Errorf("line %d: no system call is called %s", line, short(name))
	}
	im.warn(line, "%s has no %s: minijail's compiler refuses the file there; left out", abi.Name,
		name)
	return nil
}

// write puts the filters together and proves each.
func (im *importer) write(filters []*interop.Filter) (*Policy, error) {
	text, err := interop.ProveMerged(im.header(), filters)
	if err != nil {
		return nil, err
	}
	for _, t := range slices.Sorted(maps.Keys(im.repairs)) {
		im.warnAt(im.repairs[t], "%s", t)
	}
	out := "Proved: every call gets what minijail's compiler gives it"
	if len(im.repairs) > 0 {
		out += ", but for bits of arguments that the kernel does not read"
	}
	if im.kept {
		out += ", and for the conditions before an allow that it drops"
	}
	text = append(text, "\n"+interop.Comment("", out+".")...)
	return &Policy{text, im.warnings.Sorted()}, nil
}
