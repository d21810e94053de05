package oci

import (
	"errors"
	"fmt"
	mathbits "math/bits"
	"slices"
	"strings"

	"github.com/seccompc/seccompc/explain"
	"github.com/seccompc/seccompc/interop"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
	"github.com/seccompc/seccompc/proof"
)

// ExportOptions say what a profile is for.
type ExportOptions struct {
	ABIs []*linux.ABI // that it serves; the first one is the host's
	For  Target       // "": RuncTarget
	Name string       // of a Kubernetes resource
}

// Exported is a profile that has been written.
type Exported struct {
	Text []byte

	// Differences are what the format or the engine makes otherwise than the function, whatever is
	// written: one call of each kind.
	Differences []Difference
}

// Difference is calls that the engine answers otherwise than was asked for.
type Difference struct {
	Why        string
	Call       string // one of them, in the policy language; "" where it depends on a library's age
	Want, Gets string // the actions
}

// Export writes a profile that answers every call of the ABIs as the function does, of the space
// s, once libseccomp has made a filter of it. The other ABIs' callers are killed. What a profile
// cannot say is an error with a call, and so is what does not come back from it as it was, but
// for the differences that no profile avoids.
func Export(s *proof.Space, f proof.Function, opts ExportOptions) (*Exported, error) {
	if opts.For == "" {
		opts.For = RuncTarget
	}
	e := exporter{space: s, opts: opts, host: opts.ABIs[0]}
	for _, abi := range opts.ABIs {
		if err := e.collect(abi, f); err != nil {
			return nil, err
		}
	}
	if err := e.entries(); err != nil {
		return nil, err
	}
	text, err := e.text()
	if err != nil {
		return nil, err
	}
	differences, err := e.check(f, text)
	if err != nil {
		return nil, err
	}
	return &Exported{text, differences}, nil
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
	space    *proof.Space
	opts     ExportOptions
	host     *linux.ABI
	out      written
	fallback policy.Action
	served   []*served
}

// served is what one ABI's calls get beside the default.
type served struct {
	abi   *linux.ABI
	rules map[string][]writtenEntry // without names, by name: they exclude each other
}

func ownCalls(abi *linux.ABI) proof.Calls {
	c := proof.Calls{Arch: abi.Arch}
	for _, n := range abi.Numbers() {
		c.Numbers = append(c.Numbers, policy.Range{Lo: uint64(n.Lo), Hi: uint64(n.Hi)})
	}
	return c
}

// collect finds what an ABI's calls get.
func (e *exporter) collect(abi *linux.ABI, f proof.Function) error {
	f, err := e.space.Within(f, ownCalls(abi))
	if err != nil {
		return err
	}
	rows, err := e.space.Explain(f)
	if err != nil {
		return err
	}
	on := &served{abi, map[string][]writtenEntry{}}
	e.served = append(e.served, on)
	if err := e.chooseDefault(on, rows); err != nil {
		return err
	}
	for _, r := range rows {
		if err := on.row(r, e.fallback); err != nil {
			return err
		}
	}
	return nil
}

// chooseDefault takes what most numbers get, which are those that no table has.
func (e *exporter) chooseDefault(on *served, rows []proof.Row) error {
	most, fallback := uint64(0), policy.Action(0)
	for _, r := range rows {
		n := policy.Size(policy.Intersect(r.Numbers, ownCalls(on.abi).Numbers))
		if on.own(r) && r.When == nil && !r.Opaque && n > most {
			most, fallback = n, r.A
		}
	}
	switch {
	case most < 1<<20 && !on.abi.Rare:
		return fmt.Errorf("%s: the numbers that no table has do not all get one action, which a "+
			"profile cannot say", on.abi.Name)
	case fallback.Kind() == notify:
		return errors.New("the default is notify, which engines refuse: they would wait themselves")
	case on.abi != e.host && fallback != e.fallback:
		return fmt.Errorf("%s's numbers that no table has get %s, and %s's %s: a profile has one "+
			"default", e.host.Name, explain.Action(e.fallback, e.host), on.abi.Name,
			explain.Action(fallback, on.abi))
	case on.abi != e.host:
		return nil
	}
	e.fallback = fallback
	action, data, err := actionText(fallback)
	e.out = written{DefaultAction: action, DefaultErrnoRet: data}
	for _, abi := range e.opts.ABIs {
		e.out.Architectures = append(e.out.Architectures, scmpArch(abi.Name))
	}
	return err
}

// own reports whether a row is about the ABI's calls.
func (on *served) own(r proof.Row) bool { return policy.Contains(r.Arches, uint64(on.abi.Arch)) }

// row notes the entries of a row: one for each way in which its condition holds.
func (on *served) row(r proof.Row, fallback policy.Action) error {
	refuse := func(err error) error {
		return &interop.Refused{Call: r.Call,
			Err: fmt.Errorf("%s: %w", explain.Call(r.Call, on.abi.ByteOrder()), err)}
	}
	if !on.own(r) || r.A == fallback {
		return nil
	}
	numbers := policy.Intersect(r.Numbers, ownCalls(on.abi).Numbers)
	var names []string
	for _, s := range on.abi.Syscalls() {
		if policy.Contains(numbers, uint64(s.Nr)) {
			names = append(names, s.Name)
		}
	}
	named := uint64(len(names))
	if r.When != nil || r.Opaque { // the engine makes its own of those behind a multiplexer
		names = slices.DeleteFunc(names, isMultiplexer)
	}
	switch {
	case len(numbers) == 0 || len(names) == 0 && named > 0:
		return nil
	case policy.Size(numbers) != named:
		return refuse(errors.New("a profile names calls, and a number without a name is no call"))
	case r.Opaque:
		return refuse(errors.New("the condition is too long for a profile"))
	case r.A.Kind() == notify && slices.Contains(names, "write"):
		return refuse(errors.New("runtimes refuse notify for write: they write to the listener"))
	}
	action, data, err := actionText(r.A)
	if err != nil {
		return refuse(err)
	}
	ways := [][]writtenArg{nil}
	if r.When != nil {
		if ways, err = product(r.When, false); err != nil {
			return refuse(err)
		}
	}
	for _, args := range ways {
		for _, name := range names {
			on.rules[name] = append(on.rules[name], writtenEntry{nil, action, data, args})
		}
	}
	return nil
}

func isMultiplexer(name string) bool { return slices.Contains(linux.Multiplexers(), name) }

// entries puts together what all ABIs say: a profile has the same rules for each that has the call.
func (e *exporter) entries() error {
	var order []string // of rules, as text
	names, rules := map[string][]string{}, map[string][]writtenEntry{}
	seen := map[string]bool{}
	for i, on := range e.served {
		for _, c := range on.abi.Syscalls() {
			own := on.rules[c.Name]
			key := signature(own)
			for _, other := range e.served[:i] {
				if _, has := other.abi.Number(c.Name); has &&
					signature(other.rules[c.Name]) != key {
					return &interop.Refused{Call: policy.Data{Arch: on.abi.Arch, Nr: c.Nr},
						Err: fmt.Errorf("%s does not get the same on %s and on %s: a profile has "+
							"one rule for both; --arch chooses one", c.Name, other.abi.Name,
							on.abi.Name)}
				}
			}
			if seen[c.Name] || len(own) == 0 {
				continue
			}
			seen[c.Name] = true
			if rules[key] == nil {
				order = append(order, key)
				rules[key] = own
			}
			names[key] = append(names[key], c.Name)
		}
	}
	all, compared := 0, 0
	for _, key := range order {
		n := len(rules[key])
		all, compared = all+n*len(names[key]), compared+n*n*len(names[key])
		if all > maxAll || compared > maxCompared {
			nr, _ := e.host.Number(names[key][0])
			return &interop.Refused{Call: policy.Data{Arch: e.host.Arch, Nr: nr},
				Err: fmt.Errorf("%s needs %d entries: the profile is too large to be read back",
					names[key][0], n)}
		}
		for _, r := range rules[key] {
			r.Names = names[key]
			e.out.Syscalls = append(e.out.Syscalls, r)
		}
	}
	return nil
}

// signature tells apart what is done for a call, in whatever order it was found.
func signature(rules []writtenEntry) string {
	var texts []string
	for _, r := range rules {
		data := "-"
		if r.ErrnoRet != nil {
			data = fmt.Sprint(*r.ErrnoRet)
		}
		texts = append(texts, fmt.Sprint(r.Action, data, r.Args))
	}
	slices.Sort(texts)
	return strings.Join(texts, "\n")
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
