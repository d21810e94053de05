package interop

import (
	"errors"
	"fmt"
	"slices"

	"github.com/seccompc/seccompc/compiler"
	"github.com/seccompc/seccompc/compiler/resolve"
	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/diag/codes"
	"github.com/seccompc/seccompc/explain"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
	"github.com/seccompc/seccompc/proof"
)

// Prove returns an error unless a policy's text, with some of its parameters set, compiles and
// means what is wanted, for every call. Where filters are installed one after the other it is what
// the kernel makes of all.
func Prove(text []byte, params map[string]string, want ...*policy.Policy) error {
	res, diags := compiler.Compile("imported", text, compiler.Options{Params: params})
	if res == nil {
		return notCompiled(diags, want)
	}
	s := proof.New(linux.Arches()...)
	var filters []proof.Function
	for _, p := range want {
		f, err := s.Policy(p)
		if err != nil {
			return err
		}
		filters = append(filters, f)
	}
	a, err := s.Stack(filters...)
	if err != nil {
		return err
	}
	b, err := s.Policy(res.Policy)
	if err != nil {
		return err
	}
	d, err := s.Differ(a, b)
	switch {
	case err != nil:
		return err
	case d != nil:
		abi := explain.ABIOf(d.Call)
		return errors.New(fmt.Sprint("no policy was found that says the same: ",
			explain.Call(d.Call, res.Policy.ByteOrder()), " gets ", explain.Action(d.A, abi),
			", and the policy says ", explain.Action(d.B, abi)))
	}
	return nil
}

// notCompiled says why there is no filter of the policy that was written. Its lines are nobody's,
// so that the finding is given without its place.
func notCompiled(diags diag.List, want []*policy.Policy) error {
	i := slices.IndexFunc(diags, func(f diag.Finding) bool { return f.Severity == diag.Error })
	text := "no policy was found that compiles: " + diags[i].Message
	if diags[i].Code == codes.TooLong && len(want[0].ABIs) > 1 {
		text += "; import fewer ABIs at a time"
	}
	return errors.New(text)
}

// Example returns a call of one number for which a condition holds, or nil.
func Example(abi *linux.ABI, nr uint32, c policy.Cond) (*policy.Data, error) {
	own := policy.ABI{Name: abi.Name, Arch: abi.Arch, BigEndian: abi.BigEndian,
		Numbers: []policy.Range{{Lo: 0, Hi: 1<<32 - 1}},
		Rules:   []policy.Rule{{Numbers: []uint32{nr}, Cond: c, Action: policy.Allow}}}
	s := proof.Part(16)
	f, err := s.Policy(&policy.Policy{ABIs: []policy.ABI{own}})
	if err != nil {
		return nil, err
	}
	calls := proof.Calls{Arch: abi.Arch, Numbers: []policy.Range{{Lo: uint64(nr), Hi: uint64(nr)}}}
	some, err := s.Find(f, calls, func(a policy.Action) bool { return a == policy.Allow })
	if some == nil {
		return nil, err
	}
	return &some.Data, nil
}

// Mismatch is what the callers of other ABIs get: they are killed, and as a whole where a filter
// kills the process that makes a call of x32's, which have the arch of another ABI.
func Mismatch(byDefault policy.Action) policy.Action {
	if byDefault.Kind() == policy.KillProcess {
		return policy.KillProcess
	}
	return policy.KillThread
}

// SuchX32 is the end of a sentence about the numbers of x32.
const SuchX32 = ", such as x32: mmap(0, 0, 0, 0, 0, 0)"

// Gets says what a call gets from filters that are installed one after the other.
func Gets(abi *linux.ABI, name string, args []uint64, filters ...*policy.Policy) string {
	nr, own := abi.Number(name)
	if mux, n, ok := abi.Multiplexed(name); ok && !own {
		nr, _ = abi.Number(mux)
		args = []uint64{uint64(n)}
	}
	d := policy.Data{Nr: nr, Arch: abi.Arch}
	copy(d.Args[:], args)
	got := policy.Allow
	for _, f := range filters {
		if a := f.Eval(d); a.Strictness() <= got.Strictness() {
			got = a
		}
	}
	return explain.Call(d, abi.ByteOrder()) + " gets " + explain.Action(got, abi)
}

// Function returns what the text of a policy means.
func Function(s *proof.Space, text []byte) (f proof.Function, err error) {
	res, diags := resolve.Text("imported", text, resolve.Options{})
	if res == nil {
		return f, fmt.Errorf("the policy that was written is not one: %w", diags.Err())
	}
	return s.Policy(res.Policy)
}
