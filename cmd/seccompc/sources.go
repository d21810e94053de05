package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/seccompc/seccompc/compiler/resolve"
)

// sources are the files that a command line has read. No output may take the place of one.
type sources struct{ files []os.FileInfo }

type sourcesKey struct{}

// withSources gives a command line its list of files.
func withSources(ctx context.Context) context.Context {
	return context.WithValue(ctx, sourcesKey{}, &sources{})
}

func sourcesOf(cmd *cobra.Command) *sources {
	s, _ := cmd.Context().Value(sourcesKey{}).(*sources)
	return s
}

// add remembers a file that has been read; what is no regular file cannot be overwritten.
func (s *sources) add(info os.FileInfo, err error) {
	if s != nil && err == nil && info.Mode().IsRegular() {
		s.files = append(s.files, info)
	}
}

// addPolicy remembers the files of a policy, those that it includes too.
func (s *sources) addPolicy(r *resolve.Resolved) {
	for _, source := range r.Sources {
		s.add(os.Stat(source.Name)) // the value of a parameter is no file
	}
}

var errOverSource = errors.New("the output would take the place of a file that it is made from; " +
	"choose another name")

// holds returns an error where one of the files lies under a name, be it another name of it.
func (s *sources) holds(name string) error {
	info, err := os.Stat(name)
	if err != nil || s == nil {
		return nil
	}
	for _, f := range s.files {
		if os.SameFile(f, info) {
			return errOverSource
		}
	}
	return nil
}

// sameTarget reports whether two names are of one file, which need not exist yet.
func sameTarget(a, b string) bool {
	if infoA, err := os.Stat(a); err == nil {
		infoB, err := os.Stat(b)
		return err == nil && os.SameFile(infoA, infoB)
	}
	dirA, errA := os.Stat(filepath.Dir(a))
	dirB, errB := os.Stat(filepath.Dir(b))
	return errA == nil && errB == nil && os.SameFile(dirA, dirB) &&
		filepath.Base(a) == filepath.Base(b)
}
