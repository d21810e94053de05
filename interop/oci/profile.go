// Package oci reads and writes the seccomp profiles of containers, JSON or YAML: those of the OCI's
// runtime-spec, alone or in a config.json, Docker's, Podman's, and the resources of Kubernetes'
// security profiles operator.
//
// What a profile means is what its engine makes of it: see [Engine]. [Import] writes the policy
// that means the same and proves it, [Export] the way back.
package oci

import (
	"github.com/seccompc/seccompc/interop"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
)

// Profile is a seccomp profile as its author wrote it.
type Profile struct {
	Default  policy.Action
	Arches   []string // SCMP_ARCH_*, without those of ArchMap
	ArchMap  []SubArches
	Entries  []Entry
	Flags    []string
	NoFlags  bool // the profile does not speak of flags
	Listener string
	Line     int // of the default action

	arches   int // the line of the architectures
	warnings interop.Warnings
}

// Serve lists ABIs beside the host's own.
func (p *Profile) Serve(abis []*linux.ABI) {
	for _, abi := range abis {
		p.Arches = append(p.Arches, scmpArch(abi.Name))
	}
	p.arches = p.Line
}

// SubArches are the architectures that a filter serves besides a host's own.
type SubArches struct {
	Host string
	Sub  []string
}

// Entry is one element of a profile's list of system calls.
type Entry struct {
	Line               int
	Names              []string
	Action             policy.Action
	Args               []Arg
	Comment            string
	Includes, Excludes Filter

	remarks []interop.Warning // of its action and its conditions
}

// Filter says when an entry counts.
type Filter struct {
	Caps      []string
	Arches    []string // as Go and libseccomp name them
	MinKernel string   // "4.8", or ""
}

// Arg is a condition over one argument.
type Arg struct {
	Line  int
	Index int
	Op    Op
	Value uint64
	Two   uint64 // MaskedEqual: what is to be left of the argument under the mask Value
}

// Op is a comparison of libseccomp's. All are unsigned.
type Op int

// The comparisons, in the numbers of the profiles of 2016.
const (
	Equal Op = iota + 1
	NotEqual
	Greater
	GreaterEqual
	Less
	LessEqual
	MaskedEqual
)

var opNames = map[string]Op{
	"SCMP_CMP_EQ": Equal, "SCMP_CMP_NE": NotEqual, "SCMP_CMP_GT": Greater,
	"SCMP_CMP_GE": GreaterEqual, "SCMP_CMP_LT": Less, "SCMP_CMP_LE": LessEqual,
	"SCMP_CMP_MASKED_EQ": MaskedEqual,
}

// actionKinds are the actions by name, and oldActions by the numbers of 2016.
var actionKinds = map[string]policy.Action{
	"SCMP_ACT_KILL": policy.KillThread, "SCMP_ACT_KILL_THREAD": policy.KillThread,
	"SCMP_ACT_KILL_PROCESS": policy.KillProcess, "SCMP_ACT_TRAP": policy.Trap,
	"SCMP_ACT_ERRNO": policy.Errno, "SCMP_ACT_TRACE": policy.Trace,
	"SCMP_ACT_ALLOW": policy.Allow, "SCMP_ACT_LOG": policy.Log, "SCMP_ACT_NOTIFY": policy.Notify,
}

var oldActions = map[string]policy.Action{
	"1": policy.KillThread, "2": policy.Errno, "3": policy.Trap, "4": policy.Allow,
	"5": policy.Trace,
}

// eperm is what an errno or trace without its number returns.
const eperm = 1
