package lsp

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seccompc/seccompc/compiler"
)

// framed returns a message below its header.
func framed(body string) string {
	return fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(body), body)
}

func request(id int, method, params string) string {
	return framed(fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":%q,"params":%s}`, id, method,
		params))
}

func notification(method, params string) string {
	return framed(fmt.Sprintf(`{"jsonrpc":"2.0","method":%q,"params":%s}`, method, params))
}

// answers serves a stream of bytes and returns the answers by their ids, in JSON; those to what is
// no request are under "null".
func answers(t *testing.T, in string) (map[string][]string, error) {
	t.Helper()
	var out, log bytes.Buffer
	err := Serve(strings.NewReader(in), &out, &log, "test", compiler.Options{})
	if strings.Contains(log.String(), "bug") {
		t.Error(log.String())
	}
	got := map[string][]string{}
	for out.Len() > 0 {
		var n int
		if _, err := fmt.Fscanf(&out, "Content-Length: %d\r\n\r\n", &n); err != nil {
			t.Fatal(err)
		}
		body := out.Next(n)
		var m struct{ ID json.RawMessage }
		if err := json.Unmarshal(body, &m); err != nil {
			t.Fatal(err)
		}
		got[string(m.ID)] = append(got[string(m.ID)], string(body))
	}
	return got, err
}

const begin = `{"capabilities":{}}`

func didOpen(uri, text string) string {
	doc, _ := json.Marshal(map[string]any{"textDocument": map[string]any{
		"uri": uri, "languageId": "scp", "version": 1, "text": text}})
	return notification("textDocument/didOpen", string(doc))
}

// Whatever comes before it, the last request is answered.
func TestHostileMessages(t *testing.T) {
	const deep = 20_000
	for name, bad := range map[string]string{
		"no JSON":              framed("{"),
		"empty":                framed(""),
		"a word":               framed("null"),
		"a list":               framed("[]"),
		"a batch":              framed(`[{"jsonrpc":"2.0","id":5,"method":"shutdown"}]`),
		"deep":                 framed(strings.Repeat("[", deep) + strings.Repeat("]", deep)),
		"no method":            framed(`{"jsonrpc":"2.0","id":5}`),
		"method of numbers":    framed(`{"jsonrpc":"2.0","id":5,"method":5}`),
		"strange id":           framed(`{"jsonrpc":"2.0","id":{"a":1},"method":"x"}`),
		"an answer":            framed(`{"jsonrpc":"2.0","id":77,"result":null}`),
		"unknown":              request(5, "textDocument/nothing", "{}"),
		"unknown notification": notification("$/nothing", "{}"),
		"no UTF-8":             framed("{\"jsonrpc\":\"2.0\",\"method\":\"\xff\xfe\"}"),
		"too long":             framed(`"` + strings.Repeat("x", maxMessage) + `"`),
		"more headers": "Content-Type: x\r\ncontent-length:" +
			strings.TrimPrefix(framed(`{}`), "Content-Length:"),
		"no parameters":        request(5, "textDocument/hover", "null"),
		"parameters of words":  request(5, "textDocument/hover", `"x"`),
		"a list of parameters": request(5, "textDocument/completion", `[1,2,3]`),
		"large position": request(5, "textDocument/hover",
			`{"textDocument":{"uri":"file:///p.scp"},"position":{"line":1e400,"character":0}}`),
		"a change of what is not there": notification("textDocument/didChange",
			`{"textDocument":{"uri":"file:///q.scp"},"contentChanges":[]}`),
		"a change of a part": notification("textDocument/didChange",
			`{"textDocument":{"uri":"file:///p.scp"},`+
				`"contentChanges":[{"range":{"start":{"line":0,"character":0},"end":{"line":9,`+
				`"character":9}},"text":""}]}`),
		"close of nothing": notification("textDocument/didClose", `{"textDocument":{"uri":"%"}}`),
		"lens of another": request(5, "codeLens/resolve",
			`{"data":{"uri":"file:///p.scp","offset":-5}}`),
		"lens without data": request(5, "codeLens/resolve", `{}`),
		"initialize again":  request(5, "initialize", begin),
		"strange folders": request(5, "initialize",
			`{"workspaceFolders":[{"uri":"file:///dev"}],"rootUri":5}`),
		"URI of a directory": didOpen("file:///", "default allow\n"),
		"URI of a device":    didOpen("file:///dev/zero", "default allow\ninclude \"zero\"\n"),
		"URI without a file": didOpen("untitled:1",
			"arch x86_64\ndefault allow\ninclude \"x.scp\"\n"),
	} {
		in := request(1, "initialize", begin) + didOpen("file:///p.scp", policyText) + bad +
			request(98, "textDocument/documentSymbol", `{"textDocument":{"uri":"file:///p.scp"}}`) +
			request(99, "shutdown", "null") + notification("exit", "null")
		got, err := answers(t, in)
		if err != nil || len(got["98"]) != 1 || len(got["99"]) != 1 {
			t.Errorf("%s: %v, %v", name, err, got["99"])
		}
		if known := name != "too long"; known != strings.Contains(fmt.Sprint(got["98"]), "@mine") {
			t.Errorf("%s: %v", name, got["98"])
		}
	}
}

// A client that speaks out of turn is told so; one that just ends gets its answers.
func TestOrder(t *testing.T) {
	got, err := answers(t, request(1, "textDocument/hover", "{}")+request(2, "initialize", begin))
	if !errors.Is(err, ErrNoShutdown) || !strings.Contains(got["1"][0], "-32002") ||
		len(got["2"]) != 1 {
		t.Errorf("%v, %v", got, err)
	}
	got, err = answers(t, request(1, "initialize", begin)+request(2, "shutdown", "null")+
		request(3, "textDocument/hover", "{}")+notification("exit", "null")+request(4, "shutdown",
		"null"))
	if err != nil || !strings.Contains(got["3"][0], "-32600") || got["4"] != nil {
		t.Errorf("%v, %v", got, err)
	}
	for _, in := range []string{"", "hello\n", "Content-Length: x\r\n\r\n",
		"Content-Length: 99\r\n\r\n{}",
		strings.Repeat("x", 1<<20), "Content-Length: -5\r\n\r\n"} {
		if got, err := answers(t, in); !errors.Is(err, ErrNoShutdown) || len(got) > 0 {
			t.Errorf("%.20q: %v, %v", in, got, err)
		}
	}
}

// Every request at places that there are and are not, in texts that cannot be read, is answered.
func TestHostilePlaces(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	texts := []string{
		"", "{", "}", "deny", "deny(", "test \"", "test \"x\" {", "set @", "when {", "\x00",
		"𝄞\r\r𝄞",
		"set @a = @b\nset @b = @a\ndeny @a\n", "const a = b\nconst b = a\n",
		"deny 99999999999999999999\n",
		"include \"x\"\ninclude \"\"\n", "deny socket if u32(", "deny x if arg9 == ", "=> => =>",
		"late x: u32 in {",
		strings.Repeat("(", 5000), strings.Repeat("when a {\n", 3000), policyText[:300],
	}
	methods := []string{"hover", "completion", "definition", "references", "documentHighlight",
		"prepareRename",
		"formatting", "documentSymbol", "codeLens", "rename", "codeAction", "inlayHint"}
	var in strings.Builder
	in.WriteString(request(1, "initialize", begin))
	id := 1
	for i, text := range texts {
		uri := fmt.Sprintf("file:///nowhere/%d.scp", i)
		in.WriteString(didOpen(uri, text))
		for _, method := range methods {
			for _, p := range []string{"0,0", "0,4", "0,9", "1,11", "2,6", "99,99", "-1,-1",
				"4611686018427387904,0"} {
				line, char, _ := strings.Cut(p, ",")
				at := fmt.Sprintf(`{"line":%s,"character":%s}`, line, char)
				id++
				in.WriteString(request(id, "textDocument/"+method, fmt.Sprintf(
					`{"textDocument":{"uri":%q},"position":%s,"range":{"start":%s,"end":%s},`+
						`"newName":"@"}`,
					uri, at, at, at)))
			}
		}
	}
	in.WriteString(request(id+1, "shutdown", "null") + notification("exit", "null"))
	got, err := answers(t, in.String())
	if err != nil {
		t.Fatal(err)
	}
	for i := 1; i <= id+1; i++ {
		if len(got[fmt.Sprint(i)]) != 1 {
			t.Fatalf("request %d has %d answers", i, len(got[fmt.Sprint(i)]))
		}
	}
}

// A text that is longer than any policy is found too long.
func TestHugeDocument(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a second")
	}
	c := newClient(t)
	found := c.open(policyURI, strings.Repeat("deny bpf # 𝄞\n", 200_000))
	if len(found) != 1 || !strings.Contains(found[0].Message, "at most") {
		t.Errorf("got %s", list(found))
	}
	var h *hover
	c.call("textDocument/hover", c.at(policyURI, "deny b|pf"), &h)
	if found := c.change(policyURI, policyText); len(found) > 0 {
		t.Errorf("got %s", list(found))
	}
}

// Findings are bounded.
func TestManyFindings(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	c := newClient(t)
	if n := len(c.open(policyURI, strings.Repeat("deny nothing_of_the_kind\n",
		5000))); n != maxFindings {
		t.Errorf("%d findings are shown", n)
	}
}

// An open text does not make an include of what no include may read.
func TestOverlay(t *testing.T) {
	dir := t.TempDir()
	outside := write(t, dir, "secret.scp", "set @mine = uselib\n")
	main := write(t, dir, "in/main.scp", "")
	if err := os.Symlink(filepath.Join(dir, "secret.scp"), filepath.Join(dir, "in",
		"link.scp")); err != nil {
		t.Fatal(err)
	}
	c := newClient(t)
	c.open(outside, "set @mine = uselib\n")
	c.open(uriOf(filepath.Join(dir, "in", "link.scp")), "set @mine = uselib\n")
	for _, name := range []string{"../secret.scp", "link.scp"} {
		text := "arch x86_64\ndefault allow\ninclude \"" + name + "\"\ndeny @mine\n"
		if got := list(c.open(main, text)); !strings.Contains(got, "include") {
			t.Errorf("%s: %s", name, got)
		}
	}
}
