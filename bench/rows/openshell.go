package rows

import (
	"slices"

	"github.com/seccompc/seccompc/bench/neutral"
	"github.com/seccompc/seccompc/policy"
)

// openShell is an agent runtime's sandbox without network: allow everything, block the ways out.
func openShell() Row {
	const (
		newUser  = 0x10000000 // CLONE_NEWUSER
		netlink  = 16         // AF_NETLINK; protocol 0 is NETLINK_ROUTE
		inet     = 2
		inet6    = 10
		packet   = 17
		bt       = 31
		vsock    = 40
		emptyFD  = 0x1000 // AT_EMPTY_PATH
		setMode  = 1      // SECCOMP_SET_MODE_FILTER
		prctlSet = 22     // PR_SET_SECCOMP
	)
	return Row{
		Policy: neutral.Policy{
			Name:    "openshell",
			Title:   "an agent's sandbox without inet, default allow",
			ABIs:    []string{"x86_64"},
			Default: policy.Allow,
			Rules: slices.Concat(
				on(eperm, []string{
					"memfd_create", "ptrace", "bpf", "process_vm_readv", "process_vm_writev",
					"io_uring_setup", "io_uring_enter", "io_uring_register",
					"mount", "fsopen", "fsconfig", "fsmount", "fspick", "move_mount", "open_tree",
					"mount_setattr", "umount2", "pivot_root", "setns",
					"pidfd_open", "pidfd_getfd", "pidfd_send_signal",
					"userfaultfd", "perf_event_open",
				}),
				on(enosys, []string{"clone3"}),
				on(eperm, []string{"unshare"}, masked(0, newUser, newUser)),
				on(eperm, []string{"clone"}, masked(0, newUser, newUser)),
				on(eperm, []string{"execveat"}, masked(4, emptyFD, emptyFD)),
				onValues(eperm, "seccomp", 0, setMode),
				onValues(eperm, "prctl", 0, prctlSet),
				onValues(eperm, "socket", 0, packet, bt, vsock, inet, inet6),
				on(eperm, []string{"socket"}, eq(0, netlink),
					neutral.Test{Arg: 2, Width: 32, Op: neutral.Ne, Value: 0}),
			),
		},
		Probes: Probes{
			Checked: Probe{"prctl", [6]uint64{3}}, // PR_GET_DUMPABLE
			Denied:  Probe{Call: "bpf"},
			Cached:  getppid,
		},
	}
}
