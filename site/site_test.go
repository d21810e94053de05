package main

import (
	"bytes"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// built is a page as a browser reads it: its anchors, its links, and what it loads.
type built struct {
	ids           map[string]int
	links, loaded []string
}

// TestSite follows every link of every page, to an anchor too, and wants nothing to be loaded from
// elsewhere. What leads to the repository's web page has to be in the repository.
func TestSite(t *testing.T) {
	out := t.TempDir()
	playground := t.TempDir()
	if err := os.WriteFile(filepath.Join(playground, "index.html"), []byte("<p>"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := write("..", playground, out); err != nil {
		t.Fatal(err)
	}
	pages := readPages(t, out)
	if len(pages) < 40 {
		t.Errorf("%d pages", len(pages))
	}
	for name, p := range pages {
		for id, n := range p.ids {
			if n > 1 {
				t.Errorf("%s: %d elements have the id %s", name, n, id)
			}
		}
		for _, link := range p.links {
			checkLink(t, pages, name, link)
		}
		for _, file := range p.loaded {
			if strings.HasPrefix(file, "data:") {
				continue
			}
			if _, err := os.Stat(filepath.Join(out, path.Dir(name), file)); err != nil {
				t.Errorf("%s loads %s: %v", name, file, err)
			}
		}
	}
}

func readPages(t *testing.T, dir string) map[string]built {
	t.Helper()
	pages := map[string]built{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || path.Ext(name) != ".html" {
			return err
		}
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return err
		}
		root, err := html.Parse(bytes.NewReader(text))
		if err != nil {
			return err
		}
		p := built{ids: map[string]int{}}
		for n := range root.Descendants() {
			p.add(n)
		}
		pages[name] = p
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return pages
}

func (p *built) add(n *html.Node) {
	for _, a := range n.Attr {
		switch {
		case a.Key == "id":
			p.ids[a.Val]++
		case a.Key == "href" && n.Data == "a":
			p.links = append(p.links, a.Val)
		case a.Key == "href" || a.Key == "src":
			p.loaded = append(p.loaded, a.Val)
		}
	}
}

func checkLink(t *testing.T, pages map[string]built, from, link string) {
	t.Helper()
	if file, ok := strings.CutPrefix(link, sources); ok {
		_, file, _ = strings.Cut(strings.TrimPrefix(file, "blob/"), "/")
		file, _, _ = strings.Cut(strings.TrimPrefix(file, "main/"), "#")
		if _, err := os.Stat(filepath.Join("..", file)); err != nil {
			t.Errorf("%s: %s: %v", from, link, err)
		}
		return
	}
	if strings.Contains(link, ":") {
		return // of another site
	}
	file, anchor, _ := strings.Cut(link, "#")
	to := from
	if file != "" {
		to = path.Join(path.Dir(from), file)
	}
	p, ok := pages[to]
	switch {
	case !ok:
		t.Errorf("%s: there is no page %s", from, link)
	case anchor != "" && p.ids[anchor] == 0:
		t.Errorf("%s: %s: there is no such anchor", from, link)
	}
}

func TestAnchors(t *testing.T) {
	a := &anchors{seen: map[string]int{}}
	for _, tt := range [][2]string{
		{"Rust and C", "rust-and-c"},
		{"`late NAME: TYPE`, and no_name", "late-name-type-and-no_name"},
		{"Rust and C", "rust-and-c-1"}, {"Größe & Maß", "größe--maß"},
	} {
		if got := string(a.Generate([]byte(tt[0]), 0)); got != tt[1] {
			t.Errorf("%s: got %s, want %s", tt[0], got, tt[1])
		}
	}
}
