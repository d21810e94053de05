//go:build linux && amd64

package confirm

import (
	"testing"

	"golang.org/x/sys/unix"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/compiler"
)

// i386 compiles the rules for i386, with everything else allowed.
func i386(t *testing.T, rules string) asm.Program {
	t.Helper()
	text := "arch x86_64, i386\ndefault allow\nwhen arch == i386 {\n" + rules + "\n}\n"
	res, diags := compiler.Compile("ipc.scp", []byte(text), compiler.Options{})
	if res == nil {
		t.Fatal(diags)
	}
	return res.Program
}

// The calls behind ipc(2), numbers of include/uapi/linux/ipc.h.
const (
	ipcSEMOP  = 1
	ipcSEMGET = 2
	ipcSEMCTL = 3
	ipcMSGSND = 11
	ipcMSGRCV = 12
	ipcMSGGET = 13
	ipcMSGCTL = 14
	ipcSHMAT  = 21
	ipcSHMDT  = 22
	ipcSHMGET = 23
	ipcSHMCTL = 24

	ipc64   = 0x100
	version = 1 << 16
)

// TestConditionsThroughIPC has conditions decide calls by both doors as the kernel reads their
// arguments: what is refused with EPERM is not what the kernel says by itself.
func TestConditionsThroughIPC(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	for _, c := range []struct {
		rule   string
		probes []probe
	}{
		{"deny semget if nsems == 7", []probe{
			{"semget", []any{0, 7, 0o600}, eperm},
			{"semget", []any{0, 6, 0o600}, allowed},
			{"ipc", []any{ipcSEMGET, 0, 7, 0o600}, eperm},
			{"ipc", []any{ipcSEMGET | version, 0, 7, 0o600}, eperm},
			{"ipc", []any{ipcSEMGET, 0, 6, 7}, allowed},
			{"ipc", []any{ipcSHMGET, 0, 7, 0o600}, allowed},
		}},
		{"deny semop if semid == 3 && nsops == 0", []probe{
			{"ipc", []any{ipcSEMOP, 3, 0, 0, page{}, 0}, eperm}, // EINVAL by itself
			{"ipc", []any{ipcSEMOP, 4, 0, 0, page{}, 0}, allowed},
			{"ipc", []any{ipcSEMOP, 3, 1, 0, page{}, 0}, allowed},
		}},
		{"deny shmctl if cmd == IPC_RMID", []probe{
			{"shmctl", []any{5, unix.IPC_RMID, 0}, eperm},
			{"shmctl", []any{5, unix.IPC_RMID | ipc64, 0}, allowed}, // EINVAL: no such command here
			{"ipc", []any{ipcSHMCTL, 5, unix.IPC_RMID, 0, 0}, eperm},
			{"ipc", []any{ipcSHMCTL, 5, unix.IPC_RMID | ipc64, 0, 0}, eperm},
			{"ipc", []any{ipcSHMCTL | version, 5, unix.IPC_RMID, 0, 0}, eperm},
		}},
		{"deny semctl if cmd == 19", []probe{
			{"semctl", []any{0, 0, 19, page{}}, eperm}, // SEM_INFO succeeds by itself
			{"semctl", []any{0, 0, 19 | ipc64, page{}}, eperm},
			{"ipc", []any{ipcSEMCTL, 0, 0, 19, page{}}, eperm},
			{"ipc", []any{ipcSEMCTL, 0, 0, 19 | ipc64, page{}}, eperm},
			{"ipc", []any{ipcSEMCTL, 0, 19, 3, page{}}, allowed},
		}},
		{"deny msgctl if cmd == 12", []probe{
			{"msgctl", []any{0, 12, page{}}, eperm}, // MSG_INFO succeeds by itself
			{"msgctl", []any{0, 12 | ipc64, page{}}, eperm},
			{"ipc", []any{ipcMSGCTL, 0, 12, 0, page{}}, eperm},
			{"ipc", []any{ipcMSGCTL, 0, 12 | ipc64, 0, page{}}, eperm},
			{"ipc", []any{ipcMSGCTL, 12, 0, 0, page{}}, allowed},
		}},
		{"deny msgget if msgflg & IPC_CREAT", []probe{
			{"msgget", []any{0, unix.IPC_CREAT}, eperm},
			{"ipc", []any{ipcMSGGET, 0, unix.IPC_CREAT}, eperm},
			{"ipc", []any{ipcMSGGET, unix.IPC_CREAT, 0}, allowed},
		}},
		{"deny msgsnd if msgsz == 9 && msgflg & IPC_NOWAIT", []probe{
			{"msgsnd", []any{-1, page{}, 9, unix.IPC_NOWAIT}, eperm},
			{"ipc", []any{ipcMSGSND, -1, 9, unix.IPC_NOWAIT, page{}}, eperm},
			{"ipc", []any{ipcMSGSND, -1, 8, unix.IPC_NOWAIT, page{}}, allowed},
		}},
		{"deny msgrcv if msgtyp == 5 && msgsz == 9", []probe{
			{"msgrcv", []any{-1, page{}, 9, 5, unix.IPC_NOWAIT}, eperm},
			{"ipc", []any{ipcMSGRCV | version, -1, 9, unix.IPC_NOWAIT, page{}, 5}, eperm},
			// msgtyp is in memory
			{"ipc", []any{ipcMSGRCV, -1, 9, unix.IPC_NOWAIT, page{}, 5}, allowed},
			{"ipc", []any{ipcMSGRCV | version, -1, 9, 5, page{}, 4}, allowed},
		}},
		{"deny shmget if size == 4097", []probe{
			{"shmget", []any{0, 4097, 0o600}, eperm},
			{"ipc", []any{ipcSHMGET, 0, 4097, 0o600}, eperm},
			{"ipc", []any{ipcSHMGET, 4097, 0, 0o600}, allowed},
		}},
		{"deny shmat if shmflg & SHM_EXEC", []probe{
			{"shmat", []any{99, 0, 0o100000}, eperm},
			{"ipc", []any{ipcSHMAT, 99, 0o100000, page{}, 0}, eperm},
			{"ipc", []any{ipcSHMAT, 99, 0, page{}, 0}, allowed},
		}},
		{"deny shmdt if shmaddr == 0x7000", []probe{
			{"shmdt", []any{0x7000}, eperm}, // EINVAL by itself
			{"ipc", []any{ipcSHMDT, 0, 0, 0, 0x7000}, eperm},
			{"ipc", []any{ipcSHMDT, 0x7000, 0, 0, 0}, allowed},
		}},
	} {
		filter := i386(t, c.rule)
		int80(t).check(t, filter, c.probes)
		go386(t).check(t, filter, c.probes)
	}
}

// TestIPC64 sees the kernel clear IPC_64 of the commands that come through ipc, and for a 32-bit
// program of those of semctl and msgctl.
func TestIPC64(t *testing.T) {
	const semInfo, msgInfo, shmInfo = 19, 12, 14
	e := go386(t)
	for _, c := range []struct {
		probe probe
		same  bool // as without the bit
	}{
		// EFAULT: the page says where to write
		{probe{"ipc", []any{ipcSEMCTL, 0, 0, semInfo, page{}}, 0}, true},
		{probe{"ipc", []any{ipcMSGCTL, 0, msgInfo, 0, page{}}, 0}, true},
		{probe{"ipc", []any{ipcSHMCTL, 0, shmInfo, 0, page{}}, 0}, true},
		{probe{"semctl", []any{0, 0, semInfo, page{}}, 0}, true},
		{probe{"msgctl", []any{0, msgInfo, page{}}, 0}, true},
		{probe{"shmctl", []any{0, shmInfo, page{}}, 0}, false},
	} {
		lines := []string{e.line(t, c.probe, 0)}
		for i, a := range c.probe.args {
			if n, ok := a.(int); i > 0 && ok && (n == semInfo || n == msgInfo || n == shmInfo) {
				c.probe.args[i] = n | ipc64
			}
		}
		lines = append(lines, e.line(t, c.probe, 0))
		if got := e.errnos(t, lines); (got[1] == got[0]) != c.same {
			t.Errorf("%q: errnos %d", lines, got)
		}
	}
}
