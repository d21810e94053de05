package tree

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
)

// jsonReader makes nodes from tokens.
type jsonReader struct {
	counter
	text []byte
	dec  *json.Decoder
	at   int // up to here lines are counted
	line int
}

func parseJSON(text []byte) (*Node, error) {
	text = withoutComments(text)
	r := &jsonReader{text: text, dec: json.NewDecoder(bytes.NewReader(text)), line: 1}
	r.dec.UseNumber()
	n, err := r.value(0)
	if err != nil {
		return nil, err
	}
	if _, err := r.dec.Token(); !errors.Is(err, io.EOF) {
		return nil, Errorf(r.here(), "there is something behind the end of the object")
	}
	return n, nil
}

// here is the line of the token that was read last.
func (r *jsonReader) here() int {
	to := min(int(r.dec.InputOffset()), len(r.text))
	r.line += bytes.Count(r.text[r.at:to], []byte("\n"))
	r.at = to
	return r.line
}

func (r *jsonReader) token() (json.Token, error) {
	t, err := r.dec.Token()
	if err == nil {
		return t, nil
	}
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &syntax):
		line := 1 + bytes.Count(r.text[:min(int(syntax.Offset), len(r.text))], []byte("\n"))
		return nil, Errorf(line, "this is no JSON: %s", err)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return nil, Errorf(r.here(), "the text ends within an object: it is cut off")
	}
	return nil, Errorf(r.here(), "this is no JSON: %s", err)
}

func (r *jsonReader) value(depth int) (*Node, error) {
	t, err := r.token()
	if err != nil {
		return nil, err
	}
	n := &Node{Line: r.here()}
	if err := r.enter(n.Line, depth); err != nil {
		return nil, err
	}
	switch t := t.(type) {
	case bool:
		n.Kind, n.Text = Bool, map[bool]string{true: "true", false: "false"}[t]
	case json.Number:
		n.Kind, n.Text = Number, t.String()
	case string:
		n.Kind, n.Text = String, t
	case json.Delim:
		if t == '[' {
			return n, r.list(n, depth)
		}
		return n, r.object(n, depth)
	}
	return n, nil
}

func (r *jsonReader) list(n *Node, depth int) error {
	n.Kind = List
	for r.dec.More() {
		item, err := r.value(depth + 1)
		if err != nil {
			return err
		}
		n.Items = append(n.Items, item)
	}
	_, err := r.token()
	return err
}

func (r *jsonReader) object(n *Node, depth int) error {
	n.Kind = Map
	seen := map[string]int{}
	for r.dec.More() {
		key, err := r.token()
		if err != nil {
			return err
		}
		p := Pair{Line: r.here(), Key: key.(string)}
		if p.Value, err = r.value(depth + 1); err != nil {
			return err
		}
		if err := n.add(p, seen); err != nil {
			return err
		}
	}
	_, err := r.token()
	return err
}

// withoutComments puts blanks in the place of what stands from // to the end of a line, outside of
// strings.
func withoutComments(text []byte) []byte {
	out := bytes.Clone(text)
	quoted := false
	for i := 0; i < len(out); i++ {
		switch {
		case quoted && out[i] == '\\':
			i++
		case out[i] == '"':
			quoted = !quoted
		case !quoted && out[i] == '/' && i+1 < len(out) && out[i+1] == '/':
			for ; i < len(out) && out[i] != '\n'; i++ {
				out[i] = ' '
			}
		}
	}
	return out
}
