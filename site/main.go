// Command site writes the documents as pages: a folder for any static host, or for file://.
//
//	go run . [-playground DIR] OUT
//
// A page has the path of its document, README.md that of index.html: links between documents are
// links between pages. Links to other files of the repository lead to its web page.
package main

import (
	"embed"
	"flag"
	"fmt"
	"html/template"
	"os"
	"path"
	"path/filepath"
	"strings"
)

//go:embed page.html style.css
var files embed.FS

func main() {
	playground := flag.String("playground", "", "put the built playground of `DIR` into the site")
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "site: one argument is wanted, the folder to write")
		os.Exit(2)
	}
	if err := write("..", *playground, flag.Arg(0)); err != nil {
		fmt.Fprintln(os.Stderr, "site:", err)
		os.Exit(1)
	}
}

// write makes the site of a repository in a folder, which it empties first.
func write(repo, playground, out string) error {
	if err := os.RemoveAll(out); err != nil {
		return err
	}
	s, err := load(repo)
	if err != nil {
		return err
	}
	for _, p := range s.pages {
		if err := s.writePage(p, out, playground != ""); err != nil {
			return err
		}
	}
	style, err := files.ReadFile("style.css")
	if err != nil {
		return err
	}
	if err := writeFile(filepath.Join(out, "style.css"), style); err != nil {
		return err
	}
	for file := range s.pictures {
		text, err := os.ReadFile(filepath.Join(repo, file))
		if err != nil {
			return err
		}
		if err := writeFile(filepath.Join(out, file), text); err != nil {
			return err
		}
	}
	if playground == "" {
		return nil
	}
	return os.CopyFS(filepath.Join(out, "playground"), os.DirFS(playground))
}

func writeFile(file string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o644)
}

var layout = template.Must(template.ParseFS(files, "page.html"))

// shown is what page.html shows.
type shown struct {
	*page
	Root       string // the way to the first page's folder: "" or "../"
	Groups     []shownGroup
	Previous   *shownLink
	Next       *shownLink
	Playground bool
}

type shownGroup struct {
	Name  string
	Links []shownLink
}

type shownLink struct {
	Title, To string
	Here      bool
}

func (s *site) writePage(p *page, out string, playground bool) error {
	v := shown{page: p, Root: strings.Repeat("../", strings.Count(p.File, "/")),
		Playground: playground}
	for _, g := range s.groups {
		group := shownGroup{Name: g.name}
		for _, to := range g.pages {
			group.Links = append(group.Links, *p.linkTo(to))
		}
		v.Groups = append(v.Groups, group)
	}
	if p.index > 0 {
		v.Previous = p.linkTo(s.pages[p.index-1])
	}
	if p.index+1 < len(s.pages) {
		v.Next = p.linkTo(s.pages[p.index+1])
	}
	var b strings.Builder
	if err := layout.Execute(&b, v); err != nil {
		return err
	}
	return writeFile(filepath.Join(out, p.File), []byte(b.String()))
}

func (p *page) linkTo(other *page) *shownLink {
	return &shownLink{other.Title, relative(path.Dir(p.File), other.File), p == other}
}
