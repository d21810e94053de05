package lsp

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sourcegraph/jsonrpc2"

	"github.com/seccompc/seccompc/compiler"
)

// client is an editor without a screen.
type client struct {
	*testing.T
	conn  *jsonrpc2.Conn
	shown chan publishParams
	ended chan error
	log   *bytes.Buffer
	texts map[string]string // that are open, by URI
	next  int               // version
}

type pipes struct {
	io.Reader
	io.WriteCloser
}

// newClient starts a server and says initialize. The directories are the workspace.
func newClient(t *testing.T, folders ...string) *client {
	t.Helper()
	c := &client{
		T: t, shown: make(chan publishParams, 1000), ended: make(chan error, 1),
		log:   &bytes.Buffer{},
		texts: map[string]string{},
	}
	fromServer, out := io.Pipe()
	in, toServer := io.Pipe()
	go func() { c.ended <- Serve(in, out, c.log, "test", compiler.Options{}) }()
	stream := jsonrpc2.NewBufferedStream(pipes{fromServer, toServer}, jsonrpc2.VSCodeObjectCodec{})
	c.conn = jsonrpc2.NewConn(context.Background(), stream, jsonrpc2.HandlerWithError(
		func(_ context.Context, _ *jsonrpc2.Conn, req *jsonrpc2.Request) (any, error) {
			var p publishParams
			if err := json.Unmarshal(*req.Params, &p); err != nil {
				t.Error(err)
			}
			c.shown <- p
			return nil, nil
		}))
	t.Cleanup(c.stop)
	var list []map[string]string
	for _, dir := range folders {
		list = append(list, map[string]string{"uri": uriOf(dir), "name": dir})
	}
	edits := map[string]any{"documentChanges": true, "resourceOperations": []string{"rename"}}
	c.call("initialize", map[string]any{
		"workspaceFolders": list,
		"capabilities":     map[string]any{"workspace": map[string]any{"workspaceEdit": edits}},
	}, nil)
	c.notify("initialized", struct{}{})
	return c
}

// stop ends the session as an editor does, and wants that no bug was met.
func (c *client) stop() {
	c.call("shutdown", nil, nil)
	c.notify("exit", nil)
	select {
	case err := <-c.ended:
		if err != nil {
			c.Errorf("the server ended with %v", err)
		}
	case <-time.After(20 * time.Second):
		c.Error("the server does not end")
	}
	c.conn.Close()
	if strings.Contains(c.log.String(), "bug") {
		c.Error(c.log)
	}
}

func (c *client) call(method string, params, result any) {
	c.Helper()
	if err := c.try(method, params, result); err != nil {
		c.Fatalf("%s: %v", method, err)
	}
}

func (c *client) try(method string, params, result any) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	return c.conn.Call(ctx, method, params, result)
}

func (c *client) notify(method string, params any) {
	c.Helper()
	if err := c.conn.Notify(context.Background(), method, params); err != nil {
		c.Fatalf("%s: %v", method, err)
	}
}

// open opens a text and returns what is found in it.
func (c *client) open(uri, text string) []diagnostic {
	c.Helper()
	c.next++
	c.texts[uri] = text
	c.notify("textDocument/didOpen", map[string]any{"textDocument": map[string]any{
		"uri": uri, "languageId": "scp", "version": c.next, "text": text}})
	return c.findings(uri)
}

// change replaces a text and returns what is found in it.
func (c *client) change(uri, text string) []diagnostic {
	c.Helper()
	c.next++
	c.texts[uri] = text
	c.notify("textDocument/didChange", map[string]any{
		"textDocument":   map[string]any{"uri": uri, "version": c.next},
		"contentChanges": []any{map[string]any{"text": text}},
	})
	return c.findings(uri)
}

// findings waits for what is found in the last version of a text.
func (c *client) findings(uri string) []diagnostic {
	c.Helper()
	for {
		select {
		case p := <-c.shown:
			if p.URI == uri && (p.Version == nil || *p.Version == c.next) {
				return p.Diagnostics
			}
		case <-time.After(time.Minute):
			c.Fatalf("nothing is published about %s", uri)
		}
	}
}

// at returns the parameters of a request about the place of a mark in a text, "|" within some
// words.
func (c *client) at(uri, words string) map[string]any {
	c.Helper()
	before, after, _ := strings.Cut(words, "|")
	i := strings.Index(c.texts[uri], before+after)
	if i < 0 {
		c.Fatalf("the text has no %q", before+after)
	}
	p := newText(c.texts[uri]).position(i + len(before))
	return map[string]any{"textDocument": map[string]any{"uri": uri}, "position": p}
}

// write makes a file of a test's directory and returns its URI.
func write(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return uriOf(path)
}

// list writes findings one a line: place, code and the first line of the message.
func list(found []diagnostic) string {
	var b strings.Builder
	for _, d := range found {
		first, _, _ := strings.Cut(d.Message, "\n")
		fmt.Fprintf(&b, "%d:%d-%d:%d %s %s\n", d.Range.Start.Line, d.Range.Start.Character,
			d.Range.End.Line,
			d.Range.End.Character, d.Code, first)
	}
	return b.String()
}

// apply makes the edits of a workspace edit in the texts of the client, and in those of the disk.
func (c *client) apply(e *workspaceEdit) map[string]string {
	c.Helper()
	out := map[string]string{}
	data, _ := json.Marshal(e.DocumentChanges)
	var changes []documentEdit
	if err := json.Unmarshal(data, &changes); err != nil {
		c.Fatal(err)
	}
	for _, change := range changes {
		uri := change.TextDocument.URI
		if uri == "" { // renameFile
			continue
		}
		old, open := c.texts[uri]
		if !open {
			path, _ := pathOf(uri)
			data, err := os.ReadFile(path)
			if err != nil {
				c.Fatal(err)
			}
			old = string(data)
		}
		if open != (change.TextDocument.Version != nil) {
			c.Errorf("%s: the version is %v", uri, change.TextDocument.Version)
		}
		out[uri] = applied(old, change.Edits)
	}
	return out
}

// applied makes edits, of which none overlaps another, in a text.
func applied(old string, edits []textEdit) string {
	t := newText(old)
	for i := len(edits) - 1; i >= 0; i-- {
		for _, other := range edits[:i] {
			if t.offset(other.Range.Start) > t.offset(edits[i].Range.Start) {
				panic("the edits are not in order")
			}
		}
		old = old[:t.offset(edits[i].Range.Start)] + edits[i].NewText +
			old[t.offset(edits[i].Range.End):]
	}
	return old
}
