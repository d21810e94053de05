package diag

import (
	"fmt"
	"strings"
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

// Tool is the program whose findings a SARIF log holds.
type Tool struct {
	Name, Version string
	Rules         []Rule
}

// Rule describes the findings of one code.
type Rule struct{ Code, Doc string }

// SARIF returns findings in the form that code scanning services read, for encoding/json to write.
func (t Tool) SARIF(found List) any {
	driver := sarifDriver{Name: t.Name, Version: t.Version, Rules: []sarifRule{}}
	for _, r := range t.Rules {
		driver.Rules = append(driver.Rules, sarifRule{r.Code, sarifText{r.Doc}})
	}
	results := []sarifResult{}
	for _, f := range found {
		results = append(results, f.sarif())
	}
	return sarifLog{
		Schema:  "https://json.schemastore.org/sarif-2.1.0.json",
		Version: "2.1.0",
		Runs:    []sarifRun{{sarifTool{driver}, "unicodeCodePoints", results}},
	}
}

func (f Finding) sarif() sarifResult {
	r := sarifResult{
		RuleID:    f.Code,
		Level:     f.Severity.String(),
		Message:   sarifText{f.Message},
		Locations: []sarifLocation{{Physical: f.Span.sarif()}},
	}
	if f.Call != "" {
		r.Message.Text += ", such as " + f.Call
		if f.Gets != "" {
			r.Message.Text += ", which gets " + f.Gets
		}
	}
	if f.Help != "" {
		r.Message.Text += "; " + f.Help
	}
	for _, n := range f.Notes {
		if n.Span == nil {
			r.Message.Text += "; " + n.Text
			continue
		}
		r.Related = append(r.Related, sarifLocation{n.Span.sarif(), &sarifText{n.Text}})
	}
	return r
}

func (s Span) sarif() sarifPhysical {
	start, end := s.Pos(), s.EndPos()
	return sarifPhysical{
		sarifArtifact{reference(start.Filename)},
		sarifRegion{start.Line, start.Column, end.Line, end.Column},
	}
}

// reference returns a name as the URI reference that a log must have: what none may hold is escaped
// (RFC 3986, 2.1).
func reference(name string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/:+,=@"
	var out strings.Builder
	for _, b := range []byte(name) {
		if strings.IndexByte(plain, b) >= 0 {
			out.WriteByte(b)
		} else {
			fmt.Fprintf(&out, "%%%02X", b)
		}
	}
	return out.String()
}
