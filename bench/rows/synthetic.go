package rows

import (
	"fmt"
	"math/rand"
	"slices"

	"github.com/seccompc/seccompc/bench/neutral"
	"github.com/seccompc/seccompc/policy"
)

const ioctl, ioctlCommands = 16, 200

// everyOther allows the even numbers below 400, and ioctl with 200 commands. A multiplicative hash
// spreads the commands over the 32-bit values, so that no two are neighbours.
func everyOther() Row {
	p := neutral.Policy{
		Name:    "every-other",
		Title:   "every other number of 0..399, ioctl with 200 commands",
		ABIs:    []string{"x86_64"},
		Default: eperm,
	}
	for nr := uint32(0); nr < 400; nr += 2 {
		if nr != ioctl {
			p.Rules = append(p.Rules, neutral.Rule{Nr: nr, Action: policy.Allow})
		}
	}
	for i := range uint32(ioctlCommands) {
		command := []neutral.Test{eq(1, uint64((i+1)*2654435761))}
		p.Rules = append(p.Rules, neutral.Rule{Nr: ioctl, When: command, Action: policy.Allow})
	}
	return Row{Policy: p, Probes: Probes{
		Checked: Probe{"ioctl", [6]uint64{badFD, 2654435761}},
		Denied:  Probe{Call: "shmdt"},
		Cached:  getppid,
	}}
}

// randomNumbers allows 200 numbers of 0..399, drawn anew for each seed.
func randomNumbers(seeds ...int64) []Row {
	var rows []Row
	for _, seed := range seeds {
		numbers := rand.New(rand.NewSource(seed)).Perm(400)[:200]
		slices.Sort(numbers)
		p := neutral.Policy{
			Name:    fmt.Sprintf("random-%d", seed),
			Title:   fmt.Sprintf("200 random numbers of 0..399, seed %d", seed),
			ABIs:    []string{"x86_64"},
			Default: eperm,
		}
		for _, nr := range numbers {
			p.Rules = append(p.Rules, neutral.Rule{Nr: uint32(nr), Action: policy.Allow})
		}
		rows = append(rows, Row{Policy: p, Probes: harmless(numbers)})
	}
	return rows
}

// harmless finds probes among calls without arguments or effects.
func harmless(allowed []int) Probes {
	var found Probes
	for _, call := range []string{"getpid", "getuid", "getgid", "geteuid", "getegid", "getppid"} {
		nr, _ := neutral.ABIs["x86_64"].Number(call)
		if slices.Contains(allowed, int(nr)) {
			found.Cached = Probe{Call: call}
		} else {
			found.Denied = Probe{Call: call}
		}
	}
	return found
}

// Scale is a policy of n rules, for the curve of compile time against size: they are spread over up
// to 300 numbers, and those of one number allow neighbouring values of an argument.
func Scale(n int) neutral.Policy {
	p := neutral.Policy{
		Name:    fmt.Sprintf("scale-%d", n),
		Title:   fmt.Sprintf("%d rules", n),
		ABIs:    []string{"x86_64"},
		Default: eperm,
	}
	numbers := min(n, 300)
	for i := range n {
		nr := uint32(i % numbers)
		value := uint64(nr*2654435761) + uint64(i/numbers)
		p.Rules = append(p.Rules, neutral.Rule{
			Nr: nr, When: []neutral.Test{eq(1, value&0xffffffff)}, Action: policy.Allow,
		})
	}
	return p
}
