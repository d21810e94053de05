// Package lxc reads the seccomp policies of LXC and Incus, which lxc.seccomp.profile names:
// version 2 of their format.
//
// LXC makes one filter of them by libseccomp, for all ABIs of the machine. So does [oci] of the
// profiles of containers, which has the rules of its tree.
package lxc

import (
	"errors"
	"fmt"
	"path"
	"slices"

	"github.com/seccompc/seccompc/explain"
	"github.com/seccompc/seccompc/interop/oci"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
)

// Options say how a policy is read.
type Options struct {
	Source string       // the file's name, for the header
	Host   *linux.ABI   // the machine's ABI; nil: that of the running program
	ABIs   []*linux.ABI // serve these alone; nil: all that LXC makes rules for
	Exact  bool         // compare as many bits as libseccomp
}

// beside are the ABIs for which LXC makes rules beside the machine's own (src/lxc/seccomp.c,
// parse_config_v2).
var beside = map[string][]string{
	"x86_64": {"i386", "x32"}, "ppc64": {"ppc"}, "aarch64": {"arm"},
	"mips64": {"mips", "mips64n32"}, "mips64el": {"mipsel", "mipsel64n32"},
}

// Import returns the policy that a policy of LXC's is, proved equal to what LXC makes of it. The
// error and the warnings have lines.
func Import(text []byte, opts Options) (*oci.Policy, error) {
	if opts.Host == nil {
		native, ok := linux.Native()
		if !ok {
			return nil, errors.New("the tables do not have this machine's ABI: choose one by " +
				"--arch")
		}
		opts.Host = native
	}
	r := &reader{host: opts.Host, served: []*linux.ABI{opts.Host}, section: everywhere}
	for _, name := range beside[opts.Host.Name] {
		abi, _ := linux.Lookup(name)
		r.served = append(r.served, abi)
	}
	if !knows(opts.Host) {
		r.section = elsewhere
	}
	if err := r.read(text); err != nil {
		return nil, err
	}
	source := path.Base(opts.Source)
	if opts.Source == "" {
		source = "a policy of LXC's"
	}
	r.profile.Serve(r.served[1:])
	p, err := r.profile.Policy(oci.Options{Source: source, Host: opts.Host, ABIs: opts.ABIs,
		Engine: oci.LXC, Exact: opts.Exact})
	if err != nil {
		return nil, err
	}
	p.Warnings = append(p.Warnings, r.warnings...).Sorted()
	return p, nil
}

// add adds a rule, unless LXC leaves it out on all ABIs.
func (r *reader) add(e oci.Entry) error {
	if r.section == elsewhere {
		r.dropped(e)
		return nil
	}
	made := slices.DeleteFunc(slices.Clone(r.served), func(abi *linux.ABI) bool {
		return !r.makes(abi, e)
	})
	if len(made) > 0 && e.Action == r.profile.Default {
		return fmt.Errorf("%s gets %s, which is the default: libseccomp refuses the rule, and "+
			"the container does not start; leave it out", e.Names[0],
			explain.Action(e.Action, r.host))
	}
	if abi, ok := sections[r.section]; ok {
		r.everywhere(e, abi, made)
	}
	r.profile.Entries = append(r.profile.Entries, e)
	return nil
}

// makes reports whether LXC makes a rule on an ABI: not where libseccomp has the call behind a
// multiplexer, also if it has a number of its own (do_resolve_add_rule: a negative number).
func (r *reader) makes(abi *linux.ABI, e oci.Entry) bool {
	name := e.Names[0]
	mux, _, behind := abi.Multiplexed(name)
	if behind {
		r.warnings.Add(e.Line, "%s is behind %s on %s, where LXC leaves the rule out: %s", name,
			mux, abi.Name, r.gets(abi, name))
	}
	_, ok := abi.Number(name)
	return ok && !behind
}

// gets says what a call gets that no rule is about.
func (r *reader) gets(abi *linux.ABI, name string) string {
	d := policy.Data{Arch: abi.Arch}
	var call uint32
	var mux string
	if nr, ok := abi.Number(name); ok {
		d.Nr = nr
	} else if mux, call, ok = abi.Multiplexed(name); ok {
		d.Nr, _ = abi.Number(mux)
		d.Args[0] = uint64(call)
	}
	return explain.Call(d, abi.ByteOrder()) + " gets " + explain.Action(r.profile.Default, abi)
}

// everywhere warns once of a section that is for one ABI by its name.
func (r *reader) everywhere(e oci.Entry, abi string, made []*linux.ABI) {
	for _, other := range made {
		if nr, ok := other.Number(e.Names[0]); ok && other.Name != abi && !r.said {
			r.said = true
			r.warnings.Add(r.sectionLine, "LXC makes the rules below [%s] for all ABIs of the "+
				"machine, and so for %s: %s is one of the calls", r.section, other.Name,
				explain.Call(policy.Data{Nr: nr, Arch: other.Arch}, other.ByteOrder()))
		}
	}
}

// dropped warns once of rules before the first section on a machine that LXC does not know.
func (r *reader) dropped(e oci.Entry) {
	if nr, ok := r.host.Number(e.Names[0]); ok && r.sectionLine == 0 && !r.said {
		r.said = true
		r.warnings.Add(e.Line, "LXC does not know the machine, and drops the rules before [all]: "+
			"%s gets %s", explain.Call(policy.Data{Nr: nr, Arch: r.host.Arch}, r.host.ByteOrder()),
			explain.Action(r.profile.Default, r.host))
	}
}

// umount is the rule of reject_force_umount.
func umount(line int, comment string) oci.Entry {
	const force, eacces = 1, 13 // MNT_FORCE, EACCES
	return oci.Entry{Line: line, Names: []string{"umount2"}, Comment: comment,
		Action: policy.Errno | eacces,
		Args:   []oci.Arg{{Line: line, Index: 1, Op: oci.MaskedEqual, Value: force, Two: force}}}
}
