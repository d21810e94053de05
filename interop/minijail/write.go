package minijail

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/seccompc/seccompc/explain"
	"github.com/seccompc/seccompc/interop"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
)

// filter makes the filter for an ABI.
func (im *importer) filter(abi *linux.ABI) (*interop.Filter, error) {
	f := &interop.Filter{ABI: abi, Default: im.defaultAction(), Mismatch: im.mismatch()}
	first := map[uint32]int{}   // the line where a call is named, in the dialect of C
	always := map[uint32]bool{} // calls that an unconditional statement has decided
	for _, s := range im.statements {
		im.file0 = s.file
		p := &parser{importer: im, abi: abi, tokens: s.tokens, last: s.tokens[0].line}
		calls, list, err := p.statement()
		if err != nil {
			if s.file != im.opts.Source {
				return nil, fmt.Errorf("%s: %w", s.file, err)
			}
			return nil, err
		}
		for _, nr := range calls {
			line := s.tokens[0].line
			if im.opts.Dialect == C && first[nr] > 0 {
				return nil, fmt.Errorf("line %d: the call is named in line %d already, which the "+
					"dialect of C "+
					"refuses", line, first[nr])
			}
			first[nr] = line
			for _, o := range list {
				if always[nr] {
					return nil, fmt.Errorf("line %d: the call has got an answer for all "+
						"arguments before", line)
				}
				always[nr] = o.expr == nil || o.decides
				f.Entries = append(f.Entries, im.entries(abi, nr, o, s.reason)...)
				if len(f.Entries) > interop.MaxEntries {
					return nil, fmt.Errorf("line %d: there are more than %d filters", line,
						interop.MaxEntries)
				}
			}
		}
	}
	im.file0 = im.opts.Source
	im.dropped(f)
	for _, e := range f.DropDead() {
		im.warnAt(place{e.File, e.Line}, "%s", e.Why)
	}
	return f, nil
}

// statement reads a whole statement.
func (p *parser) statement() (calls []uint32, list []filter, err error) {
	if calls, err = p.calls(); err != nil {
		return nil, nil, err
	}
	if _, err = p.expect(":", "a colon behind the name"); err != nil {
		return nil, nil, err
	}
	if list, err = p.filters(); err != nil {
		return nil, nil, err
	}
	if len(p.tokens) > 0 {
		return nil, nil, p.unexpected("the end of the statement")
	}
	return calls, list, nil
}

// entries are what one filter says of a call.
func (im *importer) entries(abi *linux.ABI, nr uint32, o filter,
	reason string) (out []interop.Entry) {
	e := interop.Entry{Nr: nr, Action: o.action, Reason: reason, File: im.file0, Line: o.line}
	rest := e
	rest.Action = o.otherwise
	if o.expr == nil {
		return []interop.Entry{e}
	}
	var any [][]policy.Test
	for _, all := range o.expr {
		var tests []policy.Test
		for _, c := range all {
			tests = append(tests, im.test(abi, nr, c, o.line))
		}
		any = append(any, tests)
	}
	ever := false
	if e.Cond, ever = interop.Fold(any); !ever {
		name, _ := abi.SyscallName(nr)
		im.warn(o.line, "%s: the condition never holds", name)
		if o.decides {
			return []interop.Entry{rest}
		}
		return nil
	}
	out = append(out, e)
	if o.decides && e.Cond != nil {
		out = append(out, rest)
	}
	return out
}

// test returns the condition for a comparison.
func (im *importer) test(abi *linux.ABI, nr uint32, c interop.Comparison, line int) policy.Test {
	name, _ := abi.SyscallName(nr)
	if !im.opts.Exact {
		if t, narrower, ok := c.Natural(abi, name); ok {
			if narrower {
				text := interop.Repair("minijail", abi, name, c.Arg, c.Width, t.Operand.Width)
				at, seen := im.repairs[text]
				if !seen || at.file == im.file0 && line < at.line {
					im.repairs[text] = place{im.file0, line}
				}
			}
			return t
		}
	}
	return c.Exact(abi)
}

// dropped warns of conditions before an allow, which minijail's compiler in Python leaves out: it
// sees a call that is allowed at the end. With --exact so does the policy.
func (im *importer) dropped(f *interop.Filter) {
	if im.opts.Dialect == C || im.denylist {
		return
	}
	last := map[uint32]interop.Entry{}
	for _, e := range f.Entries {
		last[e.Nr] = e
	}
	f.Entries = slices.DeleteFunc(f.Entries, func(e interop.Entry) bool {
		end := last[e.Nr]
		if e.Cond == nil || end.Cond != nil || end.Action != policy.Allow ||
			e.Action == policy.Allow {
			return false
		}
		name, _ := f.ABI.SyscallName(e.Nr)
		text := name + ": the compiler drops the conditions before an allow for all arguments"
		if call := f.Example(e.Nr, e.Cond); call != nil {
			text += ", so that it allows " + explain.Call(*call, f.ABI.ByteOrder())
		}
		if !im.opts.Exact {
			im.kept = true
			text += "; the policy keeps them"
		}
		im.warnAt(place{e.File, e.Line}, "%s", text)
		return im.opts.Exact
	})
}

// mismatch is for callers of other ABIs: what kill is, for the compiler in Python (ValidateArch of
// tools/bpf.py), and for x32's numbers the default.
func (im *importer) mismatch() policy.Action {
	if im.opts.Kill == policy.KillProcess {
		return interop.Mismatch(im.opts.Kill)
	}
	return interop.Mismatch(im.defaultAction())
}

// header says what the policy was made from.
func (im *importer) header() string {
	dialect := "by any of minijail's compilers"
	switch im.opts.Dialect {
	case Python:
		dialect = "by minijail's compiler in Python"
	case C:
		dialect = "by the compiler in C that minijail has built in"
	}
	out := interop.Comment("", fmt.Sprintf("From %s, as it is read %s on %s; kill is %s.",
		path.Base(im.opts.Source), dialect, strings.Join(interop.Names(im.opts.ABIs), ", "),
		explain.Action(im.opts.Kill, im.opts.ABIs[0])))
	if im.denylist && slices.ContainsFunc(im.opts.ABIs,
		func(abi *linux.ABI) bool { return abi.Name == "x86_64" }) {
		im.warnAt(im.denies, "a @denylist policy lets the numbers of x32 pass%s; here they are a "+
			"mismatch, and killed", interop.SuchX32)
	}
	out += fmt.Sprintf("arch %s\nas of linux %s\nmismatch %s\ndefault %s\n",
		strings.Join(interop.Names(im.opts.ABIs), ", "), linux.KernelVersion,
		explain.Action(im.mismatch(), im.opts.ABIs[0]),
		explain.Action(im.defaultAction(), im.opts.ABIs[0]))
	var hot []string
	for _, name := range slices.Sorted(maps.Keys(im.hot)) {
		if slices.ContainsFunc(im.opts.ABIs, func(abi *linux.ABI) bool {
			_,
				ok := abi.Number(name)
			return ok
		}) {
			hot = append(hot, name)
		}
	}
	if len(hot) > 0 {
		out += interop.List("", "hot", hot)
	}
	return out
}
