package lsp

import (
	"math"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"
)

// slow counts as the protocol says, one character after the other.
func slow(s string, offset int) position {
	lines := strings.Split(strings.NewReplacer("\r\n", "\n\x00", "\r", "\n").Replace(s[:offset]),
		"\n")
	last := strings.TrimPrefix(lines[len(lines)-1], "\x00")
	return position{len(lines) - 1, len(utf16.Encode([]rune(last)))}
}

func TestPositions(t *testing.T) {
	for _, s := range []string{
		"", "a", "ä𝄞b\nc𝄞", "\n\n", "a\r\nb\rc\n", "\ufeffx", strings.Repeat("𝄞é", 500) + "\nb",
		strings.Repeat("x\n", 300),
	} {
		text := newText(s)
		for i := 0; i <= len(s); i++ {
			if i < len(s) && !utf8.RuneStart(s[i]) || i > 0 && i < len(s) && s[i-1:i+1] == "\r\n" {
				continue
			}
			want := slow(s, i)
			if got := text.position(i); got != want {
				t.Fatalf("%.20q: byte %d is %v, want %v", s, i, got, want)
			}
			if got := text.offset(want); got != i {
				t.Fatalf("%.20q: %v is byte %d, want %d", s, want, got, i)
			}
		}
	}
}

// A place that there is not is the last one before it.
func TestWrongPositions(t *testing.T) {
	text := newText("ab𝄞\ncd\r\ne")
	for p, want := range map[position]int{
		{0, 99}: 6, {0, 3}: 2, {0, 4}: 6, {1, 99}: 9, {2, 99}: 12, {99, 0}: 12, {-1, 5}: 0, {0,
			-1}: 0,
		{1, -7}: 7, {math.MaxInt, math.MaxInt}: 12,
	} {
		if got := text.offset(p); got != want {
			t.Errorf("%v: got %d, want %d", p, got, want)
		}
	}
}

func TestURI(t *testing.T) {
	for uri, want := range map[string]string{
		"file:///a/b%20c.scp": "/a/b c.scp", "file:///a/%C3%A4.scp": "/a/ä.scp",
		"file://localhost/a": "/a",
		"file:///a/../b":     "/b",
	} {
		if got, ok := pathOf(uri); got != want || !ok {
			t.Errorf("%s: got %s", uri, got)
		}
	}
	for _, uri := range []string{"", "untitled:Untitled-1", "http://x/y", "file://", "%", "file:"} {
		if got, ok := pathOf(uri); ok || got != uri {
			t.Errorf("%s: got %s, %v", uri, got, ok)
		}
	}
	if got := uriOf("/a/b c#ä.scp"); got != "file:///a/b%20c%23%C3%A4.scp" {
		t.Errorf("got %s", got)
	}
}
