// Package compiler turns a policy's text into a classic BPF program.
//
//	text → dsl.File → policy.Policy → decision diagrams → nodes → asm.Program
//
// [Resolve] gives the text its meaning. Each system call's rules become one decision, a function from the
// argument words to an action in a canonical form; neighbouring numbers with the same decision become one
// span; a search finds the cheapest tree of tests over the spans; the tree's nodes, equal ones shared, are
// laid out from the returns back to the entry. The same text gives the same bytes on any machine.
package compiler
