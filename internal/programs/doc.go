// Package programs holds the test of recordings by programs that people run: each is recorded while
// it works, works the same under the policy that comes of that, and is refused what it did not do.
//
// A program is a file of shell functions in testdata: prepare, which is not recorded; work, whose
// output and status are to be the same; other, which wants a call that $refused names. The first
// line names what is to be installed, as .ci/install takes it.
package programs
