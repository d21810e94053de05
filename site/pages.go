package main

import (
	"bytes"
	"fmt"
	"html/template"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
)

// order is the documents in the order in which a reader wants them.
var order = []struct {
	name      string
	documents []string
}{
	{"Begin", []string{"README.md", "docs/tutorial.md", "docs/cookbook.md", "docs/install.md",
		"docs/consumers.md"}},
	{"Coming from", []string{"docs/from-docker.md", "docs/from-systemd.md", "docs/from-minijail.md",
		"docs/from-libseccomp.md"}},
	{"Using it", []string{"docs/recording.md", "docs/reading.md", "docs/audit.md", "docs/agents.md",
		"docs/runtime.md", "docs/interop.md", "docs/editors.md"}},
	{"Reference", []string{"docs/language.md", "docs/errors.md", "docs/json.md", "docs/abis.md",
		"docs/glossary.md"}},
	{"Knowing it", []string{"docs/proof.md", "docs/bench.md", "docs/bench-start.md", "docs/api.md",
		"docs/architecture.md", "docs/rationale.md"}},
	{"Policies", []string{"testdata/policies/README.md", "docs/policies/*.md"}},
	{"Project", []string{"CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"}},
}

// site is all pages, by group and in order, and the pictures that they show.
type site struct {
	repo     string
	groups   []group
	pages    []*page
	files    map[string]string // the page of a document
	pictures map[string]bool
}

type group struct {
	name  string
	pages []*page
}

// page is a document as a page.
type page struct {
	File     string // in the site
	document string // in the repository
	index    int
	Title    string
	Sections []section // of the second level
	Body     template.HTML
}

type section struct{ ID, Title string }

// load reads the documents. One that stands in no group is an error, as is a link to nothing.
func load(repo string) (*site, error) {
	s := &site{repo: repo, files: map[string]string{}, pictures: map[string]bool{}}
	for _, g := range order {
		of := group{name: g.name}
		for _, pattern := range g.documents {
			found, err := s.documents(pattern)
			if err != nil {
				return nil, err
			}
			for _, document := range found {
				p := &page{document: document, File: pageOf(document), index: len(s.pages)}
				s.files[document] = p.File
				s.pages = append(s.pages, p)
				of.pages = append(of.pages, p)
			}
		}
		s.groups = append(s.groups, of)
	}
	if err := s.complete(); err != nil {
		return nil, err
	}
	for _, p := range s.pages {
		if err := s.render(p); err != nil {
			return nil, fmt.Errorf("%s: %w", p.document, err)
		}
	}
	return s, nil
}

// documents returns what a pattern stands for.
func (s *site) documents(pattern string) ([]string, error) {
	found, err := filepath.Glob(filepath.Join(s.repo, pattern))
	if err == nil && len(found) == 0 {
		err = fmt.Errorf("there is no document %s", pattern)
	}
	for i, file := range found {
		found[i], _ = filepath.Rel(s.repo, file)
		found[i] = filepath.ToSlash(found[i])
	}
	return found, err
}

// complete wants each document of docs to have a place in the order.
func (s *site) complete() error {
	all, err := s.documents("docs/*.md")
	for _, document := range all {
		if s.files[document] == "" {
			return fmt.Errorf("%s stands nowhere in the order of the pages: see order in pages.go",
				document)
		}
	}
	return err
}

func pageOf(document string) string {
	file := strings.TrimSuffix(document, ".md") + ".html"
	if path.Base(document) == "README.md" {
		return path.Join(path.Dir(file), "index.html")
	}
	return file
}

var markdown = goldmark.New(
	goldmark.WithExtensions(extension.GFM),
	goldmark.WithParserOptions(parser.WithAutoHeadingID()),
	// the documents are our own; some have comments
	goldmark.WithRendererOptions(html.WithUnsafe()),
)

func (s *site) render(p *page) error {
	source, err := os.ReadFile(filepath.Join(s.repo, p.document))
	if err != nil {
		return err
	}
	ids := parser.NewContext(parser.WithIDs(&anchors{seen: map[string]int{}}))
	tree := markdown.Parser().Parse(text.NewReader(source), parser.WithContext(ids))
	err = ast.Walk(tree, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Heading:
			p.heading(n, source)
		case *ast.Link:
			n.Destination, err = s.link(p, n.Destination)
		case *ast.Image:
			n.Destination, err = s.link(p, n.Destination)
		}
		return ast.WalkContinue, err
	})
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := markdown.Renderer().Render(&b, source, tree); err != nil {
		return err
	}
	p.Body = template.HTML(accessible.Replace(b.String()))
	return nil
}

// accessible puts a table into a box of its own, lets the keyboard into what may be wider than the
// screen, and leaves no header without a text.
var accessible = strings.NewReplacer("<pre>", `<pre tabindex="0">`,
	"<table>", `<div class="wide" tabindex="0"><table>`, "</table>", "</table></div>",
	"<th></th>", "<td></td>")

func (p *page) heading(h *ast.Heading, source []byte) {
	title := plain(h, source)
	id, _ := h.AttributeString("id")
	switch h.Level {
	case 1:
		p.Title = title
	case 2:
		p.Sections = append(p.Sections, section{string(id.([]byte)), title})
	}
}

// plain is the text of a node without marks.
func plain(n ast.Node, source []byte) string {
	var b strings.Builder
	ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if t, ok := n.(*ast.Text); ok && entering {
			b.Write(t.Segment.Value(source))
		}
		return ast.WalkContinue, nil
	})
	return b.String()
}

// link returns where a link of a document leads from its page.
func (s *site) link(p *page, destination []byte) ([]byte, error) {
	to := string(destination)
	if strings.Contains(to, ":") || strings.HasPrefix(to, "#") {
		return destination, nil
	}
	to, anchor, _ := strings.Cut(to, "#")
	if anchor != "" {
		anchor = "#" + anchor
	}
	file := path.Join(path.Dir(p.document), to)
	at := path.Dir(p.File)
	if other, ok := s.files[file]; ok {
		return []byte(relative(at, other) + anchor), nil
	}
	info, err := os.Stat(filepath.Join(s.repo, file))
	switch {
	case err != nil:
		return nil, fmt.Errorf("the link to %s leads nowhere", to)
	case slices.Contains([]string{".svg", ".png"}, path.Ext(file)):
		s.pictures[file] = true
		return []byte(relative(at, file)), nil
	case info.IsDir():
		return []byte(sources + "tree/main/" + file + anchor), nil
	}
	return []byte(sources + "blob/main/" + file + anchor), nil
}

// sources is where the repository is read in a browser.
const sources = "https://github.com/seccompc/seccompc/"

func relative(from, to string) string {
	out, err := filepath.Rel(from, to)
	if err != nil {
		panic(err) // both are relative
	}
	return filepath.ToSlash(out)
}
