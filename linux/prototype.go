package linux

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Arg is one parameter of a system call, as the kernel reads it on one ABI.
type Arg struct {
	Name    string   // in the kernel's prototype, unique within the call; "" for a padding slot
	Aliases []string // the man page's and twins' names, and Name without leading underscores
	Type    string   // in C, as the kernel declares it
	Width   int      // the low bits that count for the kernel: 16, 32 or 64; 0 for padding
	Signed  bool
	Pointer bool
	// bits within Width that the kernel clears or never tests, as IPC_64 in some commands
	Ignored uint64
}

// String returns the argument as people write prototypes, with the bits that count: "int
// family|domain:32", and "_" for a padding slot.
func (a Arg) String() string {
	if a.Width == 0 {
		return "_"
	}
	text := fmt.Sprintf("%s %s:%d", a.Type, strings.Join(a.names(), "|"), a.Width)
	if a.Ignored != 0 {
		text += fmt.Sprintf(" without %#x", a.Ignored)
	}
	return text
}

// Counts returns the bits of the register that can change what the kernel does.
func (a Arg) Counts() uint64 { return ^uint64(0) >> (64 - a.Width) &^ a.Ignored }

// Prototype returns the parameters of a system call by their position in seccomp_data.args, at most
// six, and false for a name that the ABI does not have or whose prototype is not known. A
// multiplexed call that has no number of its own has none either: its parameters lie in memory.
//
// A 64-bit parameter on a 32-bit ABI takes two positions, NAME_lo and NAME_hi in the ABI's order,
// and on some ABIs begins at an even one, behind a padding slot. The caller must not change them.
func (a *ABI) Prototype(name string) ([]Arg, bool) {
	return a.prototypes.get(name, a.findPrototype)
}

func (a *ABI) findPrototype(name string) ([]Arg, bool) {
	if _, ok := a.Number(name); !ok {
		return nil, false
	}
	return a.parameters(name)
}

// parameters returns the parameters of a call whether or not it has a number of its own. They have
// the names that they have in its twins too: the man pages know one of them.
func (a *ABI) parameters(name string) ([]Arg, bool) {
	args, ok := a.declared(name)
	for _, twin := range a.Twins(name) {
		others, _ := a.declared(twin)
		for i := range min(len(args), len(others)) {
			args[i].addNames(others[i], args)
		}
	}
	return args, ok
}

// addNames gives a parameter of a call the names of the one at the same place in a twin, if they
// are the same: pointers, or of a common name.
func (a *Arg) addNames(twin Arg, of []Arg) {
	if !(a.Pointer && twin.Pointer) && !slices.ContainsFunc(twin.names(), a.isCalled) {
		return
	}
	for _, name := range twin.names() {
		if !slices.ContainsFunc(of, func(p Arg) bool { return p.isCalled(name) }) {
			a.Aliases = append(a.Aliases, name)
		}
	}
}

// names returns the names of a parameter, and none of a padding slot.
func (a Arg) names() []string {
	if a.Width == 0 {
		return nil
	}
	return append([]string{a.Name}, a.Aliases...)
}

func (a Arg) isCalled(name string) bool { return slices.Contains(a.names(), name) }

// declared returns the parameters as the table has them.
func (a *ABI) declared(name string) ([]Arg, bool) {
	row, ok := prototypeTable.find(name)
	if !ok {
		return nil, false
	}
	for variant := range strings.SplitSeq(row, "\t") {
		abis, params, _ := strings.Cut(variant, " ")
		if abis == "*" || lists(abis, a.Name) {
			if params == "?" {
				return nil, false
			}
			return a.parseArgs(params), true
		}
	}
	return nil, false
}

// parseArgs reads "name|alias:code:type;...". The code is "-" for padding, else "s" (signed), "u"
// or "p" (pointer) and the width in bits: "w", or none for a pointer, for that of a register.
// Behind "~" stand bits that the kernel ignores.
func (a *ABI) parseArgs(params string) []Arg {
	args := make([]Arg, 0, strings.Count(params, ";")+1)
	for param := range strings.SplitSeq(params, ";") {
		if param == "" {
			continue
		}
		names, rest, _ := strings.Cut(param, ":")
		code, ctype, _ := strings.Cut(rest, ":")
		code, ignored, _ := strings.Cut(code, "~")
		name, aliases, more := strings.Cut(names, "|")
		arg := Arg{Name: name, Type: ctype, Signed: code[0] == 's', Pointer: code[0] == 'p'}
		if more {
			arg.Aliases = strings.Split(aliases, "|")
		}
		switch {
		case code == "p", strings.HasSuffix(code, "w"):
			arg.Width = a.Bits
		case code != "-":
			arg.Width, _ = strconv.Atoi(code[1:])
		}
		arg.Ignored, _ = strconv.ParseUint(ignored, 0, 64)
		args = append(args, arg)
	}
	return args
}

// dependent holds the calls of which the arguments from the first on are an int or 64 bits, as
// another argument says: fs/fcntl.c, fs/ioctl.c, ipc/sem.c, ipc/syscall.c, kernel/sys.c,
// kernel/ptrace.c (ptrace_regset reads an unsigned int, arch/x86/kernel/process_64.c
// do_arch_prctl_64 an int), security/keys/keyctl.c, kernel/kcmp.c, fs/filesystems.c.
var dependent = map[string]struct{ on, first int }{
	"fcntl": {1, 2}, "fcntl64": {1, 2},
	"ioctl":  {1, 2},
	"semctl": {2, 3},
	"prctl":  {0, 1},
	"keyctl": {0, 1},
	"ptrace": {0, 2},
	"ipc":    {0, 2},
	"kcmp":   {2, 4},
	"sysfs":  {0, 1},
}

// WidthDependsOn returns the argument whose value says how many bits the kernel reads of another
// one, and false for one that is always read alike.
func WidthDependsOn(syscall string, arg int) (on int, ok bool) {
	d, ok := dependent[syscall]
	return d.on, ok && arg >= d.first
}
