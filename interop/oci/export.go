package oci

import (
	"encoding/json"
	"fmt"
	mathbits "math/bits"
	"slices"

	"github.com/seccompc/seccompc/explain"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
	"github.com/seccompc/seccompc/proof"
)

// Export writes a profile that answers every call of the host's own ABI as the function does, of
// the space s, once libseccomp has made a filter of it. The other ABIs' callers are killed. What a
// profile cannot say is an error with a call, and so is what does not come back from it as it was.
func Export(s *proof.Space, f proof.Function, host *linux.ABI, engine Engine) ([]byte, error) {
	e := exporter{host: host}
	own := ownCalls(host)
	f, err := s.Within(f, own)
	if err != nil {
		return nil, err
	}
	rows, err := s.Explain(f)
	if err != nil {
		return nil, err
	}
	if err := e.chooseDefault(rows); err != nil {
		return nil, err
	}
	for _, r := range rows {
		if err := e.row(r); err != nil {
			return nil, err
		}
	}
	text, err := json.MarshalIndent(e.out, "", "  ")
	if err != nil {
		return nil, err
	}
	return text, e.check(s, f, own, text, engine)
}

// written is a profile as it is written.
type written struct {
	DefaultAction   string         `json:"defaultAction"`
	DefaultErrnoRet *uint16        `json:"defaultErrnoRet,omitempty"`
	Architectures   []string       `json:"architectures"`
	Syscalls        []writtenEntry `json:"syscalls"`
}

type writtenEntry struct {
	Names    []string     `json:"names"`
	Action   string       `json:"action"`
	ErrnoRet *uint16      `json:"errnoRet,omitempty"`
	Args     []writtenArg `json:"args,omitempty"`
}

type writtenArg struct {
	Index    int    `json:"index"`
	Value    uint64 `json:"value"`
	ValueTwo uint64 `json:"valueTwo"`
	Op       string `json:"op"`
}

type exporter struct {
	host     *linux.ABI
	out      written
	fallback policy.Action
}

func ownCalls(abi *linux.ABI) proof.Calls {
	c := proof.Calls{Arch: abi.Arch}
	for _, n := range abi.Numbers() {
		c.Numbers = append(c.Numbers, policy.Range{Lo: uint64(n.Lo), Hi: uint64(n.Hi)})
	}
	return c
}

// chooseDefault takes what most numbers get, which are those that no table has.
func (e *exporter) chooseDefault(rows []proof.Row) error {
	most := uint64(0)
	for _, r := range rows {
		n := policy.Size(policy.Intersect(r.Numbers, ownCalls(e.host).Numbers))
		if e.own(r) && r.When == nil && !r.Opaque && n > most {
			most, e.fallback = n, r.A
		}
	}
	if most < 1<<20 {
		return fmt.Errorf("the numbers that no table has do not all get one action, which a " +
			"profile cannot say")
	}
	action, data, err := actionText(e.fallback)
	e.out = written{DefaultAction: action, DefaultErrnoRet: data,
		Architectures: []string{scmpArch(e.host.Name)}}
	return err
}

// own reports whether a row is about the host's calls.
func (e *exporter) own(r proof.Row) bool {
	return slices.ContainsFunc(r.Arches, func(a policy.Range) bool {
		return a.Lo <= uint64(e.host.Arch) && uint64(e.host.Arch) <= a.Hi
	})
}

// row writes the entries of a row: one for each way in which its condition holds.
func (e *exporter) row(r proof.Row) error {
	call := func() string { return explain.Call(r.Call, e.host.ByteOrder()) }
	if !e.own(r) || r.A == e.fallback {
		return nil
	}
	numbers := policy.Intersect(r.Numbers, ownCalls(e.host).Numbers)
	var names []string
	for _, s := range e.host.Syscalls() {
		if policy.Contains(numbers, uint64(s.Nr)) {
			names = append(names, s.Name)
		}
	}
	switch {
	case len(numbers) == 0:
		return nil
	case policy.Size(numbers) != uint64(len(names)):
		return fmt.Errorf("%s: a profile names calls, and a number without a name is no call",
			call())
	case r.Opaque:
		return fmt.Errorf("%s: the condition is too long for a profile", call())
	}
	action, data, err := actionText(r.A)
	if err != nil {
		return fmt.Errorf("%s: %w", call(), err)
	}
	ways := [][]writtenArg{nil}
	if r.When != nil {
		if ways, err = product(r.When, false); err != nil {
			return fmt.Errorf("%s: %w", call(), err)
		}
	}
	for _, args := range ways {
		e.out.Syscalls = append(e.out.Syscalls, writtenEntry{names, action, data, args})
	}
	return nil
}

func actionText(a policy.Action) (text string, data *uint16, err error) {
	for name, kind := range actionKinds {
		if kind == a.Kind() && name != "SCMP_ACT_KILL" {
			text = name
		}
	}
	n := a.Data()
	switch {
	case text == "":
		return "", nil, fmt.Errorf("%s is no action of a profile", a)
	case a.Kind() == policy.Errno || a.Kind() == policy.Trace:
		return text, &n, nil
	case n != 0:
		return "", nil, fmt.Errorf("%s: a profile gives no data with it", a)
	}
	return text, nil, nil
}

// maxWays bounds the entries that one condition becomes.
const maxWays = 2000

var errWays = fmt.Errorf("the condition needs more than %d entries in a profile", maxWays)

// product writes a condition, or its opposite, as alternatives of masked comparisons, one for each
// argument.
func product(c policy.Cond, not bool) ([][]writtenArg, error) {
	switch c := c.(type) {
	case policy.Not:
		return product(c.X, !not)
	case policy.And:
		return join([]policy.Cond(c), not, !not)
	case policy.Or:
		return join([]policy.Cond(c), not, not)
	case policy.Test:
		return masked(c, not)
	}
	return nil, fmt.Errorf("a condition of an unknown kind")
}

// join puts parts together: each of all of them, or any of one.
func join(parts []policy.Cond, not, all bool) ([][]writtenArg, error) {
	var out [][]writtenArg
	if all {
		out = [][]writtenArg{nil}
	}
	for _, p := range parts {
		ways, err := product(p, not)
		if err != nil {
			return nil, err
		}
		if !all {
			if out = append(out, ways...); len(out) > maxWays {
				return nil, errWays
			}
			continue
		}
		if len(out)*len(ways) > maxWays {
			return nil, errWays
		}
		var next [][]writtenArg
		for _, a := range out {
			for _, b := range ways {
				both := append(slices.Clone(a), b...)
				if twice(both) {
					return nil, fmt.Errorf("one argument is tested twice, which a profile " +
						"cannot say")
				}
				next = append(next, both)
			}
		}
		out = next
	}
	return out, nil
}

func twice(args []writtenArg) bool {
	seen := map[int]bool{}
	for _, a := range args {
		if seen[a.Index] {
			return true
		}
		seen[a.Index] = true
	}
	return false
}

// masked writes a test as masked comparisons: the values that the mask leaves, numbered in their
// order, are ranges, and a range is prefixes.
func masked(t policy.Test, not bool) ([][]writtenArg, error) {
	if t.Operand.Arg > 5 {
		return nil, fmt.Errorf("a profile does not see the instruction pointer")
	}
	mask, in := t.Members()
	var dense []policy.Range
	for _, r := range in {
		lo, hi := rank(mask, r.Lo), rank(mask, r.Hi)
		if r.Hi&^mask == 0 {
			hi++
		}
		if lo < hi || hi == 0 && r.Hi == 1<<64-1 {
			dense = append(dense, policy.Range{Lo: lo, Hi: hi - 1})
		}
	}
	most := policy.Ones(mathbits.OnesCount64(mask))
	if not {
		dense = policy.Complement(policy.Union(dense), most)
	}
	var out [][]writtenArg
	for _, r := range dense {
		for lo := r.Lo; ; lo++ {
			size := min(mathbits.TrailingZeros64(lo), mathbits.OnesCount64(mask))
			for size > 0 && policy.Ones(size) > r.Hi-lo {
				size--
			}
			m, v := spread(mask, most&^policy.Ones(size)), spread(mask, lo)
			if m == 0 {
				return [][]writtenArg{nil}, nil
			}
			out = append(out, []writtenArg{{t.Operand.Arg, m, v, "SCMP_CMP_MASKED_EQ"}})
			if len(out) > maxWays {
				return nil, errWays
			}
			if lo += policy.Ones(size); lo >= r.Hi {
				break
			}
		}
	}
	return out, nil
}

// rank counts the values within a mask that are less than x.
func rank(mask, x uint64) (n uint64) {
	for bit := 63; bit >= 0; bit-- {
		below := mathbits.OnesCount64(mask & (1<<bit - 1))
		switch in, set := mask>>bit&1 == 1, x>>bit&1 == 1; {
		case in && set:
			n += 1 << below
		case set:
			return n + 1<<below
		}
	}
	return n
}

// spread puts the low bits of v where the mask has its bits.
func spread(mask, v uint64) (out uint64) {
	for ; mask != 0; v >>= 1 {
		bit := mask & -mask
		mask &^= bit
		if v&1 == 1 {
			out |= bit
		}
	}
	return out
}

// check reads the profile back and proves that it is the function; runc's ENOSYS may differ.
func (e *exporter) check(s *proof.Space, f proof.Function, own proof.Calls, text []byte,
	engine Engine) error {
	p, err := Read(text, "")
	if err != nil {
		return fmt.Errorf("bug in seccompc: the profile that was written: %w", err)
	}
	if engine == Runc {
		engine = Crun // the stub is the runtime's addition
	}
	again, err := p.function(s, Options{Host: e.host, Engine: engine})
	if err != nil {
		return fmt.Errorf("no profile was found for this: %w", err)
	}
	if again, err = s.Within(again, own); err != nil {
		return err
	}
	d, err := s.Differ(f, again)
	if err == nil && d != nil {
		err = fmt.Errorf("no profile was found for this: %s would get %s in place of %s",
			explain.Call(d.Call, e.host.ByteOrder()), explain.Action(d.B, e.host),
			explain.Action(d.A, e.host))
	}
	return err
}
