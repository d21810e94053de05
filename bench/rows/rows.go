// Package rows holds the policies that the compilers are compared on.
package rows

import (
	"slices"

	"github.com/seccompc/seccompc/bench/neutral"
	"github.com/seccompc/seccompc/policy"
)

// Row is a policy with the calls that its filter is timed on.
type Row struct {
	neutral.Policy
	Probes Probes
}

// Probes are calls that are cheap and harmless in any process, whatever the kernel makes of them. A
// zero Probe means that the policy has no such call.
type Probes struct {
	Checked Probe // allowed after a look at an argument
	Denied  Probe // answered with an errno
	Cached  Probe // allowed whatever its arguments
}

// Probe is one native x86_64 call.
type Probe struct {
	Call string
	Args [6]uint64
}

// All returns the rows in the order of the table.
func All() []Row {
	return slices.Concat([]Row{
		openShell(),
		dockerDefault("docker", "x86_64"),
		systemService(),
		openSSH(),
		vmMonitor(),
		everyOther(),
		dockerDefault("docker-3abi", "x86_64", "i386", "x32"),
	}, randomNumbers(1, 2, 3), []Row{
		goService(),
		browser(),
		denyList(),
		ranges64(),
		masks(),
		manyMasks(),
		fewBits(),
		twoCalls(),
		mixedActions(),
	})
}

var (
	eperm  = neutral.Denies(1)
	eacces = neutral.Denies(13)
	einval = neutral.Denies(22)
	enosys = neutral.Denies(38)
)

const badFD = 0xffffffff // makes ioctl and fcntl return EBADF at once

var getppid = Probe{Call: "getppid"}

// on gives one action to several calls, with the tests if there are any.
func on(action policy.Action, calls []string, when ...neutral.Test) []neutral.Rule {
	var rules []neutral.Rule
	for _, c := range calls {
		rules = append(rules, neutral.Rule{Call: c, When: when, Action: action})
	}
	return rules
}

// onValues gives an action to one call for each of the values of one 32-bit argument.
func onValues(action policy.Action, call string, arg int, values ...uint64) []neutral.Rule {
	var rules []neutral.Rule
	for _, v := range values {
		rules = append(rules, on(action, []string{call}, eq(arg, v))...)
	}
	return rules
}

func eq(arg int, v uint64) neutral.Test {
	return neutral.Test{Arg: arg, Width: 32, Op: neutral.Eq, Value: v}
}

func masked(arg int, mask, v uint64) neutral.Test {
	return neutral.Test{Arg: arg, Width: 32, Op: neutral.Masked, Mask: mask, Value: v}
}

// only holds when the 32-bit argument has no bit outside the mask.
func only(arg int, mask uint64) neutral.Test { return masked(arg, ^mask&0xffffffff, 0) }

func wide(arg int, op neutral.Op, v uint64) neutral.Test {
	return neutral.Test{Arg: arg, Width: 64, Op: op, Value: v}
}
