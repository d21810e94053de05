package main

import (
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/bench/live"
	"github.com/seccompc/seccompc/bench/neutral"
	"github.com/seccompc/seccompc/bench/peers"
	"github.com/seccompc/seccompc/bench/report"
	"github.com/seccompc/seccompc/bench/rows"
)

// TestMain lets the test binary be re-executed as a measurement.
func TestMain(m *testing.M) {
	live.Main()
	os.Exit(m.Run())
}

func TestEmit(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new")
	if err := emit(dir); err != nil {
		t.Fatal(err)
	}
	for _, row := range rows.All() {
		text, err := os.ReadFile(filepath.Join(dir, row.Name+".scp"))
		if err != nil || string(text) != row.SCP() {
			t.Errorf("%s: error %v, text\n%s", row.Name, err, text)
		}
		blob, err := os.ReadFile(filepath.Join(dir, row.Name+".libseccomp-O1.bpf"))
		if errors.Is(err, os.ErrNotExist) && row.Name == "browser" {
			continue // which has ranges
		}
		if err != nil {
			t.Error(err)
			continue
		}
		filter, err := asm.Decode(blob, binary.LittleEndian)
		if err != nil || filter.Check() != nil {
			t.Errorf("%s: error %v, check %v", row.Name, err, filter.Check())
		}
	}
}

func TestGrowthStopsWhereACompilerGivesUp(t *testing.T) {
	compiles := 0
	limited := peers.Peer{Name: "limited", Prepare: func(p *neutral.Policy) (peers.Compile, error) {
		return func() (asm.Program, peers.Times, error) {
			if len(p.Rules) > 100 {
				return nil, peers.Times{}, errors.New("too many")
			}
			compiles++
			return asm.Program{{Op: asm.RetK}}, peers.Times{}, nil
		}, nil
	}}
	points := growth(limited)
	if len(points) != 3 || points[2].Rules != 100 || compiles != 3*compileRepeats {
		t.Errorf("%d compiles, points %+v", compiles, points)
	}
}

func TestTimesStandApart(t *testing.T) {
	var watch stopwatch
	for _, proof := range []time.Duration{time.Hour, 2 * time.Hour, 9 * time.Hour} {
		_, _ = watch.compile(func() (asm.Program, peers.Times, error) {
			return nil, peers.Times{Text: proof / 2, Code: proof / 4, Proof: proof}, nil
		})
	}
	took := watch.read()
	if took.Proof != 2*time.Hour || took.Text != time.Hour || took.Code != 30*time.Minute {
		t.Errorf("%+v", took)
	}
}

func TestNoFilterIsTheBareHalfOfItsRow(t *testing.T) {
	line := func(row, peer string, bare float64) *candidate {
		times := live.Times{1: {{Bare: bare, Filtered: 2 * bare}}}
		return &candidate{Line: report.Line{Row: row, Peer: peer, Times: times}}
	}
	none := &candidate{Line: report.Line{Row: "a", Peer: report.NoFilter}}
	unfiltered([]*candidate{line("a", "x", 100), none, line("a", "y", 120), line("b", "x", 500)})
	want := live.Pairs{{Bare: 100, Filtered: 100}, {Bare: 120, Filtered: 120}}
	if !slices.Equal(none.Times[1], want) || len(none.Times[0]) != 0 {
		t.Errorf("%v, want %v", none.Times, want)
	}
}

func TestFiguresFailForAFilterThatTheKernelRefuses(t *testing.T) {
	row := rows.All()[0]
	broken := func() (asm.Program, peers.Times, error) {
		return asm.Program{{Op: 0xffff}}, peers.Times{}, nil
	}
	c := candidate{row: &row, compile: broken}
	if err := c.figures(); err == nil {
		t.Error("no error for a filter with an unknown opcode")
	}
	c.compile = func() (asm.Program, peers.Times, error) {
		return nil, peers.Times{}, errors.New("no such thing")
	}
	if err := c.figures(); err != nil || c.Err == nil {
		t.Errorf("a policy that cannot be expressed: error %v, recorded %v", err, c.Err)
	}
}

func TestCompareFailsWithoutADirectory(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "missing", "bench.md")
	if err := create(missing, nil); err == nil || !strings.Contains(err.Error(), "missing") {
		t.Errorf("error %v", err)
	}
}

// TestStacks: the filter whose stacks are timed can be installed under itself.
func TestStacks(t *testing.T) {
	times, name, err := measureStacks()
	if err != nil || name == "" || len(times) == 0 {
		t.Errorf("%s: %v, error %v", name, times, err)
	}
}
