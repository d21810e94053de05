package dsl

import (
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/internal/lazy"
)

// A habit is a mistake that people bring from another language, and what to write in its place.
//
// A pattern is the words around the error, the bad one in brackets. A word in capitals stands for
// a kind of words (see [context.class]), a/b for either, ~X for an X without a blank before it, and
// START for the start of the statement. In help and fix $1 is the first word of the pattern, $~1
// the same comparison from right to left, $|1 a list as one mask, $0 the statement before the
// pattern, and $arg the argument that the condition tested last. The fix is written in place of
// the whole pattern. A habit without a help has "write" and the fix for one.
type habit struct {
	in        string // parts of statements, see [context.part], or :WHAT where that is expected
	pattern   string
	help, fix string
}

// remedy is what to write in place of what other languages have.
type remedy struct {
	message string // in place of what the parser says, or ""
	help    string
	edits   []diag.Edit
}

// habit returns the remedy for a mistake that comes of another language, or a remedy without a
// help.
func (c context) habit(want string) remedy {
	looks := []func(string) remedy{c.actionHabit, c.caseHabit, c.quoteHabit, c.errnoHabit,
		c.argumentsHabit}
	for _, look := range looks {
		if r := look(want); r.help != "" {
			return r
		}
	}
	if h, words, at := c.find(want); h != nil {
		return c.remedy(h, words, at)
	}
	return remedy{}
}

// find returns the first habit that fits, with what it is made of and where that stands, or nil.
func (c context) find(want string) (h *pattern, words []string, at [2]int) {
	for _, h := range patterns() {
		if !h.isFor(c.part(), want) {
			continue
		}
		if words, at, ok := h.match(c); ok {
			return h, words, at
		}
	}
	return nil, nil, at
}

// remedy fills what the words of a pattern are into a habit; from and to are its words in the
// statement.
func (c context) remedy(h *pattern, words []string, at [2]int) remedy {
	fill := func(text string) string {
		for i, word := range slices.Backward(words) {
			n := strconv.Itoa(i + 1)
			text = strings.ReplaceAll(text, "$~"+n, flipped(word))
			text = strings.ReplaceAll(text, "$|"+n, strings.ReplaceAll(word, ", ", " | "))
			text = strings.ReplaceAll(text, "$"+n, word)
		}
		text = strings.ReplaceAll(text, "$0", strings.Join(c.words[:at[0]], " "))
		return strings.ReplaceAll(text, "$arg", c.tested())
	}
	r := remedy{help: strings.TrimLeft(fill(h.help), " ")}
	if r.help == "" {
		r.help = "write " + fill(h.fix)
	}
	r.help = strings.ReplaceAll(r.help, "$fix", fill(h.fix))
	if h.fix != "" {
		end := c.spans[min(at[1], len(c.spans))-1]
		r.edits = []diag.Edit{{Span: c.spans[at[0]].To(end), New: fill(h.fix)}}
	}
	return r
}

// flipped is a comparison read from right to left.
func flipped(op string) string {
	return strings.NewReplacer("<", ">", ">", "<").Replace(op)
}

// tested returns the argument of the last test before the error.
func (c context) tested() string {
	name := "ARGUMENT"
	for i, word := range c.before[:max(0, len(c.before)-1)] {
		behind := slices.Contains([]string{"if", "when", "&&", "||", "(", "!"}, word)
		if next := c.before[i+1]; behind && isName(next) && strings.ToUpper(next) != next {
			name = next
		}
	}
	return name
}

// part says where in a statement the error is: "first" for its first word, "cond" for the condition
// of a rule or claim, "rule" and "claim" for what stands before that, and else the statement's
// first word.
func (c context) part() string {
	switch {
	case c.has("if"):
		return "cond"
	case c.outside != "":
		return c.outside
	case len(c.before) == 0:
		return "first"
	case c.statement(vocabulary().Actions...):
		return "rule"
	}
	return c.before[0]
}

// pattern is a habit whose words are cut apart.
type pattern struct {
	habit
	parts, words []string
	bad          int
	start        bool
}

// patterns returns the table of habits.
var patterns = sync.OnceValue(func() []*pattern {
	var out []*pattern
	for _, h := range habits {
		p := &pattern{habit: h, parts: strings.Fields(h.in), words: strings.Fields(h.pattern)}
		if p.words[0] == "START" {
			p.start, p.words = true, p.words[1:]
		}
		p.bad = slices.IndexFunc(p.words, func(w string) bool { return w[0] == '[' })
		p.words[p.bad] = strings.Trim(p.words[p.bad], "[]")
		out = append(out, p)
	}
	return out
})

// isFor reports whether a habit is about a part of a statement where something is expected.
func (p *pattern) isFor(part, want string) bool {
	words := strings.Fields(want)
	if len(words) > 0 {
		want = strings.Trim(words[len(words)-1], `"`)
	}
	return slices.ContainsFunc(p.parts, func(in string) bool {
		where, what, isWanted := strings.Cut(in, ":")
		return (where == "" || where == part) && (!isWanted || what == want)
	})
}

// match returns the words of the statement that the pattern's are, and where these begin and end.
func (p *pattern) match(c context) (words []string, at [2]int, ok bool) {
	i := len(c.before) - p.bad
	if i < 0 || p.start && i > 0 {
		return nil, at, false
	}
	at[0] = i
	for _, word := range p.words {
		n, text := c.matchWord(word, i)
		if n == 0 {
			return nil, at, false
		}
		words = append(words, text)
		i += n
	}
	at[1] = i
	return words, at, true
}

// matchWord returns how many words of the statement a word of a pattern stands for, and the text
// that it does then.
func (c context) matchWord(word string, i int) (n int, text string) {
	if i >= len(c.words) {
		return 0, ""
	}
	if bare, ok := strings.CutPrefix(word, "~"); ok && bare != "" {
		if i == 0 || c.spans[i-1].EndPos() != c.spans[i].Pos() {
			return 0, ""
		}
		word = bare
	}
	for alternative := range strings.SplitSeq(word, "/") {
		if n, text := c.class(alternative, i); n > 0 {
			return n, text
		}
	}
	return 0, ""
}

// valueClasses are those of calls and values.
var valueClasses = []string{"NAME", "VALUE", "CALL", "LIST"}

// class is matchWord for one of the alternatives.
func (c context) class(word string, i int) (n int, text string) {
	found := c.words[i]
	if i == 0 && len(c.before) > 0 && c.outside == "" && slices.Contains(valueClasses, word) {
		return 0, "" // the statement's first word
	}
	one := func(ok bool) (int, string) {
		if ok {
			return 1, found
		}
		return 0, ""
	}
	switch word {
	case "END":
		return one(found == "")
	case "ANY":
		return one(found != "")
	case "NAME":
		return one(isName(found) && !slices.Contains(vocabulary().Keywords, found))
	case "CONST":
		return one(isName(found) && strings.ToUpper(found) == found)
	case "ERRNO":
		return one(isErrno(found))
	case "RELEASE":
		return one(found != "" && isDigit(found[0]) && strings.Contains(found, "."))
	case "ADDRESS":
		return one(found != "" && isDigit(found[0]) && strings.Count(found, ".") > 1)
	case "NUMBER":
		return one(found != "" && isDigit(found[0]) && isNumber(found))
	case "STRING":
		return one(strings.HasPrefix(found, `"`))
	case "SET":
		return one(strings.HasPrefix(found, "@"))
	case "CMP":
		return one(slices.Contains([]string{"==", "!=", "<", "<=", ">", ">="}, found))
	case "ACTION":
		found = actionOf(found)
		return one(found != "")
	case "VALUE":
		return c.either(i, "NAME", "NUMBER")
	case "CALL":
		return c.either(i, "NAME", "NUMBER", "SET")
	case "LIST":
		return c.list(i)
	}
	return one(strings.EqualFold(found, word))
}

func (c context) either(i int, classes ...string) (n int, text string) {
	for _, class := range classes {
		if n, text := c.class(class, i); n > 0 {
			return n, text
		}
	}
	return 0, ""
}

// list is class for names and numbers with commas between them.
func (c context) list(i int) (n int, text string) {
	var values []string
	for i+n < len(c.words) {
		one, value := c.class("CALL", i+n)
		if one == 0 {
			break
		}
		values = append(values, value)
		n += 2
		if i+n > len(c.words) || c.words[i+n-1] != "," {
			break
		}
	}
	return max(0, n-1), strings.Join(values, ", ")
}

// replace is the remedy that writes something in place of the bad word.
func (c context) replace(text string) remedy {
	return remedy{help: "write " + text, edits: []diag.Edit{{Span: c.at, New: text}}}
}

// actionWords are the words of other languages for an action, in lower case and without the
// prefixes that they have there.
var actionWords = map[string]string{
	"errno": "deny", "deny": "deny", "block": "deny", "reject": "deny", "refuse": "deny",
	"disallow": "deny", "forbid": "deny", "drop": "deny", "prevent": "deny", "disable": "deny",
	"denied": "deny", "deny_all": "deny", "blocked": "deny", "fail": "deny", "deny_errno": "deny",
	"ban": "deny", "restrict": "deny", "prohibit": "deny", "blacklist": "deny", "denylist": "deny",
	"blocklist": "deny", "whitelist": "allow", "allowlist": "allow",
	"supervise": "notify", "permit": "allow", "accept": "allow", "pass": "allow", "allow": "allow",
	"grant":   "allow",
	"allowed": "allow", "allow_all": "allow", "permitted": "allow", "ok": "allow",
	"enable": "allow", "kill_process": "kill", "killprocess": "kill", "terminate": "kill",
	"kill": "kill", "kill_thread": "kill_thread", "killthread": "kill_thread", "trap": "trap",
	"log": "log", "warn": "log",
	"audit": "log", "audit_log": "log", "trace": "trace", "notify": "notify",
	"user_notif":  "notify",
	"user_notify": "notify", "usernotif": "notify",
}

var actionPrefix = lazy.Regexp(`(?i)^(scmp_act_|seccomp_ret_|ret_|act_)|^Act`)

// actionOf returns the action that a word means here or in another language, or "".
func actionOf(word string) string {
	bare := actionPrefix().ReplaceAllString(word, "")
	if bare != word && strings.EqualFold(bare, "kill") { // SCMP_ACT_KILL is the thread alone
		return "kill_thread"
	}
	return actionWords[strings.ToLower(bare)]
}

// actionHabit is about actions in the words of other languages.
func (c context) actionHabit(want string) remedy {
	if c.part() != "first" && want != "an action" || c.kind != tokIdent {
		return remedy{}
	}
	word := actionOf(c.bad)
	if word == "" || word == c.bad {
		return remedy{}
	}
	next := c.next
	if len(next) > 0 && next[0] == "|" { // SECCOMP_RET_ERRNO | EPERM
		next = next[1:]
	}
	if len(next) > 0 && (isErrno(next[0]) || next[0] != "" && isDigit(next[0][0])) { // errno EPERM
		return remedy{help: "write " + word + "(" + next[0] + ")"}
	}
	return c.replace(word)
}

var errnoName = lazy.Regexp(`^E[A-Z0-9]{2,}$`)

func isErrno(word string) bool { return errnoName().MatchString(word) }

// caseHabit is about words of the language with capitals.
func (c context) caseHabit(string) remedy {
	lower, words := strings.ToLower(c.bad), vocabulary()
	known := slices.Contains(words.Keywords, lower)
	if c.part() == "first" {
		known = words.Begins(lower)
	}
	isRelease := c.part() == "as" && len(c.next) > 1 // which the table repeats
	if c.kind != tokIdent || lower == c.bad || !known || isRelease {
		return remedy{}
	}
	return c.replace(lower)
}

// quoteHabit is about names in quotes, and about strings where a condition cannot have one.
func (c context) quoteHabit(want string) remedy {
	isJSON := c.part() == "first" && len(c.next) > 0 && c.next[0] == ":"
	if c.kind != tokString || want == "a string" || c.statement("include", "const", "param") ||
		isJSON {
		return remedy{}
	}
	bare := strings.Trim(c.bad, `"`)
	if c.part() == "as" && bare != "" && isDigit(bare[0]) {
		return c.replace(bare)
	}
	isCondition := c.part() == "cond"
	switch {
	case isName(bare) && (!isCondition || strings.ToUpper(bare) == bare):
		r := c.replace(bare)
		r.help += ", without quotes"
		return r
	case isCondition && want == "a value":
		return remedy{noMemory, "name the path in the mount namespace or with Landlock", nil}
	case strings.HasPrefix(bare, "/") || len(c.before) > 0 && c.last(1) == "(":
		return remedy{help: "a rule names system calls; " + noMemory}
	case c.statement(vocabulary().Actions...):
		return remedy{help: "write text for people as a comment: # " + bare}
	}
	return remedy{}
}

// noMemory is said where a condition compares with a string.
const noMemory = "a filter sees no memory: it cannot compare what lies behind a pointer"

// isName reports whether a text is a name and nothing else.
func isName(text string) bool {
	return text != "" && isLetter(text[0]) && wordLength(text) == len(text)
}

// errnoHabit is about error numbers that do not stand behind the action.
func (c context) errnoHabit(want string) remedy {
	errno := ""
	near := append([]string{c.bad, c.last(1)}, c.next[:min(len(c.next), 4)]...)
	if i := slices.IndexFunc(near, isErrno); i >= 0 {
		errno = near[i]
	}
	isFor := c.statement("deny", "default", "mismatch", "unknown") || c.last(1) == "deny" ||
		want == "an action"
	isFor = isFor && c.part() != "cond" && !slices.Contains([]string{c.last(1), c.last(2)}, "(")
	inPlace := len(c.next) > 2 && c.next[1] == "(" // behind another mistake
	if errno == "" || !isFor || inPlace || want == "an action" && c.bad == "-" {
		return remedy{}
	}
	action := "deny(" + errno + ")"
	switch {
	case want == "an action" && c.bad == errno:
		return c.replace(action)
	case c.last(1) == "deny" && c.bad == errno && len(c.before) > 1:
		r := c.replace(action)
		r.edits[0].Span = c.spans[len(c.before)-1].To(c.at)
		return r
	}
	return remedy{help: "write the errno in parentheses behind the action: " + action}
}

// argumentsHabit is about arguments in parentheses behind a rule's system call.
func (c context) argumentsHabit(string) remedy {
	if c.part() != "rule" || c.bad != "(" || !isName(c.last(1)) || len(c.before) < 2 {
		return remedy{}
	}
	if slices.Contains(numberMacros, c.last(1)) && len(c.next) > 1 && c.next[1] == ")" {
		return remedy{help: "write the call's name alone: " + c.next[0]}
	}
	rule := strings.Join(c.before, " ")
	end := slices.Index(c.next, ")")
	if end < 0 {
		return remedy{help: "write the arguments behind if: " + rule + " if ARGUMENT == VALUE"}
	}
	args := strings.Join(c.next[:end], " ")
	if at := slices.Index(c.next, "}"); end+1 < at && c.next[end+1] == "{" { // as kafel writes it
		return remedy{help: "write " + rule + " if " + strings.Join(c.next[end+2:at], " ")}
	}
	var tests []string
	for i, arg := range strings.Split(args, " , ") {
		words := strings.Fields(arg)
		switch {
		case len(words) == 3 && (words[1] == "=" || words[1] == "==" || words[1] == ":"):
			tests = append(tests, words[0]+" == "+words[2])
		case strings.HasPrefix(arg, `"`):
			return remedy{noMemory, "name the path in the mount namespace or with Landlock", nil}
		case arg != "" && arg != "_" && arg != "*":
			tests = append(tests, "arg"+strconv.Itoa(i)+" == "+arg)
		}
	}
	switch {
	case len(tests) == 0:
		return remedy{help: "leave the parentheses out: " + rule}
	case len(args) == 1 && isDigit(args[0]):
		return remedy{help: "write " + rule + ", or for the argument " + rule + " if " + tests[0]}
	}
	return remedy{help: "write the arguments behind if: " + rule + " if " +
		strings.Join(tests, " && ")}
}

// numberMacros name a call in C and Python.
var numberMacros = []string{"SCMP_SYS", "SYS", "NR", "__NR", "SYSCALL", "resolve_syscall"}

// statement reports whether the first word of the statement is one of these.
func (c context) statement(words ...string) bool {
	return len(c.before) > 0 && c.outside == "" && slices.Contains(words, c.before[0])
}
