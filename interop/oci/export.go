package oci

import (
	"errors"
	"fmt"

	"slices"
	"strings"

	"github.com/seccompc/seccompc/explain"
	"github.com/seccompc/seccompc/interop"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
	"github.com/seccompc/seccompc/proof"
)

// ExportOptions say what a profile is for.
type ExportOptions struct {
	ABIs []*linux.ABI // that it serves; the first one is the host's
	For  Target       // "": RuncTarget
	Name string       // of a Kubernetes resource
}

// Exported is a profile that has been written.
type Exported struct {
	Text []byte

	// Differences are what the format or the engine makes otherwise than the function, whatever is
	// written: one call of each kind.
	Differences []Difference
}

// Difference is calls that the engine answers otherwise than was asked for.
type Difference struct {
	Why        string
	Call       string // one of them, in the policy language; "" where it depends on a library's age
	Want, Gets string // the actions
	mux        bool   // of a multiplexer
}

// Export writes a profile that answers every call of the ABIs as the function does, of the space
// s, once libseccomp has made a filter of it. The other ABIs' callers are killed. What a profile
// cannot say is an error with a call, and so is what does not come back from it as it was, but
// for the differences that no profile avoids.
func Export(s *proof.Space, f proof.Function, opts ExportOptions) (*Exported, error) {
	if opts.For == "" {
		opts.For = RuncTarget
	}
	e := exporter{space: s, opts: opts, host: opts.ABIs[0]}
	if err := e.checkABIs(); err != nil {
		return nil, err
	}
	for _, abi := range opts.ABIs {
		if err := e.collect(abi, f); err != nil {
			return nil, err
		}
	}
	defaults, err := e.defaults()
	if err != nil {
		return nil, err
	}
	var best *Exported
	for _, form := range forms {
		if form.mux && !e.conditionalMux() || best != nil && !form.mux ||
			form.bare && opts.For.engine() == Runc {
			continue
		}
		for _, d := range defaults {
			e.form = form
			out, failed := e.export(f, d)
			switch {
			case failed != nil && !form.mux && !form.bare && d == defaults[0]:
				err = failed
			case failed == nil && !behindMux(out):
				return out, nil
			case failed == nil && best == nil:
				best = out
			}
		}
	}
	if best != nil {
		return best, nil
	}
	return nil, err
}

// checkABIs refuses ABIs that no filter of the target's engine serves beside the host's.
func (e *exporter) checkABIs() error {
	for _, abi := range e.opts.ABIs[1:] {
		if abi.BigEndian != e.host.BigEndian {
			return fmt.Errorf("%s has another byte order than %s, and libseccomp makes no filter "+
				"for both: --arch chooses one", abi.Name, e.host.Name)
		}
		if engine := e.opts.For.engine(); slices.Contains(refusedArches[engine],
			scmpArch(abi.Name)) {
			return fmt.Errorf("%s does not know %s beside %s: --arch chooses one", engine,
				scmpArch(abi.Name), e.host.Name)
		}
	}
	return nil
}

// conditionalMux reports whether a multiplexer's answer depends on its arguments.
func (e *exporter) conditionalMux() bool {
	return slices.ContainsFunc(e.served, func(on *served) bool {
		return slices.ContainsFunc(on.rows, func(r proof.Row) bool {
			return r.When != nil &&
				slices.ContainsFunc(linux.Multiplexers(), func(mux string) bool {
					nr, ok := on.abi.Number(mux)
					return ok && policy.Contains(r.Numbers, uint64(nr))
				})
		})
	})
}

// form is how a profile may be written.
type form struct {
	plain bool // orders of whole arguments are written as such, not as masks
	mux   bool // conditions of multiplexers are written
	bare  bool // the calls that runc's stub answers are left to the default by other engines
}

// forms are the ways, the shortest first. Of some orders together it is not known what the engines
// make, and they make rules for multiplexers of those for the calls behind.
var forms = []form{{plain: true}, {}, {plain: true, mux: true}, {mux: true},
	{plain: true, bare: true}, {bare: true}}

// behindMux reports whether a multiplexer does not get what is asked for.
func behindMux(out *Exported) bool {
	return slices.ContainsFunc(out.Differences, func(d Difference) bool { return d.mux })
}

// export writes a profile with this default.
func (e *exporter) export(f proof.Function, fallback policy.Action) (*Exported, error) {
	if err := e.begin(fallback); err != nil {
		return nil, err
	}
	for _, on := range e.served {
		if err := e.write(on); err != nil {
			return nil, err
		}
	}
	for _, on := range e.served {
		if err := e.behind(on, f); err != nil {
			return nil, err
		}
	}
	if err := e.placeStubs(); err != nil {
		return nil, err
	}
	if err := e.entries(); err != nil {
		return nil, err
	}
	text, err := e.text()
	if err != nil {
		return nil, err
	}
	differences, err := e.check(f, text)
	if err != nil {
		return nil, err
	}
	return &Exported{text, differences}, nil
}

// written is a profile as it is written.
type written struct {
	DefaultAction   string         `json:"defaultAction"`
	DefaultErrnoRet *uint16        `json:"defaultErrnoRet,omitempty"`
	Architectures   []string       `json:"architectures,omitempty"`
	Syscalls        []writtenEntry `json:"syscalls"`
}

type writtenEntry struct {
	Names    []string     `json:"names"`
	Action   string       `json:"action"`
	ErrnoRet *uint16      `json:"errnoRet,omitempty"`
	Args     []writtenArg `json:"args,omitempty"`
}

type writtenArg struct {
	Index    int    `json:"index"`
	Value    uint64 `json:"value"`
	ValueTwo uint64 `json:"valueTwo"`
	Op       string `json:"op"`
}

type exporter struct {
	space    *proof.Space
	opts     ExportOptions
	host     *linux.ABI
	out      written
	fallback policy.Action
	served   []*served
	form     form
	doubtful map[string]error // calls that are told apart by more bits on one ABI than on another
	anchors  []string         // calls that are named to say where runc's stub begins
}

// served is what one ABI's calls get beside the default.
type served struct {
	abi   *linux.ABI
	most  uint64                    // the largest number of which runc's stub can be
	rows  []proof.Row               // that are about the ABI's numbers
	rules map[string][]writtenEntry // without names, by name: they exclude each other
	stub  bool                      // the numbers behind last get ENOSYS as runc gives it
	first uint64                    // the largest number that gets something else
	last  uint64                    // the largest one that the profile is to name, or may
}

func ownCalls(abi *linux.ABI) proof.Calls {
	c := proof.Calls{Arch: abi.Arch}
	for _, n := range abi.Numbers() {
		c.Numbers = append(c.Numbers, policy.Range{Lo: uint64(n.Lo), Hi: uint64(n.Hi)})
	}
	return c
}

// collect finds what an ABI's calls get.
func (e *exporter) collect(abi *linux.ABI, f proof.Function) error {
	f, err := e.space.Within(f, ownCalls(abi))
	if err != nil {
		return err
	}
	rows, err := e.space.Explain(f)
	if err != nil {
		return err
	}
	on := &served{abi: abi, most: stubMost(abi, e.opts.ABIs)}
	e.served = append(e.served, on)
	for _, r := range rows {
		r.Numbers = policy.Intersect(r.Numbers, ownCalls(abi).Numbers)
		if policy.Contains(r.Arches, uint64(abi.Arch)) && len(r.Numbers) > 0 {
			on.rows = append(on.rows, r)
		}
	}
	return nil
}

// begin empties the profile.
func (e *exporter) begin(fallback policy.Action) error {
	action, data, err := actionText(fallback)
	e.fallback, e.anchors, e.doubtful = fallback, nil, map[string]error{}
	e.out = written{DefaultAction: action, DefaultErrnoRet: data}
	for i, abi := range e.opts.ABIs {
		scmp := scmpArch(abi.Name)
		if i > 0 || !slices.Contains(refusedArches[e.opts.For.engine()], scmp) {
			e.out.Architectures = append(e.out.Architectures, scmp) // the host's is added anyway
		}
	}
	return err
}

// write makes the rules of an ABI's rows.
func (e *exporter) write(on *served) error {
	on.rules = map[string][]writtenEntry{}
	if on.stub = on.ends(e.fallback, enosys(e.host)); on.stub {
		on.first = on.lastOther(enosys(e.host))
		on.last = on.first
	}
	for _, r := range on.rows {
		if err := e.row(on, r); err != nil {
			return err
		}
	}
	return nil
}

// row notes the entries of a row: one for each way in which its condition holds.
func (e *exporter) row(on *served, r proof.Row) error {
	refuse := func(err error) error {
		return &interop.Refused{Call: r.Call,
			Err: fmt.Errorf("%s: %w", explain.Call(r.Call, on.abi.ByteOrder()), err)}
	}
	if r.A == e.fallback {
		return nil
	}
	nameless := policy.Subtract(r.Numbers, known(on.abi))
	if on.stub && r.A == enosys(e.host) && r.When == nil && !r.Opaque {
		nameless = policy.Intersect(nameless, []policy.Range{{Lo: 0, Hi: on.last}})
	}
	var names []string
	for _, s := range calls(on.abi) {
		if policy.Contains(r.Numbers, uint64(s.Nr)) {
			names = append(names, s.Name)
		}
	}
	// the engine makes its own of those behind a multiplexer
	if !e.form.mux && (r.When != nil || r.Opaque) {
		names = slices.DeleteFunc(names, isMultiplexer)
	}
	switch {
	case len(nameless) > 0:
		r.Call.Nr = uint32(nameless[0].Lo)
		return refuse(errors.New("a profile names calls, and a number without a name is no call: " +
			"give it what other unknown numbers get"))
	case len(names) == 0:
		return nil
	case r.Opaque:
		return refuse(errors.New("the condition is too long for a profile"))
	case r.A.Kind() == notify && slices.Contains(names, "write"):
		return refuse(errors.New("runtimes refuse notify for write: they write to the listener"))
	}
	action, data, err := actionText(r.A)
	if err != nil {
		return refuse(err)
	}
	ways := [][]writtenArg{nil}
	if r.When != nil {
		plain := e.form.plain && bits(on.abi) == 64
		if ways, err = product(r.When, false, plain); err != nil {
			ways, err = split(r.When, plain)
		}
		if err != nil {
			return refuse(err)
		}
	}
	for _, args := range ways {
		for _, name := range names {
			on.rules[name] = append(on.rules[name], writtenEntry{nil, action, data, args})
		}
	}
	return nil
}

// behind notes the calls that have no number of their own, where their multiplexer answers all of
// one alike.
func (e *exporter) behind(on *served, f proof.Function) error {
	for _, name := range on.abi.Behind() {
		mux, call, _ := on.abi.Multiplexed(name)
		nr, _ := on.abi.Number(mux)
		d := policy.Data{Arch: on.abi.Arch, Nr: nr, Args: [6]uint64{uint64(call)}}
		a := f.Eval(d)
		if a == e.fallback || len(on.rules[mux]) > 0 || e.named(name) {
			continue
		}
		constant, err := e.space.Policy(&policy.Policy{Mismatch: a})
		if err != nil {
			return err
		}
		calls := proof.Calls{Arch: d.Arch,
			Numbers: []policy.Range{{Lo: uint64(nr), Hi: uint64(nr)}},
			Cond: policy.Test{Operand: policy.Operand{Width: 32}, Op: policy.In,
				Mask: policy.Ones(32), Set: []policy.Range{{Lo: uint64(call), Hi: uint64(call)}}}}
		differs, err := e.differ(f, constant, calls)
		if err != nil {
			return err
		}
		action, data, err := actionText(a)
		if differs == nil && err == nil {
			on.rules[name] = []writtenEntry{{nil, action, data, nil}}
		}
	}
	return nil
}

// named reports whether an ABI has a number for a call.
func (e *exporter) named(name string) bool {
	return slices.ContainsFunc(e.opts.ABIs, func(abi *linux.ABI) bool {
		_, ok := abi.Number(name)
		return ok
	})
}

func isMultiplexer(name string) bool { return slices.Contains(linux.Multiplexers(), name) }

// entries puts together what all ABIs say: a profile has the same rules for each that has the call.
func (e *exporter) entries() error {
	var order []string // of rules, as text
	names, rules := map[string][]string{}, map[string][]writtenEntry{}
	seen := map[string]bool{}
	for _, on := range e.widest() {
		for _, name := range on.names() {
			own := on.rules[name]
			if seen[name] || !e.writes(name) || len(own) == 0 {
				continue
			}
			if err := e.agree(name); err != nil {
				return err
			}
			seen[name] = true
			key := signature(own)
			if rules[key] == nil {
				order = append(order, key)
				rules[key] = own
			}
			names[key] = append(names[key], name)
		}
	}
	all, compared := 0, 0
	for _, key := range order {
		n := len(rules[key])
		all, compared = all+n*len(names[key]), compared+n*n*len(names[key])
		if all > maxAll || compared > maxCompared {
			nr, _ := e.host.Number(names[key][0])
			return &interop.Refused{Call: policy.Data{Arch: e.host.Arch, Nr: nr},
				Err: fmt.Errorf("%s needs %d entries: the profile is too large to be read back",
					names[key][0], n)}
		}
		for _, r := range rules[key] {
			r.Names = names[key]
			e.out.Syscalls = append(e.out.Syscalls, r)
		}
	}
	if len(e.anchors) > 0 {
		e.out.Syscalls = append(e.out.Syscalls,
			writtenEntry{e.anchors, e.out.DefaultAction, e.out.DefaultErrnoRet, nil})
	}
	return nil
}

// names are the ABI's calls by number, and those behind its multiplexers.
func (on *served) names() (out []string) {
	for _, c := range calls(on.abi) {
		out = append(out, c.Name)
	}
	return append(out, on.abi.Behind()...)
}

// widest are the ABIs, those that compare the most bits first.
func (e *exporter) widest() []*served {
	out := slices.Clone(e.served)
	slices.SortStableFunc(out, func(a, b *served) int { return bits(b.abi) - bits(a.abi) })
	return out
}

// agree returns an error for a call that does not get the same on all ABIs. A comparison of 64 bits
// is one of 32 to an ABI that has no more: the proof is to say whether that is meant.
func (e *exporter) agree(name string) error {
	var first *served
	for _, on := range e.widest() {
		nr, has := on.abi.Number(name)
		if !has {
			continue
		}
		if first == nil {
			first = on
		}
		own, others := on.rules[name], first.rules[name]
		if signature(own) == signature(others) {
			continue
		}
		err := &interop.Refused{Call: policy.Data{Arch: on.abi.Arch, Nr: nr},
			Err: fmt.Errorf("%s does not get the same on %s and on %s: a profile has one rule for "+
				"both; --arch chooses one", name, first.abi.Name, on.abi.Name)}
		if bits(on.abi) == bits(first.abi) || !conditional(others) {
			return err
		}
		e.doubtful[name] = err
	}
	return nil
}

func conditional(rules []writtenEntry) bool {
	return slices.ContainsFunc(rules, func(r writtenEntry) bool { return len(r.Args) > 0 })
}

// signature tells apart what is done for a call, in whatever order it was found.
func signature(rules []writtenEntry) string {
	var texts []string
	for _, r := range rules {
		data := "-"
		if r.ErrnoRet != nil {
			data = fmt.Sprint(*r.ErrnoRet)
		}
		texts = append(texts, fmt.Sprint(r.Action, data, r.Args))
	}
	slices.Sort(texts)
	return strings.Join(texts, "\n")
}

func actionText(a policy.Action) (text string, data *uint16, err error) {
	for name, kind := range actionKinds {
		if kind == a.Kind() && name != "SCMP_ACT_KILL" {
			text = name
		}
	}
	n := a.Data()
	switch {
	case text == "":
		return "", nil, fmt.Errorf("%s is no action of a profile", a)
	case a.Kind() == policy.Errno || a.Kind() == policy.Trace:
		return text, &n, nil
	case n != 0:
		return "", nil, fmt.Errorf("%s: a profile gives no data with it", a)
	}
	return text, nil, nil
}
