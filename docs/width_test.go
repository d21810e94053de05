package docs

import (
	"go/scanner"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// maxWidth is the width of a line of Go, in columns; a tab is four.
const maxWidth = 100

// TestLineWidth holds every Go file that is written by hand against one line width. What cannot be
// broken may be longer: a raw string, the output of an example, and a string without a blank.
func TestLineWidth(t *testing.T) {
	files := 0
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.Name() == "testdata" || entry.Name() == "node_modules" {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, ".go") {
			return nil
		}
		src, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if files++; strings.HasPrefix(string(src), "// Code generated") {
			return nil
		}
		whole := unbroken(src)
		for i, line := range strings.Split(string(src), "\n") {
			if w := columns(line); w > maxWidth && !whole[i+1] {
				t.Errorf("%s:%d is %d columns wide, more than %d", path, i+1, w, maxWidth)
			}
		}
		return nil
	})
	if err != nil || files < 300 {
		t.Fatalf("%d files read: %v", files, err)
	}
}

// unbroken returns the lines that hold a part that no line break can stand in.
func unbroken(src []byte) map[int]bool {
	file := token.NewFileSet().AddFile("", -1, len(src))
	var s scanner.Scanner
	s.Init(file, src, nil, scanner.ScanComments)
	lines := map[int]bool{}
	output := false
	for {
		pos, tok, text := s.Scan()
		if tok == token.EOF {
			return lines
		}
		line := file.Line(pos)
		if tok == token.COMMENT {
			output = output || strings.HasPrefix(text, "// Output:")
			lines[line] = lines[line] || output
			continue
		}
		if tok == token.STRING && (text[0] == '`' || !strings.Contains(text, " ")) {
			for i := range strings.Count(text, "\n") + 1 {
				lines[line+i] = true
			}
		}
		output = output && tok == token.SEMICOLON
	}
}

func columns(line string) int {
	return utf8.RuneCountInString(line) + 3*strings.Count(line, "\t")
}
