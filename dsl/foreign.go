package dsl

import (
	"regexp"
	"strings"
	"unicode"

	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/internal/lazy"
)

// lookalikes are characters that people take for others of the language.
var lookalikes = map[rune]string{
	'“': `"`, '”': `"`, '„': `"`, '«': `"`, '»': `"`,
	'‘': `"`, '’': `"`, '–': "-", '—': "-", '−': "-", '‐': "-", '‑': "-", '≠': "!=", '≤': "<=",
	'≥': ">=", '→': "=>", '⇒': "=>", '…': "..", '‚': ",",
	'а': "a", 'с': "c", 'е': "e", 'һ': "h", 'і': "i", 'ј': "j", 'о': "o", 'р': "p", 'ѕ': "s",
	'х': "x",
	'у': "y", 'А': "A", 'В': "B", 'С': "C", 'Е': "E", 'Н': "H", 'І': "I", 'К': "K", 'М': "M",
	'О': "O",
	'Р': "P", 'Ѕ': "S", 'Т': "T", 'Х': "X", 'α': "a", 'ο': "o", 'ρ': "p", 'ν': "v", 'Α': "A",
	'Β': "B",
	'Ε': "E", 'Η': "H", 'Ι': "I", 'Κ': "K", 'Μ': "M", 'Ν': "N", 'Ο': "O", 'Ρ': "P", 'Τ': "T",
	'Χ': "X",
	'ı': "i", '\u200b': invisible, '\u2060': invisible, '\ufeff': invisible, '\u00ad': invisible,
	'\u200c': invisible, '\u200d': invisible, 'к': "k", 'κ': "k", 'ԁ': "d", 'ɡ': "g", 'ӏ': "l",
	'ԛ': "q", 'ԝ': "w", 'ѵ': "v", 'τ': "t", 'υ': "u", 'γ': "y", '´': `"`, '″': `"`, '‹': `"`,
	'›': `"`, '‟': `"`, '′': `"`, '⩽': "<=", '⩾': ">=", '∧': "&&", '∨': "||", '¬': "!", '⁃': "-",
	'∖': "-",
	'∣': "|", '∈': "in", '∉': "not in",
}

// invisible stands for a character that nobody sees.
const invisible = "invisible"

// looksLike returns what people take a character for, or "".
func looksLike(r rune) string {
	const wide, wideEnd = '\uff01', '\uff5e' // ASCII in the width of Chinese characters
	switch {
	case lookalikes[r] != "":
		return lookalikes[r]
	case wide <= r && r <= wideEnd:
		return string(r - wide + '!')
	case unicode.Is(unicode.Zs, r) && r != ' ':
		return " "
	}
	return ""
}

// directive is a comment as C's preprocessor has its lines: whole, and without a blank behind "#".
var directive = lazy.Regexp(`^#(include *("[^"]+"|<[^<>]+>)|define +[A-Z_][A-Za-z0-9_]*( +\S+)?|` +
	`(ifdef|ifndef|undef) +[A-Za-z_]\w*|endif|pragma +once)\s*$`)

// wideText reports whether a text has two bytes for each character, as UTF-16 has.
func wideText(text string) bool {
	if strings.HasPrefix(text, "\xff\xfe") || strings.HasPrefix(text, "\xfe\xff") {
		return true
	}
	head := text[:min(len(text), 64)]
	return len(head) >= 4 && strings.Count(head, "\x00") >= len(head)/3
}

// foreignFormats are the forms of policies that people try, by what tells them, with how to make a
// policy of each.
var foreignFormats = []struct {
	name, remedy string
	sign         func() *regexp.Regexp
}{
	{"a seccomp profile of Docker or OCI", importAs + "oci",
		lazy.Regexp(`"(defaultAction|SCMP_ACT_\w+)"`)},
	{"a filter of seccompiler", importAs + "seccompiler",
		lazy.Regexp(`"(default_action|mismatch_action|match_action)"`)},
	{"a list of systemd", importAs + "systemd",
		lazy.Regexp(`(?m)^\s*SystemCall(Filter|ErrorNumber|Log)\s*=`)},
	{"a policy of LXC", importAs + "lxc",
		lazy.Regexp(`\A\s*[12]\s+(allow|deny|white|black)list\b`)},
	{"a policy of kafel", importAs + "kafel",
		lazy.Regexp(`(?m)^\s*(?i:policy)\s+\w+\s*\{|^\s*(USE\s+\w+.*\s)?DEFAULT\s+[A-Z_]+`)},
	{"a program's source", "seccompc decompile 'exe:PROGRAM' makes a policy of what it installs",
		lazy.Regexp(`\b(seccomp_(init|rule_add)|BPF_STMT|BPF_JUMP|SyscallFilter|add_rule|` +
			`seccomp\.\w+|SeccompFilter::new|bpf_dsl::\w+)\s*[({]`)},
	{"a configuration of nsjail", importAs + "kafel from the text of seccomp_string",
		lazy.Regexp(`(?m)^\s*seccomp_(string|policy_file)\s*:`)},
	{"a profile of AppArmor",
		"a filter decides system calls, and sees neither paths nor capabilities",
		lazy.Regexp(`(?m)^\s*(profile\s+[^\n{]*\{|capability\s+\w+,|network\s+\w+,)`)},
	{"a policy of minijail", importAs + "minijail",
		lazy.Regexp(`(?m)^\s*\w+\s*:\s*(1|allow|kill|return\b|arg[0-5]\b)`)},
	{"JSON", "a policy is lines of text: default deny, and below it allow read, write",
		lazy.Regexp(`\A\s*[{\[]\s*"`)},
}

const importAs = "make a policy of it by seccompc import "

const maxForeign = 64 << 10 // bytes that are looked at

// addForeign says in a note of the first error what other form of a policy the text is.
func (s source) addForeign(diags diag.List) {
	if !diags.HasErrors() {
		return
	}
	head := s.Text[:min(len(s.Text), maxForeign)]
	for _, f := range foreignFormats {
		found := strings.TrimSpace(f.sign().FindString(head))
		if found != "" && !strings.HasPrefix(found, "default") { // a statement with a colon
			note := "this looks like " + f.name + ": " + f.remedy
			diags[0] = diags[0].WithNotes(note)
			return
		}
	}
}
