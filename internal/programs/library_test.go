package programs

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/seccompc/seccompc/examples/policies"
)

// usualPolicies are those whose programs the tests need anyway.
var usualPolicies = []string{"agent-sandbox", "compiler-in-a-box", "hardened-service",
	"no-network", "w-xor-x"}

// Each policy of the library serves its program, which is refused what it is not for. In the
// functions of testdata/policies, $run starts what is to be confined.
func TestLibrary(t *testing.T) {
	for _, policy := range policies.All() {
		if strings.Contains(policy.Name, "/") || // rules for others, which are tested with these
			!*all && !slices.Contains(usualPolicies, policy.Name) {
			continue
		}
		t.Run(policy.Name, func(t *testing.T) {
			p, err := newProgram(t, "testdata/policies/"+policy.Name+".sh")
			if err != nil {
				t.Fatal(err)
			}
			dir := openDir(t)
			p.policy = filepath.Join(dir, policy.File())
			p.write(t, policy.Name, dir)
			record := filepath.Join(dir, "log")
			if err := os.WriteFile(record, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(record, 0o666); err != nil { // the program may be another user's
				t.Fatal(err)
			}
			t.Setenv("run", "")
			plain := p.run(t, "work")
			t.Setenv("run", seccompc+" run --report -o "+record+" "+p.policy+" --")
			p.same(t, "under the policy", plain, p.run(t, "work"))
			other := p.run(t, "other")
			log, err := os.ReadFile(record)
			if err != nil {
				t.Fatal(err)
			}
			refused := regexp.MustCompile(`(?m)^denied: (\w+: )?` + p.ask(t, "echo $refused") +
				`\(`)
			if !refused.Match(log) || other.status == 0 {
				t.Errorf("%s does not match; status %d\n%s", refused, other.status, log)
			}
		})
	}
}

// write writes a policy of the library, with what it includes.
func (p *program) write(t *testing.T, name, dir string) {
	t.Helper()
	files, err := policies.Named(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		path := filepath.Join(dir, f.File())
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(f.Text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
