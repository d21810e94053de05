package lint

import (
	"maps"
	"slices"
	"strings"

	"github.com/seccompc/seccompc/compiler/resolve"
	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/proof"
)

// Bounds on what is looked at to know what edits allow.
const (
	maxEdited         = 8       // findings whose edits are judged one by one
	maxEditedText     = 1 << 14 // bytes of a policy where they are
	maxConfigurations = 16      // of a policy with parameters
)

// judgeEdits takes from findings the edits after which the policy would allow a call that it does
// not allow now, or of which that is not known: nobody's fix opens a door.
func judgeEdits(r *resolve.Resolved, lists ...diag.List) {
	var with []*diag.Finding
	for _, list := range lists {
		for i := range list {
			if len(list[i].Edits) > 0 {
				with = append(with, &list[i])
			}
		}
	}
	if len(with) == 0 {
		return
	}
	j := newEditJudge(r)
	judge := func(findings []*diag.Finding) {
		var edits []diag.Edit
		for _, f := range findings {
			edits = append(edits, f.Edits...)
		}
		if j.harmless(edits) {
			return
		}
		for _, f := range findings {
			f.Edits = nil
		}
	}
	if len(r.Sources[0].Text) > maxEditedText {
		judge(with)
		return
	}
	for len(with) > 0 {
		n := 1
		if maxEdited < len(with) {
			n = len(with) - maxEdited
		}
		judge(with[:n])
		with = with[n:]
	}
}

// AllowsNoMore proves that a policy would allow no further call if it had another text, whatever
// the values of its parameters that are booleans or have names. It is false, too, where that is not
// known.
func AllowsNoMore(r *resolve.Resolved, text string) bool {
	return newEditJudge(r).allowsNoMore(text)
}

// editJudge knows what a policy allows in each of its configurations.
type editJudge struct {
	*resolve.Resolved
	space   *proof.Space
	configs []map[string]string
	now     []proof.Function // for each of configs
}

func newEditJudge(r *resolve.Resolved) *editJudge {
	return &editJudge{Resolved: r, space: proof.Part(share), configs: configurations(r.Params)}
}

// configurations returns the combinations of the values that parameters can have, the present one
// first, or none where there are too many.
func configurations(params []resolve.Param) []map[string]string {
	out := []map[string]string{{}}
	for _, p := range params {
		if p.Given {
			continue
		}
		var more []map[string]string
		for _, c := range out {
			for _, v := range p.Values {
				next := maps.Clone(c)
				next[p.Name] = v
				more = append(more, next)
			}
		}
		switch {
		case len(more) > maxConfigurations:
			return nil
		case len(p.Values) > 0:
			out = more
		}
	}
	return out
}

// harmless reports whether edits of the policy's own text make it allow no further call.
func (j *editJudge) harmless(edits []diag.Edit) bool {
	src := j.Sources[0]
	if slices.ContainsFunc(edits, func(e diag.Edit) bool { return e.Span.Source() != src }) {
		return false
	}
	text, ok := diag.Edited(src.Text, edits)
	return ok && j.allowsNoMore(text)
}

func (j *editJudge) allowsNoMore(text string) bool {
	for i, params := range j.configs {
		if i == len(j.now) {
			f, ok := j.function(j.Sources[0].Text, params)
			if !ok {
				return false
			}
			j.now = append(j.now, f)
		}
		then, ok := j.function(text, params)
		if !ok {
			return false
		}
		if more, err := j.space.Subset(j.now[i], then); err != nil || more != nil {
			return false
		}
	}
	return len(j.configs) > 0
}

// function returns what the policy would be with a text and parameters, of the same ABIs.
func (j *editJudge) function(text string, params map[string]string) (proof.Function, bool) {
	r := j.Resolved
	if text != r.Sources[0].Text || len(params) > 0 {
		var ok bool
		if r, ok = j.Reread(text, params); !ok || len(r.ABIs) != len(j.ABIs) {
			return proof.Function{}, false
		}
	}
	f, err := j.space.Policy(r.Policy)
	return f, err == nil
}

// above returns the edit that puts lines above a rule and the comments that belong to it, none
// where the rule is not the first on its line.
func (s *bypassSearch) above(source int, lines ...string) []diag.Edit {
	rule := s.Rules[source]
	file := rule.Span.Source()
	if file == nil {
		return nil
	}
	start, _ := rule.Span.Offsets()
	line := lineStart(file.Text, start)
	indent := file.Text[line:start]
	if strings.TrimSpace(indent) != "" {
		return nil
	}
	for line > 0 {
		before := lineStart(file.Text, line-1)
		if !strings.HasPrefix(strings.TrimSpace(file.Text[before:line]), "#") {
			break
		}
		line = before
	}
	text := ""
	for _, l := range lines {
		text += indent + l + "\n"
	}
	return []diag.Edit{{Span: file.Span(line, line), New: endedAsIn(file.Text, text)}}
}

// endedAsIn returns lines with the ends that those of a text have.
func endedAsIn(text, lines string) string {
	if strings.Contains(text, "\r\n") {
		return strings.ReplaceAll(lines, "\n", "\r\n")
	}
	return lines
}

// withoutRule returns the edit that removes a rule, none where it shares its line, has a comment or
// is alone in its block, or where another way to compile the policy may need it: for other ABIs, or
// with other parameters.
func withoutRule(r *resolve.Resolved, rule resolve.SourceRule) []diag.Edit {
	file := rule.Span.Source()
	if file == nil || file != r.Sources[0] || rule.Reason != "" {
		return nil
	}
	if len(r.Params) > 0 || !r.OwnABIs() {
		return nil
	}
	start, end := rule.Span.Offsets()
	line := lineStart(file.Text, start)
	rest, _, _ := strings.Cut(file.Text[end:], "\n")
	if strings.TrimSpace(file.Text[line:start]+rest) != "" {
		return nil
	}
	next := min(end+len(rest)+1, len(file.Text))
	if strings.HasSuffix(strings.TrimSpace(file.Text[:line]), "{") &&
		strings.HasPrefix(strings.TrimSpace(file.Text[next:]), "}") {
		return nil
	}
	return []diag.Edit{{Span: file.Span(line, next)}}
}

// atEnd returns the edit that puts lines at the end of the policy.
func (s *bypassSearch) atEnd(lines string) []diag.Edit {
	text := s.Sources[0].Text
	end := len(text)
	if !strings.HasSuffix(text, "\n") {
		lines = "\n" + lines
	}
	return []diag.Edit{{Span: s.Sources[0].Span(end, end), New: endedAsIn(text, "\n"+lines+"\n")}}
}

// inBlockAtEnd is [bypassSearch.atEnd] for a block: where the policy ends with a block of the same
// head the lines go there.
func (s *bypassSearch) inBlockAtEnd(block string) []diag.Edit {
	head, lines, _ := strings.Cut(block, "\n")
	text := strings.TrimRight(s.Sources[0].Text, "\n")
	from := strings.LastIndex(text, "\n"+head+"\n")
	if from < 0 || !strings.HasSuffix(text, "\n}") {
		return s.atEnd(block)
	}
	end := len(text) - len("}")
	for line := range strings.Lines(text[from+len(head)+2 : end]) {
		if !strings.HasPrefix(line, "    ") {
			return s.atEnd(block)
		}
	}
	return []diag.Edit{{Span: s.Sources[0].Span(end, end), New: strings.TrimSuffix(lines, "}")}}
}

// lineStart returns where the line begins in which an offset lies.
func lineStart(text string, offset int) int {
	return strings.LastIndexByte(text[:offset], '\n') + 1
}

// mentions reports whether a rule names a call itself.
func mentions(rule resolve.SourceRule, name string) bool {
	for _, sel := range rule.Selectors {
		if sel.Name == name {
			return true
		}
	}
	return false
}

// onlyNames reports whether a rule names just these calls, by name, whatever their arguments.
func onlyNames(rule resolve.SourceRule, names []string) bool {
	if rule.Cond != nil || len(rule.Selectors) != len(names) {
		return false
	}
	for _, sel := range rule.Selectors {
		if !slices.Contains(names, sel.Name) {
			return false
		}
	}
	return true
}
