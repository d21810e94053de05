package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/explain"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
	"github.com/seccompc/seccompc/proof"
)

// diffFlags are the flags of diff.
type diffFlags struct {
	policyFlags
	subset, json, markdown, all bool
}

func newDiff() *cobra.Command {
	flags := diffFlags{policyFlags: policyFlags{asWritten: true}}
	cmd := &cobra.Command{
		Use:   "diff A B",
		Short: "Show exactly where two filters differ",
		Long: `Diff compares two filters, policies or blobs of any origin, for every call that
there can be, or with --arch for the calls of some ABIs; a policy that lists its ABIs stays one for
those. The first line is the verdict. Each row is a set of calls with the actions that they get, and
one of the calls; no call is in two rows.

A+B stands for filters that are installed one after the other: the strictest answer counts.

The exit status is 0 if there is no difference, 1 if there is one, and 4 if it is not known.`,
		Example: "  seccompc diff old.scp new.scp --markdown\n" +
			"  seccompc diff --subset policy.scp theirs.bpf+ours.bpf",
		Args: usageArgs(cobra.ExactArgs(2)),
	}
	flags.register(cmd)
	cmd.Flags().BoolVar(&flags.subset, "subset", false,
		"show only what B grants and A does not")
	cmd.Flags().BoolVar(&flags.json, "json", false, "print the rows as JSON")
	cmd.Flags().BoolVar(&flags.markdown, "markdown", false, "print the rows as a Markdown table")
	cmd.Flags().BoolVar(&flags.all, "all", false, "print all rows, and all calls of each")
	cmd.MarkFlagsMutuallyExclusive("json", "markdown")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		c, err := flags.load(cmd, args[0], args[1])
		if err != nil {
			return err
		}
		return c.report(cmd.OutOrStdout())
	}
	return cmd
}

// comparison is two filters to compare.
type comparison struct {
	*diffFlags
	names [2]string
	order binary.ByteOrder
	space *proof.Space
	a, b  proof.Function
}

// load reads the filters that two arguments name.
func (flags *diffFlags) load(cmd *cobra.Command, nameA, nameB string) (*comparison, error) {
	c := &comparison{diffFlags: flags, names: [2]string{nameA, nameB},
		space: proof.New(linux.Arches()...)}
	var err error
	if c.a, err = c.function(cmd, nameA); err != nil {
		return nil, err
	}
	c.b, err = c.function(cmd, nameB)
	return c, err
}

// report prints the verdict, then the rows. What is printed of equality comes from the proof, never
// from there being no rows.
func (c *comparison) report(out io.Writer) error {
	find, list := c.space.Differ, c.space.Diff
	if c.subset {
		find, list = c.space.Subset, c.space.Laxer
	}
	difference, err := find(c.a, c.b)
	switch {
	case err != nil:
		return unknown(err)
	case difference == nil && c.json:
		c.print(out, []explain.Line{})
		return nil
	case difference == nil:
		fmt.Fprintln(out, c.none())
		return nil
	}
	call := explain.Call(difference.Call, c.order)
	if !c.json {
		fmt.Fprintf(out, "%s %s\n\n", c.some(), call)
	}
	rows, err := list(c.a, c.b)
	more := 0
	if !c.all && !c.json && len(rows) > maxShown {
		rows, more = rows[:maxShown], len(rows)-maxShown
	}
	lines := explain.Differences(rows, c.order)
	gap := new(proof.NotKnown)
	if err != nil && (c.json || !errors.As(err, &gap)) {
		abi := explain.ABIOf(difference.Call)
		lines = append(lines, explain.Line{ABIs: []string{}, Calls: []string{}, Incomplete: true,
			A: explain.Action(difference.A, abi), B: explain.Action(difference.B, abi), Call: call})
	}
	c.print(out, lines)
	if more > 0 {
		fmt.Fprintf(out, "\n%d more rows: --all prints them\n", more)
	}
	if gap.Why != "" && !c.json {
		fmt.Fprintf(out, "\nit is not known whether more calls differ: %s\n", gap)
	}
	return exit(statusWrong)
}

// maxShown is how many rows are shown, unless all are asked for.
const maxShown = 200

func (c *comparison) print(out io.Writer, lines []explain.Line) {
	table := explain.Table{Lines: lines, A: diag.Printable(c.names[0]),
		B: diag.Printable(c.names[1]), All: c.all}
	switch {
	case c.json:
		out.Write(document(fields{"rows": lines}))
	case c.markdown:
		fmt.Fprint(out, table.Markdown())
	default:
		fmt.Fprint(out, table.Text())
	}
}

// none says that there is no difference, some that there is one.
func (c *comparison) none() string {
	what := "no difference"
	if c.subset {
		what = "B grants nothing that A does not"
	}
	if len(c.arch) > 0 {
		return fmt.Sprintf("%s: proved for every call of %s, others were not compared", what,
			strings.Join(c.arch, ", "))
	}
	return what + ": proved for every call"
}

func (c *comparison) some() string {
	if c.subset {
		return "B grants what A does not, such as"
	}
	return "different, such as"
}

// unknown gives the failure of a proof its exit status.
func unknown(err error) error {
	if errors.Is(err, proof.ErrTooComplex) {
		return &statusError{code: statusUnknown, err: err}
	}
	return err
}

// function returns what a filter does, or what several do that are stacked: for the calls of the
// ABIs that are asked for, if any are.
func (c *comparison) function(cmd *cobra.Command, name string) (f proof.Function, err error) {
	s, err := loadStack(cmd, &c.policyFlags, name)
	if err != nil {
		return f, err
	}
	if c.order == nil {
		c.order = s.order()
	} else if isBig(c.order) != isBig(s.order()) {
		return f, wrong("%s: the filter is %s and the other one is not; no machine runs both",
			diag.Printable(name), orderName(s.order()))
	}
	f, err = c.space.Partly(s.order(), s.programs(), s.late()...)
	if err == nil && len(c.arch) > 0 {
		f, err = c.within(f)
	}
	if err != nil {
		return f, unknown(fmt.Errorf("%s: %w", diag.Printable(name), err))
	}
	return f, nil
}

// within leaves of a function the calls of the ABIs that are asked for.
func (c *comparison) within(f proof.Function) (proof.Function, error) {
	var calls []proof.Calls
	for _, name := range c.arch {
		abi, err := lookupABI(name)
		if err != nil {
			return f, err
		}
		if abi.BigEndian != isBig(c.order) {
			return f, wrong("--arch %s: the filters are %s, and %s is not", name,
				orderName(c.order),
				abi.Name)
		}
		own := proof.Calls{Arch: abi.Arch}
		for _, n := range abi.Numbers() {
			own.Numbers = append(own.Numbers, policy.Range{Lo: uint64(n.Lo), Hi: uint64(n.Hi)})
		}
		calls = append(calls, own)
	}
	return c.space.Within(f, calls...)
}
