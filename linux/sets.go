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

// containerSets are what container runtimes call between loading a container's filter and executing
// its program: a profile without them starts no container. They are dated as systemd's sets are, by
// the kernel with which Debian has released the runtime. (Found by running containers under strace
// and under a listener: as root and as another user, with and without no_new_privs, capabilities, a
// terminal and a user namespace; runc also by exec. Where the runtime does so much before that it
// loads the filter last, as with no_new_privs, it calls few of them.)
//
// Of what the runtime of Go may do at any time, @runc-init has what a thread does by itself. Memory
// (mmap, munmap, madvise) is not in it: every program has rules for that, and conditions.
var containerSets = map[string][]containerSet{
	"@runc-init": {{Release{6, 1, 0}, "runc 1.1.5", "capget capset chdir close epoll_ctl execve " +
		"faccessat2 fchown fchown32 fcntl fcntl64 fstat fstat64 fstatfs fstatfs64 getcwd " +
		"getdents64 getpid getppid newfstatat fstatat64 openat prctl read setgid setgid32 " +
		"setgroups setgroups32 setuid setuid32 write " +

		"futex nanosleep rt_sigreturn sched_yield"}},
	"@crun-init": {{Release{6, 1, 0}, "crun 1.8.1", "capset close execve prctl rt_sigaction " +
		"rt_sigprocmask setresgid setresgid32 setresuid setresuid32 write"}},
}

type containerSet struct {
	since   Release
	runtime string // and its version
	members string
}

// ContainerSets returns the names of the sets that are container runtimes'.
func ContainerSets() []string { return slices.Sorted(maps.Keys(containerSets)) }

// ContainerRuntime returns the runtime and version that a set of [ContainerSets] is of, in a
// release.
func ContainerRuntime(set string, r Release) string { return containerSetIn(set, r).runtime }

// containerSetIn returns the set that counts in a release: for those before the first, the first.
func containerSetIn(set string, r Release) containerSet {
	dated := containerSets[set]
	if len(dated) == 0 {
		return containerSet{}
	}
	for _, s := range slices.Backward(dated) {
		if s.since.Compare(r) <= 0 {
			return s
		}
	}
	return dated[0]
}

// SetNames returns the names of the built-in sets, each with its "@", sorted.
func SetNames() []string {
	names := append([]string{knownSet}, slices.Collect(maps.Keys(handSets))...)
	names = append(names, ContainerSets()...)
	for name := range setTable.from("@") {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// HasSet reports whether there is a built-in set of the name.
func HasSet(name string) bool {
	_, hand := handSets[name]
	_, container := containerSets[name]
	_, listed := setTable.find(name)
	return name == knownSet || hand || container || listed
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
	list, ok := listIn(set, r)
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
