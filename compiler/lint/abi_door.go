package lint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seccompc/seccompc/compiler/resolve"
	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/diag/codes"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
)

// otherNames are calls that have another name where a type is wider.
var otherNames = map[string][]string{
	"mmap": {"mmap2"}, "mmap2": {"mmap"},
	"newfstatat": {"fstatat64"}, "fstatat64": {"newfstatat"},
	"lseek": {"_llseek"}, "_llseek": {"lseek"},
	"umount2": {"umount"},
	"select":  {"_newselect"}, "_newselect": {"select"},
	"getrlimit": {"ugetrlimit"}, "ugetrlimit": {"getrlimit"},
}

// abiDoors finds what is denied on one ABI and open on another of the same machine.
func abiDoors(s *bypassSearch) diag.List {
	r := s.Resolved
	found := map[int][]abiDoor{} // by source
	for i := range r.ABIs {
		for g := range r.Guarded[i] {
			g := &r.Guarded[i][g]
			if g.Large || r.Silences(codes.ABIDoor, r.Rules[g.Source].Span) {
				continue
			}
			for j := range r.ABIs {
				if j != i && r.ABIs[i].Machine == r.ABIs[j].Machine {
					found[g.Source] = append(found[g.Source], s.doorsTo(i, j, g)...)
				}
			}
			if r.ABIs[i].Name == "riscv64" {
				found[g.Source] = append(found[g.Source], s.rv32(i, g)...)
			}
		}
	}
	diags := append(mismatchDoor(r), defaultDoors(r)...)
	for source := range r.Rules {
		if doors := found[source]; len(doors) > 0 {
			d := throughABI(r.Rules[source], doors)
			d.Edits = s.shuttingDoors(d.Help, doors)
			diags = append(diags, d)
		}
	}
	return diags
}

// abiDoor is a call of another ABI that reaches what a rule denies.
type abiDoor struct {
	from, to string       // ABIs
	call     string       // in the policy language
	shown    *policy.Data // one such call
	loose    bool         // the rule is to be mended first
}

// doorsTo returns the open calls of one ABI that do what a rule stops on another.
func (s *bypassSearch) doorsTo(from, to int, g *resolve.Guarded) (out []abiDoor) {
	rule := &policy.Rule{Source: g.Source, Action: g.Action}
	if g.Name == "" || s.fallback(from, rule) &&
		(isNewer(g.Name) || strings.HasPrefix(g.Name, "mmap")) {
		return nil
	}
	if slices.Contains(linux.Multiplexers(), g.Name) || s.find(from, g.Call, letsPass) != nil ||
		s.find(from, g.Call, stops) == nil {
		return nil
	}
	names := append([]string{g.Name}, twins.of(s.ABIs[to], g.Name, twinsOf)...)
	both := !s.fallback(from, rule) && s.stoppedBy(to, g.Source, g.Name)
	for _, name := range append(names, otherNames[g.Name]...) {
		if !s.ABIs[to].HasSyscall(name) || both && name != g.Name {
			continue // bypass has it
		}
		for _, relative := range s.AsOn(to, g, name) {
			if s.find(to, relative.Call, letsPass) == nil {
				continue
			}
			door := abiDoor{from: s.ABIs[from].Name, to: s.ABIs[to].Name, call: relative.Text,
				loose: g.Mended != nil}
			same := func(d abiDoor) bool { return d.to == door.to && d.call == door.call }
			if !slices.ContainsFunc(out, same) {
				door.shown = s.passing(to, relative.Call)
				out = append(out, door)
			}
		}
	}
	return out
}

// stoppedBy reports whether a rule stops calls of a name on an ABI, too.
func (s *bypassSearch) stoppedBy(abi, source int, name string) bool {
	return slices.ContainsFunc(s.Guarded[abi], func(g resolve.Guarded) bool {
		return g.Source == source && g.Name == name && s.find(abi, g.Call, stops) != nil
	})
}

// throughABI reports a rule and the calls of other ABIs that get past it.
func throughABI(rule resolve.SourceRule, doors []abiDoor) diag.Finding {
	var abis, calls, notes []string
	for _, d := range doors {
		if !slices.Contains(abis, d.to) {
			abis = append(abis, d.to)
		}
		if !slices.Contains(calls, d.call) {
			calls = append(calls, d.call)
		}
		note := fmt.Sprintf("%s: %s is not stopped, and programs for %s can make the call", d.to,
			d.call,
			d.from)
		if d.to == rv32 {
			note = fmt.Sprintf("%s is rv32's call with the arch of riscv64, on kernels with "+
				"CONFIG_COMPAT", d.call)
		}
		if !slices.Contains(notes, note) {
			notes = append(notes, note)
		}
	}
	d := diag.Warningf(rule.Range(), codes.ABIDoor, "another ABI reaches what this rule stops: %s",
		strings.Join(abis, ", ")).WithNotes(notes[:min(len(notes), maxHiders)]...)
	if more := len(notes) - maxHiders; more > 0 {
		d = d.WithNotes(fmt.Sprintf("and %d more", more))
	}
	d.Example = doors[0].shown
	action := rule.Action.Span.Text()
	if slices.Equal(abis, []string{rv32}) {
		return d.WithHelp("put above the rule that allows it, or write unknown deny(ENOSYS):"+
			"\n%s %s", action, strings.Join(calls, ", "))
	}
	return d.WithHelp("refuse it there too, or leave %s out of arch:\n%s", strings.Join(abis, ", "),
		there(action, abis, calls))
}

// there returns a block with rules for some ABIs.
func there(action string, abis, calls []string) string {
	is := "== " + abis[0]
	if len(abis) > 1 {
		is = "in {" + strings.Join(abis, ", ") + "}"
	}
	var ways []openWay
	for _, c := range calls {
		ways = append(ways, openWay{wayRound: wayRound{action: action + " ", open: c}})
	}
	return "when arch " + is + " {\n    " + strings.Join(remedy(ways), "\n    ") + "\n}"
}

// shuttingDoors returns the edit that puts the text of a help at the end of a policy, where no rule
// decides what it is about: a rule there would be the first, and count.
func (s *bypassSearch) shuttingDoors(help string, doors []abiDoor) []diag.Edit {
	_, block, _ := strings.Cut(help, "\n")
	for _, d := range doors {
		to := slices.IndexFunc(s.ABIs, func(abi *linux.ABI) bool { return abi.Name == d.to })
		if to < 0 || d.loose {
			return nil
		}
		for _, c := range s.calls(to, d.call) {
			some := s.find(to, c, letsPass)
			if some == nil || s.Policy.ABIs[to].Decide(some.Data, some.Late) != nil {
				return nil
			}
		}
	}
	return s.inBlockAtEnd(block)
}

// mismatchDoor reports that callers of ABIs that are not listed get past everything.
func mismatchDoor(r *resolve.Resolved) diag.List {
	m := r.Fallbacks[0]["mismatch"]
	if m == nil || !letsPass(r.Policy.Mismatch) {
		return nil
	}
	stopped := func(a policy.ABI) bool {
		return !letsPass(a.Default) || slices.ContainsFunc(a.Rules, func(rule policy.Rule) bool {
			return !letsPass(rule.Action)
		})
	}
	if !slices.ContainsFunc(r.Policy.ABIs, stopped) {
		return nil
	}
	d := diag.Warningf(m.Span, codes.ABIDoor, "callers of every other ABI get past all rules")
	d = d.WithNotes("a program chooses its ABI for each call: on x86_64 by int $0x80 or an x32 " +
		"number, " +
		"on arm64 by a 32-bit program")
	d = d.WithHelp("write mismatch kill")
	d.Edits = []diag.Edit{{Span: m.Span, New: "mismatch kill"}}
	return diag.List{d}
}

// defaultDoors reports defaults that let calls pass on one ABI of a machine, while the default of
// another stops them.
func defaultDoors(r *resolve.Resolved) (diags diag.List) {
	for i, strict := range r.ABIs {
		for j, lax := range r.ABIs {
			at := r.Fallbacks[j]["default"]
			if at == nil || strict.Machine != lax.Machine ||
				letsPass(r.Policy.ABIs[i].Default) || !letsPass(r.Policy.ABIs[j].Default) {
				continue
			}
			d := diag.Warningf(at.Span, codes.ABIDoor,
				"programs for %s get past its default by the calls of %s", strict.Name, lax.Name)
			diags = append(diags,
				d.WithHelp("write the same default for %s, or leave it out of arch",
					lax.Name))
		}
	}
	return diags
}

// rv32 is the ABI of 32-bit tasks on riscv64, which the tables do not hold: their arch is that of
// riscv64 (arch/riscv/include/asm/syscall.h, syscall_get_arch), their numbers those of
// include/uapi/asm-generic/unistd.h for 32 bits.
const rv32 = "rv32"

var rv32Numbers = map[string]uint32{
	"clock_gettime": 403, "clock_settime": 404, "clock_adjtime": 405, "clock_getres": 406,
	"clock_nanosleep": 407, "timer_gettime": 408, "timer_settime": 409, "timerfd_gettime": 410,
	"timerfd_settime": 411, "utimensat": 412, "pselect6": 413, "ppoll": 414, "io_pgetevents": 416,
	"recvmmsg": 417, "mq_timedsend": 418, "mq_timedreceive": 419, "semtimedop": 420,
	"rt_sigtimedwait": 421, "futex": 422, "sched_rr_get_interval": 423,
}

// rv32 returns the number of a 32-bit task for what a rule stops as a whole, if it is open.
func (s *bypassSearch) rv32(abi int, g *resolve.Guarded) []abiDoor {
	nr, ok := rv32Numbers[g.Name]
	call := resolve.Call{Nr: nr}
	if !ok || g.Call.Cond != nil || s.isOpen(abi, g.Name) || s.find(abi, call, letsPass) == nil {
		return nil
	}
	return []abiDoor{{from: "riscv64", to: rv32, call: fmt.Sprint(nr), shown: s.passing(abi, call)}}
}
