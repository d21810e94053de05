package doc

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

const (
	begin = "<!-- seccompc:begin "
	end   = "<!-- seccompc:end -->"
)

// Block is a place in a document that [Doc.Markdown] fills: what stands between two markers.
type Block struct {
	Policy   string   // the policy's file, relative to the document
	Words    []string // of the marker, behind the policy
	Level    int      // that headings in it should have
	from, to int      // bytes of the document, markers included
}

// Blocks finds the blocks of a document. A marker without its partner is an error.
func Blocks(text string) ([]Block, error) {
	var out []Block
	var open *Block
	level, at, fenced := 0, 0, false
	for number, line := range slices.Collect(strings.Lines(text)) {
		word := strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(word, "```"):
			fenced = !fenced
		case fenced:
		case strings.HasPrefix(word, begin):
			if open != nil {
				return nil, fmt.Errorf("line %d: a block begins within another", number+1)
			}
			words := strings.Fields(strings.TrimSuffix(strings.TrimPrefix(word, begin), "-->"))
			if len(words) == 0 {
				return nil, fmt.Errorf("line %d: the marker does not name a policy", number+1)
			}
			open = &Block{Policy: words[0], Words: words[1:], Level: level + 1, from: at}
			if level == 0 {
				open.Level = DefaultLevel
			}
		case word == end:
			if open == nil {
				return nil, fmt.Errorf("line %d: a block ends that has not begun", number+1)
			}
			open.to = at + len(line)
			out = append(out, *open)
			open = nil
		case strings.HasPrefix(word, "#") && open == nil:
			level = min(len(word)-len(strings.TrimLeft(word, "#")), 5)
		}
		at += len(line)
	}
	if open != nil {
		return nil, fmt.Errorf("a block for %s does not end; %q is missing", open.Policy, end)
	}
	return out, nil
}

// DefaultLevel is that of headings where nothing stands above them.
const DefaultLevel = 4

// Find returns the block of a document that is for a policy.
func Find(document, text, policy string) (Block, error) {
	blocks, err := Blocks(text)
	if err != nil {
		return Block{}, err
	}
	name, err := Relative(document, policy)
	if err != nil {
		return Block{}, err
	}
	for _, b := range blocks {
		if filepath.ToSlash(filepath.Clean(b.Policy)) == name {
			return b, nil
		}
	}
	return Block{}, fmt.Errorf("there is no block for %s; put these two lines where it is to "+
		"stand:\n"+
		"%s%s -->\n%s", name, begin, name, end)
}

// Relative returns the name of a policy's file as the marker in a document has it.
func Relative(document, policy string) (string, error) {
	dir, err := filepath.Abs(filepath.Dir(document))
	if err != nil {
		return "", err
	}
	file, err := filepath.Abs(policy)
	if err != nil {
		return "", err
	}
	name, err := filepath.Rel(dir, file)
	return filepath.ToSlash(name), err
}

// Text returns the block's text in its document.
func (b Block) Text(text string) string { return text[b.from:b.to] }

// Replace returns the document with the block's text in its place.
func (b Block) Replace(text, block string) string { return text[:b.from] + block + text[b.to:] }
