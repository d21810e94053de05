package explain

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/seccompc/seccompc/dsl"
	"github.com/seccompc/seccompc/linux"
)

// callWriter writes in the language what concerns one system call on one ABI.
type callWriter struct {
	abi      *linux.ABI
	syscall  string // "" for a number that the table does not hold
	nr       uint32
	args     []linux.Arg
	known    bool              // args holds the call's parameters
	families map[string]family // by what family asks for
	compound bool              // what it writes is a part of a condition
	given    map[int][]uint64  // the values that an argument may have here, where they are known
}

// about returns the writer of what concerns a number.
func about(abi *linux.ABI, nr uint32) *callWriter {
	s := &callWriter{abi: abi, nr: nr, families: map[string]family{}}
	s.syscall, _ = abi.SyscallName(nr)
	s.args, s.known = abi.Prototype(s.syscall)
	return s
}

// name returns the call's name or else its number.
func (s *callWriter) name() string {
	if s.syscall == "" {
		return numeral(s.nr)
	}
	return s.syscall
}

// numeral writes the number of a system call: in decimal, unless it is one that no table comes
// near.
func numeral(nr uint32) string {
	if nr < 1<<20 {
		return fmt.Sprint(nr)
	}
	return fmt.Sprintf("%#x", nr)
}

// ignored returns the bits of an argument that the language leaves out of account.
func (s *callWriter) ignored(i int) uint64 {
	if !s.known || i >= len(s.args) {
		return 0
	}
	return s.args[i].Ignored
}

// argument returns an argument's name and what the language takes it for: its width, and whether
// its order is a signed one.
func (s *callWriter) argument(i int) (name string, width int, signed bool) {
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

// speakable returns a name by which the language finds an argument: the kernel's, or a man page's
// where that is a plain word and the kernel's is not. A name such as prctl's arg2, its second,
// means a position instead.
func (s *callWriter) speakable(i int) (string, bool) {
	names := append([]string{s.args[i].Name}, s.args[i].Aliases...)
	slices.SortStableFunc(names, func(a, b string) int {
		return strings.Count(a, "_") - strings.Count(b, "_")
	})
	for _, name := range names {
		if dsl.Words().Argument(name) && !position(name) && s.find(name) == i {
			return name, true
		}
	}
	return "", false
}

func position(name string) bool {
	return len(name) == 4 && strings.HasPrefix(name, "arg") && '0' <= name[3] && name[3] <= '9'
}

// find returns the argument that a name stands for, or -1: the kernel's names go before the others.
func (s *callWriter) find(name string) int {
	i := slices.IndexFunc(s.args, func(a linux.Arg) bool { return a.Name == name && a.Width > 0 })
	if i < 0 {
		i = slices.IndexFunc(s.args, func(a linux.Arg) bool {
			return slices.Contains(a.Aliases, name)
		})
	}
	return i
}

// family returns the constants of an argument.
func (s *callWriter) family(arg, width int) family {
	by, ok := s.abi.DecidedBy(s.syscall, arg)
	if !ok {
		by = -1
	}
	key := fmt.Sprint(arg, width, s.given[by])
	f, ok := s.families[key]
	if !ok && s.syscall != "" {
		f = familyOf(s.abi, s.syscall, arg, width, func(i int) []uint64 { return s.given[i] })
		s.families[key] = f
	}
	return f
}

// knowing returns a writer that knows which values an argument may have, of which those of
// others may depend.
func (s *callWriter) knowing(arg int, values ...uint64) *callWriter {
	if arg < 0 || arg >= len(s.args) {
		return s
	}
	k := *s
	k.given = maps.Clone(s.given)
	if k.given == nil {
		k.given = map[int][]uint64{}
	}
	k.given[arg] = values
	return &k
}
