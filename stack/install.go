package stack

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/compiler/resolve"
	"github.com/seccompc/seccompc/explain"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
	"github.com/seccompc/seccompc/proof"
)

// Obstacle is why a filter of a stack cannot be installed under those before it.
type Obstacle struct {
	Next int         // the filter
	By   int         // the one before it that answers so; -1: the kernel's own rule
	ABI  *linux.ABI  // of the loader; nil with the kernel's own rules
	Call string      // what the loader calls, in the policy language
	Data policy.Data // one such call
	Got  policy.Action
	Why  string // the kernel's own rule
}

// String says what is in the way; the name of a filter comes from the caller.
func (o Obstacle) String() string {
	if o.Why != "" {
		return o.Why
	}
	return fmt.Sprintf("on %s its loader's %s gets %s", o.ABI.Name, o.Call,
		explain.Action(o.Got, o.ABI))
}

// noNewPrivs are the calls that come before every filter in package runtime, and the first of them
// in every loader that does not keep its privileges: without it the kernel refuses the filter with
// EACCES (seccomp_prepare_filter of kernel/seccomp.c). The second makes sure that nobody has
// feigned the first.
var noNewPrivs = []string{
	"prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)",
	"prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0)",
}

// attach are the ways to install a filter, one of which must be open: for one thread and for all,
// as runtime and most loaders have them. Where the first gets ENOSYS loaders fall back to prctl(2).
var attach = []string{
	"seccomp(SECCOMP_SET_MODE_FILTER, 0)",
	"seccomp(SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_TSYNC_ESRCH)",
	"seccomp(SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC)",
}

const attachByPrctl = "prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER)"

// listen are the ways to install a filter that leaves calls to a supervisor.
var listen = []string{
	"seccomp(SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER)",
	"seccomp(SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER | " +
		"SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV)",
}

// Installable proves that each filter but the first can be installed under those before it, by
// every call that its loader makes: seccomp, no_new_privs, and what else is given, in the policy
// language. It returns what is in the way, on each ABI; nothing is where that is empty. Only calls
// that are let through count: what a filter leaves to a supervisor or a tracer nobody knows before.
func (s Stack) Installable(calls ...string) ([]Obstacle, error) {
	out := s.limits()
	for next := 1; next < len(s.Filters); next++ {
		for _, abi := range s.ABIs {
			found, err := s.under(next, abi, calls)
			if err != nil {
				return nil, err
			}
			out = append(out, found...)
		}
	}
	slices.SortStableFunc(out, func(a, b Obstacle) int { return cmp.Compare(a.Next, b.Next) })
	return out, nil
}

// limits are the kernel's own rules about stacks.
func (s Stack) limits() (out []Obstacle) {
	listener, total := -1, 0
	for i, p := range s.Filters {
		if total += p.KernelLen(); total > asm.MaxPathLen {
			out = append(out, Obstacle{Next: i, By: -1,
				Why: fmt.Sprintf("with it the filters take %d "+
					"instructions as the kernel counts them, which allows %d", total,
					asm.MaxPathLen)})
		}
		total += 4 // seccomp_attach_filter of kernel/seccomp.c
		if !answers(p, policy.Notify) {
			continue
		}
		if listener >= 0 {
			out = append(out, Obstacle{Next: i, By: listener,
				Why: "both leave calls to a supervisor, " +
					"and the kernel allows one listener (EBUSY)"})
		}
		listener = i
	}
	return out
}

// answers reports whether a program has a return of a kind of action. Of what a program computes it
// knows nothing.
func answers(p asm.Program, kind policy.Action) bool {
	return slices.ContainsFunc(p, func(in asm.Instruction) bool {
		return in.Op == asm.RetK && policy.Action(in.K).Kind() == kind
	})
}

// under returns what is in the way of a filter on an ABI.
func (s Stack) under(next int, abi *linux.ABI, calls []string) ([]Obstacle, error) {
	q, err := s.question(next, abi)
	if err != nil {
		return nil, err
	}
	var out []Obstacle
	for _, call := range slices.Concat(noNewPrivs, calls) {
		o, err := q.obstacle(call)
		if err != nil {
			return nil, err
		}
		if o != nil {
			out = append(out, *o)
		}
	}
	o, err := q.attachable(answers(s.Filters[next], policy.Notify))
	if o != nil {
		out = append(out, *o)
	}
	return out, err
}

// question asks what a loader of the filter next may call under those before it.
type question struct {
	stack Stack
	next  int
	abi   *linux.ABI
	space *proof.Space
	f     proof.Function
}

func (s Stack) question(next int, abi *linux.ABI) (*question, error) {
	q := &question{stack: s, next: next, abi: abi, space: proof.New()}
	var err error
	q.f, err = q.space.Programs(s.Order, s.Filters[:next], s.Late...)
	return q, err
}

// attachable returns what is in the way of every way to install the filter, or nil where one is
// open.
func (q *question) attachable(listener bool) (*Obstacle, error) {
	ways := attach
	if listener {
		ways = listen
	}
	var first *Obstacle
	for _, way := range ways {
		o, err := q.obstacle(way)
		if err != nil || o == nil {
			return nil, err
		}
		if first == nil {
			first = o
		}
	}
	if listener || !q.fallsBack(ways[0]) {
		return first, nil
	}
	return q.obstacle(attachByPrctl)
}

// fallsBack reports whether a call always gets ENOSYS.
func (q *question) fallsBack(call string) bool {
	doors, diags := resolve.Calls(q.abi, "loader", call)
	if diags.HasErrors() {
		return false
	}
	for _, door := range doors {
		other, err := q.find(door, func(a policy.Action) bool {
			name, ok := q.abi.ErrnoName(uint32(a) & 0xffff)
			return a.Kind() != policy.Errno || !ok || name != "ENOSYS"
		})
		if err != nil || other != nil {
			return false
		}
	}
	return true
}

// obstacle returns what is in the way of a call, by any value of the arguments that it does not
// give.
func (q *question) obstacle(call string) (*Obstacle, error) {
	doors, diags := resolve.Calls(q.abi, "loader", call)
	if diags.HasErrors() {
		return nil, fmt.Errorf("%s: %w", call, diags.Err())
	}
	for _, door := range doors {
		some, err := q.find(door, func(a policy.Action) bool { return !letsPass(a) })
		if err != nil {
			return nil, err
		}
		if some == nil {
			continue
		}
		before := q.stack
		before.Filters = before.Filters[:q.next]
		got, by, err := before.Decide(some.Data, some.Late)
		if err != nil {
			return nil, err
		}
		return &Obstacle{q.next, by, q.abi, oneLine(call), some.Data, got[by].Action, ""}, nil
	}
	return nil, nil
}

func (q *question) find(
	door resolve.Call, wanted func(policy.Action) bool,
) (*proof.Example, error) {
	nr := policy.Range{Lo: uint64(door.Nr), Hi: uint64(door.Nr)}
	calls := proof.Calls{Arch: q.abi.Arch, Numbers: []policy.Range{nr}, Cond: door.Cond}
	return q.space.Find(q.f, calls, wanted)
}

// letsPass leaves out notify and trace, which somebody else decides.
func letsPass(a policy.Action) bool { return a.Kind() == policy.Allow || a.Kind() == policy.Log }

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
