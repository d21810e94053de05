package main

import (
	"fmt"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/compiler"
	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/explain"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
	"github.com/seccompc/seccompc/proof"
	"github.com/seccompc/seccompc/record"
	"github.com/seccompc/seccompc/runtime"
	"github.com/seccompc/seccompc/runtime/notify"
)

const recorderFlags = runtime.WaitKillable

// base is the policy that a recording goes beyond.
type base struct {
	in     input
	result *compiler.Result
	asking asm.Program
	denied []string // what rules of it deny, and was called: said once each
}

func loadBase(cmd *cobra.Command, flags *policyFlags, name string) (*base, error) {
	in, err := readInput(cmd, name)
	if err != nil {
		return nil, err
	}
	res, err := flags.compile(cmd, in)
	if err != nil {
		return nil, err
	}
	asking, err := record.Asking(res.Program)
	return &base{in: in, result: res, asking: asking}, err
}

// observeBeyond records a call that no rule decides; what a rule refuses is refused.
func (r *recording) observeBeyond(c *notify.Call) notify.Answer {
	d := policy.Data(c.Data)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.base.lacks(d) {
		r.record.Observe(c)
		return notify.Continue()
	}
	return r.base.answer(d)
}

// answer is what a call gets while recording: what the policy says, and EPERM in the place of a
// signal or a supervisor, so that the program goes on. Calls of an ABI that the policy does not
// list are told of and carried out.
func (b *base) answer(d policy.Data) notify.Answer {
	switch a := b.result.Policy.Eval(d); {
	case a.Kind() == policy.Allow, a.Kind() == policy.Log,
		b.result.Decide(d).Fallback == "mismatch":
		return notify.Continue()
	case a == policy.Errno:
		return notify.Return(0)
	case a.Kind() == policy.Errno:
		return notify.Errno(syscall.Errno(a.Data()))
	}
	return notify.Errno(syscall.EPERM)
}

// lacks reports whether a rule for a call could be added, and remembers what is denied otherwise.
func (b *base) lacks(d policy.Data) bool {
	a := b.result.Policy.Eval(d)
	if a.Kind() == policy.Allow || a.Kind() == policy.Log {
		return false
	}
	decision := b.result.Decide(d)
	if b.undecided(d) {
		return true
	}
	abi := explain.ABIOf(d)
	if a == policy.Errno|policy.Action(syscall.ENOSYS) { // what a kernel without the call answers
		return false
	}
	line := fmt.Sprintf("%s stays %s  (%s)", record.Of(d), explain.Action(a, abi), decision.Place())
	const most = 100
	if len(b.denied) < most && !slices.Contains(b.denied, line) {
		b.denied = append(b.denied, line)
	}
	return false
}

// undecided reports whether nothing but the default refuses a call.
func (b *base) undecided(d policy.Data) bool {
	a := b.result.Policy.Eval(d)
	decision := b.result.Decide(d)
	return a.Kind() != policy.Allow && a.Kind() != policy.Log && decision.Rule == nil &&
		decision.Fallback == "default"
}

// writeBeyond writes the rules that the policy lacks, or the policy with them.
func (r *recording) writeBeyond() error {
	said := r.cmd.ErrOrStderr()
	for _, line := range r.base.denied {
		fmt.Fprintf(said, "seccompc: %s\n", line)
	}
	old := &record.Base{ABIs: r.base.result.ABIs, Lacks: r.base.undecided}
	rules, err := r.record.Rules(old)
	if err != nil {
		return err
	}
	if len(rules) == 0 {
		fmt.Fprintf(said, "seccompc: %s lacks nothing\n", r.base.in.name)
		if r.merge == "" || r.output == "" {
			return nil
		}
	}
	if r.against != "" {
		output := r.output
		if output == "" {
			output = "-"
		}
		if err := writeFile(r.cmd, output, rules); err != nil {
			return err
		}
		return exit(statusWrong)
	}
	return r.widen(old)
}

// widen writes the policy with the rules at its end, once it is known to compile and to grant what
// was seen, and says what it grants beyond the old one.
func (r *recording) widen(old *record.Base) error {
	opts, err := r.options()
	if err != nil {
		return err
	}
	var merged *compiler.Result
	text, err := r.record.Widened(r.base.in.data, old, r.origin, func(text []byte) (diag.List,
		error,
	) {
		var diags diag.List
		if merged, diags = compiler.Compile(r.base.in.path, text, opts); merged == nil {
			return nil,
				wrong("%s: with the rules that it lacks it would not compile, and stays as "+
					"it is: %s", r.base.in.name, diags[0].Message)
		}
		return diags, nil
	})
	if err != nil {
		return err
	}
	difference, err := wider(r.base.result, merged)
	if err != nil {
		return unknown(err)
	}
	output := r.output
	if output == "" {
		output = r.merge
	}
	if err := writeFile(r.cmd, output, text); err != nil {
		return err
	}
	fmt.Fprint(r.cmd.ErrOrStderr(), difference)
	return nil
}

// wider is what the new policy grants beyond the old one, in words.
func wider(old, merged *compiler.Result) (string, error) {
	space := proof.New(linux.Arches()...)
	a, err := space.Program(old.Program, old.Order)
	if err != nil {
		return "", err
	}
	b, err := space.Program(merged.Program, merged.Order)
	if err != nil {
		return "", err
	}
	rows, err := space.Diff(a, b)
	if err != nil || len(rows) == 0 {
		return "", err
	}
	table := explain.Table{Lines: explain.Differences(rows, merged.Order), A: "before", B: "now"}
	return strings.TrimRight(table.Text(), "\n") + "\n", nil
}
