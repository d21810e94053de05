// Package systemd reads the units of systemd: the filters that their settings install, as one
// policy.
package systemd

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/seccompc/seccompc/interop"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
)

// Options say for which system a unit is read.
type Options struct {
	Host    *linux.ABI   // systemd's own; nil: that of the running program
	ABIs    []*linux.ABI // serve these alone; nil: all whose callers the host's kernel has
	Version int          // of systemd; 0: the newest whose sets are known
	Exact   bool         // compare as many bits as systemd's filters
}

// Policy is what a unit installs, as a policy.
type Policy struct {
	Text     []byte
	Warnings interop.Warnings // of the unit, with lines; those of drop-ins begin with their names
}

// Import returns the policy that a unit with its drop-ins is, in the order in which they count:
// proved equal to the stack of filters that systemd installs.
func Import(sources []Source, opts Options) (*Policy, error) {
	im := &importer{sources: sources, opts: opts}
	if err := im.choose(); err != nil {
		return nil, err
	}
	list, err := read(sources)
	if err != nil {
		return nil, err
	}
	im.apply(list)
	if err := im.chooseABIs(); err != nil {
		return nil, err
	}
	im.alwaysWrite()
	stack := im.model()
	im.stack = stack
	own := len(stack) // without what closes the ABIs that are left out
	if im.mismatch() == policy.KillThread && im.unit.archs == nil {
		own--
	}
	if own == 0 {
		return nil, im.nothing()
	}
	header := im.header(own)
	text := []byte(header + im.rules(header))
	if err := interop.Prove(text, nil, stack...); err != nil {
		return nil, err
	}
	im.remarks()
	text = append(text, "\n"+interop.Comment("", im.proved())...)
	return &Policy{text, im.warnings.Sorted()}, nil
}

// nothing is the error for a unit that installs no filter, with what it may have meant to.
func (im *importer) nothing() error {
	for _, warn := range im.later {
		warn()
	}
	why := ""
	for _, w := range im.warnings.Sorted() {
		why += w.String() + "; "
	}
	return errors.New(why + "no setting of the sections Service, Socket, Mount and Swap installs " +
		"a filter, such as SystemCallFilter")
}

// importer is the state of [Import].
type importer struct {
	sources         []Source
	opts            Options
	host            *linux.ABI
	abis            []*linux.ABI
	left            []*linux.ABI // not served, and not closed by the unit
	release         linux.Release
	unit            unit
	noNewPrivileges string
	warnings        interop.Warnings
	repairs         map[string]place
	stack           []*policy.Policy
	later           []func() // warnings that tell what a call gets
}

// choose fills in what the options leave open.
func (im *importer) choose() error {
	im.host = im.opts.Host
	im.repairs = map[string]place{}
	if im.host == nil {
		native, ok := linux.Native()
		if !ok {
			return errors.New("the tables do not have this machine's ABI: choose one by --arch")
		}
		im.host = native
	}
	newest, _ := strconv.Atoi(linux.SystemdVersion)
	if im.opts.Version == 0 {
		im.opts.Version = newest
	}
	found := false
	for _, s := range linux.SetReleases() {
		if v, _ := strconv.Atoi(s.Systemd); v <= im.opts.Version {
			im.release, found = s.Linux, true
		}
	}
	oldest := linux.SetReleases()[0].Systemd
	if !found || im.opts.Version > newest {
		return fmt.Errorf("the sets of systemd %d are not known: choose a version from %s to %d",
			im.opts.Version, oldest, newest)
	}
	return nil
}

// local returns the ABIs for which a systemd installs filters (seccomp_local_archs), as far as the
// tables have them and they share its byte order.
func local(host *linux.ABI) (out []*linux.ABI) {
	names := map[string][]string{
		"x86_64": {"x86_64", "i386", "x32"}, "x32": {"x32", "x86_64", "i386"},
		"aarch64": {"aarch64", "arm"},
		"mips64":  {"mips64", "mips"}, "mips64el": {"mips64el", "mipsel"}, "s390x": {"s390x",
			"s390"},
	}[host.Name]
	if names == nil {
		names = []string{host.Name}
	}
	for _, n := range names {
		abi, _ := linux.Lookup(n)
		out = append(out, abi)
	}
	return out
}

// chooseABIs returns an error for one that the host's systemd has nothing to do with.
func (im *importer) chooseABIs() error {
	all := local(im.host)
	for _, abi := range im.opts.ABIs {
		if !slices.Contains(all, abi) {
			return fmt.Errorf("a systemd of %s has no callers of %s: name its own ABI first",
				im.host.Name,
				abi.Name)
		}
	}
	for _, abi := range all {
		open := abi == im.host || im.unit.archs == nil || slices.Contains(im.unit.archs, abi.Name)
		switch {
		case !open:
		case len(im.opts.ABIs) > 0 && !slices.Contains(im.opts.ABIs, abi):
			im.left = append(im.left, abi)
		default:
			im.abis = append(im.abis, abi)
		}
	}
	if len(im.abis) == 0 {
		return errors.New("the unit shuts out the ABIs that are asked for")
	}
	return nil
}

// mismatch is what callers of other ABIs get.
func (im *importer) mismatch() policy.Action {
	if len(im.abis) < len(local(im.host)) {
		return policy.KillThread
	}
	return policy.Allow
}

// alwaysWrite adds what systemd adds: it tells of its progress until the program starts.
func (im *importer) alwaysWrite() {
	f := &im.unit.filter
	if im.opts.Version < 256 || !im.filters() || f.passes("write") {
		return
	}
	delete(f.calls, "write")
	if f.allow {
		f.calls["write"] = answer{}
	}
	im.warnOf(f.place, "write", "from 256 on systemd adds write to the calls that pass: it writes "+
		"until the program starts")
}

// warnCall warns with a call and what it gets, which is known at the end. There may be no such
// call.
func (im *importer) warnCall(
	p place, call func() (abi *linux.ABI, name string, args []uint64), format string, args ...any,
) {
	im.later = append(im.later, func() {
		text := fmt.Sprintf(format, args...)
		if abi, name, values := call(); abi != nil {
			text += ": " + interop.Gets(abi, name, values, im.stack...)
		}
		im.warn(p, "%s", text)
	})
}

// warnOf is warnCall for a call, or for the first one of a set, that one of the ABIs has.
func (im *importer) warnOf(p place, name, format string, args ...any) {
	im.warnCall(p, func() (*linux.ABI, string, []uint64) {
		names := []string{name}
		if strings.HasPrefix(name, "@") {
			names, _ = linux.SetIn(name, im.release)
		}
		for _, abi := range im.abis {
			for _, n := range names {
				if abi.HasSyscall(n) {
					return abi, n, nil
				}
			}
		}
		return nil, "", nil
	}, format, args...)
}

func (im *importer) warn(p place, format string, args ...any) {
	file := ""
	if p.source > 0 {
		file = im.sources[p.source].Name
	}
	im.warnings.AddIn(file, p.line, format, args...)
}

// errno is an error of the host's.
func (im *importer) errno(name string) policy.Action {
	return policy.Errno | policy.Action(im.constant(name))
}

func (im *importer) constant(name string) uint64 {
	v, ok := im.host.Constant(name)
	n, err := strconv.ParseUint(value(v, ok), 10, 64)
	if err != nil {
		panic("systemd: no constant " + name)
	}
	return n
}

// repaired notes an argument of which the kernel reads less than systemd's filters compare.
func (im *importer) repaired(abi *linux.ABI, call string, arg, width int, p place) {
	text := interop.Repair("systemd", abi, call, arg, interop.Bits(abi), width)
	if _, ok := im.repairs[text]; !ok {
		im.repairs[text] = p
	}
}
