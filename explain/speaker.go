package explain

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seccompc/seccompc/linux"
)

// speaker writes what concerns one system call on one ABI.
type speaker struct {
	abi      *linux.ABI
	syscall  string // "" for a number that the table does not hold
	nr       uint32
	args     []linux.Arg
	known    bool // args holds the call's parameters
	families map[[2]int]family
	kind     string // of the constants of an argument that depends on another one
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

// reserved are the words that the grammar keeps for itself where a condition's operand may stand.
var reserved = []string{"ip", "in", "not", "any", "all", "only", "if", "u32", "i32", "u64", "i64"}

// argument returns an argument's name and what the language takes it for: its width, and whether
// its order is a signed one.
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

// speakable returns a name by which the language finds an argument: the kernel's, or a man page's
// where that is a plain word and the kernel's is not. A name such as prctl's arg2, its second,
// means a position instead.
func (s *speaker) speakable(i int) (string, bool) {
	names := append([]string{s.args[i].Name}, s.args[i].Aliases...)
	slices.SortStableFunc(names, func(a, b string) int {
		return strings.Count(a, "_") - strings.Count(b, "_")
	})
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
		i = slices.IndexFunc(s.args, func(a linux.Arg) bool {
			return slices.Contains(a.Aliases, name)
		})
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
	if f.several && s.kind != "" {
		f.constants = slices.DeleteFunc(slices.Clone(f.constants), func(c named) bool {
			return c.kind != s.kind
		})
	}
	return f
}

// argument is one of a system call's.
type argument struct {
	syscall string
	arg     int
}

// deciding tells which argument decides what kind of constants another one takes.
var deciding = map[argument]int{
	{"socket", 2}: 0, {"socketpair", 2}: 0, {"setsockopt", 2}: 1, {"getsockopt", 2}: 1,
}

// kinds gives the kind that the deciding argument's value stands for.
var kinds = map[string]string{
	"AF_INET": "IPPROTO_", "AF_INET6": "IPPROTO_", "AF_NETLINK": "NETLINK_", "AF_PACKET": "ETH_P_",
	"AF_BLUETOOTH": "BTPROTO_", "AF_CAN": "CAN_",
	"SOL_SOCKET": "SO_", "SOL_TCP": "TCP_", "SOL_UDP": "UDP_", "SOL_IP": "IP_", "SOL_IPV6": "IPV6_",
	"SOL_PACKET": "PACKET_", "SOL_NETLINK": "NETLINK_",
}

// given returns a speaker that knows the value of an argument, and what that says about others.
func (s *speaker) given(arg int, value uint64) *speaker {
	for of, by := range deciding {
		if of.syscall == s.syscall && by == arg {
			_, width, _ := s.argument(arg)
			name, _ := s.family(arg, width).exact(value)
			knowing := *s
			knowing.kind = kinds[name]
			return &knowing
		}
	}
	return s
}
