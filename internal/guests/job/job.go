// Package job is what a guest is asked to do, as the host writes it and the guest reads it.
package job

// File lies in the root of a guest's initramfs, and nowhere else: the guest's init does nothing at all
// where it is not there.
const File = "/seccompc-guest-job"

// Job is all that one guest does.
type Job struct {
	Decide []Decide
	Holes  []uint32 // numbers that are no system call's: the kernel must say so
	ENOSYS uint64
	Sizes  []Size
	Doors  []Door
	Tests  []Test

	Prctl, Seccomp uint32 // numbers
}

// Decide is a filter that answers every call with an errno, so that none is made, and the errno that
// each call must get.
type Decide struct {
	Name   string
	Filter []byte
	Calls  []Call
	Want   []uint16
}

// Call is a system call. Arguments may be the placeholders below.
type Call struct {
	Nr   uint32
	Args [6]uint64
}

// The placeholders, of which no call has the value itself.
const (
	FD  = 0x5ecc0001 // of an empty file
	Buf = 0x5ecc0002 // the address of a page of memory
	ID  = 0x5ecc0003 // of a System V segment
)

// Test is a test binary of this project, in Dir of the initramfs as in the repository.
type Test struct {
	Dir   string
	Args  []string
	Files []string // of the repository, that the tests read
	// Programs of the package, which lie beside the tests, as prober-
	Programs []string
}

// Binary is the name of a test binary in its directory.
const Binary = "tests"

// Size is a call after which the file behind FD has a size.
type Size struct {
	Name string
	Call
	Want uint64
}

// Door is a call under a filter, each made in a process of its own.
type Door struct {
	Name   string
	Filter []byte // none: the call is made unfiltered
	Call
	Segment Call  // makes the segment that ID means, if its number is not 0
	Want    []int // errnos, Made, Killed; none: only tell
}

// What becomes of a call besides an errno.
const (
	Made   = 0
	Killed = -1
)
