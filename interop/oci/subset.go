package oci

import (
	"fmt"
	"slices"

	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/proof"
)

// Subset returns a call that profile b lets further than profile a does, by
// [policy.Action.Strictness], or nil where b grants nothing that a does not. The profiles are what
// their engine makes of them, for the capabilities of the options and no others.
//
// With an error it is not known.
func Subset(a, b []byte, opts Options) (*proof.Difference, error) {
	p, err := readPair(a, b, opts)
	if err != nil {
		return nil, err
	}
	return p.space.Subset(p.functions[0], p.functions[1])
}

// Intersect returns a profile that answers each call as strictly as the stricter one of two, and
// where they are equally strict as b does: what the kernel makes of both when b is installed
// last. It serves the ABIs that both serve. The profiles are what [Subset] takes them for, but
// for runc's own ENOSYS. What no profile says is an error.
func Intersect(a, b []byte, opts Options) ([]byte, error) {
	p, err := readPair(a, b, withoutStub(opts))
	if err != nil {
		return nil, err
	}
	f, err := p.space.Stack(p.functions[0], p.functions[1])
	if err != nil {
		return nil, err
	}
	return p.export(f)
}

// Union returns a profile that answers each call as the laxer one of two does, and where they are
// equally strict as a does, for the ABIs that both serve. It is an error where they do not serve
// the same.
func Union(a, b []byte, opts Options) ([]byte, error) {
	p, err := readPair(a, b, withoutStub(opts))
	if err != nil {
		return nil, err
	}
	f, err := p.space.Laxest(p.functions[0], p.functions[1])
	if err != nil {
		return nil, err
	}
	return p.export(f)
}

// withoutStub leaves out what runc adds to a profile on its own.
func withoutStub(opts Options) Options {
	if opts.Engine == "" || opts.Engine == Runc {
		opts.Engine = Crun
	}
	return opts
}

// pair is two profiles as functions.
type pair struct {
	space     *proof.Space
	functions [2]proof.Function
	abis      []*linux.ABI // that both serve
}

func readPair(a, b []byte, opts Options) (*pair, error) {
	out := &pair{space: proof.New(linux.Arches()...)}
	for i, text := range [][]byte{a, b} {
		p, err := Read(text, opts.Name)
		if err != nil {
			return nil, err
		}
		f, abis, err := p.functionOn(out.space, opts)
		if err != nil {
			return nil, err
		}
		out.functions[i] = f
		if i == 0 {
			out.abis = abis
			continue
		}
		out.abis = slices.DeleteFunc(slices.Clone(out.abis), func(abi *linux.ABI) bool {
			return !slices.Contains(abis, abi)
		})
	}
	return out, nil
}

// export writes a profile, which must differ from the function in nothing that it serves.
func (p *pair) export(f proof.Function) ([]byte, error) {
	out, err := Export(p.space, f, ExportOptions{ABIs: p.abis, For: CrunTarget})
	if err != nil {
		return nil, err
	}
	for _, d := range out.Differences {
		if d.Call != "" {
			return nil, fmt.Errorf("no profile was found for this: %s would get %s in place of "+
				"%s: %s",
				d.Call, d.Gets, d.Want, d.Why)
		}
	}
	return out.Text, nil
}

// function is what the engine makes of the profile.
func (p *Profile) function(s *proof.Space, opts Options) (proof.Function, error) {
	f, _, err := p.functionOn(s, opts)
	return f, err
}

// functionOn is function with the ABIs that the profile serves.
func (p *Profile) functionOn(
	s *proof.Space, opts Options,
) (f proof.Function, abis []*linux.ABI, err error) {
	opts.Exact, opts.FixCaps = true, true
	im, err := newImporter(p, opts)
	if err != nil {
		return f, nil, err
	}
	im.whole = true
	model, err := im.model(im.params)
	if err != nil {
		return f, nil, err
	}
	f, err = s.Policy(model)
	return f, im.abis, err
}
