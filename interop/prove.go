package interop

import (
	"errors"
	"fmt"

	"github.com/seccompc/seccompc/compiler/resolve"
	"github.com/seccompc/seccompc/explain"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
	"github.com/seccompc/seccompc/proof"
)

// Prove returns an error unless a policy's text, with some of its parameters set, means what is
// wanted, for every call. Where filters are installed one after the other it is what the kernel
// makes of all.
func Prove(text []byte, params map[string]string, want ...*policy.Policy) error {
	res, diags := resolve.Text("imported", text, resolve.Options{Params: params})
	if res == nil {
		return fmt.Errorf("the policy that was written is not one: %w", diags.Err())
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

// Function returns what the text of a policy means.
func Function(s *proof.Space, text []byte) (f proof.Function, err error) {
	res, diags := resolve.Text("imported", text, resolve.Options{})
	if res == nil {
		return f, fmt.Errorf("the policy that was written is not one: %w", diags.Err())
	}
	return s.Policy(res.Policy)
}
