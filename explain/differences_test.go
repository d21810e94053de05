package explain

import (
	"encoding/binary"
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/seccompc/seccompc/compiler"
	"github.com/seccompc/seccompc/policy"
	"github.com/seccompc/seccompc/proof"
)

// differences compares two policies.
func differences(t testing.TB, a, b *policy.Policy) []Line {
	t.Helper()
	s := proof.New()
	f, err := s.Policy(a)
	if err != nil {
		t.Fatal(err)
	}
	g, err := s.Policy(b)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := s.Diff(f, g)
	if err != nil {
		t.Fatal(err)
	}
	return Differences(rows, binary.LittleEndian)
}

func TestDifferences(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, a, b string
		want       []Line
	}{
		{"nothing", "arch x86_64\ndefault allow\n", "arch x86_64\ndefault allow\n", nil},
		{"a rule", "arch x86_64\ndefault allow\n",
			"arch x86_64\ndefault allow\ndeny unshare, clone if flags & CLONE_NEWUSER\n",
			[]Line{{ABIs: []string{"x86_64"}, Calls: []string{"clone", "unshare"},
				When: "flags & CLONE_NEWUSER",
				A:    "allow", B: "deny(EPERM)",
				Call: "x86_64: clone(CLONE_NEWUSER, 0, 0, 0, 0)"}}},
		{"numbers and names on two ABIs", "arch x86_64, aarch64\ndefault allow\n",
			"arch x86_64, aarch64\ndefault allow\ndeny(ENOSYS) ptrace, bpf, 9999\n",
			[]Line{{ABIs: []string{"x86_64", "aarch64"}, Calls: []string{"ptrace", "bpf", "9999"},
				A: "allow", B: "deny(ENOSYS)", Call: "x86_64: ptrace(PTRACE_TRACEME, 0, 0, 0)"}}},
		{"calls that one of two ABIs lacks", "arch x86_64, aarch64\ndefault allow\n",
			"arch x86_64, aarch64\ndefault allow\ndeny open, openat, uselib\n" +
				"when arch == aarch64 { kill bpf }\n",
			[]Line{
				{ABIs: []string{"x86_64"}, Calls: []string{"open", "uselib", "openat"},
					A: "allow", B: "deny(EPERM)", Call: "x86_64: open(0, O_RDONLY, 0)"},
				{ABIs: []string{"aarch64"}, Calls: []string{"openat"}, A: "allow", B: "deny(EPERM)",
					Call: "aarch64: openat(0, 0, O_RDONLY, 0)"},
				{ABIs: []string{"aarch64"}, Calls: []string{"bpf"}, A: "allow", B: "kill",
					Call: "aarch64: bpf(BPF_MAP_CREATE, 0, 0, 0, 0)"},
			}},
		{"a call that one of two ABIs treats otherwise", "arch x86_64, aarch64\ndefault allow\n",
			"arch x86_64, aarch64\ndefault allow\ndeny openat\nwhen arch == x86_64 { deny bpf }\n",
			[]Line{
				{ABIs: []string{"x86_64"}, Calls: []string{"openat", "bpf"},
					A: "allow", B: "deny(EPERM)", Call: "x86_64: openat(0, 0, O_RDONLY, 0)"},
				{ABIs: []string{"aarch64"}, Calls: []string{"openat"}, A: "allow", B: "deny(EPERM)",
					Call: "aarch64: openat(0, 0, O_RDONLY, 0)"},
			}},
		{"everything else", "arch x86_64\ndefault kill\nallow read\n",
			"arch x86_64\ndefault deny\nallow read\n",
			[]Line{{ABIs: []string{"x86_64"}, Calls: []string{"every call but", "read"},
				A: "kill", B: "deny(EPERM)", Call: "x86_64: write(0, 0, 0)"}}},
		{"an ABI", "arch x86_64\ndefault kill\n",
			"arch x86_64, x32\nwhen arch == x32 { default log } else { default kill }\n",
			[]Line{{ABIs: []string{"x32"}, Calls: []string{"every call"}, A: "kill", B: "log",
				Call: "x32: read(0, 0, 0)"}}},
		{"unknown numbers", "arch x86_64\ndefault kill\n",
			"arch x86_64\ndefault kill\nunknown deny(ENOSYS)\n",
			[]Line{{ABIs: []string{"x86_64"}, Calls: []string{"unknown numbers"}, A: "kill",
				B:    "deny(ENOSYS)",
				Call: "x86_64: 337"}}},
	}
	for _, test := range tests {
		got := differences(t, compile(t, test.a).Policy, compile(t, test.b).Policy)
		if d := cmp.Diff(test.want, got, cmpopts.IgnoreUnexported(Line{})); d != "" {
			t.Errorf("%s:\n%s", test.name, d)
		}
	}
}

// Other ABIs are one line, with the example that fits.
func TestDifferencesOfMismatch(t *testing.T) {
	t.Parallel()
	a := compile(t, "arch x86_64\ndefault allow\n")
	b := compile(t, "arch x86_64\ndefault allow\nmismatch deny(ENOSYS)\n")
	got := differences(t, a.Policy, b.Policy)
	if len(got) != 1 || got[0].whose != "every ABI but x86_64" || got[0].A != "kill" ||
		got[0].Calls[0] != "every call" {
		t.Errorf("got %+v", got)
	}
}

// TestDifferencesHoldEveryCall demands that each line's call gets the two actions, and that two
// policies without a line do not differ anywhere.
func TestDifferencesHoldTheirCalls(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	t.Parallel()
	compared := 0
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 3))
		a, bad := compiler.Compile("a.scp", []byte(randomPolicy(r)), compiler.Options{})
		b, worse := compiler.Compile("b.scp", []byte(randomPolicy(r)), compiler.Options{})
		if bad.HasErrors() || worse.HasErrors() {
			continue
		}
		compared++
		s := proof.New()
		f, _ := s.Policy(a.Policy)
		g, _ := s.Policy(b.Policy)
		rows, err := s.Diff(f, g)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range cellsOf(rows, binary.LittleEndian) {
			if f.Eval(c.call) != c.row.A || g.Eval(c.call) != c.row.B {
				t.Errorf("seed %d: %+v gets %v and %v", seed, c.line(), f.Eval(c.call),
					g.Eval(c.call))
			}
		}
	}
	if compared < 10 {
		t.Errorf("only %d pairs of policies", compared)
	}
}

func TestTables(t *testing.T) {
	t.Parallel()
	a := compile(t, "arch x86_64\ndefault allow\n")
	b := compile(t, "arch x86_64\ndefault allow\n"+
		"deny mmap if prot all PROT_WRITE | PROT_EXEC\ndeny ptrace\n")
	lines := differences(t, a.Policy, b.Policy)
	text := `x86_64: mmap
    if prot all PROT_WRITE | PROT_EXEC
    old.scp  allow
    b        deny(EPERM)
    such as x86_64: mmap(0, 0, PROT_WRITE | PROT_EXEC, 0, 0, 0)

x86_64: ptrace
    old.scp  allow
    b        deny(EPERM)
    such as x86_64: ptrace(PTRACE_TRACEME, 0, 0, 0)
`
	if d := cmp.Diff(text, Table{lines, "old.scp", "b", false}.Text()); d != "" {
		t.Error(d)
	}
	table := "| ABI | calls | condition | `old\\|1` | `b` | such as |\n" +
		"| --- | --- | --- | --- | --- | --- |\n" +
		"| x86_64 | `mmap` | `if prot all PROT_WRITE \\| PROT_EXEC` | `allow` | `deny(EPERM)` | " +
		"`x86_64: mmap(0, 0, PROT_WRITE \\| PROT_EXEC, 0, 0, 0)` |\n" +
		"| x86_64 | `ptrace` |  | `allow` | `deny(EPERM)` | " +
		"`x86_64: ptrace(PTRACE_TRACEME, 0, 0, 0)` |\n"
	if d := cmp.Diff(table, Table{lines, "old|1", "b", false}.Markdown()); d != "" {
		t.Error(d)
	}
	got, err := json.Marshal(lines[1])
	if want := `{"abis":["x86_64"],"calls":["ptrace"],"a":"allow","b":"deny(EPERM)",` +
		`"call":"x86_64: ptrace(PTRACE_TRACEME, 0, 0, 0)"}`; err != nil || string(got) != want {
		t.Errorf("JSON %s, want %s (%v)", got, want, err)
	}
	if strings.Contains(Table{lines, "a\nb", "`c`", false}.Markdown(), "a\nb") {
		t.Error("a name with a line break breaks the table")
	}
}
