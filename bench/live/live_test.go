package live

import (
	"os"
	"strings"
	"testing"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/bench/rows"
)

// TestMain lets the test binary be re-executed as a measurement.
func TestMain(m *testing.M) {
	Main()
	os.Exit(m.Run())
}

var probes = rows.Probes{
	Denied: rows.Probe{Call: "getppid"},
	Cached: rows.Probe{Call: "getuid"},
}

func TestRunTimesWhatHasAProbe(t *testing.T) {
	allowing := func(p rows.Probes) (Times, error) {
		return Run(asm.Program{{Op: asm.RetK, K: 0x7fff0000}}, p)
	}
	for name, run := range map[string]func(rows.Probes) (Times, error){
		"all allowed": allowing, "one instruction": OneInstruction,
	} {
		times, err := run(probes)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if len(times[0]) != 0 {
			t.Errorf("%s: %d pairs of a class without a probe", name, len(times[0]))
		}
		for class := 1; class < len(times); class++ {
			pairs := times[class]
			if len(pairs) != 1 || pairs[0].Bare <= 0 || pairs[0].Filtered <= 0 {
				t.Errorf("%s: %s took %v", name, Classes[class], pairs)
			}
		}
	}
}

// A filter that refuses every call, the process's own end included, can be timed nevertheless.
func TestRunSurvivesAFilterThatRefusesEverything(t *testing.T) {
	for name, ret := range map[string]uint32{"errno": 0x00050001, "trap at the end": 0} {
		filter := asm.Program{{Op: asm.LdAbs, K: asm.OffNr}}
		if ret == 0 { // all but exit_group
			filter = append(filter, asm.Instruction{Op: asm.JeqK, K: 231, Jf: 1},
				asm.Instruction{Op: asm.RetK, K: 0x00030000})
			ret = 0x00050001
		}
		filter = append(filter, asm.Instruction{Op: asm.RetK, K: ret})
		if _, err := Run(filter, probes); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRunFails(t *testing.T) {
	tests := []struct {
		name   string
		filter asm.Program
		want   string
	}{
		{"an unknown opcode", asm.Program{{Op: 0xffff}},
			"kernel refused the filter: invalid argument"},
		{"an empty one", nil, "kernel refused the filter: invalid argument"},
		{"a deadly one", asm.Program{{Op: asm.RetK, K: 0x80000000}}, "ended the process"},
	}
	for _, tt := range tests {
		if _, err := Run(tt.filter, probes); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want one with %q", tt.name, err, tt.want)
		}
	}
}
