package lsp

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"

	"github.com/sourcegraph/jsonrpc2"
)

const (
	maxMessage = 16 << 20 // bytes; a policy has at most half a MiB (dsl.MaxSize)
	maxHeader  = 1 << 10  // bytes of a line
)

// stream is an [jsonrpc2.ObjectStream] of messages below headers with their lengths. What is no
// message is answered with an error, and the next one is read.
type stream struct {
	r     *bufio.Reader
	c     io.Closer
	lost  func() // is called where a message was too long to be read
	ended func() // is called where the messages end, before the connection does

	sending sync.Mutex
	w       io.Writer
}

// ReadObject implements [jsonrpc2.ObjectStream].
func (s *stream) ReadObject(v any) error {
	for {
		body, err := s.body()
		var long *longError
		switch {
		case errors.As(err, &long):
			s.lost()
			s.refuse(jsonrpc2.CodeInvalidRequest, err.Error())
			continue
		case err != nil:
			s.ended()
			return err
		case !json.Valid(body):
			s.refuse(jsonrpc2.CodeParseError, "the message is no JSON")
			continue
		}
		if err := json.Unmarshal(body, v); err != nil {
			s.refuse(jsonrpc2.CodeInvalidRequest, "the message is no request of JSON-RPC 2.0")
			continue
		}
		return nil
	}
}

// longError says that a message is too long.
type longError struct{ size int64 }

func (e *longError) Error() string {
	return fmt.Sprintf("the message has %d bytes; at most %d are allowed", e.size, maxMessage)
}

// body reads the header and the text of the next message. It skips one that is too long.
func (s *stream) body() ([]byte, error) {
	size, err := s.header()
	if err != nil {
		return nil, err
	}
	if size > maxMessage {
		if _, err := io.CopyN(io.Discard, s.r, size); err != nil {
			return nil, err
		}
		return nil, &longError{size}
	}
	body := make([]byte, size)
	_, err = io.ReadFull(s.r, body)
	return body, err
}

// header reads the lines before a message and returns its length.
func (s *stream) header() (int64, error) {
	size := int64(-1)
	for {
		line, err := s.r.ReadSlice('\n')
		if err != nil {
			return 0, err
		}
		text := strings.TrimRight(string(line), "\r\n")
		if text == "" && size >= 0 {
			return size, nil
		}
		name, value, _ := strings.Cut(text, ":")
		if !strings.EqualFold(strings.TrimSpace(name), "Content-Length") {
			continue
		}
		size, err = strconv.ParseInt(strings.TrimSpace(value), 10, 64)
		if err != nil || size < 0 {
			return 0, errors.New("the Content-Length of a message is no number")
		}
	}
}

// WriteObject implements [jsonrpc2.ObjectStream].
func (s *stream) WriteObject(v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return s.write(data)
}

func (s *stream) write(data []byte) error {
	s.sending.Lock()
	defer s.sending.Unlock()
	if _, err := fmt.Fprintf(s.w, "Content-Length: %d\r\n\r\n%s", len(data), data); err != nil {
		return err
	}
	if buffered, ok := s.w.(interface{ Flush() error }); ok {
		return buffered.Flush()
	}
	return nil
}

// refuse answers what is no request. Whose answer it is cannot be told.
func (s *stream) refuse(code int64, message string) {
	data, _ := json.Marshal(map[string]any{
		"jsonrpc": "2.0", "id": nil, "error": map[string]any{"code": code, "message": message},
	})
	s.write(data) // where that fails, the next read does too
}

// Close implements [jsonrpc2.ObjectStream].
func (s *stream) Close() error { return s.c.Close() }
