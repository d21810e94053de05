package runtime

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// State is what a thread is confined by, as /proc tells.
type State struct {
	Mode       int  // 0 none, 1 strict, 2 filter: SECCOMP_MODE_*
	Filters    int  // how many are installed; -1 on kernels before 5.9, which do not tell
	NoNewPrivs bool // no_new_privs is set
}

// ReadState returns the state of each thread of a process by thread id, from /proc/PID/task. Pid 0
// is this process. Threads that end meanwhile are left out.
func ReadState(pid int) (map[int]State, error) {
	dir, err := procDir(pid)
	if err != nil {
		return nil, err
	}
	dir += "/task"
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("runtime: %w", err)
	}
	states := map[int]State{}
	for _, e := range entries {
		state, err := readStatus(dir + "/" + e.Name() + "/status")
		if errors.Is(err, unix.ENOENT) || errors.Is(err, unix.ESRCH) {
			continue
		}
		if err != nil {
			return nil, err
		}
		tid, err := strconv.Atoi(e.Name())
		if err != nil {
			return nil, fmt.Errorf("runtime: %s: %w", dir, err)
		}
		states[tid] = state
	}
	if len(states) == 0 {
		return nil, fmt.Errorf("runtime: %s lists no threads", dir)
	}
	return states, nil
}

// procDir returns the directory of a process. A /proc that was mounted for another PID namespace
// has other processes under the same numbers.
func procDir(pid int) (string, error) {
	if pid == 0 {
		return "/proc/self", nil
	}
	self, err := os.Readlink("/proc/self")
	if err != nil {
		return "", fmt.Errorf("runtime: %w", err)
	}
	if self != strconv.Itoa(os.Getpid()) {
		return "", errors.New("runtime: /proc belongs to another PID namespace; mount this one's")
	}
	return "/proc/" + strconv.Itoa(pid), nil
}

// Confined returns nil when every thread of this process runs under at least n filters and with
// no_new_privs, and otherwise says which does not.
func Confined(n int) error {
	states, err := ReadState(0)
	if err != nil {
		return err
	}
	for tid, s := range states {
		if !s.confined(n) {
			return fmt.Errorf("runtime: thread %d is in seccomp mode %d with %d filters, "+
				"no_new_privs %t; "+
				"want mode 2 with %d, and true", tid, s.Mode, s.Filters, s.NoNewPrivs, n)
		}
	}
	return nil
}

func (s State) confined(n int) bool {
	return s.Mode == unix.SECCOMP_MODE_FILTER && s.Filters >= n && s.NoNewPrivs
}

func readStatus(path string) (State, error) {
	status, err := os.ReadFile(path)
	if err != nil {
		return State{}, fmt.Errorf("runtime: %w", err)
	}
	s := State{Mode: -1, Filters: -1}
	for line := range bytes.Lines(status) {
		key, value, _ := bytes.Cut(bytes.TrimSpace(line), []byte(":\t"))
		n, err := strconv.Atoi(string(value))
		switch string(key) {
		case "Seccomp":
			s.Mode = n
		case "Seccomp_filters":
			s.Filters = n
		case "NoNewPrivs":
			s.NoNewPrivs = n == 1
		default:
			continue
		}
		if err != nil {
			return State{}, fmt.Errorf("runtime: %s: %w", path, err)
		}
	}
	if s.Mode < 0 {
		return State{}, fmt.Errorf("runtime: %s does not tell: this kernel has no seccomp", path)
	}
	return s, nil
}
