package main

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
)

// The same source gives the same command, in whatever directory it is built.
func TestBuildIsReproducible(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: this builds the command twice")
	}
	var built [2][]byte
	for i := range built {
		dir := filepath.Join(t.TempDir(), "source")
		copySource(t, "../..", dir)
		if out, err := exec.Command("make", "-s", "-C", dir, "build").CombinedOutput(); err != nil {
			t.Fatalf("make build: %v\n%s", err, out)
		}
		var err error
		if built[i], err = os.ReadFile(filepath.Join(dir, "seccompc")); err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(built[i], []byte(dir)) {
			t.Errorf("the command holds the directory %s", dir)
		}
	}
	if !bytes.Equal(built[0], built[1]) {
		t.Error("two directories, two different commands")
	}
}

// copySource copies what the command is built from.
func copySource(t *testing.T, from, to string) {
	t.Helper()
	skip := []string{
		".git",
		"testdata",
		"bench",
		"docs",
		"dist",
		"node_modules",
		"site",
	}
	err := filepath.WalkDir(from, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, name)
		if err != nil {
			return err
		}
		switch {
		case d.IsDir() && slices.Contains(skip, d.Name()):
			return filepath.SkipDir
		case d.IsDir():
			return os.MkdirAll(filepath.Join(to, rel), 0o700)
		case !d.Type().IsRegular():
			return nil
		}
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, rel), data, info.Mode().Perm())
	})
	if err != nil {
		t.Fatal(err)
	}
}
