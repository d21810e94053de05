package lsp

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const policyURI = "file:///nowhere/policy.scp"

const policyText = `arch x86_64, i386
default allow
set @mine = ptrace, bpf
set @all-mine = @mine, kexec_load - bpf
param strict = false
param network = {block, open}
const ROOM = 4 * 4
late broker: u32 in {3..9}
# lint: allow bypass the test is about something else
deny @all-mine
# lint: allow bypass the test is about something else
deny socket if family == AF_INET && protocol == ROOM
deny close if fd == broker
when network == block && !strict {
    deny(ENOSYS) uselib
}
test "claims" {
    ptrace => deny
    socket(AF_INET, _, 16) => deny
}
`

func TestFindings(t *testing.T) {
	c := newClient(t)
	const faulty = "arch x86_64\ndefault allow\ndeny pidfd_getfdd  # 𝄞\ndeny bpf if 𝄞 || x\n" +
		"test \"𝄞\" { getpid => deny }\n"
	got := list(c.open(policyURI, faulty))
	want := "2:5-2:17 unknown-syscall unknown system call \"pidfd_getfdd\"\n" +
		"3:12-3:14 syntax unexpected character '𝄞'\n"
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	got = list(c.change(policyURI, "arch x86_64\ndefault allow\ntest \"𝄞𝄞\" { getpid => deny }\n"))
	want = "2:14-2:28 test-failed on x86_64 a call that fits gets allow\n"
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if got := list(c.change(policyURI, policyText)); got != "" {
		t.Errorf("got\n%s", got)
	}
}

// A dead rule is shown as such, with the rule that hides it.
func TestDeadRule(t *testing.T) {
	c := newClient(t)
	found := c.open(policyURI, "arch x86_64\ndefault allow\ndeny bpf\ndeny bpf\n")
	if len(found) != 1 || !slices.Equal(found[0].Tags, []int{tagUnnecessary}) ||
		len(found[0].Related) != 1 ||
		found[0].Related[0].Location.Range.Start.Line != 2 {
		t.Fatalf("got %+v", found)
	}
	var hints []inlayHint
	c.call("textDocument/inlayHint", map[string]any{
		"textDocument": map[string]any{"uri": policyURI}, "range": span{End: position{Line: 99}},
	}, &hints)
	if len(hints) != 1 || hints[0].Position != (position{3, 8}) ||
		hints[0].Label != "decides nothing" {
		t.Errorf("got %+v", hints)
	}
}

func TestQuickFix(t *testing.T) {
	c := newClient(t)
	c.open(policyURI, "arch x86_64\ndefault allow\ndeny pidfd_getfdd  # 𝄞\n")
	var got []codeAction
	p := c.at(policyURI, "pidfd|_getfdd")
	p["range"] = span{p["position"].(position), p["position"].(position)}
	p["context"] = map[string]any{"diagnostics": []any{}}
	c.call("textDocument/codeAction", p, &got)
	if len(got) != 1 || got[0].Title != "write pidfd_getfd" || got[0].Kind != "quickfix" {
		t.Fatalf("got %+v", got)
	}
	mended := c.apply(got[0].Edit)[policyURI]
	if want := "arch x86_64\ndefault allow\ndeny pidfd_getfd  # 𝄞\n"; mended != want {
		t.Errorf("got %q", mended)
	}
	p["context"] = map[string]any{"diagnostics": []any{}, "only": []string{"refactor"}}
	if c.call("textDocument/codeAction", p, &got); len(got) != 0 {
		t.Errorf("got %+v", got)
	}
}

// An included file counts as it stands in the editor; what is wrong in it is shown there.
func TestUnsavedInclude(t *testing.T) {
	dir := t.TempDir()
	part := write(t, dir, "part/sets.scp", "set @mine = ptrace\n")
	main := write(t, dir, "main.scp", "")
	c := newClient(t)
	text := "arch x86_64\ndefault allow\ninclude \"part/sets.scp\"\ndeny @yours\n"
	if got := list(c.open(main, text)); got != "3:5-3:11 unknown-set unknown set @yours\n" {
		t.Errorf("before: %s", got)
	}
	c.open(part, "set @yours = uselib\n")
	if got := list(c.change(main, text)); got != "" {
		t.Errorf("with the text of the editor: %s", got)
	}
	if got, want := list(c.change(part, "set @yours = uselibb\n")),
		"0:13-0:20 unknown-syscall unknown system call \"uselibb\"\n"; got != want {
		t.Errorf("in the part: got %s, want %s", got, want)
	}
}

// A part by itself is looked at as part of the policies that include it.
func TestPart(t *testing.T) {
	dir := t.TempDir()
	part := write(t, dir, "sets.scp", "")
	write(t, dir, "main.scp", "arch x86_64\ndefault allow\ninclude \"sets.scp\"\ndeny @mine\n")
	c := newClient(t)
	if got := list(c.open(part, "set @mine = uselib\n")); got != "" {
		t.Errorf("got %s", got)
	}
	if got, want := list(c.change(part, "set @mine = uselibb\n")),
		"0:12-0:19 unknown-syscall unknown system call \"uselibb\"\n"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestHover(t *testing.T) {
	c := newClient(t)
	c.open(policyURI, policyText)
	tests := []struct {
		at   string
		want []string
	}{
		{"deny so|cket", []string{"x86_64      41  socket(int family|domain:32,",
			"i386        1  socket  behind socketcall"}},
		{"AF_|INET &&", []string{"`AF_INET` = `2` on x86_64, i386"}},
		{"deny(ENO|SYS", []string{"`ENOSYS` = `0x26 (38)` on x86_64, i386"}},
		{"= @mi|ne", []string{"set @mine = ptrace, bpf", "2 system calls: bpf, ptrace"}},
		{"deny @all-|mine", []string{"set @all-mine", "2 system calls: kexec_load, ptrace"}},
		{"set @al|l-mine", []string{"2 system calls: kexec_load, ptrace"}},
		{"protocol == RO|OM", []string{"const ROOM = 4 * 4", "`ROOM` = `0x10 (16)`"}},
		{"!st|rict", []string{"param strict = false", "`false`"}},
		{"if fam|ily", []string{"socket: arg0 is int family|domain:32, signed"}},
		{"de|ny @all", []string{"decides 2 calls, +", "kexec_load, ptrace"}},
		{"arch x8|6_64",
			[]string{"`x86_64`: arch 0xc000003e, registers of 64 bits, little endian"}},
		{"fd == bro|ker", []string{"late broker: u32 in {3..9}"}},
	}
	for _, test := range tests {
		var h *hover
		c.call("textDocument/hover", c.at(policyURI, test.at), &h)
		for _, want := range test.want {
			if h == nil || !strings.Contains(h.Contents.Value, want) {
				t.Errorf("%s: got %+v, want %s", test.at, h, want)
			}
		}
	}
}

func TestComplete(t *testing.T) {
	tests := []struct {
		text      string // "|" is the cursor
		want, not string // words
	}{
		{"de|", "deny default", "socket"},
		{"default al|", "allow", "socket"},
		{"deny so|", "socket socketpair", "AF_INET openat"},
		{"deny @|", "@mine @mount @known", "socket"},
		{"deny socket, bi|", "bind", ""},
		{"deny socket |", "if", "bind"},
		{"deny socket if |", "family domain type protocol arg0 u32", "fd flags"},
		{"deny socket, bind if |", "arg0 ip", "family sockfd"},
		{"deny openat, openat2 if |", "dfd filename", "mode"},
		{"deny socket if family |", "in not any all only", "AF_INET"},
		{"deny socket if family == |", "AF_INET AF_UNIX ROOM", "SOCK_RAW CLONE_NEWUSER"},
		{"deny socket if family == AF_INET && type & 0xf == |", "SOCK_RAW", "AF_INET"},
		{"deny socket if family in {AF_INET, |", "AF_UNIX", "SOCK_RAW"},
		{"deny socket if family in {AF_INET,\n    |", "AF_UNIX", "SOCK_RAW"},
		{"deny socket if (u32(type) == |", "SOCK_RAW", "AF_INET"},
		{"deny fcntl if cmd == F_SETFD && arg == |", "FD_CLOEXEC", "O_APPEND"},
		{"deny(EA|", "EACCES EAGAIN", "AF_INET"},
		{"arch x|", "x86_64 x32", "aarch64"},
		{"when network == |", "block open", "strict"},
		{"when s|", "strict", "network"},
		{"late x: |", "u32 i64", "allow"},
		{"as of |", "linux", ""},
		{"set @other = @m|", "@mine @mount", ""},
		{"test \"x\" {\n    so|\n}", "socket", "AF_INET"},
		{"test \"x\" {\n    socket(|\n}", "AF_INET", "SOCK_RAW"},
		{"test \"x\" {\n    socket(AF_INET, |\n}", "SOCK_RAW", "AF_INET"},
		{"test \"x\" {\n    socket => |\n}", "deny allow", "socket"},
		{"test \"x\" {\n    socket if |\n}", "family", ""},
		{"when strict {\n    deny soc|\n}", "socket", ""},
		{"deny ptrace if request ==\ndeny soc|", "socket", "PTRACE_ATTACH"},
		{"deny ptrace if request ==\n\nde|", "deny default", "PTRACE_ATTACH"},
		{"deny ptrace if request ==\n    PTRACE_A|", "PTRACE_ATTACH", "allow"},
		{"test \"x\" {\n    socket if family ==\n\n    bi|\n}", "bind", "AF_INET"},
		{"# lint: allow by|", "bypass", "unreachable-rule"},
		{"deny all |", "clock_settime socket", "if @mine"},
		{"deny all clock_|", "clock_settime clock_settime64", "clone"},
		{"set @other = ptrace - all |", "truncate", "@mine"},
		{"deny all truncate if |", "length", "arg6"},
		{"test \"x\" {\n    all clock_|\n}", "clock_settime64", ""},
		{"test \"x\" {\n    all fcntl(_, F_SETFD, |\n}", "FD_CLOEXEC _", "O_APPEND"},
		{"test \"x\" {\n    |\n}", "socket all x86_64 i386", "aarch64"},
		{"deny mmap if prot & |", "PROT_EXEC", "PROT_NONE"},
		{"deny mmap if prot == |", "PROT_EXEC PROT_NONE", ""},
		{"test \"x\" {\n    mmap(0, 1, PROT_EXEC | |\n}", "PROT_READ", "PROT_NONE"},
		{"when arch == |", "x86_64 i386", "aarch64"},
		{"when arch in {i386, |", "x86_64", "aarch64"},
		{"arch i386, |", "x86_64 aarch64", "i386"},
		{"exempt |", "", "if in ptrace allow"},
		{"deny u32(|", "", "if"},
		{"# every |", "", "deny"},
	}
	c := newClient(t)
	for _, test := range tests {
		// What stands behind the cursor's line must not matter.
		text := policyText + test.text + "\ndeny mount\n"
		cursor := strings.LastIndex(text, "|")
		c.open(policyURI, text[:cursor]+text[cursor+1:])
		p := newText(text).position(cursor)
		var got completionList
		c.call("textDocument/completion", map[string]any{
			"textDocument": map[string]any{"uri": policyURI}, "position": p}, &got)
		var words []string
		for _, item := range got.Items {
			words = append(words, item.Label)
		}
		for _, w := range strings.Fields(test.want) {
			if !slices.Contains(words, w) {
				t.Errorf("%q: no %s among %.20q", test.text, w, words)
			}
		}
		for _, w := range strings.Fields(test.not) {
			if slices.Contains(words, w) {
				t.Errorf("%q: %s among %.20q", test.text, w, words)
			}
		}
	}
}

func TestLenses(t *testing.T) {
	c := newClient(t)
	c.open(policyURI, policyText)
	var lenses []codeLens
	doc := map[string]any{"textDocument": map[string]any{"uri": policyURI}}
	c.call("textDocument/codeLens", doc, &lenses)
	var got []string
	for _, l := range lenses {
		title, _, _ := strings.Cut(l.Command.Title, ", +")
		got = append(got, fmt.Sprintf("%d %s", l.Range.Start.Line, title))
	}
	want := []string{
		"9 decides 2 calls", "11 decides 1 call", "12 decides 1 call", "14 decides 1 call",
		"16 2 claims proved",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	c.change(policyURI, strings.Replace(policyText, "16) => deny", "17) => deny", 1))
	c.call("codeLens/resolve", lenses[4], &lenses[4])
	if got := lenses[4].Command.Title; got != "1 of 2 claims does not hold" {
		t.Errorf("got %s", got)
	}
}

// TestLensesBesideErrors: what a rule decides is known while other statements have errors, and
// said with that.
func TestLensesBesideErrors(t *testing.T) {
	const (
		head    = "arch x86_64\ndefault allow\ndeny mount, chroot\n"
		whole   = "decides 2 calls, +3 instructions"
		without = whole + " (without the statements that have errors)"
		unknown = "not known: the policy has errors"
	)
	c := newClient(t)
	for text, want := range map[string]string{
		head:                                whole,
		head + "deny socket if family ==\n": without,
		head + "deny socket if famly == AF_INET\n":                    without,
		head + "set @a = nosuch\ndeny @a\n":                           without,
		head + "when arch == x86_64 {\n    deny nosuch\n}\n":          without,
		head + "const a = B\nconst b = a\ndeny close if fd == b\n":    without,
		head + "test \"t\" {\n    nosuch => deny\n    ptrace =>\n}\n": without,
		head + "default deny\n":                                       without,
		head + "allow reboot\ndeny reboot\n":                          whole,
		"arch x86_46\n" + head:                                        without,
		"arch x86_64\ndeny mount, chroot\n":                           unknown,
		head + "when arch == x86_64 {\n":                              without,
		head + "include \"nosuch.scp\"\n":                             without,
	} {
		c.open(policyURI, text)
		var lenses []codeLens
		c.call("textDocument/codeLens",
			map[string]any{"textDocument": map[string]any{"uri": policyURI}}, &lenses)
		if len(lenses) == 0 || lenses[0].Command.Title != want {
			t.Errorf("%s: %d lenses: %+v, want %s", text, len(lenses), lenses[0].Command, want)
		}
	}
}

func TestFormatAndOutline(t *testing.T) {
	c := newClient(t)
	text := "arch x86_64\ndefault   allow\n  deny bpf   # why 𝄞\nset @a=mount\n"
	c.open(policyURI, text)
	doc := map[string]any{"textDocument": map[string]any{"uri": policyURI},
		"options": map[string]any{"tabSize": 4}}
	var edits []textEdit
	c.call("textDocument/formatting", doc, &edits)
	want := "arch x86_64\ndefault allow\ndeny bpf  # why 𝄞\nset @a = mount\n"
	if got := applied(text, edits); got != want || len(edits) != 1 ||
		edits[0].Range.Start.Line != 1 {
		t.Errorf("%+v make %q", edits, got)
	}
	c.change(policyURI, want)
	if c.call("textDocument/formatting", doc, &edits); len(edits) != 0 {
		t.Errorf("got %+v", edits)
	}
	var outline []documentSymbol
	c.change(policyURI, policyText)
	c.call("textDocument/documentSymbol", doc, &outline)
	var names []string
	for _, s := range outline {
		names = append(names, s.Name)
	}
	if got := strings.Join(names,
		"; "); got != "@mine; @all-mine; strict; network; ROOM; broker; deny @all-mine; "+
		"deny socket if family == AF_INET && protocol == ROOM; deny close if fd == broker; "+
		"when network == block && !strict; \"claims\"" {
		t.Error(got)
	}
}

func TestDefinition(t *testing.T) {
	dir := t.TempDir()
	part := write(t, dir, "sets.scp", "set @mine = uselib\n")
	main := write(t, dir, "main.scp", "")
	c := newClient(t)
	c.open(main, "arch x86_64\ndefault allow\ninclude \"sets.scp\"\ndeny @mine\n")
	for at, want := range map[string]location{
		"deny @mi|ne":   {part, span{position{0, 4}, position{0, 9}}},
		"include \"se|": {part, span{}},
	} {
		var got []location
		if c.call("textDocument/definition", c.at(main, at), &got); len(got) != 1 ||
			got[0] != want {
			t.Errorf("%s: got %+v", at, got)
		}
	}
}

// Fix all is what check --fix does.
func TestFixAll(t *testing.T) {
	c := newClient(t)
	c.open(policyURI, "arch x86_64\ndefault allow\ndeny pidfd_getfdd\ndeny mountt\n")
	p := map[string]any{
		"textDocument": map[string]any{"uri": policyURI}, "range": span{},
		"context": map[string]any{"diagnostics": []any{}, "only": []string{"source.fixAll"}},
	}
	var got []codeAction
	c.call("textDocument/codeAction", p, &got)
	if len(got) != 1 || got[0].Kind != fixAll {
		t.Fatalf("got %+v", got)
	}
	text := c.apply(got[0].Edit)[policyURI]
	if !strings.Contains(text, "deny(ENOSYS) pidfd_getfd\n") ||
		!strings.Contains(text, "deny mount\n") {
		t.Errorf("got %s", text)
	}
}

func TestCompleteInclude(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "lib/sets.scp", "")
	write(t, dir, "other.scp", "")
	main := write(t, dir, "main.scp", "")
	c := newClient(t)
	c.completesInclude(main, map[string]string{
		"include \"l|":      `include "lib/"`,
		"include \"lib/|\"": `include "lib/sets.scp"`,
		"include \"../|":    "",
	})
	folder := map[string]any{"uri": uriOf(dir), "name": "policies"}
	c.notify("workspace/didChangeWorkspaceFolders", map[string]any{
		"event": map[string]any{"added": []any{folder}, "removed": []any{}}})
	c.completesInclude(main, map[string]string{
		"include |":        `include "lib/sets.scp"`,
		"include \"li|":    `include "lib/sets.scp"`,
		"include \"|\"  #": `include "lib/sets.scp"  #`,
	})
}

// completesInclude takes the first of what is offered at "|", or wants that there is nothing.
func (c *client) completesInclude(main string, texts map[string]string) {
	c.Helper()
	for text, want := range texts {
		c.open(main, strings.Replace(text, "|", "", 1))
		var got completionList
		c.call("textDocument/completion", c.at(main, text), &got)
		edited := ""
		if len(got.Items) > 0 {
			edited = applied(c.texts[main], []textEdit{got.Items[0].TextEdit})
		}
		if edited != want {
			c.Errorf("%s: %s", text, edited)
		}
	}
}

// A word of a statement that is not finished is told from the words before it.
func TestHoverOfFaulty(t *testing.T) {
	const before = "arch x86_64, i386\ndefault allow\nset @mine = read, write\nconst FOO = 5\n"
	c := newClient(t)
	for text, want := range map[string]string{
		"deny pt|race if request ==":                   "ptrace(long request",
		"deny all truncate if len|gth ==":              "truncate: arg1",
		"deny socket if fam|ily ==":                    "socket: arg0 is int family",
		"deny socket if (family == AF_I|NET":           "`AF_INET` = `2`",
		"deny(EP|ERM":                                  "`EPERM` = `1`",
		"deny @mi|ne if":                               "2 system calls: read, write",
		"deny close if fd == FO|O &&":                  "const FOO = 5",
		"arch x86|_64,":                                "registers of 64 bits",
		"test \"x\" {\n    ptrace(PTRACE_ATT|ACH, \n}": "`PTRACE_ATTACH` = ",
		"deny frob|nicate if":                          "",
	} {
		text = before + text + "\n\ndeny mount\n"
		c.open(policyURI, strings.Replace(text, "|", "", 1))
		var h *hover
		c.call("textDocument/hover", c.at(policyURI, text), &h)
		switch {
		case want == "" && h != nil:
			t.Errorf("%s: got %+v", text, h)
		case want != "" && (h == nil || !strings.Contains(h.Contents.Value, want)):
			t.Errorf("%s: got %+v, want %s", text, h, want)
		}
	}
}

// A name is found in a statement that is not finished, and not renamed there.
func TestNamesOfFaulty(t *testing.T) {
	c := newClient(t)
	const text = "arch x86_64\ndefault allow\nset @mine = read\ndeny @mine\ndeny @mine if\n"
	c.open(policyURI, text)
	var got []location
	c.call("textDocument/definition", c.at(policyURI, "deny @mi|ne if"), &got)
	if len(got) != 1 || got[0].Range.Start != (position{2, 4}) {
		t.Errorf("definition: got %+v", got)
	}
	p := c.at(policyURI, "deny @mi|ne if")
	p["context"] = map[string]any{"includeDeclaration": true}
	c.call("textDocument/references", p, &got)
	if len(got) != 3 {
		t.Errorf("references: got %+v", got)
	}
	const other = "deny ptrace\nconst N = 1\ndeny ptrace if PTRACE_N ==\n"
	c.change(policyURI, strings.Replace(text, "deny @mine if\n", other, 1))
	var edit workspaceEdit
	p = c.at(policyURI, "const |N")
	p["newName"] = "M"
	c.call("textDocument/rename", p, &edit)
	c.change(policyURI, text)
	p = c.at(policyURI, "deny @mi|ne if")
	p["newName"] = "yours"
	if err := c.try("textDocument/rename", p, nil); err == nil ||
		!strings.Contains(err.Error(), "cannot be read") {
		t.Errorf("rename: got %v", err)
	}
}

// An editor that does not resolve lenses is answered soon.
func TestManyLenses(t *testing.T) {
	c := newClient(t)
	c.open(policyURI, "arch x86_64\ndefault allow\n"+
		strings.Repeat("test \"x\" {\n    bpf => allow\n}\n", 2*maxLenses))
	var lenses []codeLens
	doc := map[string]any{"textDocument": map[string]any{"uri": policyURI}}
	c.call("textDocument/codeLens", doc, &lenses)
	if len(lenses) != maxLenses || lenses[0].Command == nil {
		t.Errorf("got %d", len(lenses))
	}
}
