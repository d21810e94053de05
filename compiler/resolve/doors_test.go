package resolve_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/seccompc/seccompc/compiler/resolve"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
)

// TestDifferenceBehindMultiplexers takes calls out of sets that hold the multiplexer as a whole,
// and the multiplexer out of sets that hold calls behind it.
func TestDifferenceBehindMultiplexers(t *testing.T) {
	check(t, "arch i386, ppc64le, x86_64\ndefault deny\nset @n = @network-io - accept\nallow @n\n"+
		"set @v = @ipc - shmat, semget\nallow @v\n", resolve.Options{}, []verdict{
		{"i386", "socketcall", []uint64{5}, eperm},
		{"i386", "socketcall", []uint64{1}, policy.Allow},
		{"i386", "socketcall", []uint64{20}, policy.Allow},
		{"i386", "socket", nil, policy.Allow},
		{"i386", "ipc", []uint64{21}, eperm},
		{"i386", "ipc", []uint64{2}, eperm},
		{"i386", "ipc", []uint64{22}, policy.Allow},
		{"i386", "semget", nil, eperm},
		{"ppc64le", "accept", nil, eperm},
		{"ppc64le", "socketcall", []uint64{5}, eperm},
		{"ppc64le", "ipc", []uint64{21}, eperm},
		{"ppc64le", "ipc", []uint64{1}, policy.Allow},
		{"x86_64", "accept", nil, eperm},
		{"x86_64", "accept4", nil, policy.Allow},
	})
	check(t, "arch i386\ndefault deny\nset @n = @network-io - socketcall\nallow @n\n",
		resolve.Options{}, []verdict{
			{"i386", "socketcall", []uint64{1}, eperm},
			{"i386", "socketcall", []uint64{5}, eperm},
			{"i386", "socket", nil, policy.Allow},
		})
}

// TestResolveMultiplexers covers both doors of i386's socket calls and System V IPC.
func TestResolveMultiplexers(t *testing.T) {
	const base = "arch i386, x86_64\ndefault allow\n"
	check(t, base+"deny socket, accept, semop, semget", resolve.Options{}, []verdict{
		{"i386", "socket", nil, eperm},
		{"i386", "socketcall", []uint64{1}, eperm},
		{"i386", "socketcall", []uint64{0xdead_00000001}, eperm}, // accept has no number of its own
		{"i386", "socketcall", []uint64{5}, eperm},
		{"i386", "socketcall", []uint64{2}, policy.Allow},
		{"i386", "socketcall", []uint64{0x10001}, policy.Allow},
		{"i386", "semget", nil, eperm},
		{"i386", "ipc", []uint64{1}, eperm},
		{"i386", "ipc", []uint64{2}, eperm},
		{"i386", "ipc", []uint64{0x1230002}, eperm}, // the upper half is a version
		{"i386", "ipc", []uint64{3}, policy.Allow},
		{"x86_64", "socket", nil, eperm},
		{"x86_64", "accept", nil, eperm},
	})
	check(t, base+"deny socket if family == 2", resolve.Options{}, []verdict{
		{"i386", "socket", []uint64{2}, eperm},
		{"i386", "socketcall", []uint64{1}, policy.Allow},
	})
	check(t, base+"deny socketcall, socket", resolve.Options{}, []verdict{
		{"i386", "socketcall", []uint64{9}, eperm},
	})
	check(t, base+"set @s = socket, bind - socket\ndeny @s", resolve.Options{}, []verdict{
		{"i386", "socketcall", []uint64{1}, policy.Allow},
		{"i386", "socketcall", []uint64{2}, eperm},
		{"i386", "socket", nil, policy.Allow},
		{"i386", "bind", nil, eperm},
	})
}

func TestResolveClaims(t *testing.T) {
	r := mustResolve(t, `arch x86_64, i386
default allow
deny socket if family == 2
test "one" {
    socket(2, _, 0) => deny
    socket => log
    i386: socketcall(1) => allow
    arch_prctl if arg0 == 3 && arg1 == 1 << 31 => allow
    openat(AT_FDCWD) => allow
    0x1f7 => allow
}
`, resolve.Options{})
	var got []string
	for _, c := range r.Claims {
		var calls []string
		for _, x := range c.Calls {
			calls = append(calls, fmt.Sprintf("%d%v", x.Nr, x.Cond != nil))
		}
		got = append(got, fmt.Sprintf("%d %s: %s %v", c.Span.Pos().Line, r.ABIs[c.ABI].Name,
			strings.Join(calls, " "), c.Want))
	}
	want := `5 x86_64: 41true deny(1)
5 i386: 359true deny(1)
6 x86_64: 41false log
6 i386: 359false 102true log
7 i386: 102true allow
8 x86_64: 158true allow
8 i386: 384true allow
9 x86_64: 257true allow
9 i386: 295true allow
10 x86_64: 503false allow
10 i386: 503false allow`
	if text := strings.Join(got, "\n"); text != want {
		t.Errorf("got\n%s\nwant\n%s", text, want)
	}
	first := r.Claims[0]
	if first.Test != "one" || first.Text != "socket(2, _, 0) => deny" {
		t.Errorf("%+v", first)
	}
	for _, d := range []struct {
		args [6]uint64
		want bool
	}{
		{[6]uint64{2, 9, 0}, true},
		{[6]uint64{1 << 40 / 1 << 1, 9, 0}, false},
		{[6]uint64{0xff00000002, 0, 0}, true},
		{[6]uint64{2, 9, 1}, false},
	} {
		if got := first.Calls[0].Cond.Holds(policy.Data{Args: d.args}); got != d.want {
			t.Errorf("%x: got %v", d.args, got)
		}
	}
	openat := r.Claims[7].Calls[0]
	if openat.Args[0] != 0xffffff9c || openat.Given != [6]bool{true} {
		t.Errorf("%+v", openat)
	}
}

func TestResolveCall(t *testing.T) {
	i386, _ := linux.Lookup("i386")
	tests := []struct{ text, want string }{
		{"openat(AT_FDCWD, 0, O_RDWR)", "295 [ffffff9c 0 2 0 0 0] [true true true false false " +
			"false]"},
		{"socket", "359 [0 0 0 0 0 0] [false false false false false false]; " +
			"102 [1 0 0 0 0 0] [true false false false false false]"},
		{"1000(_, 5)", "1000 [0 5 0 0 0 0] [false true false false false false]"},
		{"386: unshare if arg0 & CLONE_NEWUSER",
			"310 [0 0 0 0 0 0] [false false false false false false]"},
	}
	for _, test := range tests {
		calls, diags := resolve.Calls(i386, "call", test.text)
		var got []string
		for _, c := range calls {
			got = append(got, fmt.Sprintf("%d %x %v", c.Nr, c.Args, c.Given))
		}
		if text := strings.Join(got, "; "); len(diags) > 0 || text != test.want {
			t.Errorf("%s: got %s, %v", test.text, text, diags)
		}
	}
	for text, want := range map[string]string{
		"opnat":           `call:1:1: error: unknown system call "opnat" [unknown-syscall]`,
		"openat(NOTHING)": `call:1:8: error: unknown constant "NOTHING" [unknown-constant]`,
		"arm: openat":     `call:1:1: error: the policy does not serve arm [unknown-arch]`,
		"openat(":         `call:1:7: error: ( is never closed [syntax]`,
		"openat if flgs":  `call:1:11: error: openat has no argument "flgs" [unknown-argument]`,
		"0x100000000":     `call:1:1: error: 0x100000000 is no system call's number [constant-range]`,
		"close(1 << 64)": "call:1:7: error: 0x10000000000000000 does not fit fd of close, " +
			"which is 64 bits, unsigned [constant-range]",
		"openat(1 == 1)":    `call:1:8: error: this is true or false; a number is wanted [wrong-type]`,
		"openat(_) => deny": `call:1:11: error: expected a comma or the end of the line after ")", found "=>" [syntax]`,
	} {
		calls, diags := resolve.Calls(i386, "call", text)
		if calls != nil || len(diags) != 1 || diags[0].String() != want {
			t.Errorf("%s: got %v, %v", text, calls, diags)
		}
	}
}

// memory is a disk of directories.
func memory(files map[string]string) func(string) (fs.FS, error) {
	return func(dir string) (fs.FS, error) {
		tree := fstest.MapFS{}
		for name, text := range files {
			if rel, err := filepath.Rel(dir, name); err == nil && filepath.IsLocal(rel) {
				tree[filepath.ToSlash(rel)] = &fstest.MapFile{Data: []byte(text)}
			}
		}
		return tree, nil
	}
}

func TestInclude(t *testing.T) {
	files := map[string]string{
		"dir/a.scp":         "deny read\ninclude \"sub/b.scp\"\n",
		"dir/sub/b.scp":     "deny write\ninclude \"../c.scp\"\ntest \"b\" { write => deny }\n",
		"dir/c.scp":         "const N = 3\nparam p = 1\n",
		"lib/common.scp":    "deny dup\ninclude \"other.scp\"\n",
		"lib/other.scp":     "deny dup3\n",
		"dir/twice.scp":     "const N = 3\n",
		"dir/error.scp":     "deny a b\n",
		"dir/loop1.scp":     "include \"sub/loop2.scp\"\n",
		"dir/sub/loop2.scp": "include \"../loop1.scp\"\n",
		"dir/self.scp":      "include \"main.scp\"\n",
	}
	const base = "arch x86_64\ndefault allow\n"
	tests := []struct{ src, want string }{
		{`include "a.scp"` + "\ndeny close if fd == N\n", ""},
		{`include "./sub/../a.scp"`, ""},
		{`include "common.scp"`, ""},
		{`include "../lib/common.scp"`, ""},
		{"include \"c.scp\"\ninclude \"c.scp\"\n", ""},
		{"include \"c.scp\"\ninclude \"twice.scp\"\n",
			"dir/twice.scp:1:7: error: N stands here a second time"},
		{`include "error.scp"`,
			`dir/error.scp:1:8: error: expected a comma, "if" or the end of the line after "a", found "b"`},
		{`include "loop1.scp"`, "dir/sub/loop2.scp:1:9: error: the file includes itself [cycle]"},
		{`include "self.scp"`, "dir/self.scp:1:9: error: the file includes itself [cycle]"},
		{`include "none.scp"`,
			"dir/main.scp:3:9: error: the file cannot be read: file does not exist [include]"},
		{`include "sub"`, "dir/main.scp:3:9: error: this is not a regular file [include]"},
		{`include "../secret"`,
			"dir/main.scp:3:9: error: the path leaves the directories of the policy; -I adds " +
				"one [include]"},
		{`include "sub/../../secret"`, "dir/main.scp:3:9: error: the path leaves the directories"},
		{`include "/etc/passwd"`, "dir/main.scp:3:9: error: the path is absolute"},
		{`include ""`, "dir/main.scp:3:9: error: the path is empty"},
		{"when arch == arm {\n    include \"none.scp\"\n}",
			"dir/main.scp:4:13: error: the file cannot be read"},
		{"when arch == arm {\n    include \"c.scp\"\n}",
			"dir/c.scp:2:1: error: param is for the whole policy"},
	}
	for _, test := range tests {
		opts := resolve.Options{OpenDir: memory(files), Include: []string{"lib"}}
		r, diags := resolve.Text("dir/main.scp", []byte(base+test.src), opts)
		got := ""
		if len(diags) > 0 {
			got = diags[0].String()
		}
		if len(diags) > 1 || !strings.HasPrefix(got, test.want) || (test.want == "") != (r != nil) {
			t.Errorf("%q: got %v, want %s", test.src, diags, test.want)
		}
	}
}

func TestIncludeMeaning(t *testing.T) {
	opts := resolve.Options{OpenDir: memory(map[string]string{
		"a.scp": "# ours\ndeny read\ntest \"inner\" { read => deny }\n",
	})}
	check(t, "arch x86_64\ndefault allow\nallow write\ninclude \"a.scp\"\nlog read, write", opts,
		[]verdict{
			{"x86_64", "read", nil, eperm}, {"x86_64", "write", nil, policy.Allow},
		})
	r := mustResolve(t, "arch x86_64\ndefault allow\nlog write\ninclude \"a.scp\"\n", opts)
	if len(r.Rules) != 2 || r.Rules[1].Reason != "ours" ||
		r.Rules[1].Span.Pos().Filename != "a.scp" ||
		len(r.Claims) != 1 || len(r.Sources) != 2 || r.Sources[1].Name != "a.scp" {
		t.Errorf("%+v", r)
	}
}

// TestIncludeMany bounds files that include each other often.
func TestIncludeMany(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	double := map[string]string{}
	for i := range 60 {
		double[fmt.Sprintf("d%d.scp", i)] = strings.Repeat(fmt.Sprintf("include \"d%d.scp\"\n",
			i+1), 3)
	}
	double["d19.scp"] = ""
	chain := map[string]string{}
	for i := range 60 {
		chain[fmt.Sprintf("d%d.scp", i)] = fmt.Sprintf("include \"d%d.scp\"\n", i+1)
	}
	many := map[string]string{"d0.scp": ""}
	for i := range 200 {
		many["d0.scp"] += fmt.Sprintf("include \"e%d.scp\"\n", i)
		many[fmt.Sprintf("e%d.scp", i)] = ""
	}
	words := map[string]string{"d0.scp": ""}
	for i := range 4 {
		words["d0.scp"] += fmt.Sprintf("include \"w%d.scp\"\n", i)
		words[fmt.Sprintf("w%d.scp", i)] = "deny read" + strings.Repeat(", read", 9_000) + "\n"
	}
	long := map[string]string{"d0.scp": ""}
	for i := range 9 {
		long["d0.scp"] += fmt.Sprintf("include \"l%d.scp\"\n", i)
		long[fmt.Sprintf("l%d.scp", i)] = strings.Repeat("#\n", 1<<18)
	}
	for want, files := range map[string]map[string]string{
		"more than 4194304 bytes":            long,
		"more than 50000 words":              words,
		"multiplies to more than":            double,
		"includes are more than 20 deep":     chain,
		"the policy has more than 100 files": many,
	} {
		src := "arch x86_64\ndefault allow\ninclude \"d0.scp\"\n"
		r, diags := resolve.Text("main.scp", []byte(src), resolve.Options{OpenDir: memory(files)})
		if r != nil || len(diags) == 0 || !strings.Contains(diags[0].Message, want) {
			t.Errorf("%s: got %.1v", want, diags)
		}
	}
}

// TestIncludeBounds: chains of 19, 20 and 21 files below the policy, and policies of 99, 100 and
// 101 files in all.
func TestIncludeBounds(t *testing.T) {
	chain, row := map[string]string{"c0.scp": "deny read\n"}, "arch x86_64\ndefault allow\n"
	for i := range 30 {
		chain[fmt.Sprintf("c%d.scp", i+1)] = fmt.Sprintf("include \"c%d.scp\"\n", i)
	}
	for _, test := range []struct {
		files int
		chain bool
		want  string
	}{
		{19, true, ""}, {20, true, ""}, {21, true, "includes are more than 20 deep"},
		{98, false, ""}, {99, false, ""}, {100, false, "the policy has more than 100 files"},
	} {
		files, src := chain, row+fmt.Sprintf("include \"c%d.scp\"\n", test.files-1)
		if !test.chain {
			files, src = map[string]string{}, row
			for i := range test.files {
				files[fmt.Sprintf("e%d.scp", i)] = "deny read\n"
				src += fmt.Sprintf("include \"e%d.scp\"\n", i)
			}
		}
		r, diags := resolve.Text("main.scp", []byte(src), resolve.Options{OpenDir: memory(files)})
		got := ""
		if diags.HasErrors() {
			got = diags[0].Message
		}
		if got != test.want || (r != nil) != (got == "") {
			t.Errorf("%d files: %q, want %q", test.files, got, test.want)
		}
	}
}

// TestIncludeDisk tries links and what is no file on a real disk.
func TestIncludeDisk(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	write("policy/good.scp", "deny read\n")
	write("secret.scp", "deny write\n")
	write("policy/big.scp", strings.Repeat("# comment\n", 100_000))
	for name, target := range map[string]string{
		"out.scp": "../secret.scp", "in.scp": "good.scp",
		"abs.scp": filepath.Join(dir, "secret.scp"), "dirlink": "..",
	} {
		if err := os.Symlink(target, filepath.Join(dir, "policy", name)); err != nil {
			t.Fatal(err)
		}
	}
	tests := []struct{ include, want string }{
		{"good.scp", ""},
		{"in.scp", ""},
		{"out.scp", "the path leaves the directories of the policy"},
		{"abs.scp", "the path leaves the directories of the policy"},
		{"dirlink/secret.scp", "the path leaves the directories of the policy"},
		{"../secret.scp", "the path leaves the directories of the policy"},
		{".", "this is not a regular file"},
		{"none.scp", "the file cannot be read: no such file"},
		{"good.scp/x", "the file cannot be read: not a directory"},
		{"big.scp", "the file has more than"},
	}
	for _, test := range tests {
		src := "arch x86_64\ndefault allow\ninclude \"" + test.include + "\"\n"
		r, diags := resolve.Text(filepath.Join(dir, "policy", "main.scp"), []byte(src),
			resolve.Options{})
		got := ""
		if len(diags) > 0 {
			got = diags[0].Message
		}
		if (r != nil) != (test.want == "") || !strings.Contains(got, test.want) {
			t.Errorf("%s: got %q, want %q", test.include, got, test.want)
		}
	}
	src := "arch x86_64\ndefault allow\ninclude \"../secret.scp\"\n"
	opts := resolve.Options{Include: []string{dir}}
	if _, diags := resolve.Text(filepath.Join(dir, "policy", "main.scp"), []byte(src),
		opts); len(diags) > 0 {
		t.Error(diags)
	}
}
