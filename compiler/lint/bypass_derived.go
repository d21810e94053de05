package lint

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/seccompc/seccompc/compiler/resolve"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
)

// derived looks at the ways round that follow from a rule whatever its condition: by a carrier, by the
// multiplexer, by the same call with types of another width.
func (s *bypassSearch) derived(abi int) {
	a := s.Policy.ABIs[abi]
	for i := range a.Rules {
		rule := &a.Rules[i]
		if !stops(rule.Action) || s.silent[rule.Source] {
			continue
		}
		for _, nr := range rule.Numbers {
			if name, ok := s.ABIs[abi].SyscallName(nr); ok {
				s.derive(abi, rule, nr, name)
			}
		}
	}
}

// derive adds the open ways round a rule on one of its calls, if the rule stops that at all.
func (s *bypassSearch) derive(abi int, rule *policy.Rule, nr uint32, name string) {
	var open []wayRound
	for _, way := range s.behind(abi, rule, name, carriers(name)) {
		if s.isOpen(abi, way.open) {
			open = append(open, way)
		}
	}
	for _, twin := range twins.of(s.ABIs[abi], name, twinsOf) {
		if rule.Cond != nil && !twin.alike || s.fallback(abi, rule) {
			continue
		}
		if s.find(abi, resolve.Call{Nr: twin.nr, Cond: rule.Cond}, letsPass) != nil {
			open = append(open, wayRound{"deny ", twin.name, "it is " + name + " with types of another width"})
		}
	}
	if len(open) == 0 || s.find(abi, resolve.Call{Nr: nr, Cond: rule.Cond}, stops) == nil {
		return
	}
	for _, way := range open {
		s.add(abi, rule, way)
	}
}

// carriers returns the ways of the table round any rule on a call.
func carriers(name string) []wayRound {
	var ways []wayRound
	for _, line := range carrierLines()[name] {
		ways = slices.AppendSeq(ways, line.ways(name))
	}
	return ways
}

// carrierLines returns the lines that count for any rule on a call, by its name.
var carrierLines = sync.OnceValue(func() map[string][]*bypassLine {
	out := map[string][]*bypassLine{}
	for _, line := range bypassTable() {
		if line.some {
			for _, name := range line.guarded {
				out[name] = append(out[name], line)
			}
		}
	}
	return out
})

// behind appends the way behind socketcall or ipc, where a rule with a condition does not reach.
func (s *bypassSearch) behind(abi int, rule *policy.Rule, name string, ways []wayRound) []wayRound {
	mux, sub, ok := s.ABIs[abi].Multiplexed(name)
	if !ok || rule.Cond == nil {
		return ways
	}
	open := fmt.Sprintf("%s if arg0 == %d", mux, sub)
	if mux == "ipc" {
		open = fmt.Sprintf("ipc if arg0 & 0xffff == %d", sub)
	}
	why := "it is " + name + ", with arguments in memory where no filter sees them"
	return append(ways, wayRound{"deny ", open, why})
}

// twin is a call that is the same as another but for the width of a type.
type twin struct {
	name  string
	nr    uint32
	alike bool // their arguments are, so that a condition holds for both
}

var twins remembered[[]twin] // see twinsOf

// twinsOf returns the twins of a call that an ABI has.
func twinsOf(abi *linux.ABI, name string) (out []twin) {
	add := func(other string) {
		if nr, ok := abi.Number(other); ok {
			out = append(out, twin{other, nr, alike(abi, name, other)})
		}
	}
	for _, suffix := range []string{"_time64", "64", "32"} {
		add(name + suffix)
		if base, ok := strings.CutSuffix(name, suffix); ok {
			add(base)
		}
	}
	return out
}

// alike reports whether two calls have the same arguments at the same places.
func alike(abi *linux.ABI, a, b string) bool {
	x, okX := abi.Prototype(a)
	y, okY := abi.Prototype(b)
	return okX && okY && slices.EqualFunc(x, y, func(x, y linux.Arg) bool {
		return x.Name == y.Name && x.Width == y.Width
	})
}
