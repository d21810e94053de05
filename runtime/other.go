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

// Exec replaces this process by a confined program. Here it always fails.
func Exec(string, []string, []string, Flags, ...asm.Program) error { return unsupported() }

// State is what a thread is confined by.
type State struct {
	Mode       int
	Filters    int
	NoNewPrivs bool
}

// ReadState returns the state of each thread of a process. Here it always fails.
func ReadState(int) (map[int]State, error) { return nil, unsupported() }

// Confined tells whether this process is confined. Here it always fails: it is not.
func Confined(int) error { return unsupported() }

// Programs returns the filters of a thread. Here it always fails.
func Programs(int) ([]asm.Program, error) { return nil, unsupported() }

// Supported asks the kernel for a feature. Here it always fails.
func Supported(Feature) error { return unsupported() }

// Preflight asks a filter about calls. Here it always fails.
func Preflight(asm.Program, ...Call) error { return unsupported() }

// Parse reads a filter from a blob. Here it always fails.
func Parse([]byte) (asm.Program, error) { return nil, unsupported() }

// ParseStack reads one filter or several. Here it always fails.
func ParseStack([]byte) ([]asm.Program, error) { return nil, unsupported() }

// Confine picks filters and installs them. Here it always fails.
func Confine(map[string][]byte) error { return unsupported() }

// Pick parses the blob for this program's ABI. Here it always fails.
func Pick(map[string][]byte) ([]asm.Program, error) { return nil, unsupported() }
