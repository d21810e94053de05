package resolve

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/diag/codes"
	"github.com/seccompc/seccompc/dsl"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
)

// Resolved is a policy whose every name has become a number.
type Resolved struct {
	Policy *policy.Policy
	ABIs   []*linux.ABI // those of Policy.ABIs, in the same order
	Rules  []SourceRule // by policy.Rule.Source
	// the lines of the test blocks, in the order of the text, once for each ABI
	Claims  []Claim
	Hot     [][]uint32     // for each ABI the numbers that "hot" names, sorted
	Sources []*diag.Source // the texts of all files, the policy first, then values of parameters
	Guarded [][]Guarded    // for each ABI what its rules stop
	Lax     [][]Guarded    // for each ABI what rules let pass, and more than they say
	// Fallbacks holds for each ABI the statements default, mismatch and unknown, by their first
	// word.
	Fallbacks []map[string]*dsl.Fallback
	Wide      []WideCompare // comparisons that look at more than the kernel reads
	Params    []Param       // in the order of the text

	lints  lints
	scopes []*scope // of the ABIs
	opts   Options

	ownABIs bool
}

// SourceRule is a rule as its author wrote it.
type SourceRule struct {
	*dsl.Rule
	Text string
}

// Claim is a line of a test block on one ABI: all of Calls get the action Want.
type Claim struct {
	*dsl.Claim
	Test  string // the name of its block
	Text  string
	ABI   int // index of Policy.ABIs
	Calls []Call
	Want  policy.Action
}

// WideCompare is a comparison, in a rule or in a test block, under a cast that is wider than what
// the kernel reads of the argument, so that bits decide that nobody looks at.
type WideCompare struct {
	Operand *dsl.Operand
	Arg     int // its position in the arguments
	Reads   int // the bits that the kernel reads
	Means   string
}

// Call describes system calls of one ABI: those with number Nr for which Cond holds.
type Call struct {
	Nr   uint32
	Cond policy.Cond // nil: all of them
	// Args holds the arguments whose value the text gives, bit patterns of the argument's width,
	// and Given says which these are. Cond asks for them too.
	Args  [6]uint64
	Given [6]bool
}

// Lint applies the levels of [Options] and the policy's lint comments to findings of later stages:
// it drops what is not to be reported and sets the severity of the others where a level says so.
func (r *Resolved) Lint(found diag.List) diag.List { return r.lints.filter(found) }

// Silences reports whether a lint that is a warning by itself is not reported at a place, so that
// nobody need look for it.
func (r *Resolved) Silences(code string, at diag.Span) bool { return r.lints.silences(code, at) }

// OwnABIs reports whether the ABIs are those that the policy lists, all of them.
func (r *Resolved) OwnABIs() bool { return r.ownABIs }

// Text gives a policy its meaning on every ABI that it serves. The name is the path of the text:
// includes are relative to it, and positions show it. All errors are found in one run; if there is
// one, the policy is nil.
func Text(name string, src []byte, opts Options) (*Resolved, diag.List) {
	r := newResolver(opts)
	r.load(name, src)
	return r.meaning()
}

func newResolver(opts Options) *resolver {
	return &resolver{
		opts:     opts,
		report:   newReport(),
		budget:   &budget{left: maxWork},
		enums:    map[enumKey]*enumeration{},
		found:    map[mention]bool{},
		missing:  map[mention][]string{},
		removals: map[*dsl.Selector]*removal{},
		tables:   linux.Newest,
		late:     map[*dsl.Late]*policy.Late{},
		readings: map[enumKey]map[uint64]reading{},
		meant:    map[string]*dsl.Cond{},
	}
}

// meaning resolves what has been loaded.
func (r *resolver) meaning() (*Resolved, diag.List) {
	l := lints{levels: r.opts.Levels, allows: r.allows()}
	r.checkLints(l)
	r.number()
	r.chooseABIs()
	if len(r.abis) == 0 || r.arch == nil && len(r.opts.ABIs) == 0 && r.gaps.mayHave("arch") {
		return nil, r.judgeGuesses(r.report.finish(nil, l))
	}
	out := r.resolve()
	r.lintDated(out)
	r.lintDirectives()
	r.lintLeftOut(out.Policy)
	r.spend(r.files[0].Start(), 0) // what went on quietly is told
	diags := r.judgeGuesses(r.report.finish(r.abis, l))
	if diags.HasErrors() {
		return nil, diags
	}
	out.Sources, out.Wide, out.lints, out.opts = r.sources(), r.wide, l, r.opts
	out.ownABIs = r.arch != nil && len(r.opts.ABIs) == 0
	return out, diags
}

// maxWork bounds the selectors, tests and numbers that the resolver handles for one policy; sets of
// sets in rules in files multiply.
const maxWork = 500_000

// resolver is the state of [Text].
type resolver struct {
	opts   Options
	report *report
	budget *budget

	loaded
	rules  map[*dsl.Rule]int // Source
	source []SourceRule
	lines  int // of all test blocks
	top    int // statements outside of blocks

	abis   []*linux.ABI // to compile for
	listed []*linux.ABI // of the arch statement

	quiet       bool // nobody reads the findings
	commandLine bool // what is resolved is a call of the command line
	active      map[dsl.Statement]bool
	covers      map[*dsl.Rule]bool // does the rule name a call on any ABI?
	removals    map[*dsl.Selector]*removal

	wide  []WideCompare
	enums map[enumKey]*enumeration // see enumerated

	readings map[enumKey]map[uint64]reading // see condResolver.reading
	meant    map[string]*dsl.Cond           // see Guarded.asks, by text

	found   map[mention]bool     // the calls of the text that one of several ABIs has
	missing map[mention][]string // the ABIs that do not have it

	params      map[string]*dsl.Expr   // from the command line
	definitions map[string]*dsl.Define // of parameters
	order       []string               // their names, in the order of the text
	arch        *dsl.Arch              // statement
	asOf        *dsl.AsOf              // statement
	tables      linux.Release          // those that count
	archSpan    diag.Span              // what chose the ABIs
	lateNames   map[string]bool        // of late values
	late        map[*dsl.Late]*policy.Late
}

// loaded is a policy as a set of files.
type loaded struct {
	files  []*dsl.File // the policy, then what it includes
	bodies map[*dsl.Include]*dsl.File
	gaps   gaps
	words  int // of all files
}

// budget is what is left of maxWork. A copy of the resolver whose findings nobody reads shares it.
type budget struct {
	left int
	told bool // there is a finding that says that it is spent
}

// spend takes n from the budget and reports whether it was enough. The first time it was not, that
// is an error.
func (r *resolver) spend(at diag.Span, n int) bool {
	r.budget.left -= n
	if r.budget.left < 0 && !r.budget.told && !r.quiet {
		r.budget.told = true
		r.report.add(nil, diag.Errorf(at, codes.TooLarge,
			"the policy is too large: it multiplies to more than %d parts", maxWork).
			WithHelp("use fewer calls in rules with long conditions, or fewer ABIs in one filter"))
	}
	return r.budget.left >= 0
}

// number gives every rule its place in Resolved.Rules, and counts what lists need room for.
func (r *resolver) number() {
	for _, f := range r.files {
		r.top += len(f.Statements)
	}
	r.rules = make(map[*dsl.Rule]int, r.top)
	r.source = make([]SourceRule, 0, r.top)
	for _, f := range r.files {
		for s := range f.All() {
			switch s := s.(type) {
			case *dsl.Rule:
				r.rules[s] = len(r.source)
				r.source = append(r.source, SourceRule{s, s.Span.Text()})
			case *dsl.Test:
				r.lines += len(s.Claims)
			}
		}
	}
}

// sources returns what has been read.
func (r *resolver) sources() []*diag.Source {
	var out []*diag.Source
	for _, f := range r.files {
		out = append(out, f.Source())
	}
	for _, name := range slices.Sorted(maps.Keys(r.params)) {
		out = append(out, r.params[name].Source())
	}
	return out
}

func (r *resolver) resolve() *Resolved {
	r.active = make(map[dsl.Statement]bool, r.top)
	r.covers = map[*dsl.Rule]bool{}
	out := &Resolved{
		Policy: &policy.Policy{Mismatch: policy.KillProcess},
		ABIs:   r.abis,
		Rules:  r.source,
	}
	if r.lines > 0 {
		out.Claims = make([]Claim, 0, r.lines*len(r.abis))
	}
	for i, abi := range r.abis {
		if r.budget.left < 0 { // the rest of the text has not been read either
			return out
		}
		s := newScope(r, abi)
		statements := s.flatten(r.files[0].Statements)
		s.section(statements, out)
		if i == 0 {
			out.Params = s.paramList()
		}
		if m := s.fallback["mismatch"]; m != nil {
			action := s.decision(&m.Action)
			if i > 0 && action != out.Policy.Mismatch {
				d := diag.Errorf(m.Action.Span, codes.ConstantRange,
					"the errno of mismatch differs between the ABIs")
				r.report.add(nil, d.WithHelp("write it as a number"))
			}
			out.Policy.Mismatch = action
		}
	}
	r.checkUses()
	r.checkEmpty()
	r.lintRemovals()
	r.checkDead()
	if len(r.abis) > 1 || len(r.files) > 1 { // else they are in the order of the text
		sortClaims(out.Claims)
	}
	return out
}

// Options say how to read a policy.
type Options struct {
	// ABIs names the ABIs to compile for; nil stands for the policy's own, else the machine's.
	ABIs    []string
	Params  map[string]string        // values of parameters and late values, in the policy language
	Levels  map[string]diag.Severity // of lints, by code
	Include []string                 // directories that include may read besides the policy's own
	// OpenDir opens a directory for include; nil reads the disk. A file system of another's must
	// not follow links out of the directory.
	OpenDir func(dir string) (fs.FS, error)
}

// Decision is what decides a call in a policy: a rule, or a statement where no rule does.
type Decision struct {
	Rule     *SourceRule // nil where no rule decides
	Fallback string      // then the statement: default, unknown or mismatch

	// Twins are the calls of the ABI that "all NAME" stands for, by that name, where the rule or a
	// set of its names the call so.
	Twins map[string][]string
}

// Decide returns what decides a call. It needs the late values that the policy compares with.
func (r *Resolved) Decide(d policy.Data, late ...policy.LateValues) Decision {
	abi := r.Policy.Find(d)
	if abi == nil {
		return Decision{Fallback: "mismatch"}
	}
	if rule := abi.Decide(d, late...); rule != nil {
		by := &r.Rules[rule.Source]
		return Decision{Rule: by, Twins: r.scopeOf(abi.Name).twinsOf(by.Selectors, d.Nr)}
	}
	if policy.Contains(abi.Known, uint64(d.Nr)) {
		return Decision{Fallback: "default"}
	}
	return Decision{Fallback: "unknown"}
}

func (r *Resolved) scopeOf(abi string) *scope {
	i := slices.IndexFunc(r.scopes, func(s *scope) bool { return s.abi.Name == abi })
	return r.scopes[i]
}

// twinsOf returns what "all" means on an ABI where selectors, or sets among them, name the call in
// this way.
func (s *scope) twinsOf(list []*dsl.Selector, nr uint32) map[string][]string {
	out, seen := map[string][]string{}, map[string]bool{}
	var walk func([]*dsl.Selector)
	walk = func(list []*dsl.Selector) {
		for _, sel := range list {
			if set := s.sets[sel.Set]; set != nil && !seen[sel.Set] {
				seen[sel.Set] = true
				walk(set.node.Add)
			}
			if sel.All && slices.ContainsFunc(appendTwins(nil, s.abi, sel.Name),
				func(c call) bool { return c.nr == nr }) {
				out[sel.Name] = s.abi.Twins(sel.Name)
			}
		}
	}
	walk(list)
	return out
}

// Why says which statement decides where no rule does, and when it does.
func (d Decision) Why() string {
	switch d.Fallback {
	case "mismatch":
		return "the policy does not list the ABI that the arch and the number tell (mismatch)"
	case "unknown":
		return "the ABI's table does not hold the number (unknown, or else default)"
	}
	return "default"
}

// Place names the rule's file and line, or else the statement that decides.
func (d Decision) Place() string {
	if d.Rule == nil {
		return d.Fallback
	}
	at := d.Rule.Span.Pos()
	return fmt.Sprintf("%s:%d", diag.Printable(at.Filename), at.Line)
}

// String returns lines for people: the rule with its place and its reason, or what decides instead.
func (d Decision) String() string {
	if d.Rule == nil {
		return fmt.Sprintf("no rule decides: %s\n", d.Why())
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n", d.Place(), d.Rule.Text)
	for _, name := range slices.Sorted(maps.Keys(d.Twins)) {
		fmt.Fprintf(&b, "  all %s: %s\n", name, strings.Join(d.Twins[name], ", "))
	}
	for line := range strings.Lines(d.Rule.Reason) {
		fmt.Fprintf(&b, "  # %s\n", strings.TrimSpace(line))
	}
	return b.String()
}

type twinsJSON struct {
	Name  string   `json:"name"`
	Calls []string `json:"calls"`
}

// MarshalJSON writes a rule with its place, or the statement that decides instead.
func (d Decision) MarshalJSON() ([]byte, error) {
	var out struct {
		File     string `json:"file,omitempty"`
		Line     int    `json:"line,omitempty"`
		Rule     string `json:"rule,omitempty"`
		Reason   string `json:"reason,omitempty"`
		Fallback string `json:"fallback,omitempty"`

		Twins []twinsJSON `json:"all,omitempty"`
	}
	out.Fallback = d.Fallback
	for _, name := range slices.Sorted(maps.Keys(d.Twins)) {
		out.Twins = append(out.Twins, twinsJSON{name, d.Twins[name]})
	}
	if d.Rule != nil {
		at := d.Rule.Span.Pos()
		out.File, out.Line, out.Rule, out.Reason = at.Filename, at.Line, d.Rule.Text, d.Rule.Reason
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // a rule keeps its "<" and "&" for who wants it so
	err := e.Encode(out)
	return b.Bytes(), err
}
