package trace

import (
	"bytes"
	"encoding/xml"
	"errors"
	"github.com/seccompc/seccompc/compiler"
	"github.com/seccompc/seccompc/internal/short"
	"html"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// Each page holds all lines and instructions, what its items name is there, and a second one is the
// same.
func TestTraceHTML(t *testing.T) {
	for _, file := range append(short.Some(policyFiles(t)), "testdata/trace.scp") {
		res := compileFile(t, file)
		page := pageOf(t, res)
		items := itemsOf(t, page)
		for i, line := range printableLines(res.Sources[0]) {
			if got := items[lineID(0, i+1)].text; !strings.Contains(got, line) {
				t.Errorf("%s:%d is %q on the page, want %q", file, i+1, got, line)
			}
		}
		for pc := range res.Program {
			if got := items[codeID(pc)].text; !strings.Contains(got, res.Program.Text(pc)) {
				t.Errorf("%s: instruction %d is %q on the page", file, pc, got)
			}
		}
		for id, item := range items {
			for _, to := range item.ids {
				if _, ok := items[to]; !ok {
					t.Errorf("%s: item %s names %s, which is not there", file, id, to)
				}
			}
		}
		if !bytes.Equal(page, pageOf(t, res)) {
			t.Errorf("%s: two pages differ", file)
		}
	}
}

// What belongs together is what a reader would say belongs together.
func TestTraceHTMLLinks(t *testing.T) {
	res := compileFile(t, "testdata/trace.scp")
	items := itemsOf(t, pageOf(t, res))
	find := func(prefix, text string) string {
		for id, item := range items {
			if strings.HasPrefix(id, prefix) && strings.Contains(item.text, text) {
				return id
			}
		}
		t.Fatalf("no item %s… has the text %q", prefix, text)
		return ""
	}
	linked := func(id, to string) bool {
		return strings.Contains(" "+strings.Join(items[id].ids, " ")+" ", " "+to+" ")
	}
	mprotect, ptrace := find("s", "allow mprotect"), find("s", "kill ptrace")
	for _, c := range []struct {
		id, to string
		want   bool
	}{
		{find("r", "10 mprotect"), mprotect, true},
		{find("r", "10 mprotect"), ptrace, false},
		{find("d", "10 mprotect"), find("r", "10 mprotect"), true},
		{find("d", "10 mprotect"), find("r", "default"), true},
		{find("d", "101 ptrace"), find("r", "default"), false},
		{find("n", "any of 4"), mprotect, true},
		{find("n", "any of 4"), ptrace, false},
		{find("i", "jset #4"), find("d", "10 mprotect"), true},
		{find("i", "jset #4"), find("n", "any of 4"), true},
		{find("i", "ret  allow"), mprotect, true},
		{find("i", "ret  allow"), ptrace, false},
		{find("i", "ret  kill_process"), ptrace, true},
		{find("i", "ret  kill_process"), find("r", "calls of no ABI"), true},
		{find("i", "ld   nr"), ptrace, true},
	} {
		if got := linked(c.id, c.to); got != c.want {
			t.Errorf("%q linked to %q: %v, want %v", items[c.id].text, items[c.to].text, got,
				c.want)
		}
	}
}

// A rule of an included file belongs to that file's line, and says so.
func TestTraceOfSeveralFiles(t *testing.T) {
	files := fstest.MapFS{"more.scp": {Data: []byte("kill ptrace\n")}}
	src := "arch x86_64\ninclude \"more.scp\"\ndefault allow\nkill bpf\n"
	opts := compiler.Options{OpenDir: func(string) (fs.FS, error) { return files, nil }}
	res, diags := compiler.Compile("main.scp", []byte(src), opts)
	if res == nil {
		t.Fatal(diags)
	}
	items := itemsOf(t, pageOf(t, res))
	for id, want := range map[string]struct{ text, line string }{
		"r0.0": {"more.scp:1", lineID(1, 1)},
		"r0.1": {"main.scp:4", lineID(0, 4)},
	} {
		got := items[id]
		if !strings.Contains(got.text, want.text) || !slices.Equal(got.ids, []string{want.line}) {
			t.Errorf("rule %s is %q, linked to %q; want %v", id, got.text, got.ids, want)
		}
	}
}

// Nothing of a policy or its name is markup.
func TestTraceHTMLEscapes(t *testing.T) {
	const hostile = `</script><script>alert(1)</script> "' --> & <b title='x'>`
	src := "arch x86_64 # " + hostile + "\ndefault allow\nkill ptrace\n"
	res, diags := compiler.Compile(hostile+".scp", []byte(src), compiler.Options{})
	if res == nil {
		t.Fatal(diags)
	}
	page := pageOf(t, res)
	if n := bytes.Count(page, []byte("<script")); n != 1 || bytes.Contains(page, []byte("<b ")) {
		t.Errorf("the page has %d scripts:\n%s", n, page)
	}
	if got := itemsOf(t, page)[lineID(0, 1)].text; !strings.Contains(got, hostile) {
		t.Errorf("line 1 reads %q", got)
	}
}

// The page asks nothing of any network.
func TestTraceTemplate(t *testing.T) {
	src, err := os.ReadFile("page.html")
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{"http:", "https:", "//cdn", "src=", "href=", "url(", "@import",
		"fetch("} {
		if bytes.Contains(src, []byte(word)) {
			t.Errorf("the template has %q", word)
		}
	}
}

func pageOf(t *testing.T, res *compiler.Result) []byte {
	t.Helper()
	return New(res).HTML()
}

type pageItem struct {
	text string
	ids  []string
}

// itemsOf reads the items of a page, whose main part is well-formed XML.
func itemsOf(t *testing.T, page []byte) map[string]pageItem {
	t.Helper()
	start, end := bytes.Index(page, []byte("<main>")), bytes.Index(page, []byte("</main>"))
	if start < 0 || end < start {
		t.Fatal("the page has no main part")
	}
	d := xml.NewDecoder(bytes.NewReader(page[start : end+len("</main>")]))
	items := map[string]pageItem{}
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return items
		}
		if err != nil {
			t.Fatal(err)
		}
		div, ok := token.(xml.StartElement)
		if !ok || len(div.Attr) == 0 || div.Attr[0].Value != "item" {
			continue
		}
		var inner struct {
			Spans []struct {
				XML string `xml:",innerxml"`
			} `xml:"span"`
		}
		if err := d.DecodeElement(&inner, &div); err != nil {
			t.Fatal(err)
		}
		item := pageItem{ids: strings.Fields(div.Attr[2].Value)}
		for _, s := range inner.Spans {
			item.text += textOf(s.XML) + " "
		}
		id := div.Attr[1].Value
		if _, ok := items[id]; ok {
			t.Errorf("two items are called %s", id)
		}
		items[id] = item
	}
}

// textOf takes the tags out of markup.
func textOf(markup string) string {
	var b strings.Builder
	for part := range strings.SplitSeq(markup, "<") {
		if _, text, ok := strings.Cut(part, ">"); ok {
			part = text
		}
		b.WriteString(part)
	}
	return html.UnescapeString(b.String())
}
