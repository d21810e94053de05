package linux

import "slices"

// Door is a way to a system call through ipc, which gets the call's arguments in registers of its
// own (ipc/syscall.c, ksys_ipc and compat_ksys_ipc; arch/s390/kernel/syscall.c, s390_ipc).
type Door struct {
	Call     uint32   // the low 16 bits of ipc's first argument
	Versions Versions // the upper 16
	// Params are the parameters of the call, in the order of its prototype, and At says where each
	// stands in seccomp_data.args: at -1 what ipc reads from memory.
	Params []Arg
	At     []int
}

// Versions are the versions of ipc's protocol that a [Door] is open to.
type Versions int

// The kinds of versions.
const (
	AnyVersion   Versions = iota
	Version0              // 0 alone
	OtherVersion          // all but 0
)

// The positions of ipc's parameters in seccomp_data.args.
const (
	inMemory = -1 - iota
	first    = iota
	second
	third
	ptr
	fifth
)

// ipcPositions says by the names of parameters in which of ipc's each call's stand.
var ipcPositions = map[string]map[string]int{
	"semop":      {"semid": first, "tsops": ptr, "nsops": second},
	"semtimedop": {"semid": first, "tsops": ptr, "nsops": second, "timeout": fifth},
	"semget":     {"key": first, "nsems": second, "semflg": third},
	"semctl":     {"semid": first, "semnum": second, "cmd": third, "arg": inMemory},
	"msgsnd":     {"msqid": first, "msgp": ptr, "msgsz": second, "msgflg": third},
	"msgrcv":     {"msqid": first, "msgp": ptr, "msgsz": second, "msgtyp": fifth, "msgflg": third},
	"msgget":     {"key": first, "msgflg": second},
	"msgctl":     {"msqid": first, "cmd": second, "buf": ptr},
	"shmat":      {"shmid": first, "shmaddr": ptr, "shmflg": second},
	"shmdt":      {"shmaddr": ptr},
	"shmget":     {"key": first, "size": second, "shmflg": third},
	"shmctl":     {"shmid": first, "cmd": second, "buf": ptr},
}

// Doors returns the ways to a system call through ipc, none where the ABI's ipc does not have it.
// More than one differ in the version that they are asked for with.
func (a *ABI) Doors(name string) []Door {
	mux, call, ok := a.Multiplexed(name)
	params, known := a.parameters(name)
	if !ok || mux != "ipc" || !known {
		return nil
	}
	whole := Door{Call: call, Params: passed(params)}
	for _, p := range params {
		whole.At = append(whole.At, a.positionInIPC(name, p))
	}
	if name != "msgrcv" {
		return []Door{whole}
	}
	return a.msgrcvDoors(whole)
}

// positionInIPC returns where a parameter of a call stands. s390's ipc has no fifth: it passes the
// third.
func (a *ABI) positionInIPC(name string, p Arg) int {
	positions := ipcPositions[name]
	for _, n := range append([]string{p.Name}, p.Aliases...) {
		if at, ok := positions[n]; ok {
			if at == fifth && a.onS390() {
				return third
			}
			return at
		}
	}
	panic("linux: ipc has no place for " + p.Name + " of " + name)
}

func (a *ABI) onS390() bool { return a.Name == "s390" || a.Name == "s390x" }

// msgrcvDoors tells apart how msgrcv's msgp and msgtyp are passed: with version 0 both lie in
// memory (struct ipc_kludge). s390 knows no other version.
func (a *ABI) msgrcvDoors(whole Door) []Door {
	old := whole
	old.At = slices.Clone(whole.At)
	for i, p := range old.Params {
		if p.Name == "msgp" || p.Name == "msgtyp" {
			old.At[i] = inMemory
		}
	}
	if a.onS390() {
		return []Door{old}
	}
	old.Versions, whole.Versions = Version0, OtherVersion
	return []Door{whole, old}
}

// passed returns the parameters as ipc passes them on: it clears IPC_64 of every command
// (ipc/util.c, ipc_parse_version; all that have ipc select ARCH_WANT_IPC_PARSE_VERSION).
func passed(params []Arg) []Arg {
	out := slices.Clone(params)
	for i := range out {
		if out[i].Name == "cmd" {
			out[i].Ignored = 0x100
		}
	}
	return out
}
