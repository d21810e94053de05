package dsl

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/seccompc/seccompc/diag"
)

// remedy is what to write in place of what other languages have.
type remedy struct {
	message string // in place of what the parser says, or ""
	help    string
	edits   []diag.Edit
}

// habit returns the remedy for a mistake that comes of another language, or a remedy without a
// help.
func (c context) habit(want string) remedy {
	looks := []func(string) remedy{c.actionHabit, c.firstHabit, c.quoteHabit}
	if c.has("if", "when") {
		looks = append(looks, c.operatorHabit, c.valueHabit)
	} else {
		looks = append(looks, c.errnoHabit, c.selectorHabit)
	}
	for _, look := range looks {
		if r := look(want); r.help != "" {
			return r
		}
	}
	return remedy{}
}

// replace is the remedy that writes something in place of the bad word.
func (c context) replace(text string) remedy {
	return remedy{help: "write " + text, edits: []diag.Edit{{Span: c.at, New: text}}}
}

// replaceFrom is replace for the n words before the bad one too.
func (c context) replaceFrom(n int, text string) remedy {
	r := c.replace(text)
	r.edits[0].Span = c.spans[len(c.spans)-n].To(c.at)
	return r
}

// actionWords are the words of other languages for an action, in lower case and without the
// prefixes that they have there.
var actionWords = map[string]string{
	"errno": "deny", "deny": "deny", "block": "deny", "reject": "deny", "refuse": "deny",
	"disallow": "deny", "forbid": "deny", "drop": "deny", "prevent": "deny", "disable": "deny",
	"permit": "allow", "accept": "allow", "pass": "allow", "allow": "allow", "grant": "allow",
	"enable": "allow", "kill_process": "kill", "killprocess": "kill", "terminate": "kill",
	"kill": "kill", "kill_thread": "kill_thread", "trap": "trap", "log": "log", "warn": "log",
	"audit": "log", "trace": "trace", "notify": "notify", "user_notif": "notify",
	"user_notify": "notify",
}

var actionPrefix = regexp.MustCompile(`(?i)^(scmp_act_|seccomp_ret_|ret_|act_)`)

// actionHabit is about actions in the words of other languages.
func (c context) actionHabit(want string) remedy {
	if len(c.before) > 0 && want != "an action" || c.kind != tokIdent {
		return remedy{}
	}
	bare := actionPrefix.ReplaceAllString(c.bad, "")
	word := actionWords[strings.ToLower(bare)]
	if bare != c.bad && strings.EqualFold(bare, "kill") { // SCMP_ACT_KILL is the thread alone
		word = "kill_thread"
	}
	if word == "" || word == c.bad {
		return remedy{}
	}
	if len(c.next) > 0 && c.next[0] != "(" && isErrno(c.next[0]) { // errno EPERM
		r := c.replace(word + "(" + c.next[0] + ")")
		r.edits = nil
		return r
	}
	return c.replace(word)
}

var errnoName = regexp.MustCompile(`^E[A-Z0-9]{2,}$`)

func isErrno(word string) bool { return errnoName.MatchString(word) }

// firstWords say what to write in place of other first words of a statement.
var firstWords = map[string]string{
	"return":           "write the action before the calls: deny(EPERM) mount",
	"if":               "write the condition behind the calls: deny mount if CONDITION",
	"SystemCallFilter": "write allow or deny before the calls: allow @system-service",
	"import":           `write include "FILE"`, "use": `write include "FILE"`,
	"source": `write include "FILE"`, "load": `write include "FILE"`,
	"let": "write const NAME = VALUE", "define": "write const NAME = VALUE",
	"var": "write param NAME = VALUE", "option": "write param NAME = VALUE",
	"architectures": "write arch x86_64, aarch64", "architecture": "write arch x86_64, aarch64",
	"abi": "write arch x86_64, aarch64", "platform": "write arch x86_64, aarch64",
	"group": "write set @NAME = CALLS", "alias": "write set @NAME = CALLS",
	"macro": "write set @NAME = CALLS", "default_action": "write default ACTION",
	"defaultAction": "write default ACTION", "otherwise": "write default ACTION",
	"version":  `leave it out; "as of linux 6.12" keeps the meaning of a policy`,
	"syntax":   `leave it out; "as of linux 6.12" keeps the meaning of a policy`,
	"priority": "leave it out: the first rule that is about a call decides",
	"assert":   `put it into a test block: test "NAME" { … }`,
	"expect":   `put it into a test block: test "NAME" { … }`,
}

// firstHabit is about first words that begin no statement.
func (c context) firstHabit(string) remedy {
	if len(c.before) > 0 || c.bad == "else" {
		return remedy{}
	}
	next := append(c.next, "", "")
	switch help := firstWords[c.bad]; {
	case help != "":
		return remedy{help: help}
	case c.bad == "-" && next[0] == "-":
		return remedy{help: "comments begin with #"}
	case next[0] == "=" && c.kind == tokSetName:
		return remedy{help: "write set " + c.bad + " = CALLS"}
	}
	for _, word := range next[:min(3, len(next))] { // mount: deny, mount -> deny
		action := actionWords[strings.ToLower(word)]
		if word == "1" && next[0] == ":" {
			action = "allow"
		}
		if action != "" && action != "trace" {
			return remedy{help: "write the action first: " + action + " " + c.bad}
		}
	}
	if next[0] == "=" && c.kind == tokIdent {
		return remedy{help: "write const " + c.bad + " = VALUE"}
	}
	return remedy{}
}

// quoteHabit is about names in quotes, and about strings where a condition cannot have one.
func (c context) quoteHabit(want string) remedy {
	if c.kind != tokString || want == "a string" {
		return remedy{}
	}
	bare := strings.Trim(c.bad, `"`)
	switch {
	case c.has("if") && isName(bare) && strings.ToUpper(bare) == bare || !c.has("if") && isName(bare):
		r := c.replace(bare)
		r.help += ", without quotes"
		return r
	case c.has("if"):
		return remedy{noMemory, "name the path in the mount namespace or with Landlock", nil}
	}
	return remedy{help: "a rule names system calls; " + noMemory}
}

// isName reports whether a text is a name and nothing else.
func isName(text string) bool {
	return text != "" && isLetter(text[0]) && wordLength(text) == len(text)
}

// errnoHabit is about error numbers that do not stand behind the action.
func (c context) errnoHabit(want string) remedy {
	errno := ""
	for _, word := range append([]string{c.bad, c.last(1)}, c.next...) {
		if isErrno(word) {
			errno = word
			break
		}
	}
	if errno == "" || len(c.before) == 0 || !c.statement("deny", "default", "mismatch", "unknown") {
		return remedy{}
	}
	action := "deny(" + errno + ")"
	switch {
	case want == "an action" && c.bad == errno:
		return c.replace(action)
	case c.last(1) == "deny" && c.bad == errno && c.before[0] != "deny":
		return c.replaceFrom(1, action)
	}
	return remedy{help: "write the errno in parentheses behind the action: " + action}
}

// statement reports whether the first word of the statement is one of these.
func (c context) statement(words ...string) bool {
	return len(c.before) > 0 && slices.Contains(words, c.before[0])
}

// selectorHabit is about what stands between the action of a rule and its condition.
func (c context) selectorHabit(want string) remedy {
	next := append(c.next, "")
	isRule := c.statement(vocabulary().Actions...)
	switch {
	case !isRule && (c.bad == "{" || c.bad == "(") && c.statement("arch", "set", "hot"):
		return remedy{help: "write the list without brackets: A, B"}
	case !isRule:
		return remedy{}
	case want == "a number":
		return remedy{help: "write both ends of the range: 1..5"}
	case c.bad == "{" && len(c.before) == 1 || c.bad == "," && c.last(2) == "(":
		return remedy{help: "write the calls without brackets: " + c.before[0] + " A, B"}
	case slices.Contains([]string{"except", "but", "minus", "without", "excluding"}, c.bad):
		return c.replace("-")
	case slices.Contains([]string{"when", "where", "while", "with"}, c.bad) && len(c.before) > 1:
		return c.replace("if")
	case c.bad == "unless":
		return remedy{help: "write if !(CONDITION)"}
	case c.bad == "*" || next[0] == "*" && want == "a system call":
		return remedy{help: noPatterns}
	case want == "a system call" && slices.Contains([]string{"!", "~", "-", "^"}, c.bad) &&
		next[0] != ">" && c.last(1) != "kill":
		return remedy{help: "a rule names the calls that it is for; - takes calls out of a set: " +
			"@mount - umount2"}
	case slices.Contains([]string{"==", "!=", "<", ">", "<=", ">=", "&", "in"}, next[0]) ||
		slices.Contains([]string{"==", "!=", "<", "<=", ">=", "in"}, c.bad):
		return remedy{help: "write if before the condition"}
	case c.bad == "=>" || c.bad == ">" && c.last(1) == "-":
		return remedy{help: "a rule has one action, before the calls; => stands in test blocks"}
	case c.bad == "-" && c.last(1) == "kill" && (next[0] == "process" || next[0] == "thread"):
		return remedy{help: "write kill, or kill_thread"}
	case len(c.before) == 1 && (c.bad == ":" || c.bad == "="):
		return remedy{help: "write " + c.before[0] + " without " + quote(c.bad),
			edits: []diag.Edit{{Span: c.at}}}
	case c.bad == ":" && isDigit(c.last(1)[0]):
		return remedy{help: "a range is 400..405"}
	case c.bad == ":" || c.bad == "on" || c.kind == tokSetName && want == "":
		return remedy{help: "put a rule for one ABI into a block: when arch == i386 { … }"}
	}
	return remedy{}
}

const noPatterns = "there are no patterns: name each system call, or a set of seccompc sets"

// operatorWords are the words of other languages for operators.
var operatorWords = map[string]string{
	"is": "==", "eq": "==", "equals": "==", "equal": "==", "ne": "!=", "lt": "<", "gt": ">",
	"le": "<=", "ge": ">=", "and": "&&", "AND": "&&", "or": "||", "OR": "||",
}

// operatorHabit is about operators of other languages.
func (c context) operatorHabit(want string) remedy {
	next := append(c.next, "")
	last := c.last(1)
	switch {
	case len(c.before) == 2 && last == "if":
		return remedy{help: "name a system call before if"}
	case (c.bad == "and" || c.bad == "or") && c.has("arch"):
		return c.replace(operatorWords[c.bad])
	case operatorWords[c.bad] != "" && c.kind == tokIdent:
		return c.replace(operatorWords[c.bad])
	case c.bad == "=" && (last == "==" || last == "!="):
		return remedy{"", "write " + last, []diag.Edit{{Span: c.at}}}
	case c.bad == "=" && last == "&":
		return remedy{help: "write flags & BIT, or flags & MASK == VALUE"}
	case c.bad == ">" && last == "<":
		return c.replaceFrom(1, "!=")
	case c.bad == "=" && (next[0] == "!" || next[0] == "~" || next[0] == "<" || next[0] == ">"):
		return remedy{help: "the operators are " + operators}
	case c.bad == "=":
		r := c.replace("==")
		r.help = helpEqual
		return r
	case c.bad == "=>":
		return c.replace(">=")
	case c.bad == "not" || last == "not":
		return remedy{help: "write ! before what is not to hold: !(A == B), or not in {A, B}"}
	case c.bad == "!" && next[0] == "in":
		return c.replace("not")
	case slices.Contains([]string{"has", "contains", "includes", "masked", "matches"}, c.bad):
		return remedy{help: "test a bit by &, and several by any or all: flags & BIT"}
	case c.bad == "between":
		return remedy{help: "write in {LEAST..MOST}"}
	case slices.Contains([]string{"+", "-", "*", "<<", ">>", "^"}, c.bad):
		return remedy{help: "of an argument nothing is computed: mask it by &, and compare"}
	case c.bad == "else":
		return remedy{help: "write another rule below: the first that is about a call decides"}
	case c.bad == "~", c.bad == "!":
		return remedy{help: "the operators are " + operators}
	case want == `"}"`:
		return remedy{help: "put commas between the values: in {A, B}"}
	case c.kind == tokIdent && isName(last) && !slices.Contains(vocabulary().Keywords, last) && last != "if":
		return remedy{help: "the operators are " + operators}
	}
	return remedy{}
}

const operators = "==, !=, <, <=, >, >=, &, any, all, only, in and not in"

// valueHabit is about what stands in the place of an argument or of a value.
func (c context) valueHabit(want string) remedy {
	last := c.last(1)
	switch {
	case c.kind == tokNumber && (last == "arg" || last == "args") && len(c.bad) == 1:
		return c.replaceFrom(1, "arg"+c.bad)
	case c.bad == "{" && (last == "==" || last == "!="):
		r := c.replaceFrom(1, "in {")
		if last == "!=" {
			r = c.replaceFrom(1, "not in {")
		}
		r.help = strings.TrimSuffix(r.help, "{") + "{A, B}"
		return r
	case c.kind == tokRelease && strings.Count(c.bad, ".") > 1:
		return remedy{help: "a filter sees no memory, and addresses of the network lie there"}
	case c.kind == tokRelease:
		return remedy{help: "numbers are whole"}
	case c.bad == "(" && isName(last) && !slices.Contains(vocabulary().Keywords, last):
		return remedy{help: "the casts are " + strings.Join(vocabulary().Casts, ", ") + ": " +
			vocabulary().Casts[0] + "(ARGUMENT)"}
	case c.bad == ")" && slices.Contains(vocabulary().Casts, last):
		return remedy{help: "write " + last + "(ARGUMENT)"}
	case last == ")" && slices.Contains([]string{"==", "!="}, c.bad):
		return c.bareMask()
	case c.statement("when") && want == `"{"`:
		return remedy{help: "write { behind the condition, and } below the rules"}
	case c.last(2) == "==" && c.bad == ",":
		return remedy{help: "join tests by && or ||, and values by in {A, B}"}
	}
	return remedy{}
}

// bareMask is about (flags & MASK) == VALUE.
func (c context) bareMask() remedy {
	r := remedy{help: "write it without parentheses: flags & MASK == VALUE"}
	n := len(c.before)
	if n > 5 && c.before[n-5] == "(" && c.before[n-3] == "&" {
		r.edits = []diag.Edit{{Span: c.spans[n-5]}, {Span: c.spans[n-1]}}
	}
	return r
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
