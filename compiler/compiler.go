// Package compiler turns a policy's text into a classic BPF program and proves that it is the
// policy.
//
//	text → dsl.File → policy.Policy → decision diagrams → nodes → asm.Program
//
// [resolve.Text] gives the text its meaning, [codegen.Generate] makes the program, [lint.Find]
// finds by proof what is odd about the policy, and [proof.Equal] decides whether the program is the
// policy: if it is not, there is no result. The same text gives the same bytes on any machine.
package compiler

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"runtime/debug"
	"time"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/compiler/codegen"
	"github.com/seccompc/seccompc/compiler/lint"
	"github.com/seccompc/seccompc/compiler/resolve"
	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/diag/codes"
	"github.com/seccompc/seccompc/policy"
)

// Result is a compiled policy.
type Result struct {
	*resolve.Resolved
	Program   asm.Program
	Order     binary.ByteOrder // of the machines that it is for
	TextTime  time.Duration    // how long it took to parse and resolve the text
	CodeTime  time.Duration    // how long it took to generate the program
	ProofTime time.Duration    // how long it took to prove that the program is the policy

	weights codegen.Weights // with which the program was made
	off     codegen.PassSet
}

// Options say how to read a policy, see [resolve.Options], and how to compile it.
type Options struct {
	ABIs    []string
	Params  map[string]string
	Levels  map[string]diag.Severity
	Include []string
	OpenDir func(dir string) (fs.FS, error)

	Profile Profile  // how often calls are made; nil: not known
	Disable []string // optimisations not to make, of [codegen.Passes]

	// Beside are the filters that will be in force together with this one: what one of them stops
	// is no way round a rule. It changes findings alone.
	Beside []asm.Program

	// Edits says that somebody wants the edits of findings. Without it those of lints have none: it
	// costs time to prove that an edit allows no further call.
	Edits bool
}

// Resolve returns what the options say about reading a policy, for [resolve.Text].
func (o Options) Resolve() resolve.Options {
	return resolve.Options{
		ABIs: o.ABIs, Params: o.Params, Levels: o.Levels, Include: o.Include, OpenDir: o.OpenDir,
	}
}

// stages are the parts of a compilation that a test replaces: what it makes of them must not
// leave [Compile] unproved.
type stages struct {
	generate func(*policy.Policy, codegen.Weights, codegen.PassSet) (asm.Program, error)
	lint     func(*resolve.Resolved, diag.List, ...asm.Program) diag.List
}

// Compile compiles a policy and proves that the program answers every call as the policy says. The
// name is the path of the text, see [resolve.Text]. With an error among the findings there is no
// result.
func Compile(name string, src []byte, opts Options) (*Result, diag.List) {
	look := lint.Find
	if opts.Edits {
		look = lint.FindEdits
	}
	return stages{codegen.Generate, look}.compile(name, src, opts)
}

func (s stages) compile(name string, src []byte, opts Options) (*Result, diag.List) {
	began := time.Now()
	r, diags := resolve.Text(name, src, opts.Resolve())
	if diags.HasErrors() {
		return nil, unjudged(diags)
	}
	read := time.Since(began)
	start := r.Sources[0].Start()
	off, err := codegen.Without(opts.Disable)
	if err != nil {
		return nil, append(diags, diag.Errorf(start, codes.BadOption, "%v", err))
	}
	out := &Result{Resolved: r, Order: r.Policy.ByteOrder(), TextTime: read}
	var found diag.List
	out.weights, out.off = weights(r, opts), off
	out.Program, found, out.CodeTime, err = s.build(r, diags, out.weights, off, opts.Beside...)
	diags = append(diags, found...)
	var complex *codegen.TooComplexError
	switch {
	case errors.As(err, &complex):
		diags = append(diags, tooLarge(r, start, complex))
	case len(out.Program) > asm.MaxLen:
		diags = append(diags, tooLong(r, start, len(out.Program)))
	default:
		begin := time.Now()
		diags = append(diags, prove(r, start, out.Program)...)
		out.ProofTime = time.Since(begin)
	}
	diags.Sort()
	if diags.HasErrors() {
		return nil, diags
	}
	return out, diags
}

// unjudged takes the edits from findings that are no errors, for a text that has errors: nobody
// knows what it would allow with them. The edits of names that no ABI has stop more, or nothing.
func unjudged(diags diag.List) diag.List {
	for i := range diags {
		if codes.IsLint(diags[i].Code) && diags[i].Code != codes.MissingOnABI {
			diags[i].Edits = nil
		}
	}
	return diags
}

// build generates the program and meanwhile makes the findings that are proofs about the policy.
// Where that panics, it does so in the goroutine of the caller, who can recover.
func (s stages) build(
	r *resolve.Resolved, known diag.List, weights codegen.Weights, off codegen.PassSet,
	beside ...asm.Program,
) (prog asm.Program, found diag.List, took time.Duration, err error) {
	var fault *panicked
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			if value := recover(); value != nil {
				fault = &panicked{value, debug.Stack()}
			}
		}()
		found = s.lint(r, known, beside...)
	}()
	began := time.Now()
	prog, err = s.generate(r.Policy, weights, off)
	took = time.Since(began)
	<-done
	if fault != nil {
		panic(fault)
	}
	return prog, found, took, err
}

// panicked is a panic of another goroutine, raised again.
type panicked struct {
	value any
	stack []byte
}

// Error says what the value says.
func (p *panicked) Error() string { return fmt.Sprint(p.value) }

// Stack returns the stack of the goroutine that panicked first.
func (p *panicked) Stack() []byte { return p.stack }

// weights returns what the options and the policy's "hot" statements say about the frequency of
// calls.
func weights(r *resolve.Resolved, opts Options) codegen.Weights {
	w := codegen.Weights{Hot: map[string]map[uint32]bool{}}
	for i, numbers := range r.Hot {
		if len(numbers) == 0 {
			continue
		}
		set := map[uint32]bool{}
		for _, nr := range numbers {
			set[nr] = true
		}
		w.Hot[r.Policy.ABIs[i].Name] = set
	}
	if opts.Profile != nil {
		w.Profile = opts.Profile.counts(r.ABIs)
	}
	return w
}
