package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/seccompc/seccompc/diag"
)

// maxInput bounds every file that is read: a blob has at most 32 KiB, a policy 512 (dsl.MaxSize).
const maxInput = 1 << 20

// input is the content of a FILE argument.
type input struct {
	path string // as the command line has it
	name string // the same, as a reader may see it
	data []byte
}

// stdinName is what messages call standard input.
const stdinName = "<stdin>"

// readInput reads a file, or standard input for "-".
func readInput(cmd *cobra.Command, name string) (input, error) {
	if name == "-" {
		if f, ok := cmd.InOrStdin().(*os.File); ok {
			sourcesOf(cmd).add(f.Stat())
		}
		data, err := readBounded(cmd.InOrStdin())
		return input{stdinName, stdinName, data}, fileError(stdinName, err)
	}
	f, err := os.Open(name)
	if err != nil {
		return input{}, fileError(name, err)
	}
	defer f.Close()
	sourcesOf(cmd).add(f.Stat())
	data, err := readBounded(f)
	return input{name, diag.Printable(name), data}, fileError(name, err)
}

func readBounded(r io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxInput+1))
	if err == nil && len(data) > maxInput {
		err = fmt.Errorf("there is more than %d bytes of it, more than any policy or filter has",
			maxInput)
	}
	return data, err
}

// fileError names the file and what to do.
func fileError(name string, err error) error {
	name = diag.Printable(name)
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	switch {
	case err == nil:
		return nil
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s: there is no such file", name)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%s: permission denied; check the rights of file and directory", name)
	case errors.Is(err, syscall.EISDIR):
		return fmt.Errorf("%s: this is a directory; name a file in it", name)
	}
	return fmt.Errorf("%s: %w", name, err)
}

// readFilled is readInput for a file that holds something: what an empty one lacks, the error says.
func readFilled(cmd *cobra.Command, name, lacks string) (input, error) {
	in, err := readInput(cmd, name)
	if err == nil && in.isEmpty() {
		err = wrong("%s: the file is empty: it holds %s", in.name, lacks)
	}
	return in, err
}

// isEmpty reports whether nothing is in the file but blanks.
func (in input) isEmpty() bool { return len(bytes.TrimSpace(in.data)) == 0 }
