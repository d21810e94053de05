//go:build !linux

package main

import "os"

// isTerminal reports whether a stream is a terminal. It takes none for one here: output stays
// plain.
func isTerminal(*os.File) bool { return false }

// terminalWidth returns the columns of a terminal, 0 where they are not known.
func terminalWidth(*os.File) int { return 0 }
