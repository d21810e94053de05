package lsp

import (
	"encoding/json"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sourcegraph/jsonrpc2"

	"github.com/seccompc/seccompc/dsl"
)

// document is a text that is open in the editor.
type document struct {
	*text
	uri     string
	path    string
	onDisk  bool // the path is one; else the URI
	version int
	within  []string // files of the disk that include it; nil: not looked for
}

func (s *server) initialize(p *initializeParams) (any, error) {
	if s.started {
		return nil, rpcError(jsonrpc2.CodeInvalidRequest, "initialize was answered already")
	}
	s.started = true
	uris := []string{p.RootURI}
	for _, f := range p.WorkspaceFolders {
		uris = append(uris, f.URI)
	}
	for _, uri := range uris {
		if dir, ok := pathOf(uri); ok && !slices.Contains(s.folders, dir) {
			s.folders = append(s.folders, dir)
		}
	}
	can := &p.Capabilities.Workspace.WorkspaceEdit
	s.resolvesLenses = p.Capabilities.TextDocument.CodeLens != nil
	s.versionedEdits = can.DocumentChanges
	s.renamesFiles = can.DocumentChanges && slices.Contains(can.ResourceOperations, "rename")
	return map[string]any{
		"capabilities": s.capabilities(),
		"serverInfo":   map[string]any{"name": "seccompc", "version": s.version},
	}, nil
}

// changedFolders takes folders into the workspace, and others out of it.
func (s *server) changedFolders(p *foldersParams) (any, error) {
	for _, f := range p.Event.Removed {
		dir, _ := pathOf(f.URI)
		s.folders = slices.DeleteFunc(s.folders, func(known string) bool { return known == dir })
	}
	for _, f := range p.Event.Added {
		if dir, ok := pathOf(f.URI); ok && !slices.Contains(s.folders, dir) {
			s.folders = append(s.folders, dir)
		}
	}
	return s.changedOnDisk(nil)
}

// maxDocuments bounds what a client can open at once.
const maxDocuments = 1000

func (s *server) didOpen(p *openParams) (any, error) {
	d := &p.TextDocument
	path, onDisk := pathOf(d.URI)
	if len(s.docs) >= maxDocuments && s.docs[path] == nil {
		return nil, rpcError(jsonrpc2.CodeInvalidParams, "more than %d documents are open",
			maxDocuments)
	}
	s.docs[path] = &document{
		text: newText(bounded(d.Text)), uri: d.URI, path: path, onDisk: onDisk, version: d.Version,
	}
	return s.changedOnDisk(nil)
}

// bounded returns a text, or what is left of one that is longer than any policy: enough to be found
// too long.
func bounded(text string) string {
	if len(text) > dsl.MaxSize+1 {
		return strings.ToValidUTF8(text[:dsl.MaxSize+1], "")
	}
	return text
}

// didChange takes the new text of a document, which is always the whole one.
func (s *server) didChange(p *changeParams) (any, error) {
	path, onDisk := pathOf(p.TextDocument.URI)
	n := len(p.ContentChanges)
	if n == 0 || p.ContentChanges[n-1].Range != nil {
		return nil, rpcError(jsonrpc2.CodeInvalidParams, "a change must hold the whole text")
	}
	doc := s.docs[path]
	if doc == nil {
		if len(s.docs) >= maxDocuments {
			return nil, rpcError(jsonrpc2.CodeInvalidParams, "more than %d documents are open",
				maxDocuments)
		}
		doc = &document{uri: p.TextDocument.URI, path: path, onDisk: onDisk}
		s.docs[path] = doc
	}
	doc.text = newText(bounded(p.ContentChanges[n-1].Text))
	if p.TextDocument.Version != nil {
		doc.version = *p.TextDocument.Version
	}
	s.changed(path)
	return nil, nil
}

func (s *server) didClose(p *placeParams) (any, error) {
	path, _ := pathOf(p.TextDocument.URI)
	delete(s.docs, path)
	return s.changedOnDisk(nil)
}

// changedOnDisk forgets what was read.
func (s *server) changedOnDisk(json.RawMessage) (any, error) {
	clear(s.views)
	for _, d := range s.docs {
		d.within = nil
	}
	s.dirty = true
	return nil, nil
}

// changed forgets what was made of a text.
func (s *server) changed(path string) {
	for p, v := range s.views {
		if p == path || v.contains(path) || v.incomplete() {
			delete(s.views, p)
		}
	}
	s.dirty = true
}

// forget forgets all documents, for a message was lost.
func (s *server) forget() {
	s.log.Printf("a message was longer than %d bytes; what is open is not known any more",
		maxMessage)
	clear(s.docs)
	s.changedOnDisk(nil)
}

// maxRoots bounds the policies that are compiled for one part of them.
const maxRoots = 10

// roots returns the policies that a document is part of: the document itself, or for one without a
// default those that include it.
func (s *server) roots(doc *document) []string {
	own := s.view(doc.path)
	if own.hasDefault() || !doc.onDisk {
		return []string{doc.path}
	}
	var out []string
	for path := range s.docs {
		if v := s.view(path); v.contains(doc.path) && v.hasDefault() {
			out = append(out, path)
		}
	}
	if len(out) == 0 {
		out = slices.Clone(s.includers(doc))
	}
	if len(out) == 0 {
		return []string{doc.path}
	}
	slices.Sort(out)
	return out[:min(len(out), maxRoots)]
}

// includers finds the policies of the disk that include a document.
func (s *server) includers(doc *document) []string {
	if doc.within != nil {
		return doc.within
	}
	doc.within = []string{}
	files, _ := s.policies(doc.path)
	for _, path := range files {
		if s.docs[path] != nil {
			continue
		}
		if v := s.view(path); v.contains(doc.path) && v.hasDefault() {
			doc.within = append(doc.within, path)
		}
	}
	return doc.within
}

const (
	maxPolicies = 1000 // files that are looked for
	maxEntries  = 50_000
)

// policies returns the files of the disk that may be policies: those of the workspace that end with
// .scp, and those of the file's own directory. It is false where there are more than it looks for.
func (s *server) policies(path string) (files []string, all bool) {
	seen := map[string]bool{}
	entries := 0
	visit := func(file string, e fs.DirEntry, err error) error {
		if entries++; entries > maxEntries || len(seen) > maxPolicies {
			return fs.SkipAll
		}
		name := filepath.Base(file)
		switch {
		case err != nil:
			return nil // what cannot be read holds no policy that could be edited
		case e.IsDir():
			if len(name) > 1 && name[0] == '.' || name == "node_modules" {
				return fs.SkipDir
			}
		case e.Type().IsRegular() && filepath.Ext(name) == ".scp":
			seen[file] = true
		}
		return nil
	}
	for _, dir := range s.folders {
		filepath.WalkDir(dir, visit)
	}
	dir := filepath.Dir(path)
	own, _ := os.ReadDir(dir)
	for _, e := range own {
		if !e.IsDir() {
			visit(filepath.Join(dir, e.Name()), e, nil)
		}
	}
	for file := range seen {
		files = append(files, file)
	}
	slices.Sort(files)
	return files, entries <= maxEntries && len(files) <= maxPolicies
}

// read returns the text of a file: what the editor has of it, or else the disk.
func (s *server) read(path string) []byte {
	if doc := s.docs[path]; doc != nil {
		return []byte(doc.text.string)
	}
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer f.Close()
	src, err := io.ReadAll(io.LimitReader(f, dsl.MaxSize+1))
	if err != nil {
		return nil
	}
	return src
}
