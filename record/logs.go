package record

import (
	"bufio"
	"errors"
	"fmt"
	"go/constant"
	"io"
	"strconv"
	"strings"

	"github.com/seccompc/seccompc/internal/lazy"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
)

// ReadLog adds the calls of a log: what strace writes, or the audit subsystem, whose records of
// seccomp have no arguments, while those of system calls have four. Lines that are none of these
// are passed over; a log without any call is an error. Only what admit returns true for is added;
// arguments that are not known are 0 there.
func (r *Record) ReadLog(log io.Reader, admit func(policy.Data) bool) error {
	native, ok := linux.Native()
	if !ok {
		return errors.New("this machine's ABI is not among the tables: the names in a log mean " +
			"nothing")
	}
	in := &logReader{record: r, admit: admit, native: native, abis: map[string]*linux.ABI{}}
	const longest = 1 << 20
	lines := bufio.NewScanner(log)
	lines.Buffer(nil, longest)
	for lines.Scan() {
		if line := lines.Text(); !in.audit(line) {
			in.strace(line)
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("behind call %d: %w", in.calls, err)
	}
	if in.calls == 0 {
		return errors.New("there is no call in it, neither as strace writes it " +
			"(\"openat(AT_FDCWD, …) = 3\") " +
			"nor as an audit record (\"… arch=c000003e syscall=257 …\")")
	}
	return nil
}

// logReader reads the lines of a log.
type logReader struct {
	record *Record
	admit  func(policy.Data) bool
	native *linux.ABI
	abis   map[string]*linux.ABI // of processes that have another, by the number in front of a line
	calls  int
}

var auditField = lazy.Regexp(`(arch|syscall|comm|a[0-3])=("[^"]*"|\S+)`)

// audit reads an audit record and reports whether the line is one.
func (in *logReader) audit(line string) bool {
	if !strings.Contains(line, "syscall=") || !strings.Contains(line, "arch=") {
		return false
	}
	fields := map[string]string{}
	for _, m := range auditField().FindAllStringSubmatch(line, -1) {
		fields[m[1]] = strings.Trim(m[2], `"`)
	}
	abi, nr, ok := auditCall(fields["arch"], fields["syscall"])
	if !ok {
		return true
	}
	d := policy.Data{Arch: abi.Arch, Nr: nr}
	known := true
	for i, name := range []string{"a0", "a1", "a2", "a3"} {
		v, err := strconv.ParseUint(fields[name], 16, 64)
		d.Args[i] = v
		known = known && err == nil
	}
	in.add(abi, d, fields["comm"], known, "the audit record has no arguments")
	return true
}

// auditCall finds a call by the fields of a record, which are numbers or, interpreted, names.
func auditCall(arch, call string) (abi *linux.ABI, nr uint32, ok bool) {
	named, isName := linux.Lookup(arch)
	n, err := strconv.ParseUint(call, 10, 32)
	switch a, bad := strconv.ParseUint(arch, 16, 32); {
	case isName && err == nil:
		return named, uint32(n), true
	case isName:
		nr, ok = named.Number(call)
		return named, nr, ok
	case bad == nil && err == nil:
		abi, ok = linux.Caller(uint32(a), uint32(n))
		return abi, uint32(n), ok
	}
	return nil, 0, false
}

func (in *logReader) add(abi *linux.ABI, d policy.Data, by string, known bool, why string) {
	in.calls++
	switch {
	case !in.admit(d):
	case known:
		in.record.Add(d, by)
	default:
		in.record.AddAny(abi, d.Nr, by, why)
	}
}

var (
	straceLine = lazy.Regexp(`^(?:\[pid +(\d+)\] +|(\d+) +)?(?:\d[\d:.]* +)*([a-z_][a-z_0-9]*)\((.*)`)
	straceMode = lazy.Regexp(`\[ Process PID=(\d+) runs in (\S+) (?:bit )?mode`)
)

// strace reads a line of strace's. A call that is written in two parts is read from the first.
func (in *logReader) strace(line string) {
	if m := straceMode().FindStringSubmatch(line); m != nil {
		in.abis[m[1]] = in.mode(m[2])
	}
	m := straceLine().FindStringSubmatch(line)
	if m == nil {
		return
	}
	abi := in.abis[m[1]+m[2]]
	if abi == nil {
		abi = in.native
	}
	nr, ok := abi.Number(m[3])
	if !ok {
		return
	}
	args := splitArgs(m[4])
	u := &use{abi: abi, nr: nr, name: m[3]}
	switch u.name {
	case "execve":
		path, err := strconv.Unquote(args[0])
		if err == nil {
			in.record.addExecuted(path)
		}
	case "clone3":
		in.clone3(abi, m[4])
	}
	d, bad := u.fromText(args)
	in.add(abi, d, "", bad == "", "the log has "+strconv.Quote(bad))
}

// mode returns the ABI that strace calls a mode: "32", "64", "x32".
func (in *logReader) mode(mode string) *linux.ABI {
	for _, abi := range linux.ABIs() {
		other := map[string]string{"x86_64": "i386", "aarch64": "arm",
			"s390x": "s390"}[in.native.Name]
		if mode == "32" && abi.Name == other || mode == abi.Name {
			return abi
		}
	}
	return in.native
}

var cloneFlags = lazy.Regexp(`flags=([A-Z_0-9|x]+)`)

// clone3 adds the clone that does the same.
func (in *logReader) clone3(abi *linux.ABI, text string) {
	nr, ok := abi.Number("clone")
	m := cloneFlags().FindStringSubmatch(text)
	if !ok || m == nil {
		return
	}
	u := &use{abi: abi, nr: nr, name: "clone"}
	if d, bad := u.fromText([]string{"flags=" +
		strings.ReplaceAll(m[1], "CLONE_CLEAR_SIGHAND", "0")}); bad == "" {
		in.add(abi, d, "", true, "")
	}
}

// fromText reads those arguments of a call that its shape is about. What cannot be read is bad.
func (u *use) fromText(args []string) (d policy.Data, bad string) {
	d = policy.Data{Arch: u.abi.Arch, Nr: u.nr}
	params, _ := u.abi.Prototype(u.name)
	for _, p := range shapes[u.name] {
		at := position(params, p.arg)
		if at < 0 {
			continue
		}
		text := ""
		if at < len(args) {
			text = args[at]
		}
		for _, a := range args { // strace names those of clone
			if value, ok := strings.CutPrefix(a, p.arg+"="); ok {
				text = value
			}
		}
		v, ok := valueOf(u.abi, text)
		if !ok {
			return d, text
		}
		d.Args[at] = v
	}
	return d, ""
}

var remark = lazy.Regexp(`/\*.*?\*/`)

// valueOf reads a value as strace writes it: names and numbers, joined by "|"; of names that mean
// the same there are several, joined by "or".
func valueOf(abi *linux.ABI, text string) (v uint64, ok bool) {
	text = remark().ReplaceAllString(text, "")
	if i := strings.LastIndex(text, " or "); i >= 0 {
		text = text[i+len(" or "):]
	}
	for _, word := range strings.Split(text, "|") {
		word = strings.TrimSpace(word)
		if c, has := abi.Constant(word); has {
			n, exact := constant.Uint64Val(c)
			if !exact {
				i, _ := constant.Int64Val(c)
				n = uint64(i)
			}
			v |= n
			continue
		}
		n, err := strconv.ParseInt(word, 0, 64)
		if err != nil {
			return 0, false
		}
		v |= uint64(n)
	}
	return v, true
}

// splitArgs splits the arguments of a call as strace writes it, up to the parenthesis that ends
// them.
func splitArgs(text string) []string {
	var out []string
	start, depth, inString := 0, 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case inString:
		case strings.IndexByte("([{", c) >= 0:
			depth++
		case depth == 0 && (c == ',' || c == ')'):
			out = append(out, strings.TrimSpace(text[start:i]))
			start = i + 1
			if c == ')' {
				return out
			}
		case strings.IndexByte(")]}", c) >= 0:
			depth--
		}
	}
	rest, _, _ := strings.Cut(text[start:], " <unfinished")
	return append(out, strings.TrimSpace(rest))
}
