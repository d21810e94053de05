package words

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seccompc/seccompc/internal/linux"
)

// speaker writes what concerns one system call on one ABI.
type speaker struct {
	abi      *linux.ABI
	syscall  string // "" for a number that the table does not hold
	nr       uint32
	args     []linux.Arg
	known    bool // args holds the call's parameters
	families map[[2]int]family
}

// about returns the speaker of a number.
func about(abi *linux.ABI, nr uint32) *speaker {
	s := &speaker{abi: abi, nr: nr, families: map[[2]int]family{}}
	s.syscall, _ = abi.SyscallName(nr)
	s.args, s.known = abi.Prototype(s.syscall)
	return s
}

// name returns the call's name or else its number.
func (s *speaker) name() string {
	if s.syscall == "" {
		return number(uint64(s.nr))
	}
	return s.syscall
}

// words are those that the grammar keeps for itself where a condition's operand may stand.
var reserved = []string{"ip", "in", "not", "any", "all", "only", "if", "u32", "i32", "u64", "i64"}

// argument returns an argument's name and what the language takes it for: its width, and whether its order
// is a signed one.
func (s *speaker) argument(i int) (name string, width int, signed bool) {
	name, width = fmt.Sprintf("arg%d", i), s.abi.Bits
	if !s.known || i >= len(s.args) || s.args[i].Width == 0 {
		return name, width, false
	}
	a := s.args[i]
	if own, ok := s.speakable(i); ok {
		name = own
	}
	return name, min(a.Width, width), a.Signed
}

// speakable returns a name by which the language finds an argument: the kernel's, or a man page's where that
// is a plain word and the kernel's is not. A name such as prctl's arg2, its second, means a position instead.
func (s *speaker) speakable(i int) (string, bool) {
	names := append([]string{s.args[i].Name}, s.args[i].Aliases...)
	slices.SortStableFunc(names, func(a, b string) int { return strings.Count(a, "_") - strings.Count(b, "_") })
	for _, name := range names {
		if !slices.Contains(reserved, name) && !position(name) && s.find(name) == i {
			return name, true
		}
	}
	return "", false
}

func position(name string) bool {
	return len(name) == 4 && strings.HasPrefix(name, "arg") && '0' <= name[3] && name[3] <= '9'
}

// find returns the argument that a name stands for, or -1: the kernel's names go before the others.
func (s *speaker) find(name string) int {
	i := slices.IndexFunc(s.args, func(a linux.Arg) bool { return a.Name == name && a.Width > 0 })
	if i < 0 {
		i = slices.IndexFunc(s.args, func(a linux.Arg) bool { return slices.Contains(a.Aliases, name) })
	}
	return i
}

// family returns the constants of an argument.
func (s *speaker) family(arg, width int) family {
	key := [2]int{arg, width}
	f, ok := s.families[key]
	if !ok && s.syscall != "" {
		f = familyOf(s.abi, s.syscall, arg, width)
		s.families[key] = f
	}
	return f
}
