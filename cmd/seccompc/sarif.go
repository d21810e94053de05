package main

import (
	"github.com/seccompc/seccompc/compiler"
	"github.com/seccompc/seccompc/dsl"
)

// The parts of SARIF 2.1.0 (docs.oasis-open.org/sarif) that code scanning services read.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool       sarifTool     `json:"tool"`
		ColumnKind string        `json:"columnKind"`
		Results    []sarifResult `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name    string      `json:"name"`
		Version string      `json:"version"`
		Rules   []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID              string    `json:"id"`
		FullDescription sarifText `json:"fullDescription"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifResult struct {
		RuleID    string          `json:"ruleId"`
		Level     string          `json:"level"`
		Message   sarifText       `json:"message"`
		Locations []sarifLocation `json:"locations"`
		Related   []sarifLocation `json:"relatedLocations,omitempty"`
	}
	sarifLocation struct {
		Physical sarifPhysical `json:"physicalLocation"`
		Message  *sarifText    `json:"message,omitempty"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   sarifRegion   `json:"region"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn"`
		EndLine     int `json:"endLine"`
		EndColumn   int `json:"endColumn"`
	}
)

// sarifOf returns findings in the form that code scanning services read.
func sarifOf(diags dsl.Diagnostics) sarifLog {
	driver := sarifDriver{Name: "seccompc", Version: moduleVersion(), Rules: []sarifRule{}}
	for _, c := range compiler.Codes() {
		driver.Rules = append(driver.Rules, sarifRule{c.Name, sarifText{c.Doc}})
	}
	results := []sarifResult{}
	for _, d := range diags {
		results = append(results, sarifResultOf(d))
	}
	return sarifLog{
		Schema:  "https://json.schemastore.org/sarif-2.1.0.json",
		Version: "2.1.0",
		Runs:    []sarifRun{{sarifTool{driver}, "unicodeCodePoints", results}},
	}
}

func sarifResultOf(d dsl.Diagnostic) sarifResult {
	r := sarifResult{
		RuleID:    d.Code,
		Level:     d.Severity.String(),
		Message:   sarifText{d.Message},
		Locations: []sarifLocation{{Physical: sarifPlace(d.Span)}},
	}
	if d.Help != "" {
		r.Message.Text += "; " + d.Help
	}
	for _, n := range d.Notes {
		if n.Span == nil {
			r.Message.Text += "; " + n.Text
			continue
		}
		r.Related = append(r.Related, sarifLocation{sarifPlace(*n.Span), &sarifText{n.Text}})
	}
	return r
}

func sarifPlace(s dsl.Span) sarifPhysical {
	return sarifPhysical{
		sarifArtifact{s.Pos().Filename},
		sarifRegion{s.Pos().Line, s.Pos().Column, s.EndPos().Line, s.EndPos().Column},
	}
}
