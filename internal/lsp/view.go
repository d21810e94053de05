package lsp

import (
	"errors"
	"fmt"
	"io/fs"
	"runtime/debug"
	"slices"

	"github.com/seccompc/seccompc/claims"
	"github.com/seccompc/seccompc/compiler"
	"github.com/seccompc/seccompc/compiler/resolve"
	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/diag/codes"
	"github.com/seccompc/seccompc/dsl"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/modes"
)

// view is what is known of one policy and what it includes, as it stands now.
type view struct {
	s     *server
	path  string
	src   []byte
	files resolve.Files
	texts map[*diag.Source]*text

	compiled bool
	policy   *compiler.Result // nil: there are errors
	found    diag.List
	claims   claimState

	reduced bool
	rest    *compiler.Result // see reduce
	lacks   bool             // rest lacks statements
}

// claimState is what became of the lines of test blocks.
type claimState struct {
	failed diag.List
	err    error // they could not be decided
}

// view returns what is known of a policy.
func (s *server) view(path string) *view {
	if v := s.views[path]; v != nil {
		return v
	}
	v := &view{s: s, path: path, src: s.read(path), texts: map[*diag.Source]*text{}}
	v.with(func(opts compiler.Options) { v.files = resolve.Read(path, v.src, opts.Resolve()) })
	s.views[path] = v
	return v
}

// with calls a function with options by which includes are read.
func (v *view) with(do func(compiler.Options)) {
	o := &overlay{docs: v.s.docs}
	defer o.close()
	opts := v.s.opts
	opts.OpenDir = o.open
	if doc := v.s.docs[v.path]; doc != nil && !doc.onDisk {
		opts.OpenDir = func(string) (fs.FS, error) {
			return nil,
				errors.New("save the policy first")
		}
	}
	do(opts)
}

// contains reports whether a file is part of the policy.
func (v *view) contains(path string) bool { return v.file(path) != nil }

// file returns the tree of a file of the policy, or nil.
func (v *view) file(path string) *dsl.File {
	for _, f := range v.files.All {
		if f.Source().Name == path {
			return f
		}
	}
	return nil
}

// incomplete reports whether a file that the policy includes could not be read.
func (v *view) incomplete() bool {
	for _, f := range v.files.All {
		for st := range f.All() {
			if inc, ok := st.(*dsl.Include); ok && v.files.Bodies[inc] == nil {
				return true
			}
		}
	}
	return false
}

// hasDefault reports whether the policy has a default: what it lacks is part of others.
func (v *view) hasDefault() bool {
	for _, f := range v.files.All {
		for st := range f.All() {
			if d, ok := st.(*dsl.Fallback); ok && d.Kind == "default" {
				return true
			}
		}
	}
	return false
}

// textOf returns a text with the places of its characters.
func (v *view) textOf(src *diag.Source) *text {
	t := v.texts[src]
	if t == nil {
		if doc := v.s.docs[src.Name]; doc != nil && doc.text.string == src.Text {
			t = doc.text
		} else {
			t = newText(src.Text)
		}
		v.texts[src] = t
	}
	return t
}

// location returns where a span is, as the protocol has it.
func (v *view) location(at diag.Span) location {
	src := at.Source()
	return location{v.s.uri(src.Name), v.textOf(src).spanOf(at)}
}

// uri returns the URI of a file: the editor's own, where it is open.
func (s *server) uri(path string) string {
	if doc := s.docs[path]; doc != nil {
		return doc.uri
	}
	return uriOf(path)
}

// compile compiles the policy and decides its claims.
func (v *view) compile() {
	if v.compiled {
		return
	}
	v.compiled = true
	defer v.survive()
	v.with(func(opts compiler.Options) {
		opts.Edits = true
		v.policy, v.found = compiler.Compile(v.path, v.src, opts)
		if v.policy == nil {
			return
		}
		v.found = append(v.found, modes.Unproved(v.path, v.src, opts, v.policy.Resolved)...)
		v.claims = v.decideClaims()
		v.found = append(v.found, v.claims.failed...)
	})
}

// survive reports a panic in the compiler: the server goes on.
func (v *view) survive() {
	if fault := recover(); fault != nil {
		v.policy, v.rest, v.reduced = nil, nil, true
		v.s.log.Printf("this is a bug in seccompc: %s: %v\n%s", v.path, fault, debug.Stack())
		at := (&diag.Source{Name: v.path}).Start()
		v.found = append(v.found, diag.Errorf(at, "internal",
			"this is a bug in seccompc: please report it with the policy: %v", fault))
	}
}

// Bounds on what is left out: how often, as what is left can lack what it needs, and for how many
// errors at once.
const (
	maxReductions = 4
	maxFaulty     = 100
)

// reduce compiles a policy that has errors without the statements that have them, if they stand in
// the text itself, and it has a meaning without them.
func (v *view) reduce() {
	if v.reduced {
		return
	}
	v.reduced = true
	defer v.survive()
	f := v.file(v.path)
	if f == nil {
		return
	}
	src := slices.Clone(v.src)
	for _, at := range f.Faulty {
		v.lacks = blank(src, at) || v.lacks
	}
	v.with(func(opts compiler.Options) {
		opts.Levels = map[string]diag.Severity{}
		for _, c := range codes.All() {
			if c.Lint {
				opts.Levels[c.Name] = diag.Off
			}
		}
		for range maxReductions {
			res, found := compiler.Compile(v.path, src, opts)
			if v.rest = res; res != nil || !blankFaulty(src, f, found) {
				return
			}
			v.lacks = true
		}
	})
}

// blankFaulty leaves out of a text the statements that errors are in. It is false where one is in
// none that is left.
func blankFaulty(src []byte, f *dsl.File, found diag.List) bool {
	if len(found) > maxFaulty {
		return false
	}
	for _, d := range found {
		var faulty dsl.Statement
		for s := range f.All() {
			if s.Range().Contains(d.Span.Start()) {
				faulty = s // the innermost comes last
			}
		}
		if d.Severity == diag.Error && (faulty == nil || !blank(src, faulty.Range())) {
			return false
		}
	}
	return true
}

// blank makes blanks of a part of a text, and reports whether there was anything else.
func blank(src []byte, at diag.Span) (some bool) {
	start, end := at.Offsets()
	for i := start; i < end; i++ {
		if c := src[i]; c != '\n' && c != '\r' {
			some = some || c != ' '
			src[i] = ' '
		}
	}
	return some
}

func (v *view) decideClaims() claimState {
	if len(v.policy.Claims) == 0 {
		return claimState{}
	}
	checker, err := claims.New(v.policy.Resolved, v.policy.Program, v.policy.Order)
	if err != nil {
		return claimState{err: err}
	}
	failed, err := checker.Check()
	if err != nil {
		return claimState{err: fmt.Errorf("not decided: %w", err)}
	}
	return claimState{failed: claims.Diagnostics(v.policy.Resolved, failed)}
}

// abis returns the ABIs that the policy is for.
func (v *view) abis() []*linux.ABI {
	if v.compile(); v.policy != nil {
		return v.policy.ABIs
	}
	if listed := v.listedABIs(); len(listed) > 0 {
		return listed
	}
	if native, ok := linux.Native(); ok {
		return []*linux.ABI{native}
	}
	return linux.ABIs()[:1]
}

// listedABIs returns the ABIs that are named, by the policy or by an option.
func (v *view) listedABIs() []*linux.ABI {
	var out []*linux.ABI
	add := func(name string) {
		if abi, ok := linux.Lookup(name); ok && !slices.Contains(out, abi) {
			out = append(out, abi)
		}
	}
	for _, name := range v.s.opts.ABIs {
		add(name)
	}
	for _, f := range v.files.All {
		for st := range f.All() {
			if arch, ok := st.(*dsl.Arch); ok && len(v.s.opts.ABIs) == 0 {
				for _, name := range arch.ABIs {
					add(name.Text)
				}
			}
		}
	}
	return out
}

// viewOf returns the policy that a request about a document is about.
func (s *server) viewOf(doc *document) *view { return s.view(s.roots(doc)[0]) }
