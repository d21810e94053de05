package doc

import (
	"math/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seccompc/seccompc/compiler"
	"github.com/seccompc/seccompc/explain"
	"github.com/seccompc/seccompc/policy"
)

// TestGrids holds every cell of the real policies' grids to the evaluator: what is said to be
// decided whatever the arguments is what random arguments get, and each answer to others is among
// the cases.
func TestGrids(t *testing.T) {
	files, err := filepath.Glob("../testdata/policies/*.scp")
	if err != nil || len(files) == 0 {
		t.Fatal("no policies", err)
	}
	if testing.Short() {
		files = files[:3]
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		res, diags := compiler.Compile(file, text, compiler.Options{})
		if res == nil {
			t.Fatal(diags.Err())
		}
		grids, err := Grids(res)
		if err != nil {
			t.Fatal(err)
		}
		if len(grids) != len(res.ABIs) {
			t.Fatalf("%s: %d grids for %d ABIs", file, len(grids), len(res.ABIs))
		}
		for _, g := range grids {
			checkGrid(t, file, res, g)
		}
	}
}

func checkGrid(t *testing.T, file string, res *compiler.Result, g Grid) {
	t.Helper()
	random := rand.New(rand.NewSource(1))
	if len(g.Cells) != len(g.ABI.Syscalls()) {
		t.Errorf(
			"%s, %s: %d cells for %d calls",
			file,
			g.ABI.Name,
			len(g.Cells),
			len(g.ABI.Syscalls()),
		)
	}
	for _, c := range g.Cells {
		for range 8 {
			d := policy.Data{Nr: c.Nr, Arch: g.ABI.Arch}
			late := policy.LateValues{}
			for i := range d.Args {
				d.Args[i] = uint64(random.Intn(64)) << random.Intn(58)
			}
			for _, l := range res.Policy.Late {
				late[l.Name] = uint64(random.Intn(1000))
			}
			got := explain.Action(res.Policy.Eval(d, late), g.ABI)
			if c.Action != "" && c.Action != got {
				t.Errorf(
					"%s, %s: %s is said to be %s; %v gets %s",
					file,
					g.ABI.Name,
					c.Name,
					c.Action,
					d,
					got,
				)
			}
			if c.Action == "" && !strings.Contains(strings.Join(c.Cases, "\n"), got+" ") {
				t.Errorf(
					"%s, %s: %s: %v gets %s, which is not in %q",
					file,
					g.ABI.Name,
					c.Name,
					d,
					got,
					c.Cases,
				)
			}
		}
	}
}

func TestPage(t *testing.T) {
	text := "arch x86_64, x32\ndefault allow\ndeny clone if flags & CLONE_NEWUSER\nkill ptrace\n" +
		"test \"<b>\" {\n    ptrace => kill\n}\n"
	res, diags := compiler.Compile("p.scp", []byte(text), compiler.Options{})
	if res == nil {
		t.Fatal(diags.Err())
	}
	page, err := Page("<p>.scp", res)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"<h1>&lt;p&gt;.scp</h1>", "<h2>x86_64</h2>", "<h2>x32</h2>", "<h3>&lt;b&gt;</h3>",
		`class="kill"><title>101 ptrace(long request, long pid, unsigned long addr, ` +
			"unsigned long data)\nkill</title>",
		"deny(EPERM) if flags &amp; CLONE_NEWUSER", "allow otherwise",
		"<li><code>ptrace =&gt; kill</code></li>", "decided by arguments <b>1</b>",
		"Callers of other ABIs (i386) get <code>kill</code>",
	} {
		if !strings.Contains(string(page), want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(string(page), "http") || strings.Contains(string(page), "<script") {
		t.Error("the page needs something beside it")
	}
}
