//go:build linux

package guests

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/compiler"
	"github.com/seccompc/seccompc/internal/guests/job"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
)

// jobFor writes the job of a guest: numbers, registers and answers as the tables have them.
func jobFor(t *testing.T, g guest) *job.Job {
	t.Helper()
	abi, _ := linux.Lookup(g.abi)
	prctl, _ := abi.Number("prctl")
	seccomp, _ := abi.Number("seccomp")
	j := &job.Job{Prctl: prctl, Seccomp: seccomp, Holes: holes(abi), Sizes: sizes(t, abi)}
	enosys, _ := abi.Constant("ENOSYS")
	for _, c := range enosys.ExactString() {
		j.ENOSYS = 10*j.ENOSYS + uint64(c-'0')
	}
	files, err := filepath.Glob("../../testdata/policies/*.scp")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d policies, %v", len(files), err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if d, ok := decisions(t, abi, filepath.Base(file), text); ok {
			j.Decide = append(j.Decide, d)
		}
	}
	if len(j.Decide) < 5 {
		t.Fatalf("only %d policies compile for %s", len(j.Decide), abi.Name)
	}
	j.Doors = doors(t, g, abi)
	return j
}

// compile returns what a policy is on one ABI, or nil where it is not for it.
func compile(abi *linux.ABI, name string, text []byte) *compiler.Result {
	r, diags := compiler.Compile(name, text, compiler.Options{ABIs: []string{abi.Name}})
	if diags.HasErrors() || len(r.Policy.Late) > 0 {
		return nil
	}
	return r
}

// perPolicy is how many calls are decided by each policy.
const perPolicy = 600

// decisions makes a filter of a policy that answers each call with an errno for the action.
func decisions(t *testing.T, abi *linux.ABI, name string, text []byte) (job.Decide, bool) {
	t.Helper()
	r := compile(abi, name, text)
	if r == nil {
		return job.Decide{}, false
	}
	errnos := map[uint32]uint16{}
	filter := append(asm.Program(nil), r.Program...)
	var values []uint64
	for i, in := range filter {
		if in.Op == 0x06 { // RET K
			if errnos[in.K] == 0 {
				errnos[in.K] = uint16(len(errnos) + 1)
			}
			filter[i].K = uint32(policy.Errno) | uint32(errnos[in.K])
			continue
		}
		values = append(values, uint64(in.K), uint64(in.K)+1, uint64(in.K)-1)
	}
	d := job.Decide{Name: name, Filter: filter.Encode(abi.ByteOrder())}
	source := rand.New(rand.NewPCG(7, uint64(len(text))))
	table := abi.Syscalls()
	for range perPolicy {
		s := table[source.IntN(len(table))]
		if abi.Exempt(s.Name) || s.Nr >= 0xf0000 {
			continue // ARM's private calls are not all made by the table
		}
		c := job.Call{Nr: s.Nr}
		for i := range c.Args {
			c.Args[i] = values[source.IntN(len(values))]
			switch {
			case abi.Bits == 32:
				c.Args[i] &= 0xffffffff
			case source.IntN(4) == 0:
				c.Args[i] |= source.Uint64() << 32
			}
		}
		action := r.Policy.Eval(policy.Data{Nr: c.Nr, Arch: abi.Arch, Args: c.Args})
		want := errnos[uint32(action)]
		if want == 0 {
			t.Fatalf("%s %s: no instruction returns %v", abi.Name, name, action)
		}
		d.Calls, d.Want = append(d.Calls, c), append(d.Want, want)
	}
	return d, true
}

// holes returns the numbers up to the end of the table, and some beyond, that are no calls.
func holes(abi *linux.ABI) []uint32 {
	known := abi.Known()
	first, last := known[0].Lo, known[0].Hi
	for _, r := range known {
		if r.Hi < 0xf0000 {
			last = max(last, r.Hi)
		}
	}
	var out []uint32
	for nr := first; nr <= last+40; nr++ {
		if _, ok := abi.SyscallName(nr); !ok && abi.Owns(nr) && !abi.Unseen(nr) {
			out = append(out, nr)
		}
	}
	return out
}

// place puts values into the registers where the tables say that the parameters of a call lie.
func place(t *testing.T, abi *linux.ABI, name string, values map[string]uint64) job.Call {
	t.Helper()
	nr, ok := abi.Number(name)
	params, known := abi.Prototype(name)
	if !ok || !known {
		t.Fatalf("%s has no %s", abi.Name, name)
	}
	c := job.Call{Nr: nr}
	at := func(name string) int {
		for i, p := range params {
			if p.Width > 0 && (p.Name == name || contains(p.Aliases, name)) {
				return i
			}
		}
		return -1
	}
	for name, v := range values {
		if i := at(name); i >= 0 {
			c.Args[i] = v
			continue
		}
		lo, hi := at(name+"_lo"), at(name+"_hi")
		if lo < 0 || hi < 0 {
			t.Fatalf("%s %s has no %s", abi.Name, params, name)
		}
		c.Args[lo], c.Args[hi] = v&0xffffffff, v>>32
	}
	return c
}

// sizes are calls with operands of 64 bits whose halves differ.
func sizes(t *testing.T, abi *linux.ABI) []job.Size {
	t.Helper()
	truncate := "ftruncate"
	if abi.HasSyscall("ftruncate64") {
		truncate = "ftruncate64"
	}
	const length, pos = 3<<32 | 5, 2<<32 | 7
	return []job.Size{
		{Name: truncate, Call: place(t, abi, truncate, map[string]uint64{"fd": job.FD, "length": length}),
			Want: length},
		{Name: "pwrite64", Call: place(t, abi, "pwrite64", map[string]uint64{
			"fd": job.FD, "buf": job.Buf, "count": 1, "pos": pos}), Want: pos + 1},
		{Name: "fallocate", Call: place(t, abi, "fallocate", map[string]uint64{
			"fd": job.FD, "mode": 0, "offset": 1 << 32, "len": 4096}), Want: 1<<32 + 4096},
	}
}

// doors are calls that go, or went once, past a rule.
func doors(t *testing.T, g guest, abi *linux.ABI) (out []job.Door) {
	t.Helper()
	constant := func(name string) uint64 {
		v, ok := abi.Constant(name)
		if !ok {
			t.Fatalf("%s has no %s", abi.Name, name)
		}
		n := uint64(0)
		for _, c := range v.ExactString() {
			n = 10*n + uint64(c-'0')
		}
		return n
	}
	add := func(name, rule string, c job.Call, segment job.Call, want ...int) {
		d := job.Door{Name: name, Call: c, Segment: segment, Want: want}
		if rule != "" {
			r := compile(abi, "door.scp", []byte("default allow\n"+rule+"\n"))
			if r == nil {
				t.Fatalf("%s: %s does not compile", abi.Name, rule)
			}
			d.Filter = r.Program.Encode(abi.ByteOrder())
		}
		out = append(out, d)
	}
	const eperm, newUTS, ipc64, rmid = 1, 0x04000000, 0x100, 0
	none := job.Call{}
	if strings.HasPrefix(abi.Name, "mips") {
		for _, nr := range []uint32{4303, 5262, 6266} {
			c := job.Call{Nr: nr, Args: [6]uint64{newUTS}}
			name := "unshare by " + numeral(nr)
			switch {
			case abi.Owns(nr):
				add(name, "deny unshare", c, none, eperm)
			case g.name != "mipsel": // whose kernel has one table
				add(name+", unfiltered", "", c, none, job.Made)
				add(name, "deny unshare", c, none, job.Killed)
			default:
				add(name, "deny unshare", c, none, job.Killed)
			}
		}
	}
	if abi.Name == "mipsel" {
		getppid, _ := abi.Number("getppid")
		add("syscall(getppid)", "deny getppid", job.Call{Nr: 4000, Args: [6]uint64{uint64(getppid)}}, none, eperm)
	}
	get := place(t, abi, "shmget", map[string]uint64{"key": 0, "size": 4096, "shmflg": 0o600})
	ctl := func(cmd uint64) job.Call {
		return place(t, abi, "shmctl", map[string]uint64{"shmid": job.ID, "cmd": cmd, "buf": 0})
	}
	add("shmctl(IPC_RMID)", "deny shmctl if cmd == IPC_RMID", ctl(rmid), get, eperm)
	params, _ := abi.Prototype("shmctl")
	if params[1].Ignored != 0 {
		add("shmctl(IPC_RMID | IPC_64), unfiltered", "", ctl(rmid|ipc64), get, job.Made)
		add("shmctl(IPC_RMID | IPC_64)", "deny shmctl if cmd == IPC_RMID", ctl(rmid|ipc64), get, eperm)
	} else {
		add("shmctl(IPC_RMID | IPC_64), unfiltered", "", ctl(rmid|ipc64), get, int(constant("EINVAL")))
	}
	if nr, ok := abi.Number("ipc"); ok {
		through := func(call, cmd uint64) job.Call {
			return job.Call{Nr: nr, Args: [6]uint64{call, job.ID, cmd}}
		}
		const shmctl = 24
		add("ipc(SHMCTL, IPC_RMID)", "deny shmctl if cmd == IPC_RMID", through(shmctl, rmid), get, eperm)
		add("ipc(SHMCTL, IPC_RMID | IPC_64)", "deny shmctl if cmd == IPC_RMID", through(shmctl, rmid|ipc64), get, eperm)
		add("ipc(SHMCTL, IPC_RMID | IPC_64), unfiltered", "", through(shmctl, rmid|ipc64), get)
		add("ipc(SHMCTL | version 1, IPC_RMID), unfiltered", "", through(1<<16|shmctl, rmid), get)
	}
	if nr, ok := abi.Number("setuid32"); ok {
		old, _ := abi.Number("setuid")
		add("setuid32(0)", "deny all setuid if uid == 0", job.Call{Nr: nr}, none, eperm)
		add("setuid(0)", "deny all setuid if uid == 0", job.Call{Nr: old}, none, eperm)
		add("setuid32(1)", "deny all setuid if uid == 0", job.Call{Nr: nr, Args: [6]uint64{1}}, none, job.Made)
	}
	if nr, ok := abi.Number("clock_settime64"); ok {
		add("clock_settime64(0, NULL)", "deny all clock_settime if which_clock == 0", job.Call{Nr: nr}, none, eperm)
		add("clock_settime64(1, NULL)", "deny all clock_settime if which_clock == 0",
			job.Call{Nr: nr, Args: [6]uint64{1}}, none, int(constant("EINVAL")), int(constant("EFAULT")))
	}
	if abi.Name == "s390x" {
		c := job.Call{Nr: 0x10084} // 132 is getpgid
		add("0x10084, where getpgid is denied", "deny(E2BIG) getpgid", c, none)
		add("0x10084, where nothing is", "", c, none)
		add("0x10084, where all but getpgid is denied", "deny(E2BIG) @known - getpgid, exit_group\nunknown deny(ERANGE)", c, none)
	}
	return out
}

func numeral(nr uint32) string {
	return strings.TrimLeft(string([]byte{byte('0' + nr/1000), byte('0' + nr/100%10), byte('0' + nr/10%10),
		byte('0' + nr%10)}), "")
}
