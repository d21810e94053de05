//go:build !unix

package main

import "os"

// watched are the signals that run passes on. Here nothing can run.
type watched struct{ late chan os.Signal }

func watchSignals() watched { return watched{} }

func (watched) orEnd(start func() error) error { return start() }

func (watched) passTo(*os.Process) {}

// childStatus is the outcome of a command that has run.
func childStatus(string, *os.ProcessState) error { return nil }
