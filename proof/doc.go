// Package proof reasons about seccomp policies and programs for all inputs at once.
//
// A filter is a function from the 512 bits of struct seccomp_data to the 32 bits that it returns,
// and so is a policy. A [Space] brings both into one canonical form, reduced ordered decision
// diagrams with the returned values as leaves: equality is identity then, and where two functions
// differ there is a concrete call to show for it.
//
//	s := proof.New()
//	a, err := s.Policy(resolved)                          // from the rules
//	b, err := s.Program(program, binary.LittleEndian)     // by symbolic execution
//	difference, err := s.Differ(a, b)                     // nil: equal for every call
//
// [Equal] does just that. The other questions are [Space.Subset], [Space.Find] for claims,
// [Space.Rules] for rules that never decide, [Space.Diff] and [Space.Explain] for people to read,
// and [Space.Stack] for what the kernel makes of several filters.
//
// Nothing is approximated. Where a function has no diagram of bearable size the answer is
// [ErrTooComplex], which means that nothing is known.
//
// Where an instruction leads and what a test's ranges are is read here once more, although asm and
// policy say it too: code generation goes by those, and a mistake there must not make the proof
// agree with it.
//
// The kernel lets uretprobe (335) and uprobe (336) of x86_64 pass without asking the filter
// (kernel/seccomp.c of Linux 6.12 and later). That is no property of a program, and is left out
// here.
package proof
