package main

import (
	"os"

	"github.com/seccompc/seccompc/policy"
)

// readLogs reads what other tools have recorded.
func (r *recording) readLogs() error {
	admit := func(policy.Data) bool { return true }
	if r.base != nil {
		admit = r.base.lacks
	}
	for _, name := range r.from {
		f, err := os.Open(name)
		if err != nil {
			return fileError(name, err)
		}
		err = r.record.ReadLog(f, admit)
		f.Close()
		if err != nil {
			return wrong("%s: %w", name, err)
		}
	}
	return nil
}
