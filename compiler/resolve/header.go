package resolve

import (
	"maps"
	"slices"
	"strings"

	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/diag/codes"
	"github.com/seccompc/seccompc/dsl"
	"github.com/seccompc/seccompc/linux"
)

// chooseABIs finds the ABIs to compile for, and the values of the parameters.
func (r *resolver) chooseABIs() {
	r.checkPlaces()
	r.parameters()
	switch {
	case len(r.opts.ABIs) > 0:
		at := flagSpan("--arch")
		for _, name := range r.opts.ABIs {
			r.abis = r.addABI(r.abis, at, name)
		}
	case r.listed != nil:
		r.abis = r.listed
	default:
		abi, ok := linux.Native()
		if !ok {
			d := diag.Errorf(flagSpan("--arch"), codes.UnknownArch,
				"the tables do not know this machine's ABI")
			r.report.add(nil, d.WithHelp("name one, or add an arch statement"))
			return
		}
		r.abis = []*linux.ABI{abi}
	}
	for _, abi := range r.abis[min(1, len(r.abis)):] {
		if abi.BigEndian != r.abis[0].BigEndian {
			d := diag.Errorf(r.archSpan, codes.MixedEndian,
				"%s and %s differ in byte order; a filter can serve one", r.abis[0].Name, abi.Name)
			r.report.add(nil, d.WithHelp("compile one filter for each byte order with --arch"))
			return
		}
	}
}

// addABI appends the ABI of a name to the list.
func (r *resolver) addABI(list []*linux.ABI, at diag.Span, name string) []*linux.ABI {
	abi, ok := linux.Lookup(name)
	switch {
	case !ok:
		r.unknownArch(at, name)
		return list
	case slices.Contains(list, abi):
		r.report.add(nil, diag.Errorf(at, codes.DuplicateDefinition, "%s is listed twice", abi.Name))
		return list
	}
	return append(list, abi)
}

func (r *resolver) unknownArch(at diag.Span, name string) {
	var names, all []string
	for _, abi := range linux.ABIs() {
		names = append(names, abi.Name)
		all = append(append(all, abi.Name), abi.Aliases...)
	}
	d := diag.Errorf(at, codes.UnknownArch, "unknown ABI %q", name)
	d = d.WithNotes("known are " + strings.Join(names, ", "))
	r.report.suggest(&d, name, slices.Values(all))
	r.report.add(nil, d)
}

// checkPlaces reads the statements that are for the whole policy, and reports those of them in
// blocks.
func (r *resolver) checkPlaces() {
	r.archSpan = flagSpan("--arch")
	r.definitions = map[string]*dsl.Define{}
	r.lateNames = map[string]bool{}
	type visit struct {
		file    *dsl.File
		inBlock bool
	}
	seen := map[visit]bool{}
	var walk func(statements []dsl.Statement, inBlock bool)
	walk = func(statements []dsl.Statement, inBlock bool) {
		for _, s := range statements {
			switch s := s.(type) {
			case *dsl.When:
				for _, b := range s.Branches() {
					walk(b.Statements, true)
				}
			case *dsl.Include:
				v := visit{r.bodies[s], inBlock}
				if v.file != nil && !seen[v] {
					seen[v] = true
					walk(v.file.Statements, inBlock)
				}
			default:
				r.checkPlace(s, inBlock)
			}
		}
	}
	walk(r.files[0].Statements, false)
}

func (r *resolver) checkPlace(s dsl.Statement, inBlock bool) {
	word := ""
	switch s := s.(type) {
	case *dsl.Arch:
		word = "arch"
		r.readArch(s)
	case *dsl.AsOf:
		word = "as of"
		r.readAsOf(s)
	case *dsl.Define:
		if s.Kind == "param" {
			word = s.Kind
			if r.definitions[s.Name.Text] == nil {
				r.order = append(r.order, s.Name.Text)
			}
			r.definitions[s.Name.Text] = s
		}
	case *dsl.Late:
		word = "late"
		r.lateNames[s.Name.Text] = true
	case *dsl.Fallback:
		if s.Kind == "mismatch" {
			word = s.Kind
		}
	}
	if inBlock && word != "" {
		r.report.add(nil, diag.Errorf(s.Range(), codes.Misplaced,
			"%s is for the whole policy and cannot stand in a block", word))
	}
}

func (r *resolver) readArch(s *dsl.Arch) {
	if r.arch != nil && r.arch != s {
		d := diag.Errorf(s.Span, codes.DuplicateDefinition, "arch stands here a second time")
		d.Notes = []diag.Note{{Span: &r.arch.Span, Text: "the first one"}}
		r.report.add(nil, d)
		return
	}
	r.arch, r.listed = s, nil
	for _, name := range s.ABIs {
		r.listed = r.addABI(r.listed, name.Span, name.Text)
	}
	if len(r.opts.ABIs) == 0 {
		r.archSpan = s.Span
	}
}

// parameters reads the values that the command line gives to parameters and late values.
func (r *resolver) parameters() {
	r.params = map[string]*dsl.Expr{}
	for _, name := range slices.Sorted(maps.Keys(r.opts.Params)) {
		flag := "-D " + name
		if !r.settable(name) && r.gaps.mayDefine(name) {
			continue
		}
		if !r.settable(name) {
			d := diag.Errorf(flagSpan(flag), codes.UnknownParam, "the policy has no parameter %q", name)
			names := slices.Sorted(maps.Keys(r.definitions))
			names = slices.AppendSeq(names, maps.Keys(r.lateNames))
			slices.Sort(names)
			r.report.suggest(&d, name, slices.Values(names))
			if d.Help == "" && len(names) > 0 {
				d.Help = "its parameters are " + strings.Join(names, ", ")
			}
			r.report.add(nil, d)
			continue
		}
		e, diags := dsl.ParseExpr(flag, r.opts.Params[name])
		for _, d := range diags {
			r.report.add(nil, d)
		}
		r.params[name] = e
	}
}

// settable reports whether the command line can give a value to a name.
func (r *resolver) settable(name string) bool {
	return r.definitions[name] != nil || r.lateNames[name]
}
