package resolve

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/diag/codes"
	"github.com/seccompc/seccompc/dsl"
)

const (
	maxFiles        = 100 // of a policy and all that it includes
	maxIncludeDepth = 20
	maxBytes        = 8 * dsl.MaxSize // of all files together
)

// loader reads the files of a policy.
type loader struct {
	*resolver
	trees  map[string]fs.FS // opened directories
	closes []io.Closer
	parsed map[string]*dsl.File
	stack  []place // the files that are being included
	bytes  int     // of the files that were parsed
}

// place is a file within a directory that includes may read.
type place struct{ tree, file string }

func (p place) String() string { return filepath.Join(p.tree, filepath.FromSlash(p.file)) }

// load parses the policy and everything that it includes.
func (r *resolver) load(name string, src []byte) {
	r.loaded = loaded{bodies: map[*dsl.Include]*dsl.File{}}
	l := &loader{resolver: r, trees: map[string]fs.FS{}, parsed: map[string]*dsl.File{}}
	defer func() {
		for _, c := range l.closes {
			c.Close() // was only read from
		}
	}()
	main := place{filepath.Dir(name), filepath.ToSlash(filepath.Base(name))}
	l.includes(l.parse(name, src), main)
}

// Files is a policy and everything that it includes, as trees.
type Files struct {
	All    []*dsl.File                // the policy first
	Bodies map[*dsl.Include]*dsl.File // what is included, where it could be read
}

// Read parses a policy and everything that it includes. The name is as in [Text], which tells what
// is wrong with them.
func Read(name string, src []byte, opts Options) Files {
	r := newResolver(opts)
	r.load(name, src)
	return Files{r.files, r.bodies}
}

// lintDirectives reports comments that look like lines of C's preprocessor.
func (r *resolver) lintDirectives() {
	for _, f := range r.files {
		for _, at := range f.Directives {
			text := strings.Replace(at.Text()[1:], "include", "include ", 1)
			words := strings.Fields(text)
			d := diag.Warningf(at, codes.ForeignComment, "#%s begins a comment, and does nothing",
				words[0])
			write := "there is no preprocessor: a choice is a when block"
			switch {
			case words[0] == "include":
				path := strings.Trim(strings.TrimPrefix(text, "include"), ` "<>`)
				write = "write include \"" + path + "\""
			case words[0] == "define" && len(words) == 3:
				write = "write const " + words[1] + " = " + words[2]
			}
			r.report.add(nil,
				d.WithHelp("%s; put a blank behind # where a comment is meant", write))
		}
	}
}

func (l *loader) parse(name string, src []byte) *dsl.File {
	f, diags := dsl.Parse(name, src)
	for _, d := range diags {
		l.report.add(nil, d)
	}
	l.parsed[filepath.Clean(name)] = f
	l.files = append(l.files, f)
	l.gaps.addFile(f)
	l.words += f.Words
	return f
}

// includes loads what the file at p includes.
func (l *loader) includes(f *dsl.File, p place) {
	l.stack = append(l.stack, p)
	defer func() { l.stack = l.stack[:len(l.stack)-1] }()
	for s := range f.All() {
		if inc, ok := s.(*dsl.Include); ok {
			if err := l.include(inc, p); err != nil {
				l.gaps.all = true
				code := codes.Include
				if errors.Is(err, errCycle) {
					code = codes.Cycle
				}
				d := diag.Errorf(inc.Path.Span, code, "%v", err)
				l.report.add(nil, d.WithHelp("%s", includeHelp(err)))
			}
		}
	}
}

var (
	errCycle = errors.New("the file includes itself")
	errLeave = errors.New("the path leaves the directories of the policy; -I adds one")
)

func (l *loader) include(inc *dsl.Include, from place) error {
	p, src, err := l.find(inc.Path.Text(), from)
	if err != nil {
		return err
	}
	if len(l.stack) > maxIncludeDepth {
		return fmt.Errorf("includes are more than %d deep", maxIncludeDepth)
	}
	f, seen := l.parsed[p.String()]
	if !seen {
		if len(l.parsed) == maxFiles {
			return fmt.Errorf("the policy has more than %d files", maxFiles)
		}
		if l.bytes += len(src); l.bytes > maxBytes {
			return fmt.Errorf("with this file the policy has more than %d bytes", maxBytes)
		}
		if l.words <= dsl.MaxWords {
			f = l.parse(p.String(), src)
		}
		if l.words > dsl.MaxWords {
			return fmt.Errorf("with this file the policy has more than %d words, numbers and signs",
				dsl.MaxWords)
		}
	}
	l.bodies[inc] = f
	if !seen {
		l.includes(f, p)
	}
	return nil
}

// find reads an included file: relative to the including one, or else in the directories of -I.
func (l *loader) find(name string, from place) (place, []byte, error) {
	if name == "" {
		return place{}, nil, errors.New("the path is empty; write the name of a file")
	}
	if filepath.IsAbs(name) || path.IsAbs(name) {
		return place{}, nil, errors.New("the path is absolute; includes are relative to their file")
	}
	p := place{from.tree, path.Join(path.Dir(from.file), name)}
	var candidates []place
	if p.file != ".." && !strings.HasPrefix(p.file, "../") {
		candidates = append(candidates, p)
	}
	for _, dir := range l.opts.Include {
		rel, err := filepath.Rel(dir, p.String())
		if rel = filepath.ToSlash(rel); err == nil && filepath.IsLocal(rel) {
			candidates = append(candidates, place{dir, rel})
		}
		if clean := path.Clean(name); filepath.IsLocal(clean) {
			candidates = append(candidates, place{dir, clean})
		}
	}
	if len(candidates) == 0 {
		return place{}, nil, errLeave
	}
	var first error
	for _, c := range candidates {
		if slices.ContainsFunc(l.stack, func(p place) bool { return p.String() == c.String() }) {
			return place{}, nil, errCycle
		}
		src, err := l.read(c)
		if err == nil {
			return c, src, nil
		}
		if first == nil {
			first = err
		}
		if !errors.Is(err, fs.ErrNotExist) {
			break
		}
	}
	return place{}, nil, first
}

// read returns the text of a regular file.
func (l *loader) read(p place) ([]byte, error) {
	tree, err := l.tree(p.tree)
	if err != nil {
		return nil, err
	}
	info, err := fs.Stat(tree, p.file)
	if err != nil {
		return nil, fmt.Errorf("the file cannot be read: %w", plain(err))
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("this is not a regular file")
	}
	if info.Size() > dsl.MaxSize {
		return nil, fmt.Errorf("the file has more than %d bytes", dsl.MaxSize)
	}
	f, err := tree.Open(p.file)
	if err != nil {
		return nil, fmt.Errorf("the file cannot be read: %w", plain(err))
	}
	defer f.Close()
	src, err := io.ReadAll(io.LimitReader(f, dsl.MaxSize+1))
	if err != nil {
		return nil, fmt.Errorf("the file cannot be read: %w", plain(err))
	}
	return src, nil
}

// includeHelp says how to mend an include.
func includeHelp(err error) string {
	switch {
	case errors.Is(err, errCycle):
		return "take one of the includes out: move what both files need into a third"
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, errLeave):
		return "put the file below the policy's directory, or name its directory with -I"
	}
	return "name a policy by a path relative to this file, or to a directory of -I"
}

// plain takes the path away from an error; the diagnostic stands at the path.
func plain(err error) error {
	var perr *fs.PathError
	if errors.As(err, &perr) {
		if strings.Contains(perr.Err.Error(), "escapes") {
			return errLeave
		}
		return perr.Err
	}
	return err
}

// tree opens a directory. Names in it cannot leave it, not by links either.
func (l *loader) tree(dir string) (fs.FS, error) {
	if t, ok := l.trees[dir]; ok {
		return t, nil
	}
	t, err := l.open(dir)
	if err != nil {
		return nil, fmt.Errorf("the directory %s cannot be read: %w", dir, plain(err))
	}
	l.trees[dir] = t
	return t, nil
}

func (l *loader) open(dir string) (fs.FS, error) {
	if l.opts.OpenDir != nil {
		return l.opts.OpenDir(dir)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	l.closes = append(l.closes, root)
	return root.FS(), nil
}
