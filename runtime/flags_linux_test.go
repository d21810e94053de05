package runtime

import (
	"encoding/binary"
	"errors"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/seccompc/seccompc/asm"
)

// onlyFlags answers seccomp(2) with ENOTNAM where its flags are bits, with EXFULL where they are
// others, so that no filter is installed and the error tells.
func onlyFlags(bits uint32) asm.Program {
	p := filter(0, allow, unix.SYS_SECCOMP)
	return append(p[:len(p)-1],
		asm.Instruction{Op: asm.LdAbs, K: asm.LowWord(1, binary.NativeEndian)},
		asm.Instruction{Op: asm.JeqK, Jf: 1, K: bits},
		asm.Instruction{Op: asm.RetK, K: errno(unix.ENOTNAM)},
		asm.Instruction{Op: asm.RetK, K: errno(unix.EXFULL)})
}

const (
	tsync      = unix.SECCOMP_FILTER_FLAG_TSYNC | unix.SECCOMP_FILTER_FLAG_TSYNC_ESRCH
	withLog    = unix.SECCOMP_FILTER_FLAG_LOG
	specAllow  = unix.SECCOMP_FILTER_FLAG_SPEC_ALLOW
	killable   = unix.SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
	toListener = unix.SECCOMP_FILTER_FLAG_NEW_LISTENER
)

// offers are the flags of this package and the bits that the kernel is to be offered for them.
var offers = []struct {
	flags    Flags // without Process and Thread
	listener bool
	bits     uint32
}{
	{0, false, 0},
	{Log, false, withLog},
	{SpecAllow, false, specAllow},
	{Log | SpecAllow, false, withLog | specAllow},
	{0, true, toListener},
	{Log, true, toListener | withLog},
	{SpecAllow, true, toListener | specAllow},
	{WaitKillable, true, toListener | killable},
	{Log | SpecAllow | WaitKillable, true, toListener | withLog | specAllow | killable},
}

var offersChild = inChild("offers", func() {
	check := func(what string, flags Flags, bits uint32, offer func() error) {
		inThread(func() {
			if err := Install(onlyFlags(bits), Thread); err != nil {
				bad("%v", err)
			}
			if err := offer(); !errors.Is(err, unix.ENOTNAM) {
				bad("%s with flags %#x: %v, where %#x was to be offered", what, uint32(flags), err,
					bits)
			}
		})
	}
	p := denied()
	for _, o := range offers {
		install := func(flags Flags) func() error {
			return func() error {
				if o.listener {
					_, err := InstallListener(p, flags)
					return err
				}
				return Install(p, flags)
			}
		}
		check("Install", o.flags, o.bits, install(o.flags|Thread))
		check("Install", o.flags, o.bits|tsync, install(o.flags|Process))
		check("Start", o.flags, o.bits, func() error {
			if o.listener {
				_, err := StartListener(command(checksItself), o.flags, p)
				return err
			}
			return Start(command(checksItself), o.flags, p)
		})
	}
})

// The bits that the kernel is offered are those that were asked for.
func TestFlagsOffered(t *testing.T) { run(t, offersChild) }
