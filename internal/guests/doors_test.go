//go:build linux

package guests

import (
	"fmt"
	"strings"
	"testing"

	"github.com/seccompc/seccompc/internal/guests/job"
	"github.com/seccompc/seccompc/linux"
)

const (
	eperm  = 1
	newUTS = 0x04000000 // CLONE_NEWUTS
	rmid   = 0          // IPC_RMID
	ipc64  = 0x100      // IPC_64
)

// doorList collects calls that go, or went once, past a rule.
type doorList struct {
	*testing.T
	abi  *linux.ABI
	list []job.Door
}

func doors(t *testing.T, g guest, abi *linux.ABI) []job.Door {
	t.Helper()
	d := &doorList{t, abi, nil}
	d.foreign(g)
	d.segments()
	d.twins()
	if abi.Name == "s390x" {
		c := job.Call{Nr: 0x10084} // cut to 132, getpgid
		d.add("0x10084 is shown as getpgid", "deny(E2BIG) getpgid", c, d.errno("E2BIG"))
		d.add("0x10084 is getpgid", "", c, job.Made)
	}
	return d.list
}

// add adds a call under a rule, or under none. Without answers that are wanted it is only told what
// comes of it.
func (d *doorList) add(name, rule string, c job.Call, want ...int) {
	d.Helper()
	door := job.Door{Name: name, Call: c, Want: want}
	if rule == "" {
		door.Name += ", unfiltered"
	} else {
		r := compile(d.abi, "door.scp", []byte("default allow\n"+rule+"\n"))
		if r == nil {
			d.Fatalf("%s: %s does not compile", d.abi.Name, rule)
		}
		door.Filter = r.Program.Encode(d.abi.ByteOrder())
	}
	for _, arg := range c.Args {
		if arg == job.ID {
			door.Segment = place(d.T, d.abi, "shmget",
				map[string]uint64{"key": 0, "size": 4096, "shmflg": 0o600})
		}
	}
	d.list = append(d.list, door)
}

func (d *doorList) errno(name string) int {
	v, ok := d.abi.Constant(name)
	if !ok {
		d.Fatalf("%s has no %s", d.abi.Name, name)
	}
	n := 0
	for _, c := range v.ExactString() {
		n = 10*n + int(c-'0')
	}
	return n
}

// foreign are the numbers of unshare in each of MIPS's tables, and o32's syscall.
func (d *doorList) foreign(g guest) {
	if !strings.HasPrefix(d.abi.Name, "mips") {
		return
	}
	for _, nr := range []uint32{4303, 5262, 6266} {
		c, name := job.Call{Nr: nr, Args: [6]uint64{newUTS}}, fmt.Sprintf("unshare by %d", nr)
		if d.abi.Owns(nr) {
			d.add(name, "deny unshare", c, eperm)
			continue
		}
		d.add(name, "deny unshare", c, job.Killed)
		if g.name != "mipsel" { // whose kernel has one table
			d.add(name, "", c, job.Made)
		}
	}
	if getppid, ok := d.abi.Number("getppid"); ok && d.abi.Unseen(4000) {
		c := job.Call{Nr: 4000, Args: [6]uint64{uint64(getppid)}}
		d.add("syscall(getppid)", "deny getppid", c, eperm)
	}
}

// segments are ways to remove a System V segment.
func (d *doorList) segments() {
	const rule = "deny shmctl if cmd == IPC_RMID"
	ctl := func(cmd uint64) job.Call {
		return place(d.T, d.abi, "shmctl", map[string]uint64{"shmid": job.ID, "cmd": cmd, "buf": 0})
	}
	d.add("shmctl(IPC_RMID)", rule, ctl(rmid), eperm)
	if params, _ := d.abi.Prototype("shmctl"); params[1].Ignored != 0 {
		d.add("shmctl(IPC_RMID | IPC_64)", rule, ctl(rmid|ipc64), eperm)
		d.add("shmctl(IPC_RMID | IPC_64)", "", ctl(rmid|ipc64), job.Made)
	} else {
		d.add("shmctl(IPC_RMID | IPC_64)", "", ctl(rmid|ipc64), d.errno("EINVAL"))
	}
	nr, ok := d.abi.Number("ipc")
	if !ok {
		return
	}
	const shmctl, version = 24, 1 << 16
	through := func(call, cmd uint64) job.Call {
		return job.Call{Nr: nr, Args: [6]uint64{call, job.ID, cmd}}
	}
	d.add("ipc(SHMCTL, IPC_RMID)", rule, through(shmctl, rmid), eperm)
	d.add("ipc(SHMCTL, IPC_RMID | IPC_64)", rule, through(shmctl, rmid|ipc64), eperm)
	d.add("ipc(SHMCTL, IPC_RMID | IPC_64)", "", through(shmctl, rmid|ipc64), job.Made)
	if d.abi.Name == "s390x" {
		d.add("ipc(SHMCTL | version, IPC_RMID)", "", through(version|shmctl, rmid),
			d.errno("EINVAL"))
		return
	}
	d.add("ipc(SHMCTL | version, IPC_RMID)", rule, through(version|shmctl, rmid), eperm)
	d.add("ipc(SHMCTL | version, IPC_RMID)", "", through(version|shmctl, rmid), job.Made)
}

// twins are calls with types of another width than those that the rule's name has.
func (d *doorList) twins() {
	if nr, ok := d.abi.Number("setuid32"); ok {
		const rule = "deny all setuid if uid == 0"
		old, _ := d.abi.Number("setuid")
		d.add("setuid32(0)", rule, job.Call{Nr: nr}, eperm)
		d.add("setuid(0)", rule, job.Call{Nr: old}, eperm)
		d.add("setuid(0x10000)", rule, job.Call{Nr: old, Args: [6]uint64{0x10000}}, eperm)
		d.add("setuid32(1)", rule, job.Call{Nr: nr, Args: [6]uint64{1}}, job.Made)
	}
	if nr, ok := d.abi.Number("clock_settime64"); ok {
		const rule = "deny all clock_settime if which_clock == CLOCK_REALTIME"
		d.add("clock_settime64(0)", rule, job.Call{Nr: nr}, eperm)
		d.add("clock_settime64(1)", rule, job.Call{Nr: nr, Args: [6]uint64{1}}, d.errno("EINVAL"),
			d.errno("EFAULT"))
	}
}
