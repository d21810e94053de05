// Package together runs two functions at the same time.
package together

import (
	"fmt"
	"runtime/debug"
)

// Do runs two functions, the second in a goroutine of its own, and returns when both have ended. A
// panic of the second is raised again as a [Panic], in the goroutine of the caller, who can
// recover.
func Do(first, second func()) {
	var fault *Panic
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			if value := recover(); value != nil {
				fault = &Panic{value, debug.Stack()}
			}
		}()
		second()
	}()
	first()
	<-done
	if fault != nil {
		panic(fault)
	}
}

// Panic is a panic of another goroutine, raised again.
type Panic struct {
	value any
	stack []byte
}

// Error says what the value says.
func (p *Panic) Error() string { return fmt.Sprint(p.value) }

// Stack returns the stack of the goroutine that panicked first.
func (p *Panic) Stack() []byte { return p.stack }
