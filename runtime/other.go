//go:build !linux

package runtime

import (
	"fmt"
	"os/exec"
	"runtime"

	"github.com/seccompc/seccompc/asm"
)

func unsupported() error {
	return fmt.Errorf("runtime: seccomp is a feature of Linux, and this is %s: nothing is confined",
		runtime.GOOS)
}

// Install confines this process or thread. Here it always fails.
func Install(asm.Program, Flags, ...Call) error { return unsupported() }

// InstallListener is Install for a filter with a supervisor. Here it always fails.
func InstallListener(asm.Program, Flags, ...Call) (int, error) { return -1, unsupported() }

// Start starts a command under filters. Here it always fails, and starts nothing.
func Start(*exec.Cmd, Flags, ...asm.Program) error { return unsupported() }

// StartListener is Start for a filter with a supervisor. Here it always fails, and starts nothing.
func StartListener(*exec.Cmd, Flags, asm.Program) (int, error) { return -1, unsupported() }
