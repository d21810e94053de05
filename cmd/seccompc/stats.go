package main

import (
	"bytes"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/seccompc/seccompc/compiler"
)

// statsFlags are the flags of build that measure and that steer by measurements.
type statsFlags struct {
	profile     string
	stats, json bool
}

func (s *statsFlags) register(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&s.profile, "profile", "",
		"favour the calls that `FILE` counts: lines of name and count, strace -c, perf trace -s")
	f.BoolVar(&s.stats, "stats", false, "print what the filter costs, and how long the proof took")
	f.BoolVar(&s.json, "json", false, "print the statistics as JSON")
}

// addProfile reads the profile, if there is one. Names that no ABI has are only warned about: a
// profile may come from another kernel.
func (s *statsFlags) addProfile(cmd *cobra.Command, opts *compiler.Options) error {
	if s.profile == "" {
		return nil
	}
	in, err := readInput(cmd, s.profile)
	if err != nil {
		return err
	}
	profile, findings := compiler.ParseProfile(in.path, in.data)
	if findings.HasErrors() {
		return reportBad(cmd, findings)
	}
	for _, name := range profile.Unknown() {
		say(cmd, "%s: warning: no ABI has a system call %q", in.name, name)
	}
	opts.Profile = profile
	return nil
}

// statsJSON is the statistics of a build for machines to read.
type statsJSON struct {
	compiler.Stats
	Proved  bool  `json:"proved"`
	ProofNS int64 `json:"proof_ns"`
}

// print prints the statistics if they are asked for: beside the filter, not into it.
func (s *statsFlags) print(cmd *cobra.Command, res *compiler.Result, output string) error {
	if !s.stats && !s.json {
		return nil
	}
	out := cmd.OutOrStdout()
	if output == "-" {
		out = cmd.ErrOrStderr()
	}
	_, err := out.Write(s.text(res))
	return err
}

// text returns the statistics of a compiled policy, which is one whose filter has been proved.
func (s *statsFlags) text(res *compiler.Result) []byte {
	stats := res.Stats()
	if s.json {
		return document(statsJSON{stats, true, res.ProofTime.Nanoseconds()})
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "proved equal to the policy for every call, in %v\n",
		res.ProofTime.Round(10*time.Microsecond))
	fmt.Fprintf(&b, "%d instructions, %d in the kernel's count, at most %d executed\n",
		stats.Length, stats.KernelLen, stats.Worst)
	for _, abi := range stats.ABIs {
		printABIStats(&b, abi)
	}
	return b.Bytes()
}

func printABIStats(b *bytes.Buffer, s compiler.ABIStats) {
	fmt.Fprintf(b, "%s: the kernel's cache holds %d calls; the filter runs for the others\n",
		s.ABI, s.Cached)
	fmt.Fprintf(b, "  %-20s %6s %9s %8s\n", "", "calls", "executed", "ns")
	for _, c := range []struct {
		name string
		compiler.Class
	}{{"checked by argument", s.Checked}, {"denied", s.Denied}, {"allowed", s.Allowed}} {
		fmt.Fprintf(b, "  %-20s %6d %9.1f %8.1f\n", c.name, c.Numbers, c.Executed, c.Nanos)
	}
	fmt.Fprintf(b, "  no filter that tests arch, then the number, then arguments executes less "+
		"than %.1f\n  on average (checked and denied) or has less than %d instructions\n",
		s.LowerBound, s.LeastLength)
	if s.Cheapest {
		fmt.Fprintf(b, "  over its %d spans of numbers no tree of these tests is cheaper: "+
			">= for the\n"+
			"  first number of a span, == for a span of one, & for neighbouring bits of the "+
			"lowest six\n  that each span has some of in all of its numbers, or none\n",
			s.Spans)
	}
}
