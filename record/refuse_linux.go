package record

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/seccompc/seccompc/policy"
	"github.com/seccompc/seccompc/runtime/notify"
)

// Refuse does with a waiting call what an action of a filter would do, for those that [Reporting]
// leaves to a supervisor. Both kinds of kill end the process, by SIGKILL: no other process can send
// the SIGSYS that the kernel does.
func Refuse(c *notify.Call, a policy.Action) (notify.Answer, error) {
	switch {
	case kills(a):
		return notify.Errno(unix.ENOSYS), kill(c)
	case a.Kind() == policy.Errno && a.Data() == 0:
		return notify.Return(0), nil
	case a.Kind() == policy.Errno:
		return notify.Errno(syscall.Errno(a.Data())), nil
	}
	return notify.Errno(unix.ENOSYS), nil // of trace, where there is no tracer
}

// kill kills the caller's process. The call is asked for once its process is held: it is then the
// caller's, and no other that has got its number.
func kill(c *notify.Call) error {
	status, err := os.ReadFile("/proc/" + strconv.Itoa(c.PID) + "/status")
	if err != nil {
		return fmt.Errorf("the caller cannot be killed: %w", err)
	}
	_, rest, _ := bytes.Cut(status, []byte("\nTgid:\t"))
	line, _, _ := bytes.Cut(rest, []byte("\n"))
	pid, err := strconv.Atoi(string(line))
	if err != nil {
		return fmt.Errorf("the caller cannot be killed: its process is not known: %w", err)
	}
	fd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		return fmt.Errorf("the caller cannot be killed: %w", err)
	}
	defer unix.Close(fd)
	if c.Valid() != nil {
		return nil // it has ended meanwhile
	}
	if err := unix.PidfdSendSignal(fd, unix.SIGKILL, nil, 0); err != nil {
		return fmt.Errorf("the caller cannot be killed: %w", err)
	}
	return nil
}
