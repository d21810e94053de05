package main

import (
	"encoding/binary"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/seccompc/seccompc/compiler/resolve"
	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/explain"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/proof"
	"github.com/seccompc/seccompc/smt"
)

func newProve() *cobra.Command {
	var flags policyFlags
	var asJSON bool
	var question string
	cmd := &cobra.Command{
		Use:   "prove POLICY FILE",
		Short: "Prove that a filter is a policy",
		Long: `Prove shows that a filter, whoever compiled it, answers every call as the policy
says, or prints a call that it answers otherwise. It works from the meaning of the policy and
the bytes of the filter; the code generator has no part in it. A stack A+B is the policy where
both together answer so.

The exit status is 0 if it is proved, 1 if there is a difference, and 4 if it is not known.

With --smt2 it proves nothing, and writes the question to a file for an SMT solver to answer:
whether there is a call that both answer differently. Where the solver says unsat, the filter is
the policy.`,
		Example: "  seccompc prove policy.scp filter.bpf\n" +
			"  seccompc prove policy.scp filter.bpf --smt2 question.smt2 && z3 question.smt2",
		Args: usageArgs(cobra.ExactArgs(2)),
	}
	flags.register(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the outcome as JSON")
	cmd.Flags().StringVar(&question, "smt2", "",
		"write the question to `FILE` in SMT-LIB 2 instead of answering it")
	cmd.MarkFlagsMutuallyExclusive("json", "smt2")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		res, err := flags.resolve(cmd, args[0])
		if err != nil {
			return err
		}
		s, err := loadStack(cmd, &flags, args[1])
		if err != nil {
			return err
		}
		if err := sameOrder(res, s); err != nil {
			return err
		}
		if question == "" {
			return prove(cmd, res, s, asJSON)
		}
		f, err := s.one("a question for a solver")
		if err != nil {
			return err
		}
		return ask(cmd, res, f, question, args)
	}
	return cmd
}

// resolve reads a policy without compiling it.
func (p *policyFlags) resolve(cmd *cobra.Command, name string) (*resolve.Resolved, error) {
	opts, err := p.options()
	if err != nil {
		return nil, err
	}
	in, err := readInput(cmd, name)
	if err != nil {
		return nil, err
	}
	if !in.isPolicy() {
		return nil, notPolicy(in)
	}
	res, diags := resolve.Text(in.path, in.data, opts.Resolve())
	if res == nil {
		return nil, reportBad(cmd, diags)
	}
	return res, nil
}

// sameOrder returns an error where the byte orders of a policy and a filter differ.
func sameOrder(res *resolve.Resolved, f *stacked) error {
	if res.ABIs[0].BigEndian != isBig(f.order()) {
		return wrong("%s: the filter is %s, and the policy is for %s", f.name, orderName(f.order()),
			names(res.ABIs))
	}
	return nil
}

// ask writes what is to be proved as a question for a solver.
func ask(
	cmd *cobra.Command, res *resolve.Resolved, f *filter, name string, inputs []string,
) error {
	if err := notInput(name, inputs); err != nil {
		return err
	}
	question, err := smt.Differ(res.Policy, f.program)
	if err != nil {
		return wrong("%s: %w", f.name, err)
	}
	if err := writeOutput(cmd, name, question); err != nil {
		return err
	}
	if name != "-" {
		fmt.Fprintf(cmd.OutOrStdout(), "%s is not proved here, but the question is written to %s: "+
			"where a solver answers unsat, it is the policy\n", f.name, name)
	}
	return nil
}

// notInput returns an error where a file to write is one that was read.
func notInput(name string, inputs []string) error {
	out, err := os.Stat(name)
	if err != nil || !out.Mode().IsRegular() {
		return nil // a new file, or a stream
	}
	for _, input := range inputs {
		if in, err := os.Stat(input); err == nil && os.SameFile(in, out) {
			return wrong("%s: this is what is read; name another file to write", name)
		}
	}
	return nil
}

// prove says whether a filter is a policy.
func prove(cmd *cobra.Command, res *resolve.Resolved, s *stacked, asJSON bool) error {
	difference, err := proof.EqualStack(res.Policy, s.order(), s.programs(), s.late(),
		linux.Arches()...)
	name := diag.Printable(s.name)
	if err != nil {
		return unknown(fmt.Errorf("%s: not known whether this is the policy: %w", name, err))
	}
	out := cmd.OutOrStdout()
	switch {
	case asJSON:
		out.Write(document(verdictOf(res, s.order(), difference)))
	case difference == nil:
		fmt.Fprintf(out, "proved: %s is the policy for every call (%s; %d instructions)\n", name,
			names(res.ABIs), s.length())
	default:
		v := verdictOf(res, s.order(), difference)
		fmt.Fprintf(out, "different: %s\n", v.Call)
		fmt.Fprintf(out, "  the policy  %s\n  the filter  %s\n", v.Policy, v.Filter)
		fmt.Fprint(out, v.By)
	}
	if difference != nil {
		return exit(statusWrong)
	}
	return nil
}

// verdictJSON is the outcome of a proof for machines to read: a call that shows the difference, and
// what the two make of it.
type verdictJSON struct {
	Equal  bool              `json:"equal"`
	Call   string            `json:"call,omitempty"`
	Policy string            `json:"policy,omitempty"`
	Filter string            `json:"filter,omitempty"`
	By     *resolve.Decision `json:"decided_by,omitempty"`
}

func verdictOf(
	res *resolve.Resolved, order binary.ByteOrder, d *proof.Difference,
) verdictJSON {
	if d == nil {
		return verdictJSON{Equal: true}
	}
	abi, by := explain.ABIOf(d.Call), res.Decide(d.Call, d.Late)
	return verdictJSON{
		Call:   explain.Call(d.Call, order) + explain.Late(d.Late, res.Policy.Late),
		Policy: explain.Action(d.A, abi),
		Filter: explain.Action(d.B, abi),
		By:     &by,
	}
}
