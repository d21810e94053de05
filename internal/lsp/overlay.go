package lsp

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// overlay is what includes may read: the files of the disk, and of those that are open in the
// editor what stands there. What leaves a directory is refused as elsewhere.
type overlay struct {
	docs  map[string]*document // by path
	roots []*os.Root           // that are open
}

// open is compiler.Options.OpenDir.
func (o *overlay) open(dir string) (fs.FS, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	o.roots = append(o.roots, root)
	return &overlayDir{root.FS(), dir, o.docs}, nil
}

// close closes the directories.
func (o *overlay) close() {
	for _, r := range o.roots {
		r.Close() // was only read from
	}
}

// overlayDir is a directory of the disk with the editor's texts.
type overlayDir struct {
	disk fs.FS
	dir  string
	docs map[string]*document
}

// Open implements [fs.FS].
func (d *overlayDir) Open(name string) (fs.File, error) {
	if b, ok := d.buffer(name); ok {
		return b, nil
	}
	return d.disk.Open(name)
}

// Stat implements [fs.StatFS].
func (d *overlayDir) Stat(name string) (fs.FileInfo, error) {
	if b, ok := d.buffer(name); ok {
		return b, nil
	}
	return fs.Stat(d.disk, name)
}

// buffer returns the text that is open for a name: one under which a regular file may be, or is.
func (d *overlayDir) buffer(name string) (*buffer, bool) {
	doc := d.docs[filepath.Join(d.dir, filepath.FromSlash(name))]
	if doc == nil {
		return nil, false
	}
	info, err := fs.Stat(d.disk, name)
	if errors.Is(err, fs.ErrNotExist) || err == nil && info.Mode().IsRegular() {
		return &buffer{strings.NewReader(doc.text.string), name}, true
	}
	return nil, false
}

// buffer is an open text as a file.
type buffer struct {
	*strings.Reader
	name string
}

func (b *buffer) Close() error               { return nil }
func (b *buffer) Stat() (fs.FileInfo, error) { return b, nil }
func (b *buffer) Name() string               { return filepath.Base(b.name) }
func (b *buffer) Mode() fs.FileMode          { return 0o444 }
func (b *buffer) ModTime() time.Time         { return time.Time{} }
func (b *buffer) IsDir() bool                { return false }
func (b *buffer) Sys() any                   { return nil }
