package main

import (
	"testing"

	"github.com/seccompc/seccompc/bench/measure"
	"github.com/seccompc/seccompc/bench/peers"
	"github.com/seccompc/seccompc/bench/rows"
	"github.com/seccompc/seccompc/compiler"
	"github.com/seccompc/seccompc/proof"
)

// What the table says of a filter rests on samples. The proof knows: it must find a difference
// exactly where the samples have one.
func TestSamplesAgreeWithTheProof(t *testing.T) {
	for _, row := range rows.All() {
		ours, diags := compiler.Compile(row.Name, []byte(row.SCP()), compiler.Options{})
		if diags.HasErrors() {
			t.Errorf("%s: %v", row.Name, diags[0])
			continue
		}
		for _, p := range peers.All() {
			filter, err := p.Compile(&row.Policy)
			if err != nil {
				continue
			}
			figures, err := measure.Filter(&row.Policy, filter)
			if err != nil {
				t.Fatal(err)
			}
			difference, err := proof.Equal(ours.Policy, filter)
			if err != nil {
				t.Errorf("%s, %s: %v", row.Name, p.Name, err)
			} else if (difference != nil) != (len(figures.Wrong) > 0) {
				t.Errorf("%s, %s: the proof finds %+v, the samples %v",
					row.Name, p.Name, difference, figures.Wrong)
			}
		}
	}
}
