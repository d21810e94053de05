// Package job is what a guest is asked to do, as the host writes it and the guest reads it.
package job

import "strings"

// File lies in the root of a guest's initramfs, and nowhere else: the guest's init does nothing at
// all where it is not there.
const File = "/seccompc-guest-job"

// Job is all that one guest does.
type Job struct {
	Decide []Decide
	Holes  []uint32 // numbers that are no system call's: the kernel must say so
	ENOSYS uint64
	Facts  []Fact
	Doors  []Door
	Tests  []Test

	Prctl, Seccomp uint32 // numbers
}

// Decide is a filter that answers every call with an errno, so that none is made, and the errno
// that each call must get.
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
	FD   = 0x5ecc0001 // of the file Path, open for reading and writing
	Buf  = 0x5ecc0002 // the address of a page of memory that processes share
	Buf2 = 0x5ecc0003 // the middle of that page
	Vec  = 0x5ecc0004 // a struct iovec, of the first byte of that page
	ID   = 0x5ecc0005 // of a System V segment
	Pipe = 0x5ecc0006 // the end for reading of a pipe with three bytes in it
	Got  = 0x5ecc0007 // what the call before has returned
	Name = 0x5ecc0100 // and above: the addresses of Names
)

// Names are the files of a guest. Content is that of the first.
var Names = [...]string{"/files/file", "/files/link", "/files/fifo", "/files/dir", "/files/none",
	"/files/" + strings.Repeat("n", 256)}

const (
	Path = Name + iota
	Link // to Path
	Fifo
	Dir // with a file in it
	None
	Long // a name that no file can have
)

// Page is the size of the parts of Path, each of which is filled with its number and a half more.
const Page = 1 << 16

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

// Fact is a call, unfiltered, and what must come of it.
type Fact struct {
	Name string
	Call
	Errno  int
	Effect string // what else is looked at, of which Want is the value
	Want   uint64
	Text   string
	Then   *Call // another call whose errno is looked at, the first having succeeded
}

// The effects of a call.
const (
	Size = "size" // Path has a size
	// the call has made a process, and written its number to Buf and Buf2
	Pids        = "pids"
	Mapped      = "mapped"        // the address returned begins with a byte
	Mapping     = "mapping"       // /proc/self/maps has this text for the address returned
	Word        = "word"          // Buf begins with an int
	CloseOnExec = "close-on-exec" // the flag of FD
	Appends     = "appends"       // a byte written to the descriptor returned gives Path a size
)

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
