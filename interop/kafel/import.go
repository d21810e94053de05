// Package kafel reads the policies of kafel, which nsjail takes.
package kafel

import (
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/explain"
	"github.com/seccompc/seccompc/internal/lazy"
	"github.com/seccompc/seccompc/interop"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
)

// Options say how a policy is read.
type Options struct {
	Source string       // the file's name, for the header
	ABIs   []*linux.ABI // to make a policy for; nil: that of the running program
	Exact  bool         // compare as many bits as kafel

	// Read returns an included file; from is the file that includes it.
	Read func(from, name string) (text []byte, err error)
}

// Policy is a policy in the language.
type Policy struct {
	Text     []byte
	Warnings interop.Warnings
}

// Import returns the policy that a policy of kafel's is, proved equal to what kafel makes of it.
func Import(text []byte, opts Options) (*Policy, error) {
	im := &importer{opts: opts, consts: map[string]uint64{}, policies: map[string][]block{},
		repairs: map[string]location{}}
	if len(im.opts.ABIs) == 0 {
		native, ok := linux.Native()
		if !ok {
			return nil, errors.New("the tables do not have this machine's ABI: choose one by " +
				"--arch")
		}
		im.opts.ABIs = []*linux.ABI{native}
	}
	text, err := joined(text)
	if err != nil {
		return nil, err
	}
	if err := im.read(opts.Source, text, 0); err != nil {
		return nil, err
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

// policyString is a line of a policy in a configuration of nsjail.
var policyString = lazy.Regexp(`^\s*seccomp_string\s*:\s*("(?:[^"\\]|\\.)*")\s*(?:#.*)?$`)

// configuration is a line of a configuration of nsjail, which no policy has.
var configuration = lazy.Regexp(`(?m)^(?:name|mode|description|hostname|seccomp_policy_file)\s*:` +
	`\s*[A-Z"]|^(?:mount|uidmap|gidmap|exec_bin)\s*:?\s*\{\s*$`)

// otherString is a line with a part of a policy that is written in another way, but for comments.
var otherString = lazy.Regexp(`^[^#/*].*\bseccomp_?[sS]tring"?\s*:|^seccomp_string\s*:`)

// joined returns the policy of a configuration of nsjail, each part in its own line, or the text
// itself where it is none.
func joined(text []byte) ([]byte, error) {
	lines := strings.Split(string(text), "\n")
	found := false
	for i, line := range lines {
		m := policyString().FindStringSubmatch(strings.TrimRight(line, "\r"))
		if m == nil && otherString().MatchString(strings.TrimLeft(line, " \t")) {
			return nil, fmt.Errorf("line %d: a part of the policy that is not read: write each on "+
				"a line of its own, as seccomp_string: \"ALLOW { read }\"", i+1)
		}
		if lines[i] = ""; m == nil {
			continue
		}
		found = true
		part, err := strconv.Unquote(m[1])
		if err != nil {
			return nil, fmt.Errorf("line %d: the string is not read: %w", i+1, err)
		}
		lines[i] = part
	}
	switch {
	case found:
	case configuration().Match(text):
		return nil,
			errors.New("line 1: this is a configuration of nsjail without seccomp_string: " +
				"import the file of seccomp_policy_file, if it has one; else it installs no filter")
	default:
		return text, nil
	}
	return []byte(strings.Join(lines, "\n")), nil
}

// importer is the state of [Import].
type importer struct {
	opts       Options
	consts     map[string]uint64
	policies   map[string][]block
	main       []block
	byDefault  policy.Action
	hasDefault bool
	files      int
	size       int
	depth0     int // of files in each other
	open       []string
	defaultAt  location
	warnings   interop.Warnings
	repairs    map[string]location
}

// location is a line of a file, "" for the policy's own.
type location struct {
	file string
	line int
}

// warn warns of a filter's line.
func (im *importer) warn(f *filter, line int, format string, args ...any) {
	im.warnings.AddIn(f.file, line, format, args...)
}

// Bounds of what is read.
const (
	maxSize  = 4 << 20
	maxFiles = 100
	maxNest  = 10
)

func (im *importer) read(name string, text []byte, depth int) error {
	im.files++
	im.size += len(text)
	switch {
	case im.files > maxFiles || im.size > maxSize || depth > maxNest:
		return fmt.Errorf("there are more than %d files, %d bytes, or %d files in each other",
			maxFiles, maxSize,
			maxNest)
	case strings.ContainsRune(string(text), 0):
		return errors.New("there is a NUL byte: this is no policy's text")
	}
	tokens, err := scan(string(text))
	if err != nil {
		return err
	}
	outer := im.depth0
	im.depth0 = depth
	im.open = append(im.open, name)
	defer func() { im.depth0, im.open = outer, im.open[:len(im.open)-1] }()
	return (&parser{importer: im, tokens: tokens, file: name}).program()
}

func (im *importer) include(from, name string, line int) error {
	if im.opts.Read == nil {
		return fmt.Errorf("line %d: %s cannot be included from here", line, show(name))
	}
	text, err := im.opts.Read(from, name)
	if err != nil {
		return fmt.Errorf("line %d: %w", line, err)
	}
	if !path.IsAbs(name) {
		name = path.Join(path.Dir(from), name)
	}
	if slices.Contains(im.open, name) {
		return fmt.Errorf("line %d: %s includes itself", line, diag.Printable(name))
	}
	if err := im.read(name, text, im.depth0+1); err != nil {
		return fmt.Errorf("line %d: %s: %w", line, diag.Printable(name), err)
	}
	return nil
}

// filter makes the filter for an ABI.
func (im *importer) filter(abi *linux.ABI) (*interop.Filter, error) {
	if !slices.Contains([]string{"x86_64", "i386", "aarch64", "arm", "riscv64"}, abi.Name) {
		return nil, fmt.Errorf("kafel's names of calls are not known for %s", abi.Name)
	}
	f := &interop.Filter{ABI: abi, Default: im.byDefault, Mismatch: interop.Mismatch(im.byDefault)}
	if !im.hasDefault {
		f.Default = policy.KillThread
	}
	if err := im.expand(f, im.main); err != nil {
		return nil, err
	}
	for _, e := range f.DropDead() {
		im.warnings.AddIn(e.File, e.Line, "%s", e.Why)
	}
	return f, nil
}

// maxSteps bounds what policies that use each other stand for.
const maxSteps = 100_000

// expand adds the entries of blocks, in the order in which they are asked.
func (im *importer) expand(f *interop.Filter, blocks []block) error {
	type frame struct{ blocks []block }
	stack := []frame{{blocks}}
	for steps := 0; len(stack) > 0; steps++ {
		top := &stack[len(stack)-1]
		if len(top.blocks) == 0 {
			stack = stack[:len(stack)-1]
			continue
		}
		b := top.blocks[0]
		top.blocks = top.blocks[1:]
		if steps > maxSteps {
			return fmt.Errorf("policies that use each other stand for more than %d blocks",
				maxSteps)
		}
		if b.use != "" {
			stack = append(stack, frame{im.policies[b.use]})
			continue
		}
		for i := range b.filters {
			from := &b.filters[i]
			err := im.entry(f, b.action, from)
			if err == nil && len(f.Entries) > interop.MaxEntries {
				err = fmt.Errorf("line %d: there are more than %d filters", from.line,
					interop.MaxEntries)
			}
			if err != nil && from.file != "" {
				return fmt.Errorf("%s: %w", diag.Printable(from.file), err)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// archNames are kafel's names of architectures, besides the tables' own.
var archNames = map[string]string{"x86": "i386", "rv64": "riscv64"}

// elsewhere are kafel's architectures that no policy here is for.
var elsewhere = []string{"mips", "mipso32", "mips64", "m68k"}

// meant reports whether a filter is for an ABI.
func (im *importer) meant(f *filter, abi *linux.ABI) (bool, error) {
	found := f.archs == nil
	for _, name := range f.archs {
		if other, ok := archNames[name]; ok {
			name = other
		}
		own, ok := linux.Lookup(name)
		if !ok && !slices.Contains(elsewhere, name) {
			return false, fmt.Errorf("line %d: there is no architecture %s", f.line, show(name))
		}
		found = found || own == abi
	}
	return found, nil
}

// entry adds what a filter says on its ABI.
func (im *importer) entry(out *interop.Filter, a policy.Action, f *filter) error {
	if mine, err := im.meant(f, out.ABI); err != nil || !mine {
		return err
	}
	nr := uint32(f.nr)
	if f.call != "" {
		var ok bool
		if nr, ok = callNumber(out.ABI, f.call); !ok {
			return fmt.Errorf("line %d: %s has no system call %s; write ON and the architectures "+
				"that have it",
				f.line, out.ABI.Name, f.show())
		}
	}
	if !out.ABI.Owns(nr) {
		im.warn(f, f.line, "%s: the number is another ABI's with the same arch: a mismatch, and "+
			"killed, such as %s; left out", f.show(),
			explain.Call(policy.Data{Nr: nr, Arch: out.ABI.Arch}, out.ABI.ByteOrder()))
		return nil
	}
	e := interop.Entry{Nr: nr, Action: a, Reason: f.comment, File: f.file, Line: f.line}
	if f.expr != nil {
		name, _ := out.ABI.SyscallName(nr)
		c, err := (&scope{importer: im, abi: out.ABI, call: name, f: f}).condition(f.expr)
		if err != nil {
			return err
		}
		ever := false
		if e.Cond, ever = interop.Simplify(c); !ever {
			im.warn(f, f.line, "%s: the condition never holds", f.show())
			return nil
		}
	}
	out.Entries = append(out.Entries, e)
	return nil
}

// write puts the filters together and proves them.
func (im *importer) write(filters []*interop.Filter) (*Policy, error) {
	text, err := interop.ProveMerged(im.header(), filters)
	if err != nil {
		return nil, err
	}
	for _, t := range slices.Sorted(maps.Keys(im.repairs)) {
		im.warnings.AddIn(im.repairs[t].file, im.repairs[t].line, "%s", t)
	}
	out := "Proved: every call gets what kafel gives it"
	if len(im.repairs) > 0 {
		out += ", but for bits of arguments that the kernel does not read"
	}
	text = append(text, "\n"+interop.Comment("", out+".")...)
	return &Policy{text, im.warnings.Sorted()}, nil
}

func (im *importer) header() string {
	rest := im.byDefault
	if !im.hasDefault {
		rest = policy.KillThread
	}
	names := interop.Names(im.opts.ABIs)
	out := interop.Comment("", fmt.Sprintf("From %s, as kafel compiles it for %s.",
		path.Base(im.opts.Source),
		strings.Join(names, ", ")))
	if slices.Contains(names, "x86_64") && rest.Kind() != policy.KillThread &&
		rest.Kind() != policy.KillProcess {
		im.warnings.AddIn(im.defaultAt.file, im.defaultAt.line,
			"the numbers of x32 get the default "+
				"%s%s; here they are a mismatch, and killed", explain.Action(rest, im.opts.ABIs[0]),
			interop.SuchX32)
	}
	return out + fmt.Sprintf("arch %s\nas of linux %s\nmismatch %s\ndefault %s\n",
		strings.Join(names, ", "), linux.KernelVersion,
		explain.Action(interop.Mismatch(rest), im.opts.ABIs[0]),
		explain.Action(rest, im.opts.ABIs[0]))
}
