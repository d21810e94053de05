package dsl

import (
	"cmp"
	"slices"
	"strings"

	"github.com/seccompc/seccompc/diag"
)

// opening is a statement whose first word begins none. What it may have meant is tried: a text is
// offered only if the grammar reads it.
type opening struct {
	source
	context
	tokens []token
}

// maxOpening is how many tokens a statement may have: its parts are tried one by one.
const maxOpening = 200

// statement returns the remedy where the action is there, and stands in another place or is said in
// other words.
func (o opening) statement() remedy {
	isStatement := vocabulary().Begins(strings.ToLower(o.bad)) // in capitals
	if o.part() != "first" || len(o.next) < 2 || isStatement && actionOf(o.bad) == "" ||
		len(o.tokens) > maxOpening {
		return remedy{}
	}
	for _, look := range []func() remedy{o.errnoFirst, o.wordBefore, o.actionInWord, o.actionLast} {
		if r := look(); r.help != "" {
			return r
		}
	}
	return remedy{}
}

// flat returns tokens as one line.
func (o opening) flat(tokens []token) string {
	var out strings.Builder
	behind := int32(-1)
	for _, t := range tokens {
		if t.kind == tokEOF || t.isBlank() {
			continue
		}
		if behind >= 0 && t.start > behind {
			out.WriteByte(' ')
		}
		out.WriteString(o.word(t))
		behind = t.end
	}
	return out.String()
}

// seen returns the words and signs of the statement, without blanks and comments.
func (o opening) seen() []token {
	return slices.DeleteFunc(slices.Clone(o.tokens), func(t token) bool {
		return t.isBlank() || t.kind == tokEOF
	})
}

// reads reports whether a text is one statement, and a rule.
func reads(text string) (isOne, isRule bool) {
	s := newSource("", text)
	tokens, diags := s.tokenize()
	f := s.whole(tokens, diags)
	if f == nil || len(f.Statements) != 1 || len(f.validate()) > 0 {
		return false, false
	}
	_, isRule = f.Statements[0].(*Rule)
	return true, isRule
}

func isRule(text string) bool {
	_, rule := reads(text)
	return rule
}

// instead is the remedy that writes a text in place of the whole statement.
func (o opening) instead(help, text string) remedy {
	seen := o.seen()
	at := o.span(seen[0]).To(o.span(seen[len(seen)-1]))
	return remedy{help: help + text, edits: []diag.Edit{{Span: at, New: text}}}
}

// errnoFirst is about "EPERM mount", and "return EPERM mount".
func (o opening) errnoFirst() remedy {
	seen := o.seen()
	if isDigit(o.bad[0]) && isRule("deny("+o.bad+") "+o.flat(seen[1:])) {
		return remedy{help: "write deny(" + o.bad + ") " + o.flat(seen[1:])}
	}
	at := slices.IndexFunc(seen, func(t token) bool { return isErrno(o.word(t)) })
	isOther := at == 1 && slices.Contains(errnoWords, strings.ToLower(o.bad))
	if at != 0 && !isOther {
		return remedy{}
	}
	text := "deny(" + o.word(seen[at]) + ") " + o.flat(seen[at+1:])
	if !isRule(text) {
		return remedy{}
	}
	return o.instead("write ", text)
}

var errnoWords = []string{"return", "errno", "error", "fail", "scmp_act_errno", "seccomp_ret_errno"}

// wordBefore is about a word or sign too much before a statement: "rule deny mount", "- deny
// mount".
func (o opening) wordBefore() remedy {
	rest := o.seen()[1:]
	isNoise := !isWord(o.bad[0]) || slices.Contains(noise, strings.ToLower(o.bad))
	if isNoise && o.word(rest[0]) == ":" {
		rest = rest[1:]
	}
	text := o.flat(rest)
	if o.isKnown() && !isNoise {
		return remedy{}
	}
	if one, _ := reads(text); !one {
		return remedy{}
	}
	if slices.ContainsFunc(rest, func(t token) bool { return t.kind == tokOpen }) {
		return remedy{help: "leave " + o.bad + " out"}
	}
	help := "leave " + o.bad + " out: write "
	if !isNoise {
		return remedy{help: help + text}
	}
	return o.instead(help, text)
}

// noise are words that people write before a rule, and which name no call.
var noise = []string{"default_action", "defaultaction", "default_policy", "fallback", "otherwise",
	"rule", "rules", "action", "actions", "filter", "policy", "seccomp", "profile",
	"syscall", "syscalls", "then", "do", "always", "please", "also", "and", "must", "should",
	"will"}

// actionInWord is about an action in the word of another language, and one that is a part of a
// longer word: "errno mount", "notify_user mount".
func (o opening) actionInWord() remedy {
	rest := o.flat(o.seen())[len(o.bad):]
	action := actionOf(o.bad)
	isWhole := action != ""
	for part := range strings.SplitSeq(o.bad, "_") {
		action = cmp.Or(action, actionOf(part))
	}
	switch {
	case slices.Contains(refusals, strings.ToLower(o.bad)):
		action = "deny"
	case action == "" || action == o.bad:
		return remedy{}
	}
	if !isRule(action + rest) {
		return remedy{}
	}
	r := remedy{help: "write " + action + rest}
	if isWhole {
		r.edits = []diag.Edit{{Span: o.at, New: action}}
	}
	return r
}

var refusals = []string{"no", "not", "never", "dont", "without"}

// actionLast is about an action behind the calls or the condition: "mount: deny".
func (o opening) actionLast() remedy {
	seen := o.seen()
	for i := 1; i < len(seen); i++ {
		if i+1 < len(seen) && o.word(seen[i+1]) == "if" && actionOf(o.word(seen[i])) != "" {
			text := actionOf(o.word(seen[i])) + " " + o.flat(seen[:i]) + " " + o.flat(seen[i+1:])
			if isRule(text) {
				return o.instead("write the action first: ", text)
			}
		}
		action := o.action(seen[i:])
		if action == "" {
			continue
		}
		end := i
		for end > 0 && slices.Contains(separators, o.word(seen[end-1])) {
			end--
		}
		isNoise := end == 1 && slices.Contains(noise, strings.ToLower(o.bad))
		if text := o.ruleOf(action, seen[:end]); text != "" && !isNoise && !o.isKnown() {
			return o.instead("write the action first: ", text)
		}
	}
	return remedy{}
}

// isKnown reports whether the table of habits has the word itself, not a placeholder, which is in
// capitals.
func (o opening) isKnown() bool {
	h, _, _ := o.find("a statement")
	return h != nil && strings.ToUpper(h.words[h.bad]) != h.words[h.bad]
}

// separators stand before an action in other languages.
var separators = []string{":", "=>", "=", ",", "-", ">", "then", "do", "return", "with", "errno"}

// action returns the action that tokens are as a whole, or "".
func (o opening) action(tokens []token) string {
	word := o.word(tokens[0])
	behind := o.flat(tokens[1:])
	kind := actionOf(word)
	switch {
	case isErrno(word) && behind == "":
		return "deny(" + word + ")"
	case kind == "deny" && isErrno(behind):
		return "deny(" + behind + ")"
	case kind == "" || behind != "" && behind[0] != '(':
		return ""
	}
	return kind + behind
}

// ruleOf returns the rule of an action and what stands before it, with "if" where that lacks, or
// "".
func (o opening) ruleOf(action string, tokens []token) string {
	texts := []string{o.flat(tokens)}
	isTest := slices.ContainsFunc(tokens, func(t token) bool {
		return slices.Contains(testWords, o.word(t))
	})
	if len(tokens) > 2 && isTest {
		cond := tokens[1:]
		if o.word(cond[0]) == ":" {
			cond = cond[1:]
		}
		texts = append(texts, o.flat(tokens[:1])+" if "+o.flat(cond))
	}
	for _, text := range texts {
		if text = action + " " + text; isRule(text) {
			return text
		}
	}
	return ""
}

// testWords stand in the tests of arguments.
var testWords = []string{"==", "!=", "<", "<=", ">", ">=", "&", "in", "any", "all", "only"}

// rule returns a help where there is no action: for a rule without one, and for one with another
// word in its place.
func (o opening) rule() string {
	if len(o.tokens) > maxOpening {
		return ""
	}
	seen := o.seen()
	if isErrno(o.bad) {
		return "write the errno behind the action: deny(" + o.bad + ") mount"
	}
	if text := o.ruleOf("deny", seen); text != "" {
		return "a rule begins with an action: " + text
	}
	rest := o.flat(seen[1:])
	switch {
	case len(seen) == 2 && strings.Contains(rest, "_") && strings.ToUpper(rest) == rest:
		return "write the action first, and the argument behind if: deny " + o.bad +
			" if ARGUMENT == " + rest
	case len(seen) < 2 || o.word(seen[1]) == "if" || !isRule("deny "+rest):
		return ""
	case !isWord(o.bad[0]):
		return "a rule begins with an action: deny " + rest
	}
	return quote(o.bad) + " is no action: write deny " + rest + ", or allow, log, kill"
}
