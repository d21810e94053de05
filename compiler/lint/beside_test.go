package lint

import (
	"testing"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/compiler/codegen"
	"github.com/seccompc/seccompc/compiler/resolve"
)

// What a filter beside the policy stops is no way round its rules; that filter's own rules are not
// looked at.
func TestBypassBeside(t *testing.T) {
	const head = "arch x86_64, aarch64\ndefault allow\n"
	r := read(t, head+"deny seccomp if op == SECCOMP_SET_MODE_FILTER\n")
	for _, c := range []struct {
		beside string
		want   int
	}{
		{"", 1},
		{"deny mount\n", 1},
		{"deny prctl if option == PR_SET_SECCOMP\n", 0},
		{"deny prctl\n", 0},
		{"deny prctl if option == PR_SET_SECCOMP && arg1 == 2\n", 1},
		{"notify prctl\n", 0},
		{"when arch == aarch64 {\n deny prctl\n}\n", 1},
	} {
		var beside []asm.Program
		if c.beside != "" {
			p, err := codegen.Generate(read(t, head+c.beside).Policy, codegen.Weights{}, 0)
			if err != nil {
				t.Fatal(err)
			}
			beside = append(beside, p)
		}
		if got := Find(r, nil, beside...); len(got) != c.want {
			t.Errorf("beside %q: %v, want %d findings", c.beside, got, c.want)
		}
	}
}

// Callers do not fall back on what a filter beside the policy stops.
func TestNoFallbackBeside(t *testing.T) {
	const head = "arch x86_64, aarch64\ndefault allow\n"
	r := read(t, head+"deny clone3\n")
	for beside, want := range map[string]int{
		"deny mount\n": 1, "deny clone\n": 0, "kill clone3\n": 1,
	} {
		p, err := codegen.Generate(read(t, head+beside).Policy, codegen.Weights{}, 0)
		if err != nil {
			t.Fatal(err)
		}
		if got := Find(r, nil, p); len(got) != want {
			t.Errorf("beside %q: %v, want %d findings", beside, got, want)
		}
	}
}

func read(t *testing.T, text string) *resolve.Resolved {
	t.Helper()
	r, diags := resolve.Text("p.scp", []byte(text), resolve.Options{})
	if r == nil {
		t.Fatal(diags)
	}
	return r
}
