// Package codegen makes the cheapest program of a policy. It knows what a policy means (package
// policy) and what the machine is (package asm), and nothing else: no names, no texts, no prover.
// The prover shares nothing with it but those two, so that no mistake here can hide there.
//
// # The way of a policy
//
//	rules → decisions → diagrams → tests of a word → trees → nodes → instructions
//
// Each step sees what the one before has joined, so that what is written in many ways comes out as
// one:
//
//  1. rules.go finds the rules that name a number, up to the first without a condition, and the
//     numbers at which that list may change. Numbers with the same list are decided once.
//  2. decide.go makes one function of the list: where a call goes, given the words of its
//     arguments. First all rules as one, then, where that is long, test after test, and the cheaper
//     of both is taken. The words' order is part of the function's size: some are tried. What says
//     the same, in whatever order and for whatever ABI, is decided once.
//  3. condition.go and diagram.go hold the function as a decision diagram over the words' bits, the
//     most significant first: equal functions are equal, whatever the conditions that made them.
//     Rules that compare a word as a whole do not need it: whole.go.
//  4. lower.go and masks.go take the diagram word by word: a word is loaded, and then it is tested
//     by comparisons of its intervals or by masks, whichever costs less. What is left is a function
//     of the words behind it.
//  5. dispatch.go makes the tree of tests over intervals, of an argument as of the number: exact.go
//     finds the cheapest one of a short list; of a long one search.go splits, and leaves.go says
//     what needs no split. entry.go does it for nr and arch, and has the weights: what the kernel's
//     cache holds is never run, so that checks of arguments and denials come first.
//  6. node.go makes each instruction once, from the returns backwards. So equal tails are one, and
//     their price is known before anything in front of them is made.
//  7. emit.go lays the nodes out from the last one to the first, where all jumps go forward and
//     their distance is known when they are written, and bridges those that are too far.
//
// The steps from 2 to 5 can each be left out by a pass of passes.go: the code is longer then, and
// decides the same.
//
// # One policy
//
// x86_64, everything allowed, but ptrace (101) and process_vm_readv (310) are denied, and
// personality (135) may only be asked with 0xffffffff or be set to 0 or 8:
//
//	allow personality if persona in {0, 8, 0xffffffff}
//	deny personality
//	deny ptrace, process_vm_readv
//
// Three lists of rules, and none for the other numbers, make nine intervals of nr:
//
//	0..100 allow, 101 deny, 102..134 allow, 135 A, 136..309 allow, 310 deny,
//	311..0x3fffffff allow, 0x40000000..0xfffffffe mismatch, 0xffffffff allow
//
// A is a function of one word, persona's, and its diagram has 62 nodes. As intervals it is 0 allow,
// 1..7 deny, 8 allow, 9..0xfffffffe deny, 0xffffffff allow: three comparisons. But without
// 0xffffffff one test of a mask is enough, that no bit is set but 8. So that value is taken out
// first, and the program is
//
//	000: ld   arch
//	001: jeq  #0xc000003e, 2, 13
//	002: ld   nr
//	003: jeq  #135, 4, 7
//	004: ld   [16]                       persona
//	005: jge  #0xffffffff, 11, 6
//	006: jset #0xfffffff7, 12, 11
//	007: jeq  #101, 12, 8
//	008: jeq  #310, 12, 9
//	009: jge  #0x40000000, 10, 11
//	010: jge  #0xffffffff, 11, 13
//	011: ret  allow
//	012: ret  errno(1)
//	013: ret  kill_process
//
// Instructions 3 and 7 to 10 are the tree over the numbers, of all trees of such tests the
// cheapest: checks come first; 4 to 6 are A.
//
// # Words for values
//
// A range is the values from lo to hi ([policy.Range]). An interval is a range of one word that
// goes one way, in a list that covers the word: each ends where the next one begins. A group is
// neighbouring intervals of a list that the search for a tree takes as one.
//
// # What is known to be weak
//
//   - Of up to ten intervals all trees of the tests in exact.go are looked at, and of up to 16
//     where that does not lead too far: of arguments up to eight. Longer lists are cut first, see
//     search.go for what that costs, and only the ends of their trees are the cheapest. The tests
//     of bits are of neighbouring ones among the lowest six; an interval of which a part has such a
//     bit must be split off first, unless the bits lead to one target wherever they are set:
//     forcedBy. Equal code is found when the tree stands: its price counts it each time.
//   - Masks are found by what single bits force. Two bits that must be equal, or values that only a
//     sum of bits tells apart, become intervals; where no more than four bits matter, the cheapest
//     tree of JSET is found, and of five, where nothing of the word has been tested yet.
//   - A function is lowered word by word and never comes back to a word, so that A is loaded again
//     behind an AND, and rules on many arguments at once may double. Test after test, a word that
//     is inverted in A serves all masks: masks.go; but not where a test of two words stands
//     between.
//   - What would go on for too long is given up by a count of nodes, not by time: tried code
//     that is not taken counts too.
package codegen
