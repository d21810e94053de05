package record

import (
	"cmp"
	"encoding/binary"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/seccompc/seccompc/explain"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
	"github.com/seccompc/seccompc/runtime/notify"
)

// Record is what programs have called: which system calls, how often, and with which of the values
// that a policy tells apart (see shapes). [Record.Policy] makes a policy of it. The zero value is
// ready for use; it is not safe for concurrent use.
type Record struct {
	Calls    uint64   // all that were added
	Programs []string // the names of those that made a call as the first, in that order

	uses     map[callee]*use
	executed []string // paths, each once
	listens  bool     // a program wanted a listener of its own
}

// use is one system call of one ABI.
type use struct {
	abi    *linux.ABI // nil where the tables do not hold it
	nr     uint32
	name   string // "" where the tables do not hold it
	count  uint64
	first  string // the program that made it first; "" where it is not known
	values map[values]uint64
	any    string // why values are not told apart any more; "" as long as they are
}

// values are those arguments of a call that its shape is about.
type values [2]uint64

// Kinds is how many system calls are told apart.
func (r *Record) Kinds() int { return len(r.uses) }

// Observe adds a call that waits for an answer.
func (r *Record) Observe(c *notify.Call) {
	d := policy.Data(c.Data)
	abi := explain.ABIOf(d)
	by := func() string { return program(c.PID) }
	name := ""
	if abi != nil {
		name, _ = abi.SyscallName(d.Nr)
	}
	switch name {
	case "clone3":
		r.addClone3(c, abi, by)
		return
	case "execve", "execveat":
		r.addExecuted(executes(c, name))
	case "seccomp":
		// SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER
		const setFilter, newListener = 1, 1 << 3
		r.listens = r.listens || uint32(d.Args[0]) == setFilter && d.Args[1]&newListener != 0
	}
	r.add(d, by)
}

// Add adds a call that a program has made; by is its name, or "".
func (r *Record) Add(d policy.Data, by string) { r.add(d, func() string { return by }) }

func (r *Record) add(d policy.Data, by func() string) {
	u := r.use(d.Arch, d.Nr, by)
	r.Calls++
	u.count++
	if u.any != "" || u.abi == nil {
		return
	}
	if v, ok := u.valuesOf(d); ok {
		u.note(v, 1)
	}
}

// AddAny adds a call whose arguments are not known.
func (r *Record) AddAny(abi *linux.ABI, nr uint32, by, why string) {
	r.Calls++
	u := r.use(abi.Arch, nr, func() string { return by })
	u.count++
	u.widen(why)
}

func (r *Record) use(arch, nr uint32, by func() string) *use {
	to := callee{arch, nr}
	u := r.uses[to]
	if u != nil {
		return u
	}
	if r.uses == nil {
		r.uses = map[callee]*use{}
	}
	u = &use{nr: nr, first: by(), values: map[values]uint64{}}
	if abi, ok := linux.Caller(arch, nr); ok {
		u.abi = abi
		u.name, _ = abi.SyscallName(nr)
	}
	r.uses[to] = u
	if u.first != "" && !slices.Contains(r.Programs, u.first) {
		r.Programs = append(r.Programs, u.first)
	}
	return u
}

// maxValues is how many values of one call a policy lists. A program with more has more that were
// not seen.
const maxValues = 64

func (u *use) note(v values, n uint64) {
	u.values[v] += n
	if len(u.values) > maxValues {
		u.widen("more than " + strconv.Itoa(maxValues) + " different values")
	}
}

func (u *use) widen(why string) {
	if _, shaped := shapes[u.name]; shaped && u.any == "" {
		u.any = why
	}
}

// addClone3 adds a clone3 as the clone that does the same, where there is one. Its flags lie in
// memory, where no filter sees them, so that a policy answers it with ENOSYS; the C library then
// calls clone.
func (r *Record) addClone3(c *notify.Call, abi *linux.ABI, by func() string) {
	r.add(policy.Data(c.Data), by)
	clone, ok := abi.Number("clone")
	var flags [8]byte // the first field of struct clone_args (include/uapi/linux/sched.h)
	if !ok || c.Read(c.Data.Args[0], flags[:]) != nil {
		return
	}
	// CLONE_CLEAR_SIGHAND, which the C library does itself where it must
	const clearSighand = 1 << 32
	want := binary.NativeEndian.Uint64(flags[:]) &^ clearSighand
	if want != uint64(uint32(want)) {
		u := r.use(abi.Arch, c.Data.Nr, by)
		u.any = "with flags that clone does not have"
		return
	}
	args, _ := abi.Prototype("clone")
	d := policy.Data{Arch: abi.Arch, Nr: clone}
	if i := position(args, "flags"); i >= 0 {
		d.Args[i] = want
	}
	r.add(d, by)
	r.Calls-- // it was one call
}

// maxExecuted bounds the paths that are kept.
const maxExecuted = 32

func (r *Record) addExecuted(path string) {
	if path != "" && len(r.executed) < maxExecuted && !slices.Contains(r.executed, path) {
		r.executed = append(r.executed, path)
	}
}

// executes returns the path of the program that a call executes.
func executes(c *notify.Call, name string) string {
	at := 0
	if name == "execveat" {
		at = 1
	}
	const longest = 4096 // PATH_MAX
	path, _ := c.String(c.Data.Args[at], longest)
	return path
}

// program returns the name of a thread's program: what it calls itself, where that begins with its
// name.
func program(pid int) string {
	if pid == 0 {
		return ""
	}
	dir := "/proc/" + strconv.Itoa(pid)
	comm, err := os.ReadFile(dir + "/comm")
	if err != nil {
		return ""
	}
	name := strings.TrimSuffix(string(comm), "\n")
	line, _ := os.ReadFile(dir + "/cmdline")
	title, _, _ := strings.Cut(string(line), "\x00")
	if strings.HasPrefix(title, name+": ") { // as servers tell their processes apart
		name = title
	}
	const longest = 40
	return name[:min(len(name), longest)]
}

// sorted returns the uses of an ABI by name.
func (r *Record) sorted(abi *linux.ABI) []*use {
	var out []*use
	for _, u := range r.uses {
		if u.abi == abi {
			out = append(out, u)
		}
	}
	slices.SortFunc(out, func(a, b *use) int {
		return cmp.Or(strings.Compare(a.name, b.name), cmp.Compare(a.nr, b.nr))
	})
	return withoutDoors(out)
}

// withoutDoors takes from socketcall and ipc the calls that are allowed whole by their own names:
// such a rule is about both ways (docs/language.md).
func withoutDoors(uses []*use) []*use {
	var out []*use
	for _, u := range uses {
		mask := linux.MultiplexerMask(u.name)
		if mask == 0 || u.any != "" || len(u.values) == 0 {
			out = append(out, u)
			continue
		}
		left := *u
		left.values = maps.Clone(u.values)
		for _, other := range uses {
			mux, call, ok := u.abi.Multiplexed(other.name)
			if !ok || mux != u.name || other.condition() != nil {
				continue
			}
			maps.DeleteFunc(left.values, func(v values, _ uint64) bool {
				return v[0]&mask == uint64(call)
			})
		}
		if len(left.values) > 0 {
			out = append(out, &left)
		}
	}
	return out
}

// abis returns the ABIs that have been used, in their order.
func (r *Record) abis() []*linux.ABI {
	var out []*linux.ABI
	for _, abi := range linux.ABIs() {
		if len(r.sorted(abi)) > 0 {
			out = append(out, abi)
		}
	}
	return out
}

// Profile is how often each system call was made, as the compiler takes it: a line for each name.
func (r *Record) Profile() []byte {
	counts := map[string]uint64{}
	for _, u := range r.uses {
		if u.name != "" {
			counts[u.name] += u.count
		}
	}
	var names []string
	for name := range counts {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), strings.Compare(a, b))
	})
	var out strings.Builder
	for _, name := range names {
		out.WriteString(name + " " + strconv.FormatUint(counts[name], 10) + "\n")
	}
	return []byte(out.String())
}
