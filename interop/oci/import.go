package oci

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/seccompc/seccompc/explain"
	"github.com/seccompc/seccompc/interop"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
)

// Options say what a profile is read for.
type Options struct {
	Source string       // what the header calls the profile
	Name   string       // of the resource, where a file has several
	Host   *linux.ABI   // the machine's ABI; nil: that of the running program
	ABIs   []*linux.ABI // serve these alone; nil: all that the profile lists
	Engine Engine       // "": Runc

	// Caps are the capabilities that the container has. Where neither they nor FixCaps are given,
	// each one that the profile speaks of is a parameter of the policy, false by default.
	Caps    []string
	FixCaps bool
	Kernel  string // the release, such as "6.1"; "": parameters, true by default

	// Exact keeps the engine's comparisons of 64 bits; without it, arguments that the kernel reads
	// less of are compared as wide as that.
	Exact bool

	// Apart keeps the entries apart where several would make one rule, so that [Policy.Lines] are
	// exact.
	Apart bool
}

// Policy is a profile as a policy.
type Policy struct {
	Text     []byte
	Lines    []int            // of the profile, from which each line of the text is made
	Warnings interop.Warnings // sorted by line
}

// Import returns the policy that a profile is, proved equal to what its engine makes of it: for all
// parameters as they stand, and for all of them changed. The errors and the warnings have lines.
func Import(text []byte, opts Options) (*Policy, error) {
	p, err := Read(text, opts.Name)
	if err != nil {
		return nil, err
	}
	return p.Policy(opts)
}

// Policy is [Import] for a profile that has been read.
func (p *Profile) Policy(opts Options) (*Policy, error) {
	im, err := newImporter(p, opts)
	if err != nil {
		return nil, err
	}
	list, err := im.statements()
	if err != nil {
		return nil, err
	}
	// The stub comes last: a rule can be about a number that the table lacks, MIPS's "syscall".
	out, lines := joined([]part{{im.header(), im.p.Line}}, []part{{im.parameters(), im.p.Line}},
		im.rules(list), []part{{im.stub(), im.p.Line}})
	proved, err := im.prove(out)
	if err != nil {
		return nil, err
	}
	out = append(out, "\n"+interop.Comment("", proved)...)
	im.remarks()
	return &Policy{out, lines, im.warnings.Sorted()}, nil
}

// joined puts the blocks of a policy together, with an empty line between them, and returns the
// profile's line for each line of it.
func joined(blocks ...[]part) (text []byte, lines []int) {
	for _, block := range blocks {
		gap := len(text) > 0
		for _, p := range block {
			if gap && p.text != "" {
				p.text, gap = "\n"+p.text, false
			}
			text = append(text, p.text...)
			for range strings.Count(p.text, "\n") {
				lines = append(lines, p.line)
			}
		}
	}
	return text, lines
}

// importer is the state of [Profile.Policy].
type importer struct {
	p        *Profile
	opts     Options
	abis     []*linux.ABI
	gates    []gate          // of the entries
	counts   []bool          // whether they count for the host at all
	params   map[string]bool // with their defaults
	asked    map[string]bool // calls that an entry with conditions names
	said     map[string]bool // warnings that have a call
	warnings interop.Warnings
	repairs  repairs
	unlisted map[string]uint32 // ABIs whose numbers behind this one get the default, not ENOSYS
	// the model has the numbers of strangers too, which no policy can tell apart
	whole bool
}

func newImporter(p *Profile, opts Options) (*importer, error) {
	im := &importer{p: p, opts: opts, params: map[string]bool{}, asked: map[string]bool{},
		said: map[string]bool{}, repairs: repairs{},
		unlisted: map[string]uint32{}}
	im.warnings = append(im.warnings, p.warnings...)
	if im.opts.Engine == "" {
		im.opts.Engine = Runc
	}
	if im.opts.Engine != LXC && !slices.Contains(Engines(), string(im.opts.Engine)) {
		return nil, fmt.Errorf("%q is no engine; they are %s", opts.Engine,
			strings.Join(Engines(), ", "))
	}
	if im.opts.Host == nil {
		native, ok := linux.Native()
		if !ok {
			return nil, errors.New("the tables do not have this machine's ABI: choose a host by " +
				"--arch")
		}
		im.opts.Host = native
	}
	if err := im.checkArches(); err != nil {
		return nil, err
	}
	im.chooseABIs()
	for i := range p.Entries {
		g, counts, err := im.gateOf(&p.Entries[i])
		if err != nil {
			return nil, err
		}
		for _, name := range p.Entries[i].Names {
			im.asked[name] = im.asked[name] || len(p.Entries[i].Args) > 0
		}
		im.gates, im.counts = append(im.gates, g), append(im.counts, counts)
	}
	return im, im.checkEntries()
}

func (im *importer) warn(line int, format string, args ...any) {
	im.warnings.Add(line, format, args...)
}

func (im *importer) chooseABIs() {
	all := im.p.served(im.opts.Host)
	if im.opts.Engine == Runsc {
		all = all[:1]
		if im.opts.Host.Name == "x86_64" && im.p.Default != policy.KillThread {
			im.warn(im.p.Line, "runsc gives the default to the numbers of x32, this policy its "+
				"mismatch%s", interop.SuchX32)
		}
	}
	for _, abi := range all {
		if len(im.opts.ABIs) > 0 && !slices.Contains(im.opts.ABIs, abi) {
			im.warn(im.p.arches, "%s is left out: its callers get the policy's mismatch, such as "+
				"%s", abi.Name, interop.Gets(abi, "getpid", nil, killed))
			continue
		}
		im.abis = append(im.abis, abi)
		if other := strangers(abi); len(other) > 0 && im.p.Default != policy.KillThread {
			im.warn(im.p.arches,
				"%s's callers can use the numbers of other ABIs: the engine gives "+
					"them the default, this policy its mismatch, such as %s", abi.Name,
				explain.Call(policy.Data{Nr: uint32(other[0].Lo), Arch: abi.Arch},
					abi.ByteOrder()))
		}
	}
}

// killed is what callers of ABIs get that a policy does not serve.
var killed = &policy.Policy{Mismatch: policy.KillThread}

// gateOf returns when an entry counts, and whether it ever does on the host.
func (im *importer) gateOf(e *Entry) (g gate, counts bool, err error) {
	host := mobyNames[im.opts.Host.Name]
	if slices.Contains(e.Excludes.Arches, host) ||
		len(e.Includes.Arches) > 0 && !slices.Contains(e.Includes.Arches, host) {
		return g, false, nil
	}
	counts = true
	add := func(f Filter, list *[]string, wanted bool) {
		for _, c := range f.Caps {
			if im.opts.FixCaps || im.opts.Caps != nil {
				counts = counts && slices.Contains(im.opts.Caps, c) == wanted
				continue
			}
			im.params[c] = false
			if !slices.Contains(*list, c) {
				*list = append(*list, c)
			}
		}
		switch {
		case f.MinKernel == "":
		case im.opts.Kernel != "":
			counts = counts && atLeast(im.opts.Kernel, f.MinKernel) == wanted
		default:
			name := "KERNEL_" + strings.ReplaceAll(f.MinKernel, ".", "_")
			im.params[name] = true
			*list = append(*list, name)
		}
	}
	add(e.Includes, &g.all, true)
	add(e.Excludes, &g.none, false)
	if len(im.params) > maxParams {
		return g, false, fmt.Errorf("line %d: there are more than %d conditions on capabilities "+
			"and kernels",
			e.Line, maxParams)
	}
	return g, counts, nil
}

const maxParams = 64

// atLeast compares releases of the kernel.
func atLeast(have, want string) bool {
	a, b := release(have), release(want)
	return a[0] > b[0] || a[0] == b[0] && a[1] >= b[1]
}

func release(s string) (v [2]int) {
	major, minor, _ := strings.Cut(s, ".")
	v[0], _ = strconv.Atoi(major)
	end := 0
	for end < len(minor) && minor[end] >= '0' && minor[end] <= '9' {
		end++
	}
	v[1], _ = strconv.Atoi(minor[:end])
	return v
}

// header says what the policy was made from and what it does not say.
func (im *importer) header() string {
	source := im.opts.Source
	if source == "" {
		source = "an OCI profile"
	}
	var names []string
	for _, abi := range im.abis {
		names = append(names, abi.Name)
	}
	knows := "with a libseccomp that knows"
	if im.opts.Engine == Runsc {
		knows = "for"
	}
	out := interop.Comment("",
		fmt.Sprintf("From %s, as %s makes it on %s, %s the calls of Linux %s.",
			source, im.opts.Engine, im.opts.Host.Name, knows, linux.KernelVersion))
	for _, line := range im.beside() {
		out += interop.Comment("", line)
	}
	return out + fmt.Sprintf("arch %s\nas of linux %s\nmismatch kill_thread\ndefault %s\n",
		strings.Join(names, ", "), linux.KernelVersion,
		im.action(im.p.Default))
}

// beside is what a profile says that is not the filter.
func (im *importer) beside() (out []string) {
	switch {
	case im.p.NoFlags:
		out = append(out, "Not in the filter: no flags are given, so runtimes install it with "+
			"SPEC_ALLOW.")
	case len(im.p.Flags) > 0:
		out = append(out, "Not in the filter: the flags "+strings.Join(im.p.Flags, ", ")+".")
	}
	if im.p.Listener != "" {
		out = append(out, "Not in the filter: notifications go to the listener at "+im.p.Listener+
			".")
	}
	if im.opts.FixCaps || im.opts.Caps != nil {
		out = append(out, "For the capabilities: "+strings.Join(append(im.opts.Caps, "no others"),
			", ")+".")
	}
	if im.opts.Kernel != "" {
		out = append(out, "For Linux "+im.opts.Kernel+".")
	}
	return out
}

func (im *importer) parameters() string {
	var out strings.Builder
	for _, name := range slices.Sorted(maps.Keys(im.params)) {
		if strings.HasPrefix(name, "CAP_") {
			out.WriteString("# lint: allow shadowed-name true where the container has the " +
				"capability\n")
		}
		fmt.Fprintf(&out, "param %s = %t\n", name, im.params[name])
	}
	return out.String()
}

// prove proves the text for the parameters' defaults and for their opposites.
func (im *importer) prove(text []byte) (string, error) {
	for _, flip := range []bool{false, true} {
		if flip && len(im.params) == 0 {
			break
		}
		set, params := map[string]bool{}, map[string]string{}
		for name, v := range im.params {
			set[name] = v != flip
			params[name] = fmt.Sprint(v != flip)
		}
		want, err := im.model(set)
		if err == nil {
			err = interop.Prove(text, params, want)
		}
		if err != nil {
			return "", err
		}
	}
	out := "Proved: every call gets what " + string(im.opts.Engine) + " gives it"
	if len(im.repairs) > 0 && !im.opts.Exact {
		out += ", but for bits of arguments that the kernel does not read"
	}
	if slices.ContainsFunc(im.abis, func(a *linux.ABI) bool { return len(strangers(a)) > 0 }) {
		out += ", but for numbers of other ABIs than the caller's"
	}
	if len(im.unlisted) > 0 {
		out += ", but for numbers that no call of " +
			strings.Join(slices.Sorted(maps.Keys(im.unlisted)), ", ") + " has"
	}
	if len(im.params) > 0 {
		out += "; with the parameters as they stand, and with each of them changed"
	}
	return out + ".", nil
}
