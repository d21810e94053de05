package explain

import (
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
)

// Call returns one call on a machine of the byte order as a test block has it: "x86_64:
// socket(AF_INET, 3, 0)". Of an ABI that the tables do not hold for such machines it gives the
// number of the architecture: "arch 0x7: 0". Bits that the kernel does not read are there too,
// arguments behind the call's last one where they are not 0, and "at ip" with an instruction
// pointer that is not. The command line takes all of this as it is.
func Call(d policy.Data, order binary.ByteOrder) string { return Calling(d, order, [6]bool{}) }

// Calling is [Call] for the calls that have any value in some of the arguments: these are "_".
func Calling(d policy.Data, order binary.ByteOrder, any [6]bool) string {
	abi := ABIOf(d)
	if same := linux.Of(d.Arch); abi == nil && len(same) > 0 && same[0].BigEndian == isBig(order) {
		// another's number
		return same[0].Name + ": " + numeral(d.Nr) + arguments(plain(d)) + from(d)
	}
	if abi == nil || abi.BigEndian != isBig(order) {
		return fmt.Sprintf("arch %#x: %s%s%s", d.Arch, numeral(d.Nr), arguments(plain(d)), from(d))
	}
	s := about(abi, d.Nr)
	args := plain(d)
	for i, value := range d.Args {
		if _, width, _ := s.argument(i); value <= policy.Ones(width) {
			s = s.knowing(i, value)
		}
	}
	for i := range s.args {
		if i == len(args) {
			args = append(args, "0")
		}
		name, width, signed := s.argument(i)
		if any[i] {
			args[i] = "_"
			continue
		}
		if name != "" && d.Args[i] <= policy.Ones(width) && s.args[i].Width > 0 {
			args[i] = s.family(i, width).value(d.Args[i], width, signed)
		}
	}
	return abi.Name + ": " + s.name() + arguments(args) + from(d)
}

// ABIOf returns the ABI that a call is made by, or nil where the tables do not hold it.
func ABIOf(d policy.Data) *linux.ABI {
	abi, _ := linux.Caller(d.Arch, d.Nr)
	return abi
}

// plain returns the arguments up to the last one that is not 0, as numbers.
func plain(d policy.Data) []string {
	var out []string
	n := len(d.Args)
	for n > 0 && d.Args[n-1] == 0 {
		n--
	}
	for _, a := range d.Args[:n] {
		out = append(out, number(a))
	}
	return out
}

func arguments(args []string) string {
	if len(args) == 0 {
		return ""
	}
	return "(" + strings.Join(args, ", ") + ")"
}

// from tells the instruction pointer where it is not 0.
func from(d policy.Data) string {
	if d.IP == 0 {
		return ""
	}
	return fmt.Sprintf(" at ip %#x", d.IP)
}

// numbersOf returns the values of nr that belong to an ABI.
func numbersOf(abi *linux.ABI) []policy.Range {
	var out []policy.Range
	for _, n := range abi.Numbers() {
		out = append(out, policy.Range{Lo: uint64(n.Lo), Hi: uint64(n.Hi)})
	}
	return out
}

// knownOf returns the numbers of an ABI's table.
func knownOf(abi *linux.ABI) []policy.Range {
	var out []policy.Range
	for _, c := range abi.Syscalls() {
		out = append(out, policy.Range{Lo: uint64(c.Nr), Hi: uint64(c.Nr)})
	}
	return policy.Union(out)
}
