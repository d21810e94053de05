package resolve

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/policy"
)

// Decision is what decides a call in a policy: a rule, or a statement where no rule does.
type Decision struct {
	Rule     *SourceRule // nil where no rule decides
	Fallback string      // then the statement: default, unknown or mismatch
}

// Decide returns what decides a call. It needs the late values that the policy compares with.
func (r *Resolved) Decide(d policy.Data, late ...policy.LateValues) Decision {
	abi := r.Policy.Find(d)
	if abi == nil {
		return Decision{Fallback: "mismatch"}
	}
	if rule := abi.Decide(d, late...); rule != nil {
		return Decision{Rule: &r.Rules[rule.Source]}
	}
	if policy.Contains(abi.Known, uint64(d.Nr)) {
		return Decision{Fallback: "default"}
	}
	return Decision{Fallback: "unknown"}
}

// Why says which statement decides where no rule does, and when it does.
func (d Decision) Why() string {
	switch d.Fallback {
	case "mismatch":
		return "the policy does not list the ABI that the arch and the number tell (mismatch)"
	case "unknown":
		return "the ABI's table does not hold the number (unknown, or else default)"
	}
	return "default"
}

// Place names the rule's file and line, or else the statement that decides.
func (d Decision) Place() string {
	if d.Rule == nil {
		return d.Fallback
	}
	at := d.Rule.Span.Pos()
	return fmt.Sprintf("%s:%d", diag.Printable(at.Filename), at.Line)
}

// String returns lines for people: the rule with its place and its reason, or what decides instead.
func (d Decision) String() string {
	if d.Rule == nil {
		return fmt.Sprintf("no rule decides: %s\n", d.Why())
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n", d.Place(), d.Rule.Text)
	for line := range strings.Lines(d.Rule.Reason) {
		fmt.Fprintf(&b, "  # %s\n", strings.TrimSpace(line))
	}
	return b.String()
}

// MarshalJSON writes a rule with its place, or the statement that decides instead.
func (d Decision) MarshalJSON() ([]byte, error) {
	var out struct {
		File     string `json:"file,omitempty"`
		Line     int    `json:"line,omitempty"`
		Rule     string `json:"rule,omitempty"`
		Reason   string `json:"reason,omitempty"`
		Fallback string `json:"fallback,omitempty"`
	}
	out.Fallback = d.Fallback
	if d.Rule != nil {
		at := d.Rule.Span.Pos()
		out.File, out.Line, out.Rule, out.Reason = at.Filename, at.Line, d.Rule.Text, d.Rule.Reason
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // a rule keeps its "<" and "&" for who wants it so
	err := e.Encode(out)
	return b.Bytes(), err
}
