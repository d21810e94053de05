package linux

import (
	"maps"
	"slices"
	"strings"
)

// knownSet holds every call of the tables.
const knownSet = "@known"

// handSets are the sets that are not systemd's.
//
// @go-runtime is what the runtime of a Go program calls by itself, on any ABI, once it has started:
// threads, memory, signals, timers and the network poller. With EPERM for the first group it dies
// or hangs; without the second one it goes on, slower or less exact. Nothing here opens a file,
// makes a socket or starts a program. (Found by running Go 1.26 programs under strace, and by
// denying one call after the other. The 32-bit ABIs have the calls with 64-bit times beside the old
// ones.)
var handSets = map[string]string{
	"@go-runtime": "futex futex_time64 mmap mmap2 rt_sigprocmask rt_sigaction rt_sigreturn " +
		"sigaltstack clone epoll_create1 epoll_ctl epoll_pwait eventfd2 read write close exit " +
		"exit_group " +

		"nanosleep munmap madvise gettid getpid tgkill tkill sched_yield fcntl fcntl64 pread64 " +
		"sched_getaffinity prctl prlimit64 clock_gettime clock_gettime64 getrandom mincore " +
		"timer_create timer_settime timer_settime64 timer_delete setitimer restart_syscall uname " +
		"arch_prctl set_thread_area set_tls set_robust_list rseq brk riscv_hwprobe",
}

// SetNames returns the names of the built-in sets, each with its "@", sorted.
func SetNames() []string {
	names := append([]string{knownSet}, slices.Collect(maps.Keys(handSets))...)
	for name := range setTable.from("@") {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// HasSet reports whether there is a built-in set of the name.
func HasSet(name string) bool {
	_, hand := handSets[name]
	_, listed := setTable.find(name)
	return name == knownSet || hand || listed
}

// Set returns the members of a built-in set, sorted, whichever ABI has them, with the sets among
// them replaced by their members. "@known" is every name of every ABI but what is [ABI.Unseen].
func Set(name string) ([]string, bool) {
	if name == knownSet {
		return slices.DeleteFunc(SyscallNames(), func(m string) bool { return m == carrier }), true
	}
	return SetIn(name, Newest)
}

// addMembers adds the calls of a set of a release to members, each set once.
func addMembers(set string, r Release, members, seen map[string]bool) bool {
	hand, ok := handSets[set]
	list := strings.Fields(hand)
	if !ok {
		list, ok = listIn(set, r)
	}
	for _, m := range list {
		switch {
		case !strings.HasPrefix(m, "@"):
			members[m] = true
		case !seen[m]:
			seen[m] = true
			addMembers(m, r, members, seen)
		}
	}
	return ok
}

// Set returns the members of a built-in set that exist on the ABI.
func (a *ABI) Set(name string) ([]string, bool) {
	members, ok := Set(name)
	return slices.DeleteFunc(members, func(m string) bool { return !a.HasSyscall(m) }), ok
}
