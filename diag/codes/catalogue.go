package codes

// All returns every kind of diagnostic, errors of meaning first.
func All() []Code { return codes }

var codes = []Code{
	{
		Name: Syntax,
		Doc: "The text is not what the language's grammar allows. All errors of a file are " +
			"reported at once, the first of each statement.",
		Example: "default allow\ndeny ptrace kill\n",
		Fixed:   "default allow\ndeny ptrace, kill\n",
	},
	{
		Name: UnknownSyscall,
		Doc: "No ABI that the policy serves has a system call of this name. A rule on it " +
			"would protect nothing. A number in place of the name is taken as it is.",
		Example: "arch x86_64\ndefault allow\ndeny opennat\n",
	},
	{
		Name: UnknownConstant,
		Doc: "Neither the policy nor the kernel's user interface on this ABI defines the " +
			"name. Where only some ABIs have a constant, \"when arch\" chooses.",
		Example: "arch x86_64\ndefault allow\ndeny socket if family == AF_PAKET\n",
	},
	{
		Name:    UnknownSet,
		Doc:     "Neither the policy nor systemd defines a set of this name.",
		Example: "arch x86_64\ndefault allow\ndeny @mounts\n",
	},
	{
		Name: UnknownArgument,
		Doc: "One of the rule's system calls has no argument of this name on this ABI. The " +
			"names are those of the kernel's prototype and of the man page; arg0 to arg5 always " +
			"exist.",
		Example: "arch x86_64\ndefault allow\ndeny unshare, close if flags & CLONE_NEWUSER\n",
		Fixed: "arch x86_64\ndefault allow\ndeny unshare if flags & CLONE_NEWUSER\n" +
			"deny close\n",
	},
	{
		Name:    UnknownArch,
		Doc:     "The tables do not know an ABI of this name, or the policy does not serve it.",
		Example: "arch x86_46\ndefault allow\n",
		Fixed:   "arch x86_64\ndefault allow\n",
	},
	{
		Name:    UnknownParam,
		Doc:     "The command line gives a value to a parameter that the policy does not have.",
		Example: "arch x86_64\ndefault allow\nparam allow_inet = false\n",
		Params:  map[string]string{"allow_net": "true"},
		Fixed:   "arch x86_64\ndefault allow\nparam allow_net = false\n",
	},
	{
		Name: UnknownRelease,
		Doc: "The tables have no data for this release of Linux: it is older than the " +
			"oldest that they know, or newer than seccompc. \"seccompc version\" prints the " +
			"newest.",
		Example: "arch x86_64\nas of linux 2.6\ndefault allow\n",
		Fixed:   "arch x86_64\nas of linux 6.12\ndefault allow\n",
	},
	{
		Name: UnknownLint,
		Doc:  "A lint comment or -W names a code that does not exist, or one that is no lint.",
		Example: "arch x86_64\ndefault allow\n" +
			"# lint: allow by-pass the other doors are shut by the host\ndeny unshare\n",
		Fixed: "arch x86_64\ndefault allow\n" +
			"# lint: allow bypass the other doors are shut by the host\ndeny unshare\n",
	},
	{
		Name: ConstantRange,
		Doc: "A number does not fit: an argument of 32 bits never equals a larger constant, " +
			"an action carries 0 to 65535, an errno is at most 4095. Equality takes a constant " +
			"in the signed or the unsigned reading of the argument's width; an order takes the " +
			"values that the argument can have.",
		Example: "arch x86_64\ndefault allow\ndeny socket if family == 0x100000002\n",
		Fixed:   "arch x86_64\ndefault allow\ndeny socket if family == AF_INET\n",
	},
	{
		Name: MultiBitMask,
		Doc: "\"flags & MASK\" asks for one bit. With several, some readers expect any of " +
			"them and others all: any, all and a comparison say which.",
		Example: "arch x86_64\ndefault allow\ndeny openat if flags & (O_CREAT | O_TRUNC)\n",
		Fixed:   "arch x86_64\ndefault allow\ndeny openat if flags any O_CREAT | O_TRUNC\n",
	},
	{
		Name: MixedEndian,
		Doc: "The ABIs differ in byte order. A filter reads words of the kernel's own order, " +
			"so that one filter cannot serve both.",
		Example: "arch x86_64, s390x\ndefault allow\n",
		Fixed:   "arch x86_64\ndefault allow\n",
	},
	{
		Name:    Cycle,
		Doc:     "A constant, a set or a file needs itself to be known.",
		Example: "arch x86_64\ndefault allow\nset @a = @b\nset @b = read, @a\ndeny @a\n",
		Fixed:   "arch x86_64\ndefault allow\nset @a = @b\nset @b = read\ndeny @a\n",
	},
	{
		Name: Include,
		Doc: "An included file cannot be read: it is missing, no regular file, or outside of " +
			"the policy's directory and those of -I, by its path or by a link.",
		Example: "arch x86_64\ndefault allow\ninclude \"../../etc/policy.scp\"\n",
		Fixed:   "arch x86_64\ndefault allow\ninclude \"common.scp\"\n",
	},
	{
		Name: DuplicateDefinition,
		Doc: "A name is defined twice, or a statement that a policy has once stands there " +
			"again.",
		Example: "arch x86_64\ndefault allow\ndefault deny\n",
		Fixed:   "arch x86_64\ndefault deny\n",
	},
	{
		Name:    MissingDefault,
		Doc:     "Every policy says what happens to calls that no rule decides.",
		Example: "arch x86_64\ndeny ptrace\n",
		Fixed:   "arch x86_64\ndefault allow\ndeny ptrace\n",
	},
	{
		Name: Misplaced,
		Doc: "arch, as of, param and mismatch are for the whole policy; blocks are chosen for " +
			"each ABI by itself, when these are known already.",
		Example: "arch x86_64\ndefault allow\nwhen arch == x86_64 {\n    mismatch allow\n}\n",
		Fixed:   "arch x86_64\ndefault allow\nmismatch allow\n",
	},
	{
		Name: WrongType,
		Doc: "A number stands where true or false is wanted, or true or false where a " +
			"number is.",
		Example: "arch x86_64\ndefault allow\nparam level = 2\nwhen level {\n    deny ptrace\n}\n",
		Fixed: "arch x86_64\ndefault allow\nparam level = 2\nwhen level > 0 {\n" +
			"    deny ptrace\n}\n",
	},
	{
		Name:    ReservedName,
		Doc:     "The name has a meaning of its own in expressions and conditions.",
		Example: "arch x86_64\ndefault allow\nconst arg0 = 1\n",
		Fixed:   "arch x86_64\ndefault allow\nconst first = 1\n",
	},
	{
		Name: LateValue,
		Doc: "A late value stands where its value must be known, in when, const, param, a mask, " +
			"an order or a calculation, or its type does not go with the argument: a value of 64 " +
			"bits does not fit an argument of 32, and a signed one of 32 not one of 64.",
		Example: "arch x86_64\ndefault allow\nlate owner: i32\ndeny kill if pid > owner\n",
		Fixed:   "arch x86_64\ndefault allow\nlate owner: i32\ndeny kill if pid != owner\n",
	},
	{
		Name: TooLarge,
		Doc: "The policy becomes too large when its sets, conditions and ABIs are " +
			"multiplied out: sets of sets, long lists in conditions of many calls, files " +
			"that include each other many times.",
	},
	{
		Name:    BadOption,
		Doc:     "An option of the command line has a value that does not exist.",
		Example: "arch x86_64\ndefault allow\n",
		Disable: []string{"everything"},
	},
	{
		Name: NotProved,
		Doc: "The program that the compiler made is not shown to be the policy, and is not " +
			"written. This is a mistake of seccompc, or a policy beyond what it can prove.",
	},
	{
		Name: TooLong,
		Doc: "The program has more than the 4096 instructions that the kernel takes. " +
			"Argument checks cost most; fewer ABIs in one filter help as well.",
	},
	{
		Name: TestFailed,
		Doc: "A line of a test block does not hold for every call that fits it. The message " +
			"shows one.",
		Example: "arch x86_64\ndefault allow\ntest \"none\" {\n    ptrace => deny\n}\n",
		Fixed: "arch x86_64\ndefault allow\ndeny ptrace\ntest \"none\" {\n" +
			"    ptrace => deny\n}\n",
	},
	{
		Name: NotInstallable,
		Doc: "A filter of a stack A+B cannot be installed under those before it: one of them " +
			"stops seccomp, or prctl with PR_SET_NO_NEW_PRIVS, or another call of the loader, or " +
			"the kernel takes no more. Install the filter that stops them last.",
	},
	{
		Name: UnreachableRule,
		Lint: true,
		Doc: "Earlier rules decide every call that this one names. It is an error where the " +
			"hidden rule is stricter than what hides it: you believe that something is blocked " +
			"and it is not. Where the prover gives up on a rule, a warning says that it and " +
			"others are not judged.",
		Example: "arch x86_64\ndefault deny\nallow @process\ndeny ptrace, clone\nkill clone\n",
		Fixed:   "arch x86_64\ndefault deny\nkill clone\nallow @process\n",
	},
	{
		Name: ConstantCondition,
		Lint: true,
		Doc: "A condition, or a part of one, holds always or never. It is an error where " +
			"that is so of the whole condition of a rule.",
		Example: "arch x86_64\ndefault allow\n" +
			"deny openat if flags & O_ACCMODE == O_CREAT\n",
		Fixed: "arch x86_64\ndefault allow\ndeny openat if flags & O_CREAT\n",
	},
	{
		Name:    DuplicateSyscall,
		Lint:    true,
		Doc:     "A rule or a set names the same call twice.",
		Example: "arch x86_64\ndefault allow\ndeny mount, umount2, mount\n",
		Fixed:   "arch x86_64\ndefault allow\ndeny mount, umount2\n",
	},
	{
		Name: NothingSubtracted,
		Lint: true,
		Doc: "What stands behind - is not in the list before it, so that it takes nothing away. " +
			"A call that a built-in set has had in another release is not reported.",
		Example: "arch x86_64\ndefault allow\ndeny mount - umount2\n",
		Fixed:   "arch x86_64\ndefault allow\ndeny mount\n",
	},
	{
		Name: PointerCompare,
		Lint: true,
		Doc: "A filter sees the address, and not the memory at that address, which can " +
			"change after the check. Only a comparison with 0 is useful.",
		Example: "arch x86_64\ndefault allow\ndeny execve if filename == 0x1000\n",
		Fixed:   "arch x86_64\ndefault allow\ndeny execve\n",
	},
	{
		Name: Bypass,
		Lint: true,
		Doc: "The rule stops calls, and another call that does the same gets through under " +
			"this policy. The message names it, the notes say why it is the same, and the " +
			"help has the rule to add, above what allows the call. To leave that call open " +
			"on purpose, write a comment above the rule: # lint: allow bypass REASON.",
		Example: "arch x86_64\ndefault allow\ndeny unshare if arg0 & CLONE_NEWUSER\n",
	},
	{
		Name: ErrnoRange,
		Lint: true,
		Doc: "errno 0 pretends that the call succeeded, and system call stubs of some " +
			"languages take 4095 for success.",
		Example: "arch x86_64\ndefault allow\ndeny(0) ptrace\n",
		Fixed:   "arch x86_64\ndefault allow\ndeny ptrace\n",
	},
	{
		Name: NeverFails,
		Lint: true,
		Doc: "Callers of getpid and its like do not look for an error: a program that " +
			"signals process -1 signals all of them. kill and trap are safe.",
		Example: "arch x86_64\ndefault allow\ndeny getpid\n",
		Fixed:   "arch x86_64\ndefault allow\nkill getpid\n",
	},
	{
		Name: Exempt,
		Lint: true,
		Doc: "No filter decides this call. Newer kernels let uretprobe and uprobe pass on " +
			"x86_64 without asking. MIPS's syscall(2) makes another call, and the filter " +
			"is asked about that one.",
		Example: "arch x86_64\ndefault allow\nkill uretprobe\n",
		Fixed:   "arch x86_64\ndefault allow\n",
	},
	{
		Name: Undated,
		Lint: true,
		Off:  true,
		Doc: "The policy does not name a release of Linux. Compiled with newer tables, " +
			"calls that were unknown become known and sets get other members: its filter " +
			"changes. \"as of linux 6.12\" keeps it. The lint is off unless -W turns it on.",
		Example: "arch x86_64\ndefault deny\nunknown deny(ENOSYS)\nallow @system-service\n",
	},
	{
		Name: Outdated,
		Lint: true,
		Off:  true,
		Doc: "Linux has gained system calls since the release of \"as of\", and no rule names " +
			"them: they get the action of unknown, or else of default. Look at each of " +
			"them, then name the newer release. The lint is off unless -W or check " +
			"--outdated turns it on.",
		Example: "arch x86_64\nas of linux 6.12\ndefault allow\nunknown deny(ENOSYS)\n",
		Fixed:   "arch x86_64\nas of linux 7.2\ndefault allow\nunknown deny(ENOSYS)\n",
	},
	{
		Name: ForeignComment,
		Lint: true,
		Doc: "The line looks like one of C's preprocessor, and # begins a comment here: nothing " +
			"is included or defined. include and const are statements of their own.",
		Example: "arch x86_64\n#define ROOM 3\ndefault allow\n",
		Fixed:   "arch x86_64\nconst ROOM = 3\ndefault allow\n",
	},
	{
		Name: MissingOnABI,
		Lint: true,
		Doc: "None of the policy's ABIs has this call, which other ABIs have: an error in a " +
			"rule, not reported in a set, whose lists are often for all ABIs. Or a rule allows a " +
			"call that some of the ABIs do not have, and what does its work there is not " +
			"allowed. That some of the ABIs do not have a call is reported in any case only with " +
			"-W.",
		Example: "arch aarch64\ndefault deny\nallow read, write, open\n",
		Fixed:   "arch aarch64\ndefault deny\nallow read, write, openat\n",
	},
	{
		Name: UnreadArgument,
		Lint: true,
		Doc: "The call does not read this argument: its register holds whatever the caller " +
			"left there.",
		Example: "arch x86_64\ndefault allow\ndeny close if arg1 == 3\n",
		Fixed:   "arch x86_64\ndefault allow\ndeny close if fd == 3\n",
	},
	{
		Name: DependentWidth,
		Lint: true,
		Doc: "How many bits of the argument the kernel reads depends on another argument: for " +
			"F_SETFL fcntl's arg is an int, for other commands it may have 64 bits. Where it is " +
			"an int, a caller with a bit in the upper half of the register gets past the " +
			"comparison. Where the condition leaves only commands that read it alike, as in cmd " +
			"== F_SETFL && arg == O_NONBLOCK, it is compared so. Else a cast says which it is: " +
			"u32(arg), or u64(arg).",
		Example: "arch x86_64\ndefault allow\ndeny fcntl if arg == O_NONBLOCK\n",
		Fixed: "arch x86_64\ndefault allow\n" +
			"deny fcntl if cmd == F_SETFL && arg == O_NONBLOCK\n",
	},
	{
		Name: LibcName,
		Lint: true,
		Doc: "Only C libraries use this name, and the kernel has another one for the same " +
			"value; or both have the name, with different values, and the policy may mean " +
			"the other one.",
		Example: "arch x86_64\ndefault allow\n" +
			"deny sched_setscheduler if policy & 7 == SCHED_OTHER\ndeny sched_setattr\n",
	},
	{
		Name: WideCompare,
		Lint: true,
		Doc: "A cast makes the comparison look at more bits of the register than the kernel " +
			"reads. The others are the caller's to choose: in a rule that denies, a call with " +
			"one of them set gets past the comparison and does the same. Filters that compare " +
			"whole registers are often imported with such casts. Without the cast the filter " +
			"looks at what the kernel reads.",
		Example: "arch x86_64\ndefault allow\ndeny ptrace if request == PTRACE_ATTACH\n" +
			"deny socket if u64(family) == AF_PACKET\n",
	},
	{
		Name: NoFallback,
		Lint: true,
		Doc: "A newer call is refused with another errno than ENOSYS. Callers fall back on " +
			"an older call, which this policy allows, only where the newer one answers " +
			"ENOSYS; any other errno is the answer to them. Threads are then not made, " +
			"files not found, programs not started. ENOSYS refuses as much and lets them " +
			"go on.",
		Example: "arch x86_64\ndefault allow\ndeny clone3\n",
	},
	{
		Name: Sibling,
		Lint: true,
		Doc: "The policy allows a call, and its default refuses the one that today's C " +
			"libraries make in its place: openat for open, newfstatat for stat, clone for " +
			"fork, and on 32-bit ABIs the twin with 64 bits of each call that takes a " +
			"time. Programs fail although the list names what they ask for.",
		Example: "arch x86_64\ndefault deny(ENOSYS)\nallow open, read, write, close, exit_group\n",
		Fixed: "arch x86_64\ndefault deny(ENOSYS)\n" +
			"allow openat, read, write, close, exit_group\n",
	},
	{
		Name: ABIDoor,
		Lint: true,
		Doc: "Every ABI that a kernel serves is open to every program: an x86_64 program makes " +
			"i386's calls by int $0x80 and x32's by their numbers. What is denied on one and " +
			"open on another is open; and \"mismatch allow\" opens all that the policy does not " +
			"list. On riscv64 a kernel that runs 32-bit programs, if it does, shows their " +
			"numbers with the same arch.",
		Example: "arch x86_64, i386\ndefault allow\nwhen arch == x86_64 {\n    deny ptrace\n}\n",
	},
	{
		Name: NothingRuns,
		Lint: true,
		Doc: "Not even exit and exit_group are allowed: a program can do nothing under this " +
			"policy, not even end. Or a call goes to a supervisor (notify) although the " +
			"program that installs the filter makes it to hand the listener over: it waits " +
			"for an answer that nobody can give, and container runtimes refuse such a " +
			"filter.",
		Example: "arch x86_64\ndefault deny\nallow read, write\n",
		Fixed:   "arch x86_64\ndefault deny\nallow read, write, exit, exit_group\n",
	},
	{
		Name: OpenPolicy,
		Lint: true,
		Doc: "The policy lets through what one may think that it refuses: under default allow " +
			"all of its rules allow, too, so that it refuses nothing; or unknown allows the " +
			"calls that the tables do not hold, which are the newest, though the default refuses.",
		Example: "arch x86_64\ndefault allow\nallow read, write, exit_group\n",
		Fixed:   "arch x86_64\ndefault deny\nallow read, write, exit_group\n",
	},
	{
		Name: EnumAsFlags,
		Lint: true,
		Doc: "The argument, or this part of it, is one of a list of values, and the " +
			"condition tests a bit of one of them. Other values can have the same bit: " +
			"compare the part as a whole. O_RDWR is a value of O_ACCMODE, S_IFCHR one of " +
			"S_IFMT, SOCK_STREAM one of the lower four bits.",
		Example: "arch x86_64\ndefault allow\ndeny socket if type & SOCK_STREAM\n",
		Fixed:   "arch x86_64\ndefault allow\ndeny socket if type & 0xf == SOCK_STREAM\n",
	},
	{
		Name: ArgumentLayout,
		Lint: true,
		Doc: "A condition looks at an argument on an ABI whose kernel shows a filter the " +
			"arguments in other places than it reads them from: m68k. There, as seen on Linux " +
			"6.12, the number stands in place of the first argument, the first in place of the " +
			"second, and the sixth is not shown. The filter is compiled as for other ABIs, and " +
			"compares another word.",
		Example: "arch m68k\ndefault allow\ndeny clone if flags & CLONE_NEWUSER\n",
		Fixed:   "arch m68k\ndefault allow\ndeny clone\n",
	},
	{
		Name: StackArgument,
		Lint: true,
		Doc: "On MIPS's o32 the arguments 5 and 6 (arg4 and arg5) lie on the caller's stack. The " +
			"filter sees a copy, and older kernels read them again for the call itself: another " +
			"thread can change them in between.",
		Example: "arch mipsel\ndefault allow\ndeny prctl if option == PR_SET_MM && arg5 == 1\n",
		Fixed:   "arch mipsel\ndefault allow\ndeny prctl if option == PR_SET_MM\n",
	},
	{
		Name: AmbiguousArgument,
		Lint: true,
		Doc: "The prototypes of prctl, keyctl and arch_prctl count their arguments from 1: " +
			"the arg2 of the man page is arg1 here. The policy language counts from 0 everywhere.",
		Example: "arch x86_64\ndefault allow\n" +
			"deny prctl if option == PR_SET_SECCOMP && arg2 == 2\n",
		Fixed: "arch x86_64\ndefault allow\n" +
			"deny prctl if option == PR_SET_SECCOMP && arg1 == 2\n",
	},
	{
		Name: BehindMultiplexer,
		Lint: true,
		Doc: "The ABI has the call only behind a multiplexer that takes the arguments from " +
			"memory: all that socketcall is asked for, semctl's arg, msgrcv's msgp and msgtyp in " +
			"old versions of ipc. A rule with a condition does not cover it there. It is an " +
			"error where the rule stops calls, or reaches nothing else on the ABI.",
		Example: "arch i386\ndefault allow\ndeny accept if fd == 3\n",
		Fixed:   "arch i386\ndefault allow\ndeny accept\n",
	},
	{
		Name: ShadowedName,
		Lint: true,
		Doc: "The policy defines a name that the kernel's constants or the built-in sets " +
			"have too; its own counts.",
		Example: "arch x86_64\ndefault allow\nset @mount = mount, umount2\ndeny @mount\n",
		Fixed: "arch x86_64\ndefault allow\nset @own-mount = mount, umount2\n" +
			"deny @own-mount\n",
	},
	{
		Name: DefaultOnly,
		Lint: true,
		Doc: "Claims hold for the default of a parameter and not for another of its values: the " +
			"mode that runs in production may be the one that nobody has proved. Claims that " +
			"hold in one mode stand in a when block. check and test look for it, one parameter " +
			"at a time; test --each proves every combination.",
		Example: "arch x86_64\ndefault allow\nparam network = {block, proxy}\n" +
			"when network == block {\n    deny acct\n}\n" +
			"test \"no accounting\" {\n    acct => deny\n}\n",
		Fixed: "arch x86_64\ndefault allow\nparam network = {block, proxy}\n" +
			"when network == block {\n    deny acct\n    test \"no accounting\" {\n" +
			"        acct => deny\n    }\n}\n",
	},
}
