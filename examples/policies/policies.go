// Package policies holds policies for kinds of programs, to start from: each was written by hand
// after recordings, says what it is for in claims, and is tested on the program
// (internal/programs).
package policies

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/seccompc/seccompc/internal/lazy"
)

//go:embed *.scp systemd/*.scp
var files embed.FS

// Policy is a policy of the library.
type Policy struct {
	Name  string // without .scp; those below systemd/ are rules to include
	About string // what it is for, a sentence or two
	Text  string
}

// File is the name of the file that holds the policy, with slashes.
func (p *Policy) File() string { return p.Name + ".scp" }

// All returns the policies by their names.
func All() []Policy {
	var out []Policy
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || path.Ext(name) != ".scp" {
			return err
		}
		text, err := files.ReadFile(name)
		if err != nil {
			return err
		}
		out = append(out,
			Policy{strings.TrimSuffix(name, ".scp"), about(string(text)), string(text)})
		return nil
	})
	if err != nil {
		panic("policies: what is embedded cannot be read: " + err.Error())
	}
	return out
}

// about is the first paragraph of the comment at the top.
func about(text string) string {
	var words []string
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "#" || !strings.HasPrefix(line, "#") {
			break
		}
		words = append(words, strings.TrimSpace(line[1:]))
	}
	return strings.Join(words, " ")
}

var include = lazy.Regexp(`(?m)^\s*include "(.*)"`)

// Named returns a policy, and those that it includes behind it.
func Named(name string) ([]Policy, error) {
	all := All()
	at := slices.IndexFunc(all, func(p Policy) bool { return p.Name == name })
	if at < 0 {
		return nil, fmt.Errorf("there is no policy %q", name)
	}
	out := []Policy{all[at]}
	for _, m := range include().FindAllStringSubmatch(all[at].Text, -1) {
		more, err := Named(strings.TrimSuffix(m[1], ".scp"))
		if err != nil {
			return nil, err
		}
		out = append(out, more...)
	}
	return out, nil
}
