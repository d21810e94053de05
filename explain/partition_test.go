package explain

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/compiler/resolve"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
	"github.com/seccompc/seccompc/proof"
)

// reader finds out which calls a line is about, from what it says alone.
type reader struct {
	t     *testing.T
	order binary.ByteOrder
	conds map[string]policy.Cond
}

// holds reports whether a line speaks of a call.
func (r *reader) holds(l Line, d policy.Data) bool {
	if l.NamedAs != "" {
		abi, _ := linux.Lookup(l.NamedAs)
		return r.among(l, d, func(*linux.ABI) bool { return true }) &&
			r.calls(abi, l.Calls, d.Nr) &&
			r.when(abi, l.When, d)
	}
	abi, known := linux.Caller(d.Arch, d.Nr)
	if !known || abi.BigEndian != isBig(r.order) {
		abi = linux.Stranger(d.Arch, isBig(r.order))
	}
	own := func(named *linux.ABI) bool {
		return named == abi || l.Calls[0] == everyCall && abi.Strange()
	}
	return r.among(l, d, own) && r.calls(abi, l.Calls, d.Nr) && r.when(abi, l.When, d)
}

// among reports whether one of a line's ABIs has the call's arch; of those with a name, own tells.
func (r *reader) among(l Line, d policy.Data, own func(*linux.ABI) bool) bool {
	strange := !slices.ContainsFunc(linux.ABIs(), func(abi *linux.ABI) bool {
		return abi.Arch == d.Arch && abi.BigEndian == isBig(r.order)
	})
	_, someABI := linux.Caller(d.Arch, d.Nr) // else the number is none that goes with the arch
	return slices.ContainsFunc(l.ABIs, func(name string) bool {
		if abi, ok := linux.Lookup(name); ok {
			return abi.Arch == d.Arch && own(abi)
		}
		if but, ok := strings.CutPrefix(name, OtherABIs); ok {
			return strange && !r.arches(strings.TrimPrefix(but, " but "), d.Arch)
		}
		return (strange || !someABI) && r.arches(name, d.Arch)
	})
}

// arches reads "arch 0x7, arch 0x8..0xf".
func (r *reader) arches(text string, arch uint32) bool {
	for part := range strings.SplitSeq(text, ", ") {
		if r.between(strings.TrimPrefix(part, "arch "), arch) {
			return true
		}
	}
	return false
}

// between reads "5", "0x8..0xf".
func (r *reader) between(text string, v uint32) bool {
	lo, hi, ok := strings.Cut(text, "..")
	if !ok {
		hi = lo
	}
	a, errA := strconv.ParseUint(lo, 0, 32)
	b, errB := strconv.ParseUint(hi, 0, 32)
	return errA == nil && errB == nil && a <= uint64(v) && uint64(v) <= b
}

func (r *reader) calls(abi *linux.ABI, calls []string, nr uint32) bool {
	switch calls[0] {
	case everyCall, everyOwn:
		return true
	case everyCall + but, everyOwn + but:
		return !r.calls(abi, calls[1:], nr)
	}
	name, known := abi.SyscallName(nr)
	return slices.ContainsFunc(calls, func(c string) bool {
		if set, ok := abi.Set(c); ok && strings.HasPrefix(c, "@") {
			return slices.Contains(set, name)
		}
		return c == name && known || c == "unknown numbers" && !known || r.between(c, nr)
	})
}

// when evaluates a line's condition as the compiler resolves it.
func (r *reader) when(abi *linux.ABI, when string, d policy.Data) bool {
	if when == "" {
		return true
	}
	nr := d.Nr
	if !abi.Owns(nr) {
		nr = 99999
	}
	if abi.Strange() {
		abi, _ = linux.Lookup(map[bool]string{false: "x86_64", true: "s390x"}[isBig(r.order)])
		nr = 99999
	}
	key := fmt.Sprint(abi.Name, nr, when)
	cond, known := r.conds[key]
	if !known {
		text := fmt.Sprintf("arch %s\ndefault allow\ndeny %d if %s\n", abi.Name, nr, when)
		opts := resolve.Options{}
		res, diags := resolve.Text("when.scp", []byte(text), opts)
		if res == nil {
			r.t.Fatalf("%s: %v", text, diags)
		}
		for _, rule := range res.Policy.ABIs[0].Rules {
			cond = rule.Cond
		}
		r.conds[key] = cond
	}
	return cond == nil || cond.Holds(d)
}

// arched makes a program that asks for arch, often for values that are no ABI's, and for little
// else.
func arched(r *rand.Rand, order binary.ByteOrder) asm.Program {
	values := []uint32{7, 9, 0xc000003e, 0x40000003, 0xc00000b7, 0x80000016, 0x40000008, 8,
		0x12345678}
	actions := []policy.Action{policy.Allow, policy.Errno | 1, policy.KillProcess, policy.Errno | 2}
	for {
		p := asm.Program{{Op: asm.LdAbs, K: asm.OffArch}}
		n := 3 + r.IntN(6)
		for i := range n {
			jump := func() uint8 { return uint8(r.IntN(n - i + 3)) }
			switch r.IntN(5) {
			case 0:
				p = append(p, asm.Instruction{Op: asm.LdAbs, K: asm.OffNr},
					asm.Instruction{Op: []uint16{asm.JeqK, asm.JgeK}[r.IntN(2)],
						K: []uint32{3, 101, 5262, 4303, 0x40000000}[r.IntN(5)], Jt: jump(),
						Jf: jump()})
			case 1:
				p = append(p, asm.Instruction{Op: asm.LdAbs, K: asm.LowWord(r.IntN(2), order)},
					asm.Instruction{Op: []uint16{asm.JeqK, asm.JsetK}[r.IntN(2)], K: 2, Jt: jump(),
						Jf: jump()})
			default:
				op := []uint16{asm.JeqK, asm.JeqK, asm.JgeK}[r.IntN(3)]
				p = append(p, asm.Instruction{Op: op, K: values[r.IntN(len(values))], Jt: jump(),
					Jf: jump()})
			}
		}
		for range 4 {
			p = append(p, asm.Instruction{Op: asm.RetK, K: uint32(actions[r.IntN(len(actions))])})
		}
		if p.Check() == nil {
			return p
		}
	}
}

// TestLinesPartition reads lines back: a call is in one of them, with what the two filters answer,
// where they answer differently, and else in none.
func TestLinesPartition(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	t.Parallel()
	calls, differing := 0, 0
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 12))
		order := []binary.ByteOrder{binary.LittleEndian, binary.BigEndian}[r.IntN(2)]
		a, b := arched(r, order), arched(r, order)
		s := proof.New()
		f, errA := s.Program(a, order)
		g, errB := s.Program(b, order)
		rows, err := s.Diff(f, g)
		if errA != nil || errB != nil {
			t.Fatal(errA, errB)
		}
		if err != nil { // a bit of a number alone: too many ranges
			continue
		}
		lines := Differences(rows, order)
		rd := &reader{t, order, map[string]policy.Cond{}}
		for range 200 {
			d := policy.Data{Arch: []uint32{7, 8, 9, 10, 0xc000003e, 0x40000003, 0xc00000b7,
				0x80000016, 0x40000008,
				0x12345678, r.Uint32()}[r.IntN(11)]}
			d.Nr = []uint32{0, 3, 4, 101, 4303, 5262, 5263, 0x40000000, 0xffffffff,
				r.Uint32()}[r.IntN(10)]
			d.Args[0], d.Args[1] = uint64(r.IntN(4)), uint64(r.IntN(4))
			if len(rows) > 0 && r.IntN(4) == 0 {
				d = rows[r.IntN(len(rows))].Call
			}
			x, y := f.Eval(d), g.Eval(d)
			var in []Line
			for _, l := range lines {
				if rd.holds(l, d) {
					in = append(in, l)
				}
			}
			calls++
			if x == y {
				if len(in) > 0 {
					t.Fatalf("seed %d: %s gets %v from both, but is in %+v", seed, Call(d, order),
						x, in)
				}
				continue
			}
			differing++
			if len(in) != 1 || !says(in[0].A, x) || !says(in[0].B, y) {
				t.Fatalf("seed %d: %s gets %v and %v, but is in %+v\nof %+v", seed, Call(d, order),
					x, y, in, lines)
			}
		}
	}
	t.Logf("%d calls, %d with different answers", calls, differing)
	if differing < calls/10 {
		t.Errorf("only %d of %d calls get different answers", differing, calls)
	}
}

// says reports whether a text is an action, whatever the ABI whose errors have names.
func says(text string, a policy.Action) bool {
	return text == Action(a, nil) || slices.ContainsFunc(linux.ABIs(), func(abi *linux.ABI) bool {
		return text == Action(a, abi)
	})
}
