// Package resolve gives a policy's text its meaning: on each ABI that it serves, names become
// numbers, arguments become words with a width and a sign, constants become values. It finds all
// errors about names and values in one run. What it returns, a [policy.Policy], holds numbers only.
//
// # The way of a text
//
//	text → files → ABIs → for each ABI: statements → definitions → rules, claims → findings
//
// A policy means something else on each ABI, down to which of its statements count. So whatever
// depends on the ABI is done once for each, by a scope; the resolver is what they share.
//
//  1. files.go reads the policy and what it includes. A file is parsed once, however often it is
//     included. Where one has errors of syntax, what could be read of it is resolved all the same,
//     for its findings.
//  2. report.go takes the levels of lints, from the options and from comments, as every finding
//     that follows goes through them.
//  3. header.go finds the ABIs and the values of parameters: the statements that are for the whole
//     policy, which must be known before any block can be chosen.
//  4. scope.go puts included statements in the place of the includes and chooses among the blocks
//     of "when". Definitions are collected on the way, but evaluated when they are used (expr.go,
//     sets.go), so that their order does not matter. A definition by itself is a cycle.
//  5. rules.go makes of each rule as many as it takes. calls.go turns names and sets into calls,
//     each by all its doors: a call's own number, and socketcall or ipc, which carry it. operand.go
//     finds what a name in a condition is for each of the calls, and how wide the kernel reads it;
//     cond.go fits the constants to that. Calls that see the same operands stay one rule; doors.go
//     has those behind a multiplexer.
//  6. claims.go does the same for the lines of test blocks.
//  7. Last comes what only all ABIs together can say: names that none of them has, rules that name
//     no call, statements that count nowhere. report.go makes one finding of what several ABIs say,
//     and orders them.
//
// Lints that a look at one condition proves (cond_lints.go, rules.go) are found here;
// those that need the whole policy are in package lint.
//
// # One policy
//
//	arch x86_64, i386
//	default allow
//	const ROOM = 4 * 4096
//	deny mprotect if prot & PROT_EXEC && len > ROOM
//	deny(ENOSYS) accept
//
// On x86_64 mprotect is 10, prot its third argument, an unsigned long of which the kernel looks at
// the lower half, and len has 64 bits. On i386 it is 125, and len has 32 bits. accept is 43 on
// x86_64. i386 has it behind socketcall (102) alone, whose first argument tells the call meant:
//
//	x86_64, arch 0xc000003e, default allow
//	  deny(1) [10], arg2 u32 any 0x4, arg1 u64 > 0x4000
//	  deny(38) [43]
//	i386, arch 0x40000003, default allow
//	  deny(1) [125], arg2 u32 any 0x4, arg1 u32 > 0x4000
//	  deny(38) [102], arg0 u32 in [{5 5}]
//
// A condition on accept's arguments would be an error on i386: they lie in memory there.
//
// # What is known to be weak
//
//   - How wide the kernel reads an argument is taken from prototypes and a table of exceptions
//     (package linux). Where another argument decides, a lint says so; nothing finds it out.
//   - Work is bounded by a budget of what is multiplied (sets in rules in files), not by time.
//   - A definition in a block can be used in the whole policy, but not in the conditions of blocks
//     above it: blocks are chosen from the top.
//   - Names are looked up for every ABI anew, so that many ABIs cost as much each.
package resolve
