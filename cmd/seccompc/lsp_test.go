package main

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// The server runs under the command line, and its exit status is that of the protocol.
func TestLSP(t *testing.T) {
	message := func(body string) string {
		return fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(body), body)
	}
	begin := message(`{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"capabilities":{}}}`)
	end := message(`{"jsonrpc":"2.0","id":2,"method":"shutdown"}`) +
		message(`{"jsonrpc":"2.0","method":"exit"}`)
	for in, want := range map[string]int{begin + end: 0, begin: 1, "": 1} {
		var out, errs bytes.Buffer
		if got := run([]string{"lsp", "--stdio"}, strings.NewReader(in), &out, &errs); got != want {
			t.Errorf("%q: exit status %d, want %d: %s", in, got, want, &errs)
		}
		if in != "" && !strings.Contains(out.String(), `"name":"seccompc"`) {
			t.Errorf("%q: got %s", in, &out)
		}
	}
	var out, errs bytes.Buffer
	in := strings.NewReader("")
	if got := run([]string{"lsp", "-W", "bypass=loud"}, in, &out, &errs); got != 2 {
		t.Errorf("a wrong level: exit status %d", got)
	}
}
