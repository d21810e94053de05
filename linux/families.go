package linux

import (
	"slices"
	"strconv"
	"strings"
)

// families gives the prefixes of constants that stand for the values of arguments, each followed by
// the arguments that take them: "call.position".
var families = []struct{ prefixes, args string }{
	{"AF_ PF_", "socket.0 socketpair.0"},
	{"ARCH_", "arch_prctl.0"},
	{
		"AT_",
		"fchownat.4 file_getattr.4 file_setattr.4 fstatat64.3 getxattrat.2 listxattrat.2 " +
			"mount_setattr.2 newfstatat.3 removexattrat.2 setxattrat.2 statx.2",
	},
	{"AT_EACCESS AT_SYMLINK_NOFOLLOW AT_EMPTY_PATH", "faccessat2.3"},
	{"AT_EMPTY_PATH AT_SYMLINK_FOLLOW AT_HANDLE_", "name_to_handle_at.4"},
	{"AT_EMPTY_PATH AT_SYMLINK_NOFOLLOW AT_EXECVE_CHECK", "execveat.4"},
	{"AT_FDCWD", "mkdirat.0 openat.0 openat2.0"},
	{"AT_REMOVEDIR", "unlinkat.2"},
	{"AT_SYMLINK_FOLLOW AT_EMPTY_PATH", "linkat.4"},
	{"AT_SYMLINK_NOFOLLOW AT_EMPTY_PATH", "fchmodat2.3 utimensat.3"},
	{
		"BPF_PROG_ BPF_MAP_ BPF_OBJ_ BPF_BTF_ BPF_LINK_ BPF_TASK_ BPF_RAW_ BPF_ENABLE_STATS " +
			"BPF_ITER_CREATE BPF_TOKEN_",
		"bpf.0",
	},
	{
		"CLOCK_",
		"clock_adjtime.0 clock_getres.0 clock_gettime.0 clock_nanosleep.0 clock_settime.0 " +
			"timer_create.0 timerfd_create.0",
	},
	{"CLONE_", "setns.1 unshare.0"},
	{"CLONE_ SIG", "clone.0"},
	{"CLOSE_RANGE_", "close_range.2"},
	{"EFD_", "eventfd2.1"},
	{"EPOLL_CLOEXEC", "epoll_create1.0"},
	{"EPOLL_CTL_", "epoll_ctl.1"},
	{"FALLOC_FL_", "fallocate.1"},
	{"FAN_", "fanotify_init.0 fanotify_mark.2"},
	{"FAN_MARK_", "fanotify_mark.1"},
	{"FSCONFIG_", "fsconfig.1"},
	{"FSMOUNT_", "fsmount.1"},
	{"FSOPEN_", "fsopen.1"},
	{"FSPICK_", "fspick.2"},
	{"FUTEX2_", "futex_wait.3 futex_wake.3"},
	{"FUTEX_", "futex.1"},
	{"F_", "fcntl.1 fcntl64.1"},
	{"F_OK R_OK W_OK X_OK", "access.1 faccessat.2 faccessat2.2"},
	{"GRND_", "getrandom.2"},
	{"IN_", "inotify_add_watch.2"},
	{"IN_CLOEXEC IN_NONBLOCK", "inotify_init1.0"},
	{"IOPRIO_CLASS_", "ioprio_set.2"},
	{"IOPRIO_WHO_", "ioprio_set.0"},
	{"IORING_ENTER_", "io_uring_enter.3"},
	{"IORING_REGISTER_ IORING_UNREGISTER_", "io_uring_register.1"},
	{"IPC_", "msgget.1 semget.2"},
	{"IPC_ GETVAL SETVAL GETALL SETALL GETPID GETNCNT GETZCNT SEM_", "semctl.2"},
	{"IPC_ MSG_STAT MSG_INFO", "msgctl.1"},
	{"IPC_ SHM_", "shmctl.1"},
	{"IPC_ SHM_ S_I", "shmget.2"},
	{"IPC_NOWAIT", "msgsnd.3"},
	{"IPPROTO_", "socketpair.2"},
	{"IPPROTO_ NETLINK_ ETH_P_ CAN_ L2TP TIPC", "socket.2"},
	{"ITIMER_", "getitimer.0 setitimer.0"},
	{"KCMP_", "kcmp.2"},
	{"KEXEC_", "kexec_load.3"},
	{"KEXEC_FILE_", "kexec_file_load.4"},
	{"KEYCTL_", "keyctl.0"},
	{"KEY_SPEC_", "add_key.4 request_key.3"},
	{"LANDLOCK_CREATE_RULESET_", "landlock_create_ruleset.2"},
	{"LANDLOCK_RESTRICT_SELF_", "landlock_restrict_self.1"},
	{"LANDLOCK_RULE_", "landlock_add_rule.1"},
	{"LINUX_REBOOT_CMD_", "reboot.2"},
	{"LINUX_REBOOT_MAGIC1", "reboot.0"},
	{"LOCK_", "flock.1"},
	{"LSM_ATTR_", "lsm_get_self_attr.0 lsm_set_self_attr.0"},
	{"MADV_", "madvise.2 process_madvise.3"},
	{"MAP_", "mmap.3 mmap2.3"},
	{"MCL_", "mlockall.0"},
	{"MEMBARRIER_CMD_", "membarrier.0"},
	{"MEMBARRIER_CMD_FLAG_", "membarrier.1"},
	{"MFD_", "memfd_create.1"},
	{"MLOCK_ONFAULT", "mlock2.2"},
	{"MNT_FORCE MNT_DETACH MNT_EXPIRE UMOUNT_NOFOLLOW", "umount2.1"},
	{"MODULE_INIT_", "finit_module.2"},
	{"MOUNT_ATTR_", "fsmount.2"},
	{"MOVE_MOUNT_", "move_mount.4"},
	{"MPOL_", "mbind.1 set_mempolicy.0"},
	{"MPOL_F_", "get_mempolicy.4"},
	{"MPOL_MF_", "mbind.5 move_pages.5"},
	{"MREMAP_", "mremap.3"},
	{
		"MSG_",
		"recv.3 recvfrom.3 recvmmsg.3 recvmmsg_time64.3 recvmsg.2 send.3 sendmmsg.3 " +
			"sendmsg.2 sendto.3",
	},
	{"MSG_NOERROR MSG_EXCEPT MSG_COPY IPC_NOWAIT", "msgrcv.4"},
	{"MS_", "mount.3"},
	{"MS_ASYNC MS_SYNC MS_INVALIDATE", "msync.2"},
	{"OPEN_TREE_ AT_", "open_tree.2 open_tree_attr.2"},
	{"O_", "fanotify_init.1 mq_open.1 open.1 open_by_handle_at.2 openat.2"},
	{"O_ FD_CLOEXEC F_RDLCK F_WRLCK F_UNLCK F_SEAL_ DN_ SIG RWH_WRITE_LIFE_", "fcntl.2"},
	{"O_ FD_CLOEXEC F_SEAL_", "fcntl64.2"},
	{"O_CLOEXEC", "dup3.2 memfd_secret.0"},
	{"O_CLOEXEC O_NONBLOCK O_DIRECT O_NOTIFICATION_PIPE", "pipe2.1"},
	{"O_NONBLOCK O_TRUNC", "delete_module.1"},
	{"PERF_FLAG_", "perf_event_open.4"},
	{
		"PER_ ADDR_ READ_IMPLIES_EXEC MMAP_PAGE_ZERO STICKY_TIMEOUTS UNAME26 SHORT_INODE " +
			"WHOLE_SECONDS FDPIC_FUNCPTRS",
		"personality.0",
	},
	{"PIDFD_NONBLOCK PIDFD_THREAD", "pidfd_open.1"},
	{"PIDFD_SIGNAL_", "pidfd_send_signal.3"},
	{"PKEY_DISABLE_", "pkey_alloc.1"},
	{"POSIX_FADV_", "fadvise64.3"},
	{"PRIO_", "getpriority.0 setpriority.0"},
	{"PROT_", "mmap.2 mmap2.2 mprotect.2 pkey_mprotect.2 remap_file_pages.2"},
	{"PR_", "prctl.0"},
	{"PTRACE_", "ptrace.0"},
	{"P_", "waitid.0"},
	{"Q_", "quotactl_fd.1"},
	{"Q_ ", "quotactl.0"},
	{"RENAME_", "renameat2.4"},
	{"RLIMIT_", "getrlimit.0 prlimit64.1 setrlimit.0"},
	{"RSEQ_FLAG_", "rseq.2"},
	{"RUSAGE_", "getrusage.0"},
	{"RWF_", "preadv2.5 pwritev2.5"},
	{"SCHED_", "sched_setscheduler.1"},
	{"SECCOMP_FILTER_FLAG_", "seccomp.1"},
	{"SECCOMP_SET_MODE_ SECCOMP_GET_", "seccomp.0"},
	{"SEEK_", "_llseek.4 lseek.2"},
	{
		"SEMOP SEMGET SEMCTL SEMTIMEDOP MSGSND MSGRCV MSGGET MSGCTL SHMAT SHMDT SHMGET " +
			"SHMCTL",
		"ipc.0",
	},
	{"SFD_", "signalfd4.3"},
	{"SHADOW_STACK_", "map_shadow_stack.2"},
	{"SHM_RDONLY SHM_RND SHM_REMAP SHM_EXEC", "shmat.2"},
	{"SHUT_", "shutdown.1"},
	{
		"SIG",
		"kill.1 pidfd_send_signal.1 rt_sigaction.0 rt_sigqueueinfo.1 rt_tgsigqueueinfo.2 " +
			"tgkill.2 tkill.1",
	},
	{"SIG_BLOCK SIG_UNBLOCK SIG_SETMASK", "rt_sigprocmask.0"},
	{"SOCK_", "socket.1 socketpair.1"},
	{"SOCK_CLOEXEC SOCK_NONBLOCK", "accept4.3"},
	{"SOL_ IPPROTO_", "getsockopt.1 setsockopt.1"},
	{
		"SO_ TCP_ UDP_ IP_ IPV6_ PACKET_ NETLINK_ MCAST_ CAN_ XDP_ TIPC_",
		"setsockopt.2",
	},
	{"SO_ TCP_ UDP_ IP_ IPV6_ PACKET_ NETLINK_", "getsockopt.2"},
	{"SPLICE_F_", "splice.5 tee.3 vmsplice.3"},
	{"STATMOUNT_", "statmount.3"},
	{"STATX_", "statx.3"},
	{"SWAP_FLAG_", "swapon.1"},
	{"SYNC_FILE_RANGE_", "sync_file_range.3"},
	{"SYSLOG_ACTION_", "syslog.0"},
	{"SYS_", "socketcall.0"},
	{"S_I", "chmod.1 creat.1 fchmod.1 fchmodat.2 fchmodat2.2 mkdir.1 mkdirat.2 open.2 openat.3"},
	{"S_IF S_I", "mknod.1 mknodat.2"},
	{
		"TC TIOC FIO SIOC BLK FS_IOC_ FI HDIO_ LOOP_ RND RTC_ TUN USB NBD_ DM_ MEM " +
			"PERF_EVENT_IOC_ UFFDIO_ KVM_ VFIO_ VHOST_ NS_ SECCOMP_IOCTL_ FICLONE FIDEDUPERANGE " +
			"EVIOC UI_ DRM_IOCTL_ VIDIOC_ ",
		"ioctl.1",
	},
	{"TFD_", "timerfd_create.1"},
	{"TFD_TIMER_", "timerfd_settime.1"},
	{"TIMER_ABSTIME", "clock_nanosleep.1 timer_settime.1"},
	{"UFFD_USER_MODE_ONLY O_CLOEXEC O_NONBLOCK", "userfaultfd.0"},
	{"W", "wait4.2 waitid.3"},
	{"XATTR_CREATE XATTR_REPLACE", "fsetxattr.4 lsetxattr.4 setxattr.4"},
}

// ArgFamilies returns the prefixes of the constants that an argument of a system call takes, for
// tools that print values by name: "CLONE_" and "SIG" for the first of clone. Positions are those
// of most ABIs; on s390 and s390x the first two of clone are exchanged. An entry may be a whole
// name, AT_FDCWD.
func ArgFamilies(syscall string, arg int) []string {
	key := syscall + "." + strconv.Itoa(arg)
	for _, f := range families {
		if slices.Contains(strings.Fields(f.args), key) {
			return strings.Fields(f.prefixes)
		}
	}
	return nil
}
