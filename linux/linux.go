// Package linux holds facts about the Linux kernel: ABIs, system call numbers, prototypes,
// constants and sets of system calls. It knows them for every ABI on every machine, whatever it
// runs on itself.
//
// The facts lie in the text files of this directory, which "go generate" writes from packages that
// any machine can fetch; see gen. The long ones are searched as text, so that a program that asks
// for three names does not pay for ten thousand.
package linux

//go:generate go run ./gen

import _ "embed"

// KernelVersion is the kernel release that the tables describe.
const KernelVersion = "7.2"

// SystemdVersion is the systemd release whose sets the tables hold.
const SystemdVersion = "262"

//go:embed syscalls.txt
var syscallText string

//go:embed history.txt
var historyText string

//go:embed prototypes.txt
var prototypeText string

//go:embed constants.txt
var constantText string

//go:embed libc.txt
var libcText string

//go:embed errnos.txt
var errnoText string

//go:embed sets.txt
var setText string

var (
	syscallTable   = newTable(syscallText)
	historyTable   = newTable(historyText)
	prototypeTable = newTable(prototypeText)
	constantTable  = newTable(constantText)
	libcTable      = newTable(libcText)
	errnoTable     = newTable(errnoText)
	setTable       = newTable(setText)
)
