package rows

import (
	"slices"

	"github.com/seccompc/seccompc/bench/neutral"
	"github.com/seccompc/seccompc/policy"
)

// manyMasks denies one call where all bits of any of eight masks are set, and another where any of
// six masks has a value.
func manyMasks() Row {
	var rules []neutral.Rule
	for i := range uint(8) {
		m := uint64(7) << (3 * i)
		rules = slices.Concat(rules, on(eperm, []string{"ioctl"}, masked(1, m, m)))
	}
	for _, m := range [][2]uint64{
		{0x0f, 0x3}, {0xf1, 0x30}, {0x1f3, 0x141}, {0xf07, 0x506}, {0xf0c, 0x308}, {0xf03, 0xc00},
	} {
		rules = slices.Concat(rules, on(eperm, []string{"fcntl"}, masked(2, m[0], m[1])))
	}
	return Row{
		Policy: neutral.Policy{
			Name: "many-masks",
			Title: "eight masks of one argument, six of another, in any of which bits are " +
				"looked for",
			ABIs:    []string{"x86_64"},
			Default: policy.Allow,
			Rules:   rules,
		},
		Probes: Probes{
			Checked: Probe{"ioctl", [6]uint64{badFD}},
			Denied:  Probe{"ioctl", [6]uint64{badFD, 7 << 21}},
			Cached:  getppid,
		},
	}
}

// fewBits denies two calls by sets of the values of a few bits.
func fewBits() Row {
	var rules []neutral.Rule
	for _, v := range []uint64{1, 4, 5, 10} {
		rules = slices.Concat(rules, on(eperm, []string{"ioctl"}, masked(1, 0xf, v)))
	}
	for _, v := range []uint64{1, 4, 5, 10, 17, 22, 29} {
		rules = slices.Concat(rules, on(eperm, []string{"fcntl"}, masked(1, 0x1f, v)))
	}
	return Row{
		Policy: neutral.Policy{
			Name:    "few-bits",
			Title:   "sets of the values of four bits of one argument, of five of another",
			ABIs:    []string{"x86_64"},
			Default: policy.Allow,
			Rules:   rules,
		},
		Probes: Probes{
			Checked: Probe{"ioctl", [6]uint64{badFD}},
			Denied:  Probe{"ioctl", [6]uint64{badFD, 4}},
			Cached:  getppid,
		},
	}
}

// twoCalls denies two calls, as short lists for agents do.
func twoCalls() Row {
	return Row{
		Policy: neutral.Policy{
			Name:    "two-calls",
			Title:   "two calls denied, all others allowed",
			ABIs:    []string{"x86_64"},
			Default: policy.Allow,
			Rules:   on(eperm, []string{"shutdown", "io_submit"}),
		},
		Probes: Probes{Denied: Probe{Call: "shutdown", Args: [6]uint64{badFD}}, Cached: getppid},
	}
}
