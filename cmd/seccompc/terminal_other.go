//go:build !linux

package main

import "os"

// isTerminal reports whether a stream is a terminal. It takes none for one here: output stays
// plain.
func isTerminal(*os.File) bool { return false }
