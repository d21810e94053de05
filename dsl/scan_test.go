package dsl

import (
	"regexp"
	"testing"
)

// TestIsNumber compares what is taken for a number with its pattern, on all words of up to five of
// some characters.
func TestIsNumber(t *testing.T) {
	number := regexp.MustCompile(
		`^(0|[1-9](_?[0-9])*|0x(_?[0-9a-fA-F])+|0o(_?[0-7])+|0b(_?[01])+)$`)
	var try func(word string, left int)
	try = func(word string, left int) {
		if got, want := isNumber(word), number.MatchString(word); got != want {
			t.Errorf("%q: %v, want %v", word, got, want)
		}
		if left == 0 {
			return
		}
		for _, c := range "0189_xobaFg" {
			try(word+string(c), left-1)
		}
	}
	for _, first := range "0123456789" {
		try(string(first), 4)
	}
}
