package play

import (
	"fmt"
	"strings"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/blob"
	"github.com/seccompc/seccompc/compiler"
	"github.com/seccompc/seccompc/compiler/resolve"
	"github.com/seccompc/seccompc/dsl"
	"github.com/seccompc/seccompc/explain"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
	"github.com/seccompc/seccompc/proof"
)

// Simulate runs a call, written as in a test block, through the filter: once for each door that
// leads to it, on each of the policy's ABIs or on that of its prefix.
func (p *Policy) Simulate(call string) (string, error) {
	if p.result == nil {
		return "", errNoFilter
	}
	if len(p.result.Policy.Late) > 0 {
		return "", fmt.Errorf("the filter waits for the value of %s", p.result.Policy.Late[0].Name)
	}
	parsed, found := dsl.ParseCall("<call>", call)
	if err := found.Err(); err != nil {
		return "", err
	}
	if parsed.Cond != nil {
		return "", fmt.Errorf(
			"%q stands for many calls; give values to the arguments, or write a test block",
			call,
		)
	}
	abis, err := p.callers(parsed)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for _, abi := range abis {
		calls, found := resolve.Calls(abi, "<call>", call)
		if err := found.Err(); err != nil {
			return "", err
		}
		for _, c := range calls {
			if err := p.run(&b, policy.Data{Nr: c.Nr, Arch: abi.Arch, Args: c.Args}); err != nil {
				return "", err
			}
		}
	}
	return b.String(), nil
}

// callers returns the ABIs that a call is made by: that of its prefix, or else those of the policy
// that have it. Where none has it the first is to say so.
func (p *Policy) callers(call *dsl.Call) ([]*linux.ABI, error) {
	all := p.result.ABIs
	if call.ABI != nil {
		abi, ok := linux.Lookup(call.ABI.Text)
		if !ok || abi.BigEndian != all[0].BigEndian {
			return nil, fmt.Errorf(
				"%s is no ABI of a machine that the filter is for",
				call.ABI.Text,
			)
		}
		return []*linux.ABI{abi}, nil
	}
	var out []*linux.ABI
	for _, abi := range all {
		if call.Name.Number != "" || abi.HasSyscall(call.Name.Name) {
			out = append(out, abi)
		}
	}
	if len(out) == 0 {
		return all[:1], nil
	}
	return out, nil
}

// run writes what becomes of a call, why, and the way through the instructions.
func (p *Policy) run(b *strings.Builder, d policy.Data) error {
	comments := explain.Annotate(p.result.Program, p.result.Order, p.result.ABIs)
	var path strings.Builder
	res, err := p.result.Program.Trace(asm.Data(d), p.result.Order, func(s asm.Step) {
		line := fmt.Sprintf("A=%08x  %03d: %s", s.A, s.PC, p.result.Program.Text(s.PC))
		if c := comments[s.PC]; c != "" {
			line = fmt.Sprintf("%-46s ; %s", line, c)
		}
		path.WriteString("  " + line + "\n")
	})
	if err != nil {
		return err
	}
	action := explain.Action(policy.Action(res.Ret), explain.ABIOf(d))
	fmt.Fprintf(
		b,
		"%s\n  => %s, by %d instructions\n",
		explain.Call(d, p.result.Order),
		action,
		res.Steps,
	)
	fmt.Fprintf(b, "%s%s\n", p.result.Decide(d), path.String())
	return nil
}

// Diff compares the filter with another one: a policy's text, or a filter as hexadecimal, base64,
// assembler text or source.
func (p *Policy) Diff(other string) (string, error) {
	if p.result == nil {
		return "", errNoFilter
	}
	b, bigB, err := readOther(other)
	if err != nil {
		return "", err
	}
	if bigB != p.result.ABIs[0].BigEndian {
		return "", fmt.Errorf("the filters are for machines of different byte orders")
	}
	space := proof.New(linux.Arches()...)
	ours, err := space.Program(p.result.Program, p.result.Order, p.result.Policy.Late...)
	if err != nil {
		return "", err
	}
	theirs, err := space.Program(b, order(bigB))
	if err != nil {
		return "", err
	}
	difference, err := space.Differ(ours, theirs)
	switch {
	case err != nil:
		return "", err
	case difference == nil:
		return "no difference: proved for every call\n", nil
	}
	rows, err := space.Diff(ours, theirs)
	if err != nil {
		return "", err
	}
	table := explain.Table{Lines: explain.Differences(rows, p.result.Order), A: "left", B: "this"}
	return fmt.Sprintf(
		"different, such as %s\n\n%s",
		explain.Call(difference.Call, p.result.Order),
		table.Text(),
	), nil
}

// readOther reads the filter that the own one is compared with.
func readOther(text string) (p asm.Program, big bool, err error) {
	if strings.TrimSpace(text) == "" {
		return nil, false, fmt.Errorf("there is nothing to compare with")
	}
	if blob.Form([]byte(text)) != "" {
		f, err := blob.Read("this", []byte(text))
		if err != nil {
			return nil, false, err
		}
		return f.Program, f.Order == order(true), f.Program.Check()
	}
	res, found := compiler.Compile("this", []byte(text), options())
	if res == nil {
		return nil, false, found.Err()
	}
	if len(res.Policy.Late) > 0 {
		return nil, false, fmt.Errorf(
			"the other filter waits for the value of %s",
			res.Policy.Late[0].Name,
		)
	}
	return res.Program, res.ABIs[0].BigEndian, nil
}
