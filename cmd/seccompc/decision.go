package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/seccompc/seccompc/compiler"
	"github.com/seccompc/seccompc/policy"
)

// decision is what decides a call in a policy.
type decision struct {
	rule     *compiler.SourceRule // or nil
	fallback string               // the statement that decides where no rule does
}

// decidedBy returns what decides a call.
func decidedBy(res *compiler.Resolved, d policy.Data) decision {
	abi := res.Policy.Find(d)
	if abi == nil {
		return decision{fallback: "mismatch"}
	}
	if rule := abi.Decide(d); rule != nil {
		return decision{rule: &res.Rules[rule.Source]}
	}
	if policy.Contains(abi.Known, uint64(d.Nr)) {
		return decision{fallback: "default"}
	}
	return decision{fallback: "unknown"}
}

func (d decision) print(w io.Writer) {
	if d.rule == nil {
		fmt.Fprintf(w, "no rule decides: %s\n", d.fallbackText())
		return
	}
	fmt.Fprintf(w, "%s:%d: %s\n", d.rule.Span.Pos().Filename, d.rule.Span.Pos().Line, d.rule.Text)
	for line := range strings.Lines(d.rule.Reason) {
		fmt.Fprintf(w, "  # %s\n", strings.TrimSpace(line))
	}
}

// fallbackText says which statement decides, and when.
func (d decision) fallbackText() string {
	switch d.fallback {
	case "mismatch":
		return "the policy does not list the ABI (mismatch)"
	case "unknown":
		return "the ABI's table does not hold the number (unknown, or else default)"
	}
	return "default"
}

// decisionJSON is a decision for machines to read: a rule, or the statement that decides instead.
type decisionJSON struct {
	File     string `json:"file,omitempty"`
	Line     int    `json:"line,omitempty"`
	Rule     string `json:"rule,omitempty"`
	Reason   string `json:"reason,omitempty"`
	Fallback string `json:"fallback,omitempty"` // default, unknown or mismatch
}

func (d decision) json() *decisionJSON {
	if d.rule == nil {
		return &decisionJSON{Fallback: d.fallback}
	}
	at := d.rule.Span.Pos()
	return &decisionJSON{File: at.Filename, Line: at.Line, Rule: d.rule.Text, Reason: d.rule.Reason}
}
