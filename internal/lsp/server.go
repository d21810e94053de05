// Package lsp serves editors by the Language Server Protocol: what is wrong with a policy and how
// to mend it, what its names mean, where they stand, and what its rules do.
//
// The server keeps the texts of the open documents, reads what they include, compiles them whenever
// they change, and never writes a file. Messages are handled in their order; findings are published
// when no message waits.
package lsp

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"

	"github.com/sourcegraph/jsonrpc2"

	"github.com/seccompc/seccompc/compiler"
)

// ErrNoShutdown says that a client has gone without the request "shutdown".
var ErrNoShutdown = errors.New("the editor ended without the request shutdown")

// Serve answers the requests of an editor until it says exit or ends. The version is told to the
// editor. Log gets what went wrong in the server itself.
func Serve(in io.Reader, out io.Writer, logTo io.Writer, version string,
	opts compiler.Options) error {
	s := &server{
		opts: opts, version: version, log: log.New(logTo, "seccompc lsp: ", 0),
		docs: map[string]*document{}, views: map[string]*view{}, published: map[string]string{},
		queue: make(chan *jsonrpc2.Request, 64), done: make(chan struct{}),
	}
	for i, dir := range opts.Include {
		if abs, err := filepath.Abs(dir); err == nil {
			s.opts.Include[i] = abs
		}
	}
	var end sync.Once
	finish := func() { end.Do(func() { close(s.queue) }) }
	st := &stream{
		r: bufio.NewReaderSize(in, maxHeader), w: out, c: io.NopCloser(in),
		lost:  func() { s.enqueue(nil) },
		ended: func() { finish(); <-s.done },
	}
	ready := make(chan struct{})
	s.conn = jsonrpc2.NewConn(context.Background(), st, receiver{s, ready},
		jsonrpc2.SetLogger(log.New(io.Discard, "", 0)))
	close(ready)
	s.work()
	close(s.done)
	s.conn.Close()
	if !s.ending {
		return ErrNoShutdown
	}
	return nil
}

// server is the state of one editor's session. One goroutine works on it.
type server struct {
	opts    compiler.Options
	version string
	log     *log.Logger
	conn    *jsonrpc2.Conn
	queue   chan *jsonrpc2.Request // nil stands for a message that was lost
	done    chan struct{}          // closed when nothing more is answered

	started, ending bool // initialize, shutdown
	exit            bool
	folders         []string // of the workspace
	resolvesLenses  bool     // the editor does
	versionedEdits  bool     // the editor knows edits with versions,
	renamesFiles    bool     // and renames files among them

	docs      map[string]*document // by path
	views     map[string]*view     // by path
	published map[string]string    // the findings that the editor shows, by URI
	dirty     bool                 // findings are to be published
}

// receiver hands messages to the goroutine that works.
type receiver struct {
	s     *server
	ready chan struct{} // closed when there is a connection to answer by
}

// Handle implements [jsonrpc2.Handler].
func (r receiver) Handle(_ context.Context, _ *jsonrpc2.Conn, req *jsonrpc2.Request) {
	<-r.ready
	r.s.enqueue(req)
}

func (s *server) enqueue(req *jsonrpc2.Request) {
	select {
	case s.queue <- req:
	case <-s.done:
	}
}

// work handles messages until there are no more, or one is "exit".
func (s *server) work() {
	for !s.exit {
		if s.dirty && len(s.queue) == 0 {
			s.guard("diagnostics", func() (any, error) { s.publish(); return nil, nil })
		}
		req, more := <-s.queue
		switch {
		case !more:
			return
		case req == nil: // it may have been a change: only the next one tells what the text is
			s.forget()
		default:
			s.handle(req)
		}
	}
}

// handle answers a request. One that is not understood changes nothing.
func (s *server) handle(req *jsonrpc2.Request) {
	result, err := s.guard(req.Method, func() (any, error) { return s.call(req) })
	if req.Notif {
		if err != nil && !strings.HasPrefix(req.Method, "$/") {
			s.log.Printf("%.100q: %v", req.Method, err)
		}
		return
	}
	ctx := context.Background()
	var known *jsonrpc2.Error
	switch {
	case err == nil:
		err = s.conn.Reply(ctx, req.ID, result)
	case errors.As(err, &known):
		err = s.conn.ReplyWithError(ctx, req.ID, known)
	default:
		err = s.conn.ReplyWithError(ctx, req.ID, &jsonrpc2.Error{Code: codeRequestFailed,
			Message: err.Error()})
	}
	if err != nil {
		s.log.Printf("%s: %v", req.Method, err)
	}
}

func (s *server) call(req *jsonrpc2.Request) (any, error) {
	h, known := handlers[req.Method]
	switch {
	case req.Method == "exit":
		s.exit = true
		return nil, nil
	case req.Method == "initialize":
	case !s.started:
		return nil, rpcError(codeNotInitialized, "the first request must be initialize")
	case s.ending:
		return nil, rpcError(jsonrpc2.CodeInvalidRequest, "after shutdown only exit is understood")
	}
	if !known {
		return nil, rpcError(jsonrpc2.CodeMethodNotFound, "%.100q is not supported", req.Method)
	}
	params := json.RawMessage("null")
	if req.Params != nil {
		params = *req.Params
	}
	return h(s, params)
}

// guard keeps the server alive where a request finds a mistake in it.
func (s *server) guard(what string, do func() (any, error)) (result any, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			s.log.Printf("this is a bug in seccompc: %s: %v\n%s", what, fault, debug.Stack())
			err = rpcError(jsonrpc2.CodeInternalError, "this is a bug in seccompc: %v", fault)
		}
	}()
	return do()
}

func rpcError(code int64, format string, args ...any) error {
	return &jsonrpc2.Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

type handler func(*server, json.RawMessage) (any, error)

// takes makes a handler of a function with parameters of a type.
func takes[P any](f func(*server, *P) (any, error)) handler {
	return func(s *server, raw json.RawMessage) (any, error) {
		var p P
		if err := json.Unmarshal(raw, &p); err != nil {
			return nil, rpcError(jsonrpc2.CodeInvalidParams,
				"the parameters are not understood: %v", err)
		}
		return f(s, &p)
	}
}

// about makes a handler of a function about a document that is open.
func about[P any](uri func(*P) string, f func(*server, *document, *P) (any, error)) handler {
	return takes(func(s *server, p *P) (any, error) {
		path, _ := pathOf(uri(p))
		doc := s.docs[path]
		if doc == nil {
			return nil, rpcError(jsonrpc2.CodeInvalidParams, "%.200q is not open", uri(p))
		}
		return f(s, doc, p)
	})
}

func placed(f func(*server, *document, *placeParams) (any, error)) handler {
	return about(func(p *placeParams) string { return p.TextDocument.URI }, f)
}

// handlers are what is understood, besides exit.
var handlers map[string]handler

func init() {
	nothing := func(*server, json.RawMessage) (any, error) { return nil, nil }
	handlers = map[string]handler{
		"initialize":                       takes((*server).initialize),
		"initialized":                      nothing,
		"$/setTrace":                       nothing,
		"$/cancelRequest":                  nothing,
		"workspace/didChangeConfiguration": nothing,
		"shutdown": func(s *server, _ json.RawMessage) (any, error) {
			s.ending = true
			return nil, nil
		},
		"workspace/didChangeWatchedFiles":     (*server).changedOnDisk,
		"workspace/didChangeWorkspaceFolders": takes((*server).changedFolders),
		"textDocument/didOpen":                takes((*server).didOpen),
		"textDocument/didChange":              takes((*server).didChange),
		"textDocument/didClose":               takes((*server).didClose),
		"textDocument/didSave":                (*server).changedOnDisk,

		"textDocument/hover":             placed((*server).hover),
		"textDocument/completion":        placed((*server).complete),
		"textDocument/definition":        placed((*server).definition),
		"textDocument/documentHighlight": placed((*server).highlight),
		"textDocument/prepareRename":     placed((*server).prepareRename),
		"textDocument/formatting":        placed((*server).format),
		"textDocument/documentSymbol":    placed((*server).symbols),
		"textDocument/codeLens":          placed((*server).lenses),
		"textDocument/references": about(
			func(p *referenceParams) string { return p.TextDocument.URI }, (*server).references),
		"textDocument/rename": about(func(p *renameParams) string { return p.TextDocument.URI },
			(*server).rename),
		"textDocument/codeAction": about(
			func(p *codeActionParams) string { return p.TextDocument.URI }, (*server).actions),
		"textDocument/inlayHint": about(func(p *rangeParams) string { return p.TextDocument.URI },
			(*server).inlays),
		"codeLens/resolve": takes((*server).resolveLens),
	}
}

// capabilities is what initialize answers.
func (s *server) capabilities() map[string]any {
	return map[string]any{
		"positionEncoding": "utf-16",
		"textDocumentSync": map[string]any{"openClose": true, "change": 1, "save": true},
		"hoverProvider":    true,
		"completionProvider": map[string]any{"triggerCharacters": []string{"@", "(", "{",
			"\""}},
		"definitionProvider":         true,
		"referencesProvider":         true,
		"documentHighlightProvider":  true,
		"renameProvider":             map[string]any{"prepareProvider": true},
		"documentFormattingProvider": true,
		"documentSymbolProvider":     true,
		"codeActionProvider":         map[string]any{"codeActionKinds": []string{quickFix, fixAll}},
		"codeLensProvider":           map[string]any{"resolveProvider": true},
		"inlayHintProvider":          true,
		"workspace": map[string]any{"workspaceFolders": map[string]any{
			"supported": true, "changeNotifications": true}},
	}
}
