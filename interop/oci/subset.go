package oci

import (
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/proof"
)

// Subset returns a call that profile b lets further than profile a does, by
// [policy.Action.Strictness], or nil where b grants nothing that a does not. The profiles are what
// their engine makes of them, for the capabilities of the options and no others.
//
// With an error it is not known.
func Subset(a, b []byte, opts Options) (*proof.Difference, error) {
	s := proof.New(linux.Arches()...)
	var both [2]proof.Function
	for i, text := range [][]byte{a, b} {
		p, err := Read(text, opts.Name)
		if err != nil {
			return nil, err
		}
		if both[i], err = p.function(s, opts); err != nil {
			return nil, err
		}
	}
	return s.Subset(both[0], both[1])
}

// function is what the engine makes of the profile.
func (p *Profile) function(s *proof.Space, opts Options) (f proof.Function, err error) {
	opts.Exact, opts.FixCaps = true, true
	im, err := newImporter(p, opts)
	if err != nil {
		return f, err
	}
	model, err := im.model(im.params)
	if err != nil {
		return f, err
	}
	return s.Policy(model)
}
