package runtime

import (
	"encoding/binary"
	"fmt"
	"slices"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/seccompc/seccompc/asm"
)

func TestPreflight(t *testing.T) {
	p := filter(errno(1), allow, 7)
	if err := Preflight(p, Call{Name: "other", Nr: 8}); err != nil {
		t.Error(err)
	}
	wantError(t, Preflight(p, Call{Name: "other", Nr: 8}, Call{Name: "this", Nr: 7}),
		"this (number 7)", "0x00050001")
	for _, ret := range []uint32{kill, unix.SECCOMP_RET_KILL_THREAD, unix.SECCOMP_RET_TRAP,
		unix.SECCOMP_RET_USER_NOTIF, unix.SECCOMP_RET_TRACE, unix.SECCOMP_RET_ERRNO, 0x7ffe0000} {
		if err := Preflight(filter(ret, allow, 7), Call{Name: "this", Nr: 7}); err == nil {
			t.Errorf("a call that the filter answers with %#x passes", ret)
		}
	}
	if err := Preflight(filter(unix.SECCOMP_RET_LOG, kill, 7),
		Call{Name: "this", Nr: 7}); err != nil {
		t.Error(err)
	}
}

// What each answer of a filter does to a call, whether it has to work or may fail.
func TestPreflightAnswers(t *testing.T) {
	const must, may = 1, 2
	want := map[uint32]int{
		errno(1): may, errno(7): may, errno(4094): may,
	}
	for _, action := range []uint32{unix.SECCOMP_RET_KILL_PROCESS, unix.SECCOMP_RET_KILL_THREAD,
		unix.SECCOMP_RET_TRAP, unix.SECCOMP_RET_ERRNO, unix.SECCOMP_RET_USER_NOTIF,
		unix.SECCOMP_RET_TRACE, unix.SECCOMP_RET_LOG, unix.SECCOMP_RET_ALLOW, 0x7ffe0000,
		0x00060000} {
		for _, data := range []uint32{0, 1, 7, 4094, 4095, 0xffff} {
			ret := action | data
			if action == unix.SECCOMP_RET_ALLOW || action == unix.SECCOMP_RET_LOG {
				want[ret] = must | may
			}
			calls := []Call{{Name: "this", Nr: 7}}
			p := filter(ret, allow, 7)
			for l, bit := range map[loss]int{wanted: must, fatal: must, bearable: may} {
				if got := survives(p, calls, l) == nil; got != (want[ret]&bit != 0) {
					t.Errorf("a filter that answers %#08x passes: %t, where %s", ret, got, l)
				}
			}
		}
	}
}

// The poller's descriptor is not one of the standard three.
func TestGoSurvivesPoller(t *testing.T) {
	for nr, name := range map[uint32]string{
		unix.SYS_WRITE: "write(eventfd)", unix.SYS_READ: "read(eventfd)",
	} {
		standardOnly := asm.Program{
			{Op: asm.LdAbs, K: asm.OffNr},
			{Op: asm.JeqK, Jf: 3, K: nr},
			{Op: asm.LdAbs, K: asm.LowWord(0, binary.NativeEndian)},
			{Op: asm.JgtK, Jf: 1, K: 2},
			{Op: asm.RetK, K: errno(1)},
			{Op: asm.RetK, K: allow},
		}
		wantError(t, goSurvives(standardOnly), name)
	}
}

// Each call of Go's runtime is asked about: one alone denied is found, and named.
func TestGoSurvives(t *testing.T) {
	for _, c := range slices.Concat(goMust[:], goMustHere[:]) {
		wantError(t, goSurvives(filter(errno(1), allow, c.Nr)), fmt.Sprintf("(number %d)", c.Nr))
	}
	for _, c := range goMay {
		wantError(t, goSurvives(filter(kill, allow, c.Nr)), fmt.Sprintf("(number %d)", c.Nr))
		wantError(t, goSurvives(filter(errno(0), allow, c.Nr)), fmt.Sprintf("(number %d)", c.Nr))
		if err := goSurvives(filter(errno(1), allow, c.Nr)); err != nil {
			t.Error(err)
		}
	}
	noFutex := filter(errno(1), allow, unix.SYS_FUTEX, futexNr)
	wantError(t, Install(noFutex, Process), "futex", "@go-runtime")
	wantError(t, Install(denied(), Thread, Call{Name: "getppid", Nr: unix.SYS_GETPPID}), "getppid")
}
