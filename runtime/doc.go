// Package runtime puts seccomp filters in front of running code: it is the part of this project
// that ships inside a sandbox.
//
// A filter comes as an [asm.Program], compiled beforehand; [Parse] reads one from bytes. Then
//
//	err := runtime.Install(filter, runtime.Process) // confine every thread of this process
//	err := runtime.Install(filter, runtime.Thread)  // confine the calling thread alone
//	err := runtime.Start(cmd, 0, filter)            // confine a child, not this process
//
// There is no way back: a filter stays until its thread ends, and everything that the thread starts
// inherits it. The functions fail closed. A nil error means that the kernel has accepted the filter
// for all that was asked; on systems other than Linux there is always an error. A refusal of the
// kernel is an [Error], which says what to do about it.
//
// [Install] first asks the filter about the calls that a Go program cannot do without
// ([Preflight]), so that a wrong filter is an error and not a process that hangs in its garbage
// collector. It knows what pure Go calls. In a program with cgo the C library has needs of its own,
// which the caller passes to Install: mprotect, set_robust_list and rseq, for new threads. And
// clone3 has to be allowed, or answered with ENOSYS: after any other errno glibc does not fall back
// to clone. Preflight cannot ask that for you, because it takes an errno for a failure.
//
// [Supported] asks what the kernel offers, [ReadState] what a thread is confined by.
// Package notify answers calls that a filter leaves to a supervisor.
package runtime
