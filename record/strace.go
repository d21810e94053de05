package record

import (
	"go/constant"
	"slices"
	"strconv"
	"strings"

	"github.com/seccompc/seccompc/internal/lazy"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
)

// What strace writes before a call: the process, and by --decode-pids its name; times (-t, -r); the
// number (-n); the address (-i).
var (
	straceProcess = lazy.Regexp(
		`^ *(?:strace: +)?(?:\[pid +(\d+)(?:<(.*?)>)?\] +|(\d+)(?:<(.*?)>)? +)?(.*)`)
	straceLine = lazy.Regexp(
		`^(?:\d[\d:.]* +|\(\+ *[\d.]+\) +|\[ *[\da-f?]+\] +)*([a-z_][a-z_0-9]*)\((.*)`)
	straceMode   = lazy.Regexp(`\[ Process PID=(\d+) runs in (\S+) (?:bit )?mode`)
	straceNew    = lazy.Regexp(`^(.*?)(?:strace: )?Process (\d+) attached$`)
	straceEnd    = lazy.Regexp(`\+\+\+ (?:exited|killed|superseded) `)
	straceResult = lazy.Regexp(
		`([a-z_0-9]+)(?:\(| resumed>).*= (0x[\da-f]+|\d+)(?:<.*>)?(?: <[\d.]+>)?$`)
)

// traced are the processes of a log. Where there is one only, strace does not write its number.
type traced struct {
	of       map[string]*process
	order    []*process
	numbered bool // one has a number that did not come as another's child
}

// process is one of a log. Which ABI its program has shows at the first call that only one has;
// until then its calls wait. Strace says the ABI on a terminal and not in a file.
type process struct {
	abi      *linux.ABI
	child    bool
	waiting  []straceCall
	children []*process // that began as copies of it, and have its ABI
}

type straceCall struct{ name, args, by string }

func (in *logReader) processOf(pid string) *process {
	t := &in.traced
	p, first := t.of[pid], t.of[""]
	if p == nil && first != nil && !t.numbered { // it has had no number as long as it was alone
		p = first
		delete(t.of, "")
	}
	if p == nil {
		p = t.begins(pid)
	}
	t.numbered = t.numbered || pid != "" && !p.child
	t.of[pid] = p
	return p
}

func (t *traced) begins(pid string) *process {
	p := &process{}
	t.order = append(t.order, p)
	t.of[pid] = p
	return p
}

// begin takes what a line says of its process from its beginning.
func (in *logReader) begin(line string) (p *process, by, rest string) {
	t := &in.traced
	started := straceNew().FindStringSubmatch(line)
	if started != nil {
		p = t.begins(started[2])
		p.child = true
		if line = started[1]; line == "" {
			return p, "", ""
		} // else a call that is cut in two by it
	}
	m := straceProcess().FindStringSubmatch(line)
	pid, by, rest := m[1]+m[3], m[2]+m[4], m[5]
	if mode := straceMode().FindStringSubmatch(rest); mode != nil {
		pid = mode[1]
		in.decide(in.processOf(pid), in.mode(mode[2]))
	}
	if pid == "" && len(t.of) == 1 {
		for pid = range t.of {
		}
	}
	if pid == "" && t.of[""] == nil && !straceLine().MatchString(rest) {
		return &process{}, "", "" // what a program has printed
	}
	p = in.processOf(pid)
	if started != nil {
		in.inherit(p, started[2])
	}
	if straceEnd().MatchString(rest) {
		in.decide(p, in.native)
		delete(t.of, pid)
	}
	return p, by, rest
}

// inherit gives a process the ABI of the one that it is a copy of.
func (in *logReader) inherit(p *process, child string) {
	c := in.processOf(child)
	if p.abi != nil {
		in.decide(c, p.abi)
		return
	}
	p.children = append(p.children, c)
}

// decide sets the ABI of a process that has none yet, and adds its calls.
func (in *logReader) decide(p *process, abi *linux.ABI) {
	if p.abi != nil {
		return
	}
	p.abi = abi
	for _, c := range p.waiting {
		in.call(abi, c)
	}
	p.waiting = nil
	for _, c := range p.children {
		in.decide(c, abi)
	}
	p.children = nil
}

// end adds the calls of processes whose ABI has not shown.
func (t *traced) end(in *logReader) {
	for _, p := range t.order {
		in.decide(p, in.native)
	}
}

// strace reads a line of strace's. A call that is written in two parts is read from the first.
func (in *logReader) strace(line string) {
	p, by, rest := in.begin(line)
	if m := straceLine().FindStringSubmatch(rest); m != nil {
		in.made(p, straceCall{m[1], m[2], by})
	}
	m := straceResult().FindStringSubmatch(rest)
	if m == nil {
		return
	}
	switch result, _ := strconv.ParseUint(m[2], 0, 31); {
	case slices.Contains(executing, m[1]):
		in.decide(p, in.native) // what it was
		p.abi = nil
	case slices.Contains(forks, m[1]) && result > 0:
		in.inherit(p, strconv.FormatUint(result, 10))
	}
}

var (
	executing = []string{"execve", "execveat"}
	forks     = []string{"clone", "clone3", "fork", "vfork"}
)

// made takes a call of a process.
func (in *logReader) made(p *process, c straceCall) {
	const patience = 200 // calls, none of which tells
	other := in.mode("32")
	own, others := in.native.HasSyscall(c.name), other.HasSyscall(c.name)
	p.waiting = append(p.waiting, c)
	abi := p.abi
	switch {
	case abi != nil:
	case others && !own:
		abi = other
	case own && !others || len(p.waiting) > patience:
		abi = in.native
	default:
		return
	}
	p.abi = nil
	in.decide(p, abi)
}

// call adds a call. One that the ABI reaches by another too, as socket by socketcall, may have been
// made so: strace does not say how.
func (in *logReader) call(abi *linux.ABI, c straceCall) {
	nr, ok := abi.Number(c.name)
	if mux, number, behind := abi.Multiplexed(c.name); behind {
		at, _ := abi.Number(mux)
		d := policy.Data{Arch: abi.Arch, Nr: at, Args: [6]uint64{uint64(number)}}
		in.add(abi, d, c.by, true, "")
		if !ok {
			return
		}
		in.calls--
	}
	if !ok {
		if number, is := strings.CutPrefix(c.name, "syscall_"); is {
			if n, err := strconv.ParseUint(number, 0, 32); err == nil {
				in.add(abi, policy.Data{Arch: abi.Arch, Nr: uint32(n)}, c.by, false, "")
			}
		}
		return
	}
	args := splitArgs(c.args)
	u := &use{abi: abi, nr: nr, name: c.name}
	switch c.name {
	case "execve":
		path, err := strconv.Unquote(args[0])
		if err == nil {
			in.record.addExecuted(path)
		}
	case "clone3":
		in.clone3(abi, c.args, c.by)
	}
	d, bad := u.fromText(args)
	in.add(abi, d, c.by, bad == "", "the log has "+strconv.Quote(bad))
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

var cloneFlags = lazy.Regexp(`flags=([^,}]+)`)

// clone3 adds the clone that does the same; where the log does not show how, one with any flags.
func (in *logReader) clone3(abi *linux.ABI, text, by string) {
	nr, ok := abi.Number("clone")
	if !ok {
		return
	}
	u := &use{abi: abi, nr: nr, name: "clone"}
	d, bad := policy.Data{Arch: abi.Arch, Nr: nr}, "clone3("+text
	if m := cloneFlags().FindStringSubmatch(text); m != nil {
		flags := strings.ReplaceAll(m[1], "CLONE_CLEAR_SIGHAND", "0")
		d, bad = u.fromText([]string{"flags=" + flags})
	}
	in.add(abi, d, by, bad == "", "the log does not show the flags of clone3")
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
	text = strings.TrimSpace(remark().ReplaceAllString(text, ""))
	if m := ioctlParts().FindStringSubmatch(text); m != nil {
		return ioctlOf(abi, m)
	}
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
		n, err := strconv.ParseUint(word, 0, 64)
		if err != nil {
			var signed int64
			signed, err = strconv.ParseInt(word, 0, 64)
			n = uint64(signed)
		}
		if err != nil {
			return 0, false
		}
		v |= n
	}
	return v, true
}

var ioctlParts = lazy.Regexp(
	`^_IOC\(([A-Z_|0-9]+), (0x[0-9a-f]+|\d+), (0x[0-9a-f]+|\d+), (0x[0-9a-f]+|\d+)\)$`)

// ioctlOf puts together the command of an ioctl that strace has no name for, as
// include/uapi/asm-generic/ioctl.h does. Some ABIs have a layout of their own.
func ioctlOf(abi *linux.ABI, parts []string) (uint64, bool) {
	for _, other := range []string{"mips", "ppc", "alpha", "sparc", "parisc"} {
		if strings.HasPrefix(abi.Name, other) {
			return 0, false
		}
	}
	direction := uint64(0)
	if strings.Contains(parts[1], "_IOC_WRITE") {
		direction |= 1
	}
	if strings.Contains(parts[1], "_IOC_READ") {
		direction |= 2
	}
	var n [3]uint64 // kind, number, size
	for i, part := range parts[2:] {
		v, err := strconv.ParseUint(part, 0, 16)
		if err != nil {
			return 0, false
		}
		n[i] = v
	}
	return direction<<30 | n[2]<<16 | n[0]<<8 | n[1], true
}

// ofDescriptor is what strace writes behind a descriptor: <path>, <TCP:[one->other]>, and in it for
// a device <char 1:3>. It escapes what would end it.
var ofDescriptor = lazy.Regexp(`(\d|AT_FDCWD)<[^ <](?:[^"]|\\")*?>+(\(deleted\))?([,)=\]}|]| |$)`)

// splitArgs splits the arguments of a call as strace writes it, up to the parenthesis that ends
// them.
func splitArgs(text string) []string {
	text = ofDescriptor().ReplaceAllString(text, "$1$3")
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
