package dsl

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/seccompc/seccompc/diag"
)

// actionHabits are the words of other languages for an action of this one.
var actionHabits = map[string]string{
	"errno": "deny", "block": "deny", "reject": "deny", "refuse": "deny", "disallow": "deny",
	"forbid": "deny", "drop": "deny", "ERRNO": "deny", "DENY": "deny", "SCMP_ACT_ERRNO": "deny",
	"permit": "allow", "accept": "allow", "pass": "allow", "ALLOW": "allow",
	"SCMP_ACT_ALLOW": "allow", "kill_process": "kill", "KILL": "kill", "terminate": "kill",
	"SCMP_ACT_KILL": "kill_thread", "SCMP_ACT_KILL_PROCESS": "kill", "SCMP_ACT_LOG": "log",
	"SCMP_ACT_TRAP": "trap", "SCMP_ACT_NOTIFY": "notify", "user_notif": "notify",
	"user_notify": "notify", "LOG": "log", "TRAP": "trap",
}

// otherHabits say what to write in place of other first words of a statement.
var otherHabits = map[string]string{
	"return":           "write the action before the calls: deny(EPERM) mount",
	"if":               "write the condition behind the calls: deny mount if CONDITION",
	"SystemCallFilter": "write allow or deny before the calls: allow @system-service",
	"import":           `write include "FILE"`, "use": `write include "FILE"`,
	"let": "write const NAME = VALUE", "define": "write const NAME = VALUE",
	"var": "write param NAME = VALUE", "architectures": "write arch x86_64, aarch64",
}

// habit returns the help for an action in the words of another language, and the edit, if the bad
// word stands where an action is expected.
func (c context) habit(at diag.Span, want string) (help string, edits []diag.Edit) {
	if len(c.before) > 0 && want != "an action" {
		return "", nil
	}
	if word, ok := actionHabits[c.bad]; ok {
		return "write " + word, []diag.Edit{{Span: at, New: word}}
	}
	if len(c.before) == 0 {
		return otherHabits[c.bad], nil
	}
	return "", nil
}

// conditionHelp says how to mend what is easy to get wrong in a condition.
func (c context) conditionHelp() string {
	switch bad := c.bad; {
	case bad == "=":
		return helpEqual
	case bad == "and" || bad == "or" || bad == "not" || c.last(1) == "not":
		return "the operators are &&, || and !"
	case bad == "(" && c.last(1) == "in":
		return "write the list in braces: in {A, B}"
	case c.kind == tokNumber && (c.last(1) == "if" || c.last(1) == "&&" || c.last(1) == "||"):
		return "write the argument on the left: family == 2"
	case c.last(2) == "&" && slices.Contains(vocabulary().binary, bad):
		return "put the mask in parentheses"
	case bad == "..":
		return "ranges stand in braces: in {1..3}"
	case c.last(1) == "{":
		return "name a value: in {A, B}"
	case c.last(1) == "in":
		return "write a list in braces: in {A, B}"
	case c.last(1) == "if" || c.last(1) == "&&" || c.last(1) == "||" || c.kind == tokEnd:
		return "write a test: ARGUMENT == VALUE, or ARGUMENT & BIT"
	case c.last(1) == ")":
		return "parentheses stand around whole tests; a mask is X & M == V without them"
	case c.has("==", "!=", "<", "<=", ">", ">=", "any", "all", "only", "in"):
		return "one test compares once: join tests by && or ||"
	}
	return ""
}

// statementHelp says how to mend what is easy to get wrong outside of a condition.
func (c context) statementHelp(want string) string {
	first := c.before[0]
	plain := len(c.before) == 1 && vocabulary().Begins(first)
	switch {
	case plain && (c.bad == "=" || c.bad == ":"):
		return fmt.Sprintf("write %s without %q", first, c.bad)
	case first == "include":
		return fmt.Sprintf("put the path in double quotes: include %q", c.bad)
	case want == `"=>"` && (c.bad == "-" || c.bad == "=" || c.bad == "==" || c.bad == ":"):
		return "write => before the action"
	case first == "arch" && c.bad == "-":
		return "write the ABI as seccompc names it: x86_64"
	case first == "arch":
		return "put a comma between ABIs"
	case c.last(1) == ",":
		return "remove the comma, or name another one behind it"
	case c.last(1) == "(" && c.bad == ")":
		return "leave the parentheses out, or name an errno: deny(EPERM)"
	case want == "an action":
		return "the actions are " + strings.Join(vocabulary().Actions, ", ")
	case want == "a name with @":
		return "write the set's name with @"
	case want == `"="`:
		return "write = before the value"
	case want == "a string":
		return fmt.Sprintf("put it in double quotes: %q", c.bad)
	case want == "a system call":
		return "name a system call, a set or a number"
	case first == "as":
		return "write as of linux 6.12"
	case c.bad == "*":
		return "there are no patterns: name each system call, or a set of seccompc sets"
	case c.inRule() && c.bad == "(":
		return fmt.Sprintf("write the arguments behind if: %s %s if ARGUMENT == VALUE", first,
			c.last(1))
	}
	return ""
}

// noMemory is said where a condition compares with a string.
const noMemory = "a filter sees no memory: it cannot compare the text behind a pointer"

// lookalikes are characters that people take for others of the language.
var lookalikes = map[rune]string{
	'\u00a0': " ", '\u202f': " ", '\u3000': " ", '“': `"`, '”': `"`, '„': `"`, '«': `"`, '»': `"`,
	'‘': `"`, '’': `"`, '–': "-", '—': "-", '−': "-", '‐': "-", '‑': "-", '≠': "!=", '≤': "<=",
	'≥': ">=", '→': "=>", '⇒': "=>", '…': "..", '‚': ",", '，': ",", '（': "(", '）': ")",
	'а': "a", 'с': "c", 'е': "e", 'һ': "h", 'і': "i", 'ј': "j", 'о': "o", 'р': "p", 'ѕ': "s",
	'х': "x",
	'у': "y", 'А': "A", 'В': "B", 'С': "C", 'Е': "E", 'Н': "H", 'І': "I", 'К': "K", 'М': "M",
	'О': "O",
	'Р': "P", 'Ѕ': "S", 'Т': "T", 'Х': "X", 'α': "a", 'ο': "o", 'ρ': "p", 'ν': "v", 'Α': "A",
	'Β': "B",
	'Ε': "E", 'Η': "H", 'Ι': "I", 'Κ': "K", 'Μ': "M", 'Ν': "N", 'Ο': "O", 'Ρ': "P", 'Τ': "T",
	'Χ': "X",
	'ı': "i", '＠': "@", '＝': "=", '＆': "&", '｜': "|",
}

// wideText reports whether a text has two bytes for each character, as UTF-16 has.
func wideText(text string) bool {
	if strings.HasPrefix(text, "\xff\xfe") || strings.HasPrefix(text, "\xfe\xff") {
		return true
	}
	head := text[:min(len(text), 64)]
	return len(head) >= 4 && strings.Count(head, "\x00") >= len(head)/3
}

// foreignFormats are the forms of policies that people try, by what tells them, with the word by
// which the command imports them.
var foreignFormats = []struct {
	name, format string
	sign         *regexp.Regexp
}{
	{"a seccomp profile of Docker or OCI", "oci",
		regexp.MustCompile(`"(defaultAction|SCMP_ACT_\w+)"`)},
	{"a filter of seccompiler", "",
		regexp.MustCompile(`"(default_action|mismatch_action|match_action)"`)},
	{"a list of systemd", "", regexp.MustCompile(`(?m)^\s*SystemCall(Filter|ErrorNumber|Log)\s*=`)},
	{"a policy of kafel", "",
		regexp.MustCompile(`(?m)^\s*POLICY\s+\w+\s*\{|^\s*(USE\s+\w+.*\s)?DEFAULT\s+[A-Z_]+`)},
	{"a policy of minijail", "",
		regexp.MustCompile(`(?m)^\s*\w+\s*:\s*(1|allow|kill|return\b|arg[0-5]\b)`)},
}

const maxForeign = 64 << 10 // bytes that are looked at

// addForeign says in a note of the first error what other form of a policy the text is.
func (s source) addForeign(diags diag.List) {
	if !diags.HasErrors() {
		return
	}
	head := s.Text[:min(len(s.Text), maxForeign)]
	for _, f := range foreignFormats {
		if f.sign.MatchString(head) {
			note := "this looks like " + f.name
			if f.format != "" {
				note += ": seccompc import " + f.format + " makes a policy of it"
			}
			diags[0] = diags[0].WithNotes(note)
			return
		}
	}
}
