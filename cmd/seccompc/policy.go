package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/seccompc/seccompc/compiler"
	"github.com/seccompc/seccompc/compiler/codegen"
	"github.com/seccompc/seccompc/compiler/resolve"
	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/diag/codes"
	"github.com/seccompc/seccompc/interop/oci"
	"github.com/seccompc/seccompc/linux"
)

// policyFlags are the flags of every command that reads a policy.
type policyFlags struct {
	arch    []string
	defines []string
	include []string
	levels  []string
	engine  engineFlags
	timeout time.Duration // of exe:PROG
	process int           // of those that exe:PROG starts
	effort  *choice       // "0": no optimisation

	asWritten bool // a policy that lists its ABIs keeps them: --arch is about calls
	outdated  bool // report what is newer than a policy

	found   *diag.List      // if not nil, findings go here and are not printed
	said    map[string]bool // if not nil, what has been printed, which is not printed again
	several bool            // FILE is a stack: -D is for the policies that have the parameter
	used    map[string]bool // the parameters that some policy of the stack has
}

func (p *policyFlags) register(cmd *cobra.Command) {
	f := cmd.Flags()
	f.Var(commaList(&p.arch), "arch", "the ABIs `A,B` to compile for, or the one that a call is of")
	f.VarP(newList(&p.defines), "define", "D", "set a parameter of the policy, `NAME=VALUE`")
	f.VarP(newList(&p.include), "include-dir", "I", "let include read below `DIR` too")
	f.VarP(newList(&p.levels), "warn", "W", "set the level of a lint, `CODE=off|warning|error`")
	p.effort = newChoice("1", "0", "1")
	f.VarP(p.effort, "optimize", "O", "0: test after test, no optimisation; for audits")
	p.engine.register(cmd)
	f.DurationVar(&p.timeout, "timeout", 10*time.Second, "how long exe:PROG may run")
	f.IntVar(&p.process, "process", 1, "read the `N`th process of exe:PROG that installs filters")
	completeFlag(cmd, "arch", abiNames)
	completeFlag(cmd, "warn", lintLevels)
	completeParams(cmd, "define")
}

func (p *policyFlags) options() (compiler.Options, error) {
	opts := compiler.Options{Include: p.include}
	if p.effort != nil && p.effort.value == "0" {
		opts.Disable = slices.DeleteFunc(codegen.Passes(), func(p string) bool {
			return p == "test-masks" // without it a flag is a list of intervals
		})
	}
	for _, name := range p.arch {
		if _, err := lookupABI(name); err != nil {
			return opts, err
		}
		opts.ABIs = append(opts.ABIs, name)
	}
	for _, d := range p.defines {
		name, value, ok := strings.Cut(d, "=")
		if !ok {
			return opts, fmt.Errorf("-D %s: a value is missing; write -D %s=VALUE", d, d)
		}
		if opts.Params == nil {
			opts.Params = map[string]string{}
		}
		opts.Params[name] = value
	}
	if p.outdated {
		opts.Levels = map[string]diag.Severity{
			codes.Outdated: diag.Warning, codes.Undated: diag.Warning,
		}
	}
	for _, l := range p.levels {
		code, text, _ := strings.Cut(l, "=")
		var level diag.Severity
		if err := level.UnmarshalText([]byte(text)); err != nil {
			return opts, fmt.Errorf("-W %s: write -W %s=off, %s=warning or %s=error", l, code, code,
				code)
		}
		if opts.Levels == nil {
			opts.Levels = map[string]diag.Severity{}
		}
		opts.Levels[code] = level
	}
	return opts, nil
}

// compile compiles a policy and prints what check prints: a warning is for everybody who is about
// to use the filter, whatever for.
func (p *policyFlags) compile(cmd *cobra.Command, in input) (*compiler.Result, error) {
	opts, err := p.options()
	if err != nil {
		return nil, err
	}
	if p.several {
		opts.Params = p.own(in, opts)
	}
	if p.asWritten && len(opts.ABIs) > 0 && listsABIs(in, opts) {
		opts.ABIs = nil
	}
	if p.found == nil {
		if p.said == nil {
			return compile(cmd, in, opts)
		}
		return compileOnce(cmd, in, opts, p.said)
	}
	if err := in.mustBePolicy(); err != nil {
		return nil, err
	}
	opts.Edits = true
	res, diags := compiler.Compile(in.path, in.data, opts)
	*p.found = append(*p.found, diags...)
	if res == nil {
		return nil, failure(diags)
	}
	sourcesOf(cmd).addPolicy(res.Resolved)
	return res, nil
}

// listsABIs reports whether a policy lists the ABIs that it is for.
func listsABIs(in input, opts compiler.Options) bool {
	opts.ABIs = nil
	res, _ := resolve.Text(in.path, in.data, opts.Resolve())
	return res != nil && res.OwnABIs()
}

// own returns the parameters of -D that a policy of a stack has.
func (p *policyFlags) own(in input, opts compiler.Options) map[string]string {
	_, diags := resolve.Text(in.path, in.data, opts.Resolve())
	own := maps.Clone(opts.Params)
	for _, d := range diags {
		if name, ok := strings.CutPrefix(d.Span.Pos().Filename, "-D "); ok &&
			d.Code == codes.UnknownParam {
			delete(own, name)
		}
	}
	for name := range own {
		p.used[name] = true
	}
	return own
}

// checkUsed returns an error for a parameter that no policy of a stack has.
func (p *policyFlags) checkUsed() error {
	for _, d := range p.defines {
		if name, _, _ := strings.Cut(d, "="); !p.used[name] {
			return fmt.Errorf("-D %s: no policy of the stack has a parameter %q", d, name)
		}
	}
	return nil
}

func compile(cmd *cobra.Command, in input, opts compiler.Options) (*compiler.Result, error) {
	return compileOnce(cmd, in, opts, map[string]bool{})
}

// compileOnce is compile for one of several configurations: what has been said is not said again.
func compileOnce(
	cmd *cobra.Command, in input, opts compiler.Options, said map[string]bool,
) (*compiler.Result, error) {
	if err := in.mustBePolicy(); err != nil {
		return nil, err
	}
	res, diags := compiler.Compile(in.path, in.data, opts)
	fresh := slices.DeleteFunc(slices.Clone(diags), func(f diag.Finding) bool {
		seen := said[f.String()]
		said[f.String()] = true
		return seen
	})
	if err := printDiagnostics(cmd, fresh); err != nil {
		return nil, err
	}
	if res == nil {
		return nil, failure(diags)
	}
	sourcesOf(cmd).addPolicy(res.Resolved)
	return res, nil
}

// failure is the outcome for findings with an error among them: a mistake in a flag is the command
// line's, whose place the compiler writes as "-D name".
func failure(diags diag.List) error {
	for _, d := range diags {
		flag, _, _ := strings.Cut(d.Span.Pos().Filename, " ")
		if d.Severity == diag.Error && slices.Contains([]string{"-D", "-W", "--arch"}, flag) {
			return exit(statusUsage)
		}
	}
	return exit(statusWrong)
}

// mustBePolicy returns an error for what is no policy.
func (in input) mustBePolicy() error {
	if !in.isPolicy() {
		return notPolicy(in)
	}
	return nil
}

// notPolicy is the error for a filter in the place of a policy.
func notPolicy(in input) error {
	if oci.Is(in.data) {
		return wrong(
			"%s: this is a container's profile and no policy; import oci makes a policy of it",
			in.name)
	}
	return wrong("%s: this is a filter and no policy; disasm shows filters, decompile makes "+
		"policies of them", in.name)
}

// lookupABI returns the ABI of a name or an alias.
func lookupABI(name string) (*linux.ABI, error) {
	abi, ok := linux.Lookup(name)
	if !ok {
		return nil, errors.New(withNear(fmt.Sprintf("--arch %s: unknown ABI; the ABIs are %s", name,
			strings.Join(abiNames(), ", ")), name, slices.Values(abiNames())))
	}
	return abi, nil
}
