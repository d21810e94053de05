// Package builder makes policies from Go values. A policy that is built stands for a text, which
// [Policy.String] prints: compiling it is compiling that text, with the same findings, the same
// code and the same proof.
//
//	p := builder.New(builder.Allow).ABIs("x86_64", "aarch64")
//	p.Add(builder.Deny, "ptrace", "bpf")
//	p.Add(builder.Deny, "unshare", "clone").If(builder.Arg("flags").Has("CLONE_NEWUSER"))
//	filter, err := p.Compile(compiler.Options{})
//
// Names of system calls, sets, arguments and constants are the policy language's. What is no name
// there is an error of [Policy.Compile]: no string can add a rule to the text.
package builder

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/seccompc/seccompc/compiler"
	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/dsl"
)

// Policy is a policy under construction. Rules are asked in the order in which they were added.
type Policy struct {
	abis  []string
	asOf  string   // the release of Linux, or ""
	heads []string // statements before the rules
	rules []*Rule
	errs  []error
}

// New returns a policy that does the given to every call that no rule decides.
func New(byDefault Action) *Policy {
	p := &Policy{}
	return p.head("default", byDefault)
}

// ABIs names the ABIs that the filter serves, in the policy language's names or Go's. Without it
// the policy serves the one of [compiler.Options], or the machine's own.
func (p *Policy) ABIs(names ...string) *Policy {
	for _, n := range names {
		p.abis = append(p.abis, p.name(n, "an ABI"))
	}
	return p
}

// AsOf says which release of Linux, "6.12", the table of system calls and the built-in sets are
// those of. Without it they are those of this module, and what the policy means moves with them.
func (p *Policy) AsOf(release string) *Policy {
	if release == "" || strings.Trim(release, "0123456789.") != "" {
		p.fail(fmt.Errorf("%q is no release of Linux, as 6.12 is", release))
		return p
	}
	p.asOf = release
	return p
}

// Mismatch says what a caller of an ABI gets that the policy does not serve. Without it, kill.
func (p *Policy) Mismatch(a Action) *Policy { return p.head("mismatch", a) }

// Unknown says what a number gets that the kernel's table does not hold. Without it, the default.
func (p *Policy) Unknown(a Action) *Policy { return p.head("unknown", a) }

func (p *Policy) head(word string, a Action) *Policy {
	p.heads = append(p.heads, word+" "+p.action(a))
	return p
}

// Add adds a rule: what is done to some system calls, by name or by number, to @sets of them, or to
// "all NAME", a call and those that are the same with types of another width.
func (p *Policy) Add(a Action, calls ...string) *Rule {
	if len(calls) == 0 {
		p.fail(errors.New("a rule names no system call"))
	}
	r := &Rule{action: p.action(a), policy: p}
	for _, c := range calls {
		r.calls = append(r.calls, p.selector(c))
	}
	p.rules = append(p.rules, r)
	return r
}

// Rule is one rule of a policy.
type Rule struct {
	policy *Policy
	reason []string
	action string
	calls  []string
	cond   string
}

// If has the rule decide only calls for which the condition holds.
func (r *Rule) If(c Cond) *Rule {
	if r.cond != "" {
		r.policy.fail(errors.New("a rule has two conditions; join them by And or Or"))
	}
	if c.err != nil {
		r.policy.fail(c.err)
	}
	r.cond = c.text
	return r
}

// Because gives the rule's reason, which explain and the documents show.
func (r *Rule) Because(reason string) *Rule {
	for line := range strings.Lines(reason) {
		r.reason = append(r.reason, strings.TrimSpace("# "+diag.Printable(strings.TrimSpace(line))))
	}
	return r
}

// String returns the policy as text.
func (p *Policy) String() string {
	var b strings.Builder
	if len(p.abis) > 0 {
		fmt.Fprintf(&b, "arch %s\n", strings.Join(p.abis, ", "))
	}
	if p.asOf != "" {
		fmt.Fprintf(&b, "as of linux %s\n", p.asOf)
	}
	for _, h := range p.heads {
		fmt.Fprintln(&b, h)
	}
	for _, r := range p.rules {
		b.WriteByte('\n')
		for _, line := range r.reason {
			fmt.Fprintln(&b, line)
		}
		fmt.Fprintf(&b, "%s %s", r.action, strings.Join(r.calls, ", "))
		if r.cond != "" {
			fmt.Fprintf(&b, " if %s", r.cond)
		}
		b.WriteByte('\n')
	}
	formatted, findings := dsl.Format("policy", []byte(b.String()))
	if findings.HasErrors() {
		return b.String() // Compile says what is wrong with it
	}
	return string(formatted)
}

// Err returns what was wrong with the values that the policy was made from.
func (p *Policy) Err() error { return errors.Join(p.errs...) }

// Compile compiles the policy and proves the filter to be it. Findings that are no errors are
// returned beside the filter.
func (p *Policy) Compile(opts compiler.Options) (*compiler.Result, diag.List, error) {
	if err := p.Err(); err != nil {
		return nil, nil, err
	}
	filter, findings := compiler.Compile("policy", []byte(p.String()), opts)
	return filter, findings, findings.Err()
}

func (p *Policy) fail(err error) { p.errs = append(p.errs, fmt.Errorf("builder: %w", err)) }

// name returns a word of the text, and notes what is none.
func (p *Policy) name(s, what string) string {
	if !isName(s) {
		p.fail(fmt.Errorf("%q is no name of %s", s, what))
		return "none"
	}
	return s
}

func (p *Policy) selector(s string) string {
	if set, ok := strings.CutPrefix(s, "@"); ok && isName(strings.ReplaceAll(set, "-", "_")) {
		return s
	}
	if _, err := strconv.ParseUint(s, 0, 32); err == nil {
		return s
	}
	if call, ok := strings.CutPrefix(s, "all "); ok {
		return "all " + p.name(call, "a system call")
	}
	return p.name(s, "a system call")
}

func isName(s string) bool {
	return s != "" && !isDigit(s[0]) && !slices.ContainsFunc([]byte(s), func(c byte) bool {
		return c != '_' && !isDigit(c) && (c|0x20 < 'a' || c|0x20 > 'z')
	})
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
