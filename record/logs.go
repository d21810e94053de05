package record

import (
	"bufio"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
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
	in := &logReader{record: r, admit: admit, native: native,
		traced: traced{of: map[string]*process{}}}
	const longest = 1 << 20
	lines := bufio.NewScanner(log)
	lines.Buffer(nil, longest)
	for lines.Scan() {
		if line := lines.Text(); !in.audit(line) {
			in.strace(line)
		}
	}
	in.flush(0)
	in.traced.end(in)
	err := lines.Err()
	if errors.Is(err, bufio.ErrTooLong) {
		err = errors.New("a line has more than 1 MiB, as none of a log has")
	}
	if err != nil {
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
	calls  int
	held   []heldRecord
	traced traced
}

// heldRecord is a record of seccomp, which has no arguments, until it is clear that there is none
// of the call itself in the same event, which has them.
type heldRecord struct {
	event, by string
	abi       *linux.ABI
	nr        uint32
}

// heldRecords bounds how far apart the two may be. The kernel writes one as the call begins, the
// other as it ends.
const heldRecords = 1000

// flush adds the oldest of the records that are held, but some.
func (in *logReader) flush(but int) {
	for len(in.held) > but {
		h := in.held[0]
		in.held = in.held[1:]
		in.add(h.abi, policy.Data{Arch: h.abi.Arch, Nr: h.nr}, h.by, false,
			"the audit record has no arguments")
	}
}

var (
	auditField = lazy.Regexp(
		`\b(arch|syscall|compat|comm|a[0-3])=("[^"]*"|unknown[- ]syscall\(\d+\)|[^\s\x1d]+)`)
	auditEvent = lazy.Regexp(`\baudit\(([^)]*)\)`)
	auditKind  = lazy.Regexp(`\btype=(SECCOMP|1326)\b|\bSECCOMP\b`)
)

// audit reads an audit record and reports whether the line is one.
func (in *logReader) audit(line string) bool {
	ofSeccomp := auditKind().MatchString(line)
	if !strings.Contains(line, "syscall=") || !strings.Contains(line, "arch=") && !ofSeccomp {
		return false
	}
	fields := map[string]string{}
	for _, m := range auditField().FindAllStringSubmatch(line, -1) {
		if _, had := fields[m[1]]; !had { // behind it are those of the enriched format
			fields[m[1]] = m[2]
		}
	}
	abi, nr, ok := in.auditCall(fields)
	if !ok {
		return true
	}
	event := ""
	if m := auditEvent().FindStringSubmatch(line); m != nil {
		event = m[1]
	}
	by := auditName(fields["comm"])
	if ofSeccomp {
		in.held = append(in.held, heldRecord{event, by, abi, nr})
		in.flush(heldRecords)
		return true
	}
	in.held = slices.DeleteFunc(in.held, func(h heldRecord) bool {
		return event != "" && h.event == event && h.abi == abi && h.nr == nr
	})
	d, known := auditArgs(abi, nr, fields)
	in.add(abi, d, by, known, "the audit record does not show them")
	return true
}

// auditArgs reads the four arguments that a record of a call has: hexadecimal numbers or,
// interpreted by ausearch, with names.
func auditArgs(abi *linux.ABI, nr uint32, fields map[string]string) (d policy.Data, known bool) {
	d = policy.Data{Arch: abi.Arch, Nr: nr}
	_, interpreted := linux.Lookup(fields["arch"])
	known = true
	for i, name := range []string{"a0", "a1", "a2", "a3"} {
		v, err := strconv.ParseUint(strings.TrimPrefix(fields[name], "0x"), 16, 64)
		if err != nil && interpreted {
			var ok bool
			if v, ok = valueOf(abi, fields[name]); ok {
				err = nil
			}
		}
		d.Args[i] = v
		known = known && (err == nil || !shapedBy(abi, nr, i))
	}
	return d, known
}

// shapedBy reports whether a policy looks at an argument of a call.
func shapedBy(abi *linux.ABI, nr uint32, arg int) bool {
	name, _ := abi.SyscallName(nr)
	u := &use{abi: abi, nr: nr, name: name}
	return slices.ContainsFunc(u.operands(), func(o operand) bool { return o.Arg == arg })
}

// auditName reads the name of a program: in quotes, or as hexadecimal bytes where it has such that
// would not go into quotes.
func auditName(text string) string {
	if name, ok := strings.CutPrefix(text, `"`); ok {
		return strings.TrimSuffix(name, `"`)
	}
	if b, err := hex.DecodeString(text); err == nil && strings.ToUpper(text) == text {
		return strings.TrimRight(string(b), "\x00")
	}
	return text
}

// auditCall finds a call by the fields of a record, which are numbers or, interpreted, names.
// Kernels before 3.17 do not say the ABI of what seccomp refuses, only whether it is the 32-bit
// one.
func (in *logReader) auditCall(fields map[string]string) (abi *linux.ABI, nr uint32, ok bool) {
	arch, call := fields["arch"], fields["syscall"]
	call = strings.TrimRight(call[strings.IndexByte(call, '(')+1:], ")") // unknown-syscall(449)
	named, isName := linux.Lookup(arch)
	if arch == "" {
		named, isName = in.native, true
		if fields["compat"] == "1" {
			named = in.mode("32")
		}
	}
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
