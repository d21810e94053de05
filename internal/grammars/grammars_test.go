package grammars

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seccompc/seccompc/dsl"
)

var update = flag.Bool("update", false, "write the files of editors anew")

// The files in editors are those that the words of the language make.
func TestFiles(t *testing.T) {
	for name, want := range Files() {
		path := filepath.Join("../../editors", filepath.FromSlash(name))
		if *update {
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		got, err := os.ReadFile(path)
		if d := cmp.Diff(want, string(got)); err != nil || d != "" {
			t.Errorf("%s: %v; run go test ./internal/grammars -update\n%s", path, err, d)
		}
	}
}

// compiled are the rules of a line.
var compiled = sync.OnceValue(func() (out []compiledRule) {
	for _, r := range Rules() {
		out = append(out, compiledRule{r, regexp.MustCompile(r.Match)})
	}
	return out
})

type compiledRule struct {
	Rule
	re *regexp.Regexp
}

// scopes colours a line as an editor does: at each place the first rule that matches earliest.
func scopes(line string) map[string]string {
	out := map[string]string{}
	for at := 0; at < len(line); {
		best, rule := []int(nil), compiledRule{}
		for _, r := range compiled() {
			for _, m := range r.re.FindAllStringSubmatchIndex(line, -1) {
				if m[0] >= at {
					if best == nil || m[0] < best[0] {
						best, rule = m, r
					}
					break
				}
			}
		}
		if best == nil {
			break
		}
		groups := best[2:]
		if len(groups) == 0 {
			groups = best
		}
		for i, scope := range rule.Scopes {
			word := line[groups[2*i]:groups[2*i+1]]
			if _, seen := out[word]; !seen {
				out[word] = strings.TrimSuffix(scope, ".scp")
			}
		}
		at = max(best[1], at+1)
	}
	return out
}

func TestScopes(t *testing.T) {
	const (
		action, statement = "keyword.control.action", "keyword.other.statement"
		word, set, number = "keyword.operator.word", "variable.other.set", "constant.numeric"
		abi, name         = "support.type.abi", "variable.language"
		constant          = "support.constant"
	)
	for line, want := range map[string]map[string]string{
		"deny(EPERM) kill_it, @a-b":     {"deny": action, "EPERM": constant, "@a-b": set},
		"arch x86_64, s390x":            {"arch": statement, "x86_64": abi, "s390x": abi},
		"default allow":                 {"default": statement, "allow": action},
		"    read => kill":              {"kill": action},
		"allow sched_setparam if param": {"param": "", "if": word},
		"} else when x == 0x1f {":       {"else": word, "when": statement, "0x1f": number},
		"allow x if arg0 not in {O_CREAT}": {"arg0": name, "not": word, "in": word,
			"O_CREAT": constant},
		"as of linux 6.12": {"as": statement, "of": word, "6.12": number},
	} {
		got := scopes(line)
		for w, scope := range want {
			if got[w] != scope {
				t.Errorf("%s: %s is %q, want %q", line, w, got[w], scope)
			}
		}
	}
	if got := scopes("    kill, tgkill"); got["kill"] != "" {
		t.Errorf("a system call of a list is an action: %v", got)
	}
	if got := scopes("hot trace, kill"); got["kill"] != "" || got["trace"] != "" {
		t.Errorf("system calls are actions: %v", got)
	}
}

// Every word of the language has a colour at some place.
func TestEveryWord(t *testing.T) {
	w := dsl.Words()
	for _, word := range slices.Concat(w.Statements, w.Actions, w.Keywords, w.Names, w.Casts) {
		if word != "_" && scopes(word + " x")[word] == "" {
			t.Errorf("%s has no colour", word)
		}
		for name, text := range Files() {
			if word != "_" && !regexp.MustCompile(`\b`+word+`\b`).MatchString(text) {
				t.Errorf("%s lacks %s", name, word)
			}
		}
	}
}
