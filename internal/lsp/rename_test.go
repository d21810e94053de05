package lsp

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// rename renames what stands at a mark, and returns the changed texts or the error.
func (c *client) rename(uri, at, name string) (map[string]string, *workspaceEdit, error) {
	p := c.at(uri, at)
	p["newName"] = name
	var e workspaceEdit
	if err := c.try("textDocument/rename", p, &e); err != nil {
		return nil, nil, err
	}
	return c.apply(&e), &e, nil
}

func TestRename(t *testing.T) {
	tests := []struct{ at, name, old, new string }{
		{"deny @all-|mine", "yours", "@all-mine", "@yours"},
		{"set @mi|ne", "@my-own", "@mine", "@my-own"},
		{"== RO|OM", "SPACE", "ROOM", "SPACE"},
		{"!stri|ct", "hard", "strict", "hard"},
		{"late bro|ker", "peer", "broker", "peer"},
		{"network == bl|ock", "shut", "block", "shut"},
	}
	c := newClient(t)
	for _, test := range tests {
		c.open(policyURI, policyText)
		got, _, err := c.rename(policyURI, test.at, test.name)
		want := strings.ReplaceAll(policyText, test.old, test.new)
		if d := cmp.Diff(want, got[policyURI]); err != nil || d != "" {
			t.Errorf("%s: %v\n%s", test.at, err, d)
		}
		var p prepared
		c.call("textDocument/prepareRename", c.at(policyURI, test.at), &p)
		if p.Placeholder != test.old {
			t.Errorf("%s: the placeholder is %s", test.at, p.Placeholder)
		}
	}
}

// Names that are equal and mean something else stay: of values of a parameter, of ABIs, of
// arguments.
func TestRenameOnlyWhatIsMeant(t *testing.T) {
	const text = `arch x86_64, arm
default allow
param mode = {open, shut}
const shut = 1
const arm = 2
const fd = 3
when mode == shut && arch == arm {
    deny close if fd == fd
}
when shut == 1 && arm in {arm, 3} {
    deny dup if fildes in {-shut, fd}
}
`
	c := newClient(t)
	for at, want := range map[string]*strings.Replacer{
		"const sh|ut": strings.NewReplacer("const shut", "const new_name", "when shut",
			"when new_name",
			"-shut", "-new_name"),
		"mode == sh|ut": strings.NewReplacer("open, shut", "open, new_name", "mode == shut",
			"mode == new_name"),
		"const ar|m": strings.NewReplacer("const arm", "const new_name", "arm in {arm",
			"new_name in {new_name"),
		"const f|d": strings.NewReplacer("const fd", "const new_name", "== fd", "== new_name",
			", fd}", ", new_name}"),
	} {
		c.open(policyURI, text)
		got, _, err := c.rename(policyURI, at, "new_name")
		if d := cmp.Diff(want.Replace(text), got[policyURI]); err != nil || d != "" {
			t.Errorf("%s: %v\n%s", at, err, d)
		}
	}
}

func TestRenameRefused(t *testing.T) {
	tests := []struct{ at, name, want string }{
		{"deny so|cket", "x", "no name that the policy defines"},
		{"AF_|INET", "x", "AF_INET is not defined in the policy"},
		{"deny @all-|mine", "mine", "@mine stands already"},
		{"deny @all-|mine", "mount", "@mount is a built-in set"},
		{"deny @all-|mine", "Big", "small letters"},
		{"deny @all-|mine", "a-", "small letters"},
		{"deny @all-|mine", "a b", "small letters"},
		{"== RO|OM", "strict", "strict stands already"},
		{"== RO|OM", "arch", "has a meaning of its own"},
		{"== RO|OM", "EPERM", "is a constant of the kernel"},
		{"== RO|OM", "1x", "begins with no digit"},
		{"network == bl|ock", "open", "open stands already"},
	}
	c := newClient(t)
	c.open(policyURI, policyText)
	for _, test := range tests {
		got, _, err := c.rename(policyURI, test.at, test.name)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s to %s: %v, %v; want %s", test.at, test.name, got, err, test.want)
		}
	}
	c.change(policyURI, policyText+"deny mount @mine @mine\n")
	_, _, err := c.rename(policyURI, "set @mi|ne", "yours")
	if err == nil || !strings.Contains(err.Error(), "cannot be read") {
		t.Errorf("got %v", err)
	}
}

// What shares a name in other files is renamed there, whether they are open or not; what has a name
// of its own that is equal is not.
func TestRenameInWorkspace(t *testing.T) {
	dir := t.TempDir()
	const head = "arch x86_64\ndefault allow\n"
	sets := write(t, dir, "lib/sets.scp", "set @mine = uselib\n")
	a := write(t, dir, "a.scp", head+"include \"lib/sets.scp\"\ndeny @mine\n")
	b := write(t, dir, "sub/b.scp", head+"set @mine = mount\ndeny @mine\n")
	top := write(t, dir, "b.scp", head+"include \"lib/sets.scp\"\ndeny(ENOSYS) @mine\n")
	c := newClient(t, dir)
	text := head + "include \"lib/sets.scp\"\n# new\ndeny @mine\n"
	c.open(a, text)
	got, _, err := c.rename(a, "deny @mi|ne", "yours")
	if err != nil {
		t.Fatal(err)
	}
	if got[b] != "" || len(got) != 3 || !strings.HasSuffix(got[a], "# new\ndeny @yours\n") ||
		got[sets] != "set @yours = uselib\n" || !strings.HasSuffix(got[top],
		"deny(ENOSYS) @yours\n") {
		t.Errorf("got %q", got)
	}
	var refs []location
	p := c.at(a, "deny @mi|ne")
	p["context"] = map[string]any{"includeDeclaration": false}
	if c.call("textDocument/references", p, &refs); len(refs) != 2 {
		t.Errorf("got %+v", refs)
	}
	got, e, err := c.rename(a, "include \"lib/|sets.scp", "lib/common.scp")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(got[a], "include \"lib/common.scp\"\n") ||
		!strings.Contains(got[top], "include \"lib/common.scp\"\n") || len(got) != 2 {
		t.Errorf("got %q", got)
	}
	last, _ := json.Marshal(e.DocumentChanges[len(e.DocumentChanges)-1])
	want := `{"kind":"rename","newUri":"` + strings.Replace(sets, "sets", "common", 1) +
		`","oldUri":"` + sets + `"}`
	if string(last) != want {
		t.Errorf("got %s", last)
	}
	for _, name := range []string{"../out.scp", "/etc/passwd", "b.scp", ""} {
		if _, _, err := c.rename(a, "include \"lib/|sets.scp", name); err == nil {
			t.Errorf("the file becomes %s", name)
		}
	}
	if text, err := os.ReadFile(dir + "/b.scp"); err != nil || !strings.Contains(string(text),
		"ENOSYS) @mine") {
		t.Error("the server has written a file")
	}
}
