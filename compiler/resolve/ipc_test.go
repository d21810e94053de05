package resolve

import (
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"

	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/internal/short"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
)

// passedOn is what ipc(2) makes of its arguments: a call, and its parameters as far as they do not
// lie in memory.
type passedOn struct {
	call   string
	values map[string]uint64
}

// demultiplex is ipc/syscall.c's ksys_ipc and compat_ksys_ipc, and s390's own, written down by
// hand.
func demultiplex(a *linux.ABI, args [6]uint64) passedOn {
	if a.Bits == 32 {
		for i := range args {
			args[i] &= 0xffffffff
		}
	}
	low := func(i int) uint64 { return args[i] & 0xffffffff }
	const ipc64 = 0x100
	first, second, third, ptr, fifth := low(1), args[2], args[3], args[4], args[5]
	version := low(0) >> 16
	s390 := strings.HasPrefix(a.Name, "s390")
	if s390 {
		fifth = third
	}
	switch low(0) & 0xffff {
	case 1:
		return passedOn{"semop", map[string]uint64{"semid": first, "sops": ptr, "nsops": low(2)}}
	case 2:
		return passedOn{"semget", map[string]uint64{"key": first, "nsems": low(2),
			"semflg": low(3)}}
	case 3:
		return passedOn{"semctl", map[string]uint64{"semid": first, "semnum": low(2),
			"cmd": low(3) &^ ipc64}}
	case 4:
		return passedOn{"semtimedop", map[string]uint64{"semid": first, "sops": ptr,
			"nsops":   low(2),
			"timeout": fifth}}
	case 11:
		return passedOn{"msgsnd", map[string]uint64{"msqid": first, "msgp": ptr, "msgsz": second,
			"msgflg": low(3)}}
	case 12:
		m := map[string]uint64{"msqid": first, "msgsz": second, "msgflg": low(3)}
		if version != 0 && !s390 {
			m["msgp"], m["msgtyp"] = ptr, fifth
		}
		return passedOn{"msgrcv", m}
	case 13:
		return passedOn{"msgget", map[string]uint64{"key": first, "msgflg": low(2)}}
	case 14:
		return passedOn{"msgctl", map[string]uint64{"msqid": first, "cmd": low(2) &^ ipc64,
			"buf": ptr}}
	case 21:
		return passedOn{"shmat", map[string]uint64{"shmid": first, "shmaddr": ptr,
			"shmflg": low(2)}}
	case 22:
		return passedOn{"shmdt", map[string]uint64{"shmaddr": ptr}}
	case 23:
		return passedOn{"shmget", map[string]uint64{"key": first, "size": second, "shmflg": low(3)}}
	case 24:
		return passedOn{"shmctl", map[string]uint64{"shmid": first, "cmd": low(2) &^ ipc64,
			"buf": ptr}}
	}
	return passedOn{}
}

// asked is a random condition, with its meaning.
type asked struct {
	text  string
	uses  []string
	holds func(map[string]uint64) bool
}

var someValues = []uint64{0, 1, 2, 3, 5, 12, 0x40, 0x7f}

func randomAsked(r *rand.Rand, names []string, depth int) asked {
	if depth > 0 && r.Intn(2) == 0 {
		x, y := randomAsked(r, names, depth-1), randomAsked(r, names, depth-1)
		uses := slices.Concat(x.uses, y.uses)
		if r.Intn(2) == 0 {
			return asked{"(" + x.text + " && " + y.text + ")", uses,
				func(m map[string]uint64) bool { return x.holds(m) && y.holds(m) }}
		}
		return asked{"(" + x.text + " || !(" + y.text + "))", uses,
			func(m map[string]uint64) bool { return x.holds(m) || !y.holds(m) }}
	}
	n, v := names[r.Intn(len(names))], someValues[r.Intn(len(someValues))]
	one := []string{n}
	switch r.Intn(4) {
	case 0:
		return asked{fmt.Sprintf("%s & 7 == %d", n, v&7), one,
			func(m map[string]uint64) bool { return m[n]&7 == v&7 }}
	case 1:
		return asked{fmt.Sprintf("%s only %#x", n, v), one,
			func(m map[string]uint64) bool { return m[n]&^v == 0 }}
	case 2:
		return asked{fmt.Sprintf("%s in {%d..%d}", n, v, v+2), one,
			func(m map[string]uint64) bool { return v <= m[n] && m[n] <= v+2 }}
	}
	return asked{fmt.Sprintf("%s == %d", n, v), one,
		func(m map[string]uint64) bool { return m[n] == v }}
}

// TestConditionsThroughIPC holds random conditions on the calls behind ipc against what the kernel
// makes of ipc's arguments.
func TestConditionsThroughIPC(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewSource(1))
	denied, decided := 0, 0
	for _, a := range linux.ABIs() {
		nr, ok := a.Number("ipc")
		if !ok {
			continue
		}
		for range short.Rounds(150) {
			call, names := randomCall(r)
			c := randomAsked(r, names, 2)
			text := fmt.Sprintf("arch %s\ndefault allow\ndeny %s if %s\n", a.Name, call, c.text)
			levels := map[string]diag.Severity{"constant-condition": diag.Off,
				"behind-multiplexer": diag.Off}
			res, diags := Text("ipc.scp", []byte(text), Options{Levels: levels})
			if res == nil {
				t.Fatalf("%s%v", text, diags)
			}
			for range 300 {
				d := policy.Data{Arch: a.Arch, Nr: nr, Args: randomArgs(r)}
				got := res.Policy.Eval(d) != policy.Allow
				p := demultiplex(a, d.Args)
				seen := !slices.ContainsFunc(c.uses,
					func(n string) bool { _, ok := p.values[n]; return !ok })
				if want := p.call == call && seen && c.holds(p.values); got != want {
					t.Fatalf("%s%x (%+v): denied %v, want %v", text, d.Args, p, got, want)
				}
				decided++
				if got {
					denied++
				}
			}
		}
	}
	if denied < decided/50 {
		t.Errorf("%d of %d calls denied", denied, decided)
	}
	t.Logf("%d calls, %d denied", decided, denied)
}

// randomCall returns a call behind ipc with the names of its parameters.
func randomCall(r *rand.Rand) (string, []string) {
	calls := map[string][]string{
		"semop": {"semid", "sops", "nsops"}, "semget": {"key", "nsems", "semflg"},
		"semctl":     {"semid", "semnum", "cmd", "arg"},
		"semtimedop": {"semid", "sops", "nsops", "timeout"},
		"msgsnd":     {"msqid", "msgp", "msgsz", "msgflg"},
		"msgrcv":     {"msqid", "msgp", "msgsz", "msgtyp", "msgflg"}, "msgget": {"key", "msgflg"},
		"msgctl": {"msqid", "cmd", "buf"}, "shmat": {"shmid", "shmaddr", "shmflg"},
		"shmdt":  {"shmaddr"},
		"shmget": {"key", "size", "shmflg"}, "shmctl": {"shmid", "cmd", "buf"},
	}
	names := make([]string, 0, len(calls))
	for n := range calls {
		names = append(names, n)
	}
	slices.Sort(names)
	n := names[r.Intn(len(names))]
	return n, calls[n]
}

// randomArgs returns arguments of ipc, some with garbage above what the kernel reads.
func randomArgs(r *rand.Rand) (args [6]uint64) {
	calls := []uint64{1, 2, 3, 4, 11, 12, 13, 14, 21, 22, 23, 24}
	for i := range args {
		args[i] = someValues[r.Intn(len(someValues))] + uint64(r.Intn(2))
		if r.Intn(8) == 0 {
			args[i] |= 0x100
		}
		if r.Intn(8) == 0 {
			args[i] |= uint64(r.Uint32()) << 32
		}
	}
	args[0] = calls[r.Intn(len(calls))] | uint64(r.Intn(3))<<16 | args[0]&^0xffffffff
	return args
}
