// Package peers gives one neutral policy to each compiler and returns its filter.
package peers

import (
	"fmt"
	"runtime/debug"
	"slices"
	"time"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/bench/neutral"
)

// Peer is a compiler with the settings that it is run with.
type Peer struct {
	Name    string // short, and usable in a file name
	Version string
	// Prepare writes the policy as the compiler's own input. It fails where the compiler cannot
	// express the policy, and leaves alone what the compiler can only approximate.
	Prepare func(p *neutral.Policy) (Compile, error)
}

// Compile makes a filter of the input that it was prepared with, and tells how much of the time
// went into what the other compilers do not do. It can be called again.
type Compile func() (filter asm.Program, own Times, err error)

// Times are the parts of a compilation that our compiler tells apart.
type Times struct {
	Text  time.Duration // to read the text of the policy
	Code  time.Duration // to generate the filter; 0 where that is all that a compiler does
	Proof time.Duration // of the filter
}

// unproved is the Compile of a compiler that reads no text and proves nothing.
func unproved(compile func() (asm.Program, error)) Compile {
	return func() (asm.Program, Times, error) {
		filter, err := compile()
		return filter, Times{}, err
	}
}

// Compile prepares and compiles.
func (p Peer) Compile(policy *neutral.Policy) (asm.Program, error) {
	compile, err := p.Prepare(policy)
	if err != nil {
		return nil, err
	}
	filter, _, err := compile()
	return filter, err
}

// Ours is the name of this project's compiler.
const Ours = "seccompc"

// All returns the compilers in the order of the table.
func All() []Peer {
	return []Peer{
		{Ours, "this tree", seccompc},
		{"libseccomp-O1", libseccompVersion(), libseccomp(1)},
		{"libseccomp-O2", libseccompVersion(), libseccomp(2)},
		{"gvisor", moduleVersion("gvisor.dev/gvisor"), gvisor},
		{"go-seccomp-bpf", moduleVersion("github.com/elastic/go-seccomp-bpf"), goSeccompBPF},
	}
}

// moduleVersion returns the version of a dependency that this program was built with. A test's
// binary does not know any.
func moduleVersion(path string) string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	i := slices.IndexFunc(info.Deps, func(m *debug.Module) bool { return m.Path == path })
	if i < 0 {
		return "unknown"
	}
	return info.Deps[i].Version
}

// native refuses what a compiler for one ABI cannot take.
func native(p *neutral.Policy) error {
	if len(p.ABIs) != 1 || p.ABIs[0] != "x86_64" {
		return fmt.Errorf("it compiles for one ABI, not for %v", p.ABIs)
	}
	return nil
}

// eachRun calls f with every longest run of rules that have the same action.
func eachRun(rules []neutral.Rule, f func([]neutral.Rule) error) error {
	for len(rules) > 0 {
		n := 1
		for n < len(rules) && rules[n].Action == rules[0].Action {
			n++
		}
		if err := f(rules[:n]); err != nil {
			return err
		}
		rules = rules[n:]
	}
	return nil
}
