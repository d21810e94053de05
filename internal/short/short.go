// Package short is for tests that try many cases: fewer of them with -short.
package short

import "testing"

// Rounds returns how many of n random cases to try: all, or a tenth with -short.
func Rounds(n int) int {
	if testing.Short() {
		return max(1, n/10)
	}
	return n
}

// Some returns which of the cases to try: all, or every tenth with -short.
func Some[T any](all []T) []T {
	if !testing.Short() {
		return all
	}
	var some []T
	for i := 0; i < len(all); i += 10 {
		some = append(some, all[i])
	}
	return some
}
