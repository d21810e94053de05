package linux

import (
	"iter"
	"strings"
)

// table is a text of lines "key TAB rest", each ended by a line feed, sorted by key in byte order.
// Lines that start with "#" stand at its head and are comments.
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
		for at := t.search(prefix); at < len(t) && strings.HasPrefix(string(t[at:]), prefix); {
			end := t.next(at)
			key, rest, _ := strings.Cut(string(t[at:end-1]), "\t")
			if !yield(key, rest) {
				return
			}
			at = end
		}
	}
}

// search returns the offset of the first line whose key is not less than key. A line compares with
// a key as its own key does: the tab behind that comes before every character of a key.
func (t table) search(key string) int {
	const few = 100       // bytes: some lines of most tables
	lo, hi := 0, len(t)-1 // lines before lo are less, lines that start behind hi are not
	for hi-lo > few {
		middle := (lo + hi) / 2
		if start := t.next(middle); start <= hi && string(t[start:]) < key {
			lo = start
		} else {
			hi = middle
		}
	}
	for lo < len(t) && string(t[lo:]) < key {
		lo = t.next(lo)
	}
	return lo
}

// next returns the offset of the first line that starts behind an offset.
func (t table) next(offset int) int {
	return offset + strings.IndexByte(string(t[offset:]), '\n') + 1
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
