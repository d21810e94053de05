// Package lazy makes what is needed seldom when it is needed first: a command runs for a few
// milliseconds, of which patterns that nobody asks for would take one.
package lazy

import (
	"regexp"
	"sync"
)

// Regexp returns a pattern that is compiled at the first call. The text must be one.
func Regexp(text string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(text) })
}
