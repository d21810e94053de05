package linux

import (
	"iter"
	"strings"
)

// table is a text of lines "key TAB rest", sorted by key in byte order. Lines that start with "#"
// stand at its head and are comments.
type table string

// newTable drops the comments.
func newTable(text string) table {
	for strings.HasPrefix(text, "#") {
		_, text, _ = strings.Cut(text, "\n")
	}
	return table(text)
}

// find returns what stands behind key.
func (t table) find(key string) (rest string, ok bool) {
	i := t.search(key)
	line, _, _ := strings.Cut(string(t[i:]), "\n")
	k, rest, _ := strings.Cut(line, "\t")
	return rest, k == key && line != ""
}

// from yields the lines whose key starts with prefix.
func (t table) from(prefix string) iter.Seq2[string, string] {
	return func(yield func(key, rest string) bool) {
		for text := string(t[t.search(prefix):]); strings.HasPrefix(text, prefix) && text != ""; {
			line, after, _ := strings.Cut(text, "\n")
			key, rest, _ := strings.Cut(line, "\t")
			if !yield(key, rest) {
				return
			}
			text = after
		}
	}
}

// search returns the offset of the first line whose key is not less than key.
func (t table) search(key string) int {
	lo, hi := 0, len(t) // both are starts of lines, or the end
	for lo < hi {
		start := lo
		if nl := strings.LastIndexByte(string(t[lo:(lo+hi)/2]), '\n'); nl >= 0 {
			start = lo + nl + 1
		}
		line, _, _ := strings.Cut(string(t[start:]), "\n")
		if k, _, _ := strings.Cut(line, "\t"); k < key {
			lo = min(start+len(line)+1, len(t))
		} else {
			hi = start
		}
	}
	return lo
}

// lists reports whether a word stands in a list with commas.
func lists(list, word string) bool {
	for more := true; more; {
		var first string
		if first, list, more = strings.Cut(list, ","); first == word {
			return true
		}
	}
	return false
}
