package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seccompc/seccompc/compiler"
	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/doc"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/modes"
)

// docFlags are the flags of doc.
type docFlags struct {
	policyFlags
	configs, numbers []string
	into             string
	output           string
	check            bool
}

const docLong = `Doc compiles a policy, once for each --config, and writes what the filters do:
what is true of everything else, the values of arguments, the calls that are decided whatever
their arguments, and those under conditions, a column for each configuration. The comment above
a rule is the reason.

With --into the tables replace what stands between two lines of a file of yours:
  <!-- seccompc:begin POLICY -->
  <!-- seccompc:end -->
POLICY is relative to the file. The rest of the file is left alone. The marker keeps --config and
--numbers, which need not be given again. With --check nothing is written, and the exit status is 1
where the file says something else.

With --format html it is a page with a picture for each ABI: every number of the table, coloured
by what is decided, with the prototype as a tooltip; then a line for each call that arguments
decide, the claims, which are proved first, and what no filter decides.

Of a stack A+B the tables say what its filters do together, without reasons.`

func newDoc() *cobra.Command {
	var flags docFlags
	cmd := &cobra.Command{
		Use:   "doc POLICY",
		Short: "Write what a policy does as tables, in Markdown or HTML",
		Long:  docLong,
		Example: "  seccompc doc policy.scp --config Block=net=block --config Proxy=net=proxy " +
			"--into README.md\n" +
			"  seccompc doc policy.scp --into README.md --check",
		Args: usageArgs(cobra.ExactArgs(1)),
	}
	flags.register(cmd)
	cmd.Flags().Var(newList(&flags.configs), "config",
		"a column for the configuration `NAME=PARAM=VALUE,…`; may be repeated")
	cmd.Flags().Var(commaList(&flags.numbers), "numbers", "show the numbers of the ABIs `A,B`")
	cmd.Flags().StringVar(&flags.into, "into", "", "write between the markers of `FILE`")
	cmd.Flags().BoolVar(&flags.check, "check", false,
		"compare with --into's file, and write nothing")
	completeFlag(cmd, "numbers", abiNames)
	format := newChoice("markdown", "markdown", "html")
	cmd.Flags().Var(format, "format", "of the tables")
	cmd.Flags().StringVarP(&flags.output, "output", "o", "-", "write to `FILE`")
	cmd.MarkFlagsMutuallyExclusive("output", "into")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if format.value == "html" {
			return flags.page(cmd, args[0])
		}
		if flags.check && flags.into == "" {
			return usageError(cmd, errors.New("--check compares with a file; name it with --into"))
		}
		in, is, err := onePolicy(cmd, args[0])
		if err != nil {
			return err
		}
		if !is {
			return flags.stack(cmd, args[0])
		}
		if flags.into == "" { // at another place the marker would name another path
			text, err := flags.markdown(cmd, in, in.name, doc.DefaultLevel)
			if err != nil {
				return err
			}
			return writeOutput(cmd, flags.output, []byte(text))
		}
		return flags.fill(cmd, in)
	}
	return cmd
}

// stack writes what filters do together, or what one does that is no policy. It is read back from
// them, so that the tables have no reasons.
func (flags *docFlags) stack(cmd *cobra.Command, name string) error {
	if flags.into != "" {
		return usageError(cmd,
			errors.New("--into is for the tables of one policy, not of a filter or a stack"))
	}
	all, err := modes.ParseAll(flags.configs)
	if err != nil {
		return usageError(cmd, fmt.Errorf("--config: %w", err))
	}
	if len(all) == 0 {
		all = []modes.Mode{{}}
	}
	one := flags.policyFlags
	one.said = map[string]bool{}
	var compiled []configuration
	for _, m := range all {
		one.defines = definesOf(flags.defines, m)
		s, err := loadStack(cmd, &one, name)
		if err != nil {
			return err
		}
		res, err := s.merged()
		if err != nil {
			return err
		}
		compiled = append(compiled, configuration{m, res})
	}
	text, err := flags.tables(compiled, diag.Printable(name), doc.DefaultLevel)
	if err != nil {
		return err
	}
	return writeOutput(cmd, flags.output, []byte(text))
}

// merged returns the policy that the filters are together, compiled.
func (s *stacked) merged() (*compiler.Result, error) {
	back, err := s.decompile(nil)
	if err != nil {
		return nil, err
	}
	if text := back.Short(); text != "" {
		return nil, wrong("%s: %s", diag.Printable(s.name), text)
	}
	res, diags := compiler.Compile(s.name+", decompiled", back.Text, compiler.Options{})
	if res == nil {
		return nil, wrong("%s: the policy read back from it: %w", diag.Printable(s.name),
			diags.Err())
	}
	return res, nil
}

// fill writes the tables into a document, or compares them.
func (flags *docFlags) fill(cmd *cobra.Command, in input) error {
	old, err := os.ReadFile(flags.into)
	if err != nil {
		return fileError(flags.into, err)
	}
	block, err := doc.Find(flags.into, string(old), in.path)
	if err != nil {
		return fmt.Errorf("%s: %w", flags.into, err)
	}
	flags.remember(block.Words)
	text, err := flags.markdown(cmd, in, block.Policy, block.Level)
	if err != nil {
		return err
	}
	if !flags.check {
		if err := checkOutput(cmd, flags.into); err != nil {
			return err
		}
		return writeFile(cmd, flags.into, []byte(block.Replace(string(old), text)))
	}
	changes := doc.Changes(block.Text(string(old)), text)
	for _, c := range changes {
		say(cmd, "%s: %s", flags.into, c)
	}
	if len(changes) > 0 {
		return exit(statusWrong)
	}
	return nil
}

// remember takes from a marker what the command line leaves open.
func (flags *docFlags) remember(words []string) {
	var configs, numbers []string
	for _, w := range words {
		if list, ok := strings.CutPrefix(w, "numbers="); ok {
			numbers = strings.Split(list, ",")
			continue
		}
		configs = append(configs, w)
	}
	if len(flags.configs) == 0 {
		flags.configs = configs
	}
	if len(flags.numbers) == 0 {
		flags.numbers = numbers
	}
}

// markdown compiles the configurations and writes the tables about them.
func (flags *docFlags) markdown(cmd *cobra.Command, in input, name string, level int) (string,
	error) {
	opts, err := flags.options()
	if err != nil {
		return "", err
	}
	all, err := modes.ParseAll(flags.configs)
	if err != nil {
		return "", usageError(cmd, fmt.Errorf("--config: %w", err))
	}
	if len(all) == 0 {
		all = []modes.Mode{{}}
	}
	compiled, err := compileModes(cmd, in, opts, all)
	if err != nil {
		return "", err
	}
	return flags.tables(compiled, name, level)
}

// tables writes the tables about configurations.
func (flags *docFlags) tables(compiled []configuration, name string, level int) (string, error) {
	if len(strings.Fields(name)) != 1 || strings.Contains(name, ">") {
		return "", fmt.Errorf("%q cannot stand in the marker of a block, for a blank or > ends "+
			"it: rename the file, or write a page with --format html", name)
	}
	d := doc.Doc{Level: level, Marker: strings.Join(append([]string{name}, flags.configs...), " ")}
	if len(flags.numbers) > 0 {
		d.Marker += " numbers=" + strings.Join(flags.numbers, ",")
	}
	for _, c := range compiled {
		d.Configs = append(d.Configs, doc.Config{Name: c.Name, Result: c.Result})
	}
	var err error
	if d.Numbers, err = flags.numbersOf(compiled[0].ABIs); err != nil {
		return "", err
	}
	return d.Markdown()
}

// numbersOf returns the ABIs whose numbers are asked for, all of which the policy serves.
func (flags *docFlags) numbersOf(served []*linux.ABI) ([]*linux.ABI, error) {
	var out []*linux.ABI
	for _, name := range flags.numbers {
		abi, ok := linux.Lookup(name)
		if !ok || !slices.Contains(served, abi) {
			return nil, fmt.Errorf("--numbers %s: the policy is for %s", name, names(served))
		}
		out = append(out, abi)
	}
	return out, nil
}
