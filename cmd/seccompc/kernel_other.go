//go:build !linux

package main

import (
	"syscall"

	"github.com/spf13/cobra"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/runtime"
)

// makeCalls makes calls under a filter. Here it always fails.
func makeCalls(programs []asm.Program, _ []probe) ([]syscall.Errno, error) {
	return nil, runtime.Install(programs[0], runtime.Thread)
}

// newMakeCalls returns a command that always fails here.
func newMakeCalls() *cobra.Command { return &cobra.Command{Use: "make-calls", Hidden: true} }
