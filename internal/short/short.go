// Package short is for tests that try many random cases: fewer of them with -short.
package short

import "testing"

// Rounds returns how many of n cases to try: all, or a tenth with -short.
func Rounds(n int) int {
	if testing.Short() {
		return max(1, n/10)
	}
	return n
}
