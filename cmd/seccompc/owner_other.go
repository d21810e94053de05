//go:build !unix

package main

import (
	"io/fs"
	"os"
)

// chownAs gives a file the owner and the group of another one. Here files have none.
func chownAs(*os.File, fs.FileInfo) error { return nil }
