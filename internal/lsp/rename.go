package lsp

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/dsl"
	"github.com/seccompc/seccompc/internal/lazy"
	"github.com/seccompc/seccompc/linux"
)

var (
	identifier = lazy.Regexp(`^[A-Za-z_][A-Za-z0-9_]*$`)
	setName    = lazy.Regexp(`^@[a-z0-9_-]*[a-z0-9_]$`)
)

func (s *server) prepareRename(doc *document, p *placeParams) (any, error) {
	o, places, _ := s.find(doc, p.Position)
	if err := s.renamable(o, places); err != nil {
		return nil, err
	}
	placeholder := o.Text()
	if o.kind == includeKind {
		placeholder = strings.Trim(placeholder, `"`)
	}
	return prepared{doc.spanOf(o.Span), placeholder}, nil
}

// renamable returns why what stands at a place has no name that could be another one.
func (s *server) renamable(o *occurrence, places []occurrence) error {
	switch {
	case o == nil:
		return rpcError(codeRequestFailed, "here stands no name that the policy defines")
	case o.kind == includeKind && !s.renamesFiles:
		return rpcError(codeRequestFailed,
			"this editor does not rename files for a language server")
	case o.kind == includeKind:
	case !slices.ContainsFunc(places, func(o occurrence) bool { return o.defines }):
		return rpcError(codeRequestFailed, "%s is not defined in the policy", o.Text())
	}
	return nil
}

// rename renames a name of the policy in all policies of the workspace that share it, or a file
// that they include.
func (s *server) rename(doc *document, p *renameParams) (any, error) {
	s.changedOnDisk(nil) // not every editor tells of other files
	o, places, known := s.find(doc, p.Position)
	if err := s.renamable(o, places); err != nil {
		return nil, err
	}
	views, all := s.users(o.symbol, known)
	if !all {
		return nil, rpcError(codeRequestFailed,
			"the workspace has more than %d policies: the name may stand in one that is not read",
			maxPolicies)
	}
	if err := unread(o, views); err != nil {
		return nil, err
	}
	places = placesOf(o.symbol, views)
	if o.kind == includeKind {
		return s.renameInclude(o, p.NewName, places, views)
	}
	name, err := newName(o, p.NewName, views)
	if err != nil {
		return nil, err
	}
	edits := newEdits(s)
	for _, place := range places {
		edits.add(views[0], place.Span, name)
	}
	return edits.workspaceEdit(), nil
}

// unread returns an error where a name may stand in a statement that cannot be read.
func unread(o *occurrence, views []*view) error {
	word := o.Text()
	for _, v := range views {
		for _, f := range v.files.All {
			for _, t := range faultyTokens(f) {
				inside := t.Kind == dsl.Illegal || t.Kind == dsl.Quoted
				if t.Text() == word || inside && strings.Contains(t.Text(), word) {
					return rpcError(codeRequestFailed,
						"%s may stand in the statement at %v that cannot be read; mend that first",
						word, t.Pos())
				}
			}
		}
	}
	return nil
}

// newName checks what a name is to become in all of some policies, and returns it as it is written.
func newName(o *occurrence, name string, views []*view) (string, error) {
	form, want := identifier, "a name is letters, digits and _, and begins with no digit"
	if o.kind == setKind {
		name = "@" + strings.TrimPrefix(name, "@")
		form = setName
		want = "a set's name is small letters, digits, _ and -, and does not end with -"
	}
	switch {
	case !form().MatchString(name):
		return "", rpcError(codeRequestFailed, "%.100q: %s", name, want)
	case o.kind == setKind && linux.HasSet(name):
		return "", rpcError(codeRequestFailed, "%s is a built-in set", name)
	case o.kind == valueKind && dsl.Words().Reserved(name):
		return "", rpcError(codeRequestFailed, "%s has a meaning of its own", name)
	case o.kind == valueKind && isConstant(name):
		return "", rpcError(codeRequestFailed, "%s is a constant of the kernel", name)
	}
	clash := symbol{o.kind, name}
	if o.kind == choiceKind {
		param, _, _ := strings.Cut(o.name, " ")
		clash.name = param + " " + name
	}
	if clash == o.symbol {
		return name, nil
	}
	for _, place := range placesOf(clash, views) {
		return "", rpcError(codeRequestFailed, "%s stands already at %v", name, place.Pos())
	}
	return name, nil
}

func isConstant(name string) bool {
	return slices.ContainsFunc(linux.ABIs(), func(abi *linux.ABI) bool {
		_, ok := abi.Constant(name)
		return ok
	})
}

// renameInclude has the editor move an included file, and changes the paths by which it is
// included. The new path is relative to the file that the place is in.
func (s *server) renameInclude(
	o *occurrence, name string, places []occurrence, views []*view,
) (any, error) {
	name = strings.Trim(name, `"`)
	from := filepath.Dir(o.Source().Name)
	target := filepath.Join(from, filepath.FromSlash(name))
	relative, err := filepath.Rel(from, target)
	if err != nil || !filepath.IsLocal(relative) || strings.HasPrefix(name, "/") ||
		strings.ContainsAny(name, "\"\\\n\r\t") || name == "" {
		return nil, rpcError(codeRequestFailed,
			"%.200q: the path is to be relative and to stay in the directory of the policy", name)
	}
	if s.read(target) != nil {
		return nil, rpcError(codeRequestFailed, "%s is there already", name)
	}
	edits := newEdits(s)
	for _, place := range places {
		path, err := filepath.Rel(filepath.Dir(place.Source().Name), target)
		if err != nil || !filepath.IsLocal(path) {
			return nil, rpcError(codeRequestFailed, "%v could not include the file there",
				place.Pos())
		}
		edits.add(views[0], place.Span, fmt.Sprintf("%q", filepath.ToSlash(path)))
	}
	out := edits.workspaceEdit()
	out.DocumentChanges = append(out.DocumentChanges,
		renameFile{Kind: "rename", OldURI: s.uri(o.name), NewURI: uriOf(target)})
	return out, nil
}

// editList collects edits of several files.
type editList struct {
	s     *server
	order []string // URIs
	edits map[string][]textEdit
}

func newEdits(s *server) *editList { return &editList{s: s, edits: map[string][]textEdit{}} }

func (e *editList) add(v *view, at diag.Span, text string) {
	loc := v.location(at)
	e.addEdit(loc.URI, textEdit{loc.Range, text})
}

func (e *editList) addEdit(uri string, edit textEdit) {
	if e.edits[uri] == nil {
		e.order = append(e.order, uri)
	}
	e.edits[uri] = append(e.edits[uri], edit)
}

// workspaceEdit returns the edits with the versions of the texts that they are about.
func (e *editList) workspaceEdit() *workspaceEdit {
	if !e.s.versionedEdits {
		return &workspaceEdit{Changes: e.edits}
	}
	out := &workspaceEdit{}
	for _, uri := range e.order {
		var d documentEdit
		d.TextDocument.URI, d.Edits = uri, e.edits[uri]
		path, _ := pathOf(uri)
		if doc := e.s.docs[path]; doc != nil {
			d.TextDocument.Version = &doc.version
		}
		out.DocumentChanges = append(out.DocumentChanges, d)
	}
	return out
}
