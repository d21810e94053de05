package interop

import (
	"fmt"

	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
)

// Bits is how many bits of an argument libseccomp compares: it takes x32 for a 32-bit ABI.
func Bits(abi *linux.ABI) int {
	if abi.Bits == 32 || abi.Name == "x32" {
		return 32
	}
	return 64
}

// Kernel returns how an argument of a call is read by the kernel, and the bits of it that count.
// Where that is not known it is all bits of the register.
func Kernel(abi *linux.ABI, call string, arg int) (op policy.Operand, counts uint64) {
	proto, known := abi.Prototype(call)
	if !known || arg >= len(proto) || proto[arg].Width == 0 {
		return policy.Operand{Arg: arg, Width: abi.Bits}, policy.Ones(abi.Bits)
	}
	p := proto[arg]
	return policy.Operand{Arg: arg, Width: p.Width, Signed: p.Signed},
		policy.Ones(p.Width) &^ p.Ignored
}

// ArgName names an argument of a call.
func ArgName(abi *linux.ABI, call string, arg int) string {
	if proto, ok := abi.Prototype(call); ok && arg < len(proto) && proto[arg].Name != "" {
		return proto[arg].Name
	}
	return fmt.Sprintf("arg%d", arg)
}

// Numbered returns the part of a policy that serves an ABI, without rules.
func Numbered(abi *linux.ABI, known []linux.NumberRange, byDefault,
	unknown policy.Action) policy.ABI {
	own := policy.ABI{Name: abi.Name, Arch: abi.Arch, BigEndian: abi.BigEndian,
		Default: byDefault, Unknown: unknown}
	for _, r := range abi.Numbers() {
		own.Numbers = append(own.Numbers, policy.Range{Lo: uint64(r.Lo), Hi: uint64(r.Hi)})
	}
	for _, r := range known {
		own.Known = append(own.Known, policy.Range{Lo: uint64(r.Lo), Hi: uint64(r.Hi)})
	}
	return own
}

// ByName returns the rules about a call on an ABI: about its own number, and behind a multiplexer
// about that one's, where the condition does not reach.
func ByName(abi *linux.ABI, call string, cond policy.Cond,
	action policy.Action) (out []policy.Rule) {
	if nr, ok := abi.Number(call); ok {
		out = append(out, policy.Rule{Numbers: []uint32{nr}, Cond: cond, Action: action})
	}
	if mux, n, ok := abi.Multiplexed(call); ok && cond == nil {
		nr, _ := abi.Number(mux)
		out = append(out, policy.Rule{Numbers: []uint32{nr}, Action: action, Cond: policy.Test{
			Operand: policy.Operand{Arg: 0, Width: 32}, Mask: linux.MultiplexerMask(mux),
			Set: []policy.Range{{Lo: uint64(n), Hi: uint64(n)}}}})
	}
	return out
}
