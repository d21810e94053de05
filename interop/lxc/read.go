package lxc

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/internal/lazy"
	"github.com/seccompc/seccompc/interop"
	"github.com/seccompc/seccompc/interop/oci"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
)

// sections are the names in brackets, with the ABI that each is named after.
var sections = map[string]string{
	"x86": "i386", "x32": "x32", "x86_64": "x86_64", "arm": "arm", "arm64": "aarch64",
	"ppc64le": "ppc64le", "ppc64": "ppc64", "ppc": "ppc", "mips64": "mips64",
	"mips64n32": "mips64n32", "mips": "mips", "mipsel64": "mips64el",
	"mipsel64n32": "mipsel64n32", "mipsel": "mipsel", "s390x": "s390x", "s390": "s390",
}

// The sections that are named after no ABI: that of all, and those of other machines.
const (
	everywhere = "all"
	elsewhere  = ""
)

// knows reports whether LXC knows a machine (get_hostarch).
func knows(host *linux.ABI) bool {
	return slices.Contains(slices.Collect(maps.Values(sections)), host.Name)
}

// reader makes a profile of a text.
type reader struct {
	host        *linux.ABI
	served      []*linux.ABI // the host's first
	profile     oci.Profile
	rest        policy.Action // of rules that give no action
	section     string
	sectionLine int
	said        bool // what there is to warn of the section
	comments    []string
	warnings    interop.Warnings
}

// maxSize bounds the text.
const maxSize = 1 << 20

func (r *reader) read(text []byte) error {
	switch {
	case len(text) > maxSize:
		return fmt.Errorf("there are more than %d bytes", maxSize)
	case strings.ContainsAny(string(text), "\x00\r"):
		return errors.New("there are NUL bytes or carriage returns, which LXC takes for parts of " +
			"names: write lines as Unix does")
	}
	lines := strings.Split(string(text), "\n")
	next, err := r.head(lines)
	if err != nil {
		return err
	}
	for i, line := range lines[next:] {
		if err := r.line(line, next+i+1); err != nil {
			return fmt.Errorf("line %d: %w", next+i+1, err)
		}
	}
	return nil
}

// head reads the version and the kind of list, and returns how many lines these are. Empty lines
// before each do not count.
func (r *reader) head(lines []string) (next int, err error) {
	filled := func() string {
		for next < len(lines) && strings.TrimSpace(lines[next]) == "" {
			next++
		}
		if next == len(lines) {
			return ""
		}
		next++
		return strings.TrimLeft(lines[next-1], " \t")
	}
	switch version := strings.TrimSpace(filled()); version {
	case "2":
	case "1":
		return 0, fmt.Errorf("line %d: version 1 lists numbers of one machine's calls: write "+
			"version 2, with their names", next)
	default:
		return 0, fmt.Errorf("line %d: expected the version, 2, found %s", next, show(version))
	}
	if err := r.list(filled(), next); err != nil {
		return 0, fmt.Errorf("line %d: %w", next, err)
	}
	return next, nil
}

// list reads the kind of list, with the action of calls that it does not name.
func (r *reader) list(line string, number int) error {
	kind, action, more := strings.Cut(line, " ")
	switch kind {
	case "allowlist", "whitelist":
		r.profile.Default, r.rest = policy.KillThread, policy.Allow
	case "denylist", "blacklist":
		r.profile.Default, r.rest = policy.Allow, policy.KillThread
	default:
		return fmt.Errorf("expected allowlist or denylist, found %s", show(line))
	}
	r.profile.Line = number
	if !more {
		return nil
	}
	a, rest, err := r.action(strings.TrimLeft(action, " "), number)
	switch {
	case err != nil:
		return err
	case strings.TrimSpace(rest) != "":
		return fmt.Errorf("LXC ignores %s behind the action: leave it out", show(rest))
	case a == policy.Notify:
		return errors.New("notify as the default: LXC itself would wait for ever")
	}
	r.profile.Default = a
	return nil
}

func (r *reader) line(line string, number int) error {
	switch {
	case line == "":
		r.comments = nil
		return nil
	case line[0] == '#':
		r.comments = append(r.comments, strings.Trim(line, "# \t"))
		return nil
	case line[0] == '[':
		r.comments = nil
		return r.header(line, number)
	}
	comments := r.comments
	r.comments = nil
	if r.section == elsewhere && r.sectionLine > 0 {
		return nil
	}
	e, err := r.rule(line, number)
	if err != nil {
		return err
	}
	e.Comment = strings.TrimSpace(strings.Join(append(comments, e.Comment), " "))
	if strings.HasPrefix(e.Names[0], "reject_force_umount") {
		e = umount(number, e.Comment)
	}
	return r.add(e)
}

// header reads the name of a section, which LXC takes in small letters or in capitals.
func (r *reader) header(line string, number int) error {
	name := strings.TrimSuffix(line[1:], "]")
	small := strings.ToLower(name)
	abi, ok := sections[small]
	if !ok && small != everywhere || line != "["+name+"]" ||
		name != small && name != strings.ToUpper(name) {
		names := append(slices.Sorted(maps.Keys(sections)), everywhere)
		return fmt.Errorf("LXC knows no section %s; they are [%s]", show(line),
			strings.Join(names, "], ["))
	}
	r.section, r.sectionLine, r.said = elsewhere, number, false
	own := slices.ContainsFunc(r.served, func(a *linux.ABI) bool { return a.Name == abi })
	if own || small == everywhere {
		r.section = small
	}
	return nil
}

// rule reads the name of a call, its action, its conditions, and a comment.
func (r *reader) rule(line string, number int) (oci.Entry, error) {
	name, text, _ := strings.Cut(line, " ")
	text = strings.TrimLeft(text, " ")
	e := oci.Entry{Line: number, Names: []string{name}, Action: r.rest}
	switch {
	case name == "":
		return e, errors.New("the line begins with a blank: LXC takes its first word for an " +
			"action; remove the blank")
	case strings.Contains(line, "\t"):
		return e, errors.New("there is a tab: LXC divides words by blanks alone")
	}
	var err error
	if text != "" && text[0] != '#' {
		if e.Action, text, err = r.action(text, number); err != nil {
			return e, err
		}
	}
	text = strings.TrimLeft(text, " ")
	if comment, ok := strings.CutPrefix(text, "#"); ok && !strings.Contains(comment, "[") {
		e.Comment = strings.TrimSpace(comment)
		return e, nil
	}
	e.Args, err = r.conditions(text, number)
	return e, err
}

// anAction is one in front of a text. Behind an errno LXC reads digits as decimal ones.
var anAction = lazy.Regexp(`^(?:(kill|trap|allow|notify)|errno *(-?[0-9]+))($|[ \[#])`)

func (r *reader) action(text string, number int) (a policy.Action, rest string, err error) {
	m := anAction().FindStringSubmatch(text)
	if m == nil {
		return 0, "", fmt.Errorf("expected an action, kill, trap, allow, notify or errno NUMBER, "+
			"found %s", show(text))
	}
	rest = text[len(m[0])-len(m[3]):]
	switch m[1] {
	case "kill":
		return policy.KillThread, rest, nil
	case "trap":
		return policy.Trap, rest, nil
	case "allow":
		return policy.Allow, rest, nil
	case "notify":
		return policy.Notify, rest, nil
	}
	const most = 4095
	n, err := strconv.ParseUint(m[2], 10, 16)
	if err != nil || n > most {
		return 0, "", fmt.Errorf("errno %s is not in 0..%d: libseccomp or the kernel does not "+
			"take it", show(m[2]), most)
	}
	if n == 0 {
		r.warnings.Add(number, "errno 0: the call is not made, and its caller is told that it "+
			"succeeded")
	}
	return policy.Errno | policy.Action(n), rest, nil
}

// operators are LXC's comparisons, by both names.
var operators = map[string]oci.Op{
	"SCMP_CMP_NE": oci.NotEqual, "!=": oci.NotEqual, "SCMP_CMP_LT": oci.Less, "<": oci.Less,
	"SCMP_CMP_LE": oci.LessEqual, "<=": oci.LessEqual, "SCMP_CMP_EQ": oci.Equal, "==": oci.Equal,
	"SCMP_CMP_GE": oci.GreaterEqual, ">=": oci.GreaterEqual, "SCMP_CMP_GT": oci.Greater,
	">": oci.Greater, "SCMP_CMP_MASKED_EQ": oci.MaskedEqual, "&=": oci.MaskedEqual,
}

// conditions reads "[index,value,operator,mask]", up to six of them.
func (r *reader) conditions(text string, number int) (args []oci.Arg, err error) {
	for text = strings.TrimSpace(text); text != ""; text = strings.TrimSpace(text) {
		inside, rest, closed := strings.Cut(strings.TrimPrefix(text, "["), "]")
		if text[0] != '[' || !closed {
			return nil, fmt.Errorf("expected a condition as [0,1,SCMP_CMP_EQ], found %s; LXC "+
				"takes no comment behind conditions, nor one with a bracket", show(text))
		}
		arg, err := r.condition(strings.Split(inside, ","), number)
		if err != nil {
			return nil, err
		}
		const most = 6
		if args = append(args, arg); len(args) > most {
			return nil, fmt.Errorf("there are more than %d conditions", most)
		}
		text = rest
	}
	return args, nil
}

func (r *reader) condition(words []string, number int) (a oci.Arg, err error) {
	if len(words) != 3 && len(words) != 4 {
		return a, fmt.Errorf("expected an index, a value, an operator and perhaps a mask, found "+
			"%s", show(strings.Join(words, ",")))
	}
	var n [3]uint64 // the mask is 0 unless there is one
	for i, at := range []int{0, 1, 3} {
		if at < len(words) {
			if n[i], err = parse(words[at]); err != nil {
				return a, err
			}
		}
	}
	op, ok := operators[words[2]]
	const indexes = 6
	switch {
	case n[0] >= indexes:
		return a, fmt.Errorf("there is no argument %d: they are 0 to %d", n[0], indexes-1)
	case !ok:
		return a, fmt.Errorf("%s is no operator; they are, without blanks, %s", show(words[2]),
			strings.Join(slices.Sorted(maps.Keys(operators)), " "))
	case op == oci.MaskedEqual && n[2] == 0:
		return a, errors.New("the mask is missing or 0, so that the condition always holds: " +
			"write [index,value,SCMP_CMP_MASKED_EQ,mask]")
	case op == oci.MaskedEqual:
		return oci.Arg{Line: number, Index: int(n[0]), Op: op, Value: n[2], Two: n[1]}, nil
	case len(words) == 4:
		r.warnings.Add(number, "the mask has no effect with %s", words[2])
	}
	return oci.Arg{Line: number, Index: int(n[0]), Op: op, Value: n[1]}, nil
}

// aNumber is one of C, without a sign; LXC reads no names of constants.
var aNumber = lazy.Regexp(`^(?:(0[xX])([0-9a-fA-F]+)|(0[0-7]*)|([1-9][0-9]*))$`)

// parse reads a number as lxc_safe_uint64 does, of at most 23 characters.
func parse(word string) (uint64, error) {
	const most = 23
	m := aNumber().FindStringSubmatch(strings.TrimLeft(word, " "))
	if m == nil || len(word) > most {
		return 0, fmt.Errorf("%s is no number that LXC reads: it knows no names of constants, no "+
			"sign, and no blank behind", show(word))
	}
	base := 10
	switch {
	case m[1] != "":
		base = 16
	case m[3] != "":
		base = 8
	}
	n, err := strconv.ParseUint(m[2]+m[3]+m[4], base, 64)
	if err != nil {
		return 0, fmt.Errorf("%s has more than 64 bits", show(word))
	}
	return n, nil
}

// show quotes a piece of the text, short.
func show(text string) string { return diag.Printable(fmt.Sprintf("%.60q", text)) }
