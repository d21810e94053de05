//go:build !linux

package capture

// Run fails: it needs Linux.
func Run([]string, Options) (*Result, error) { return nil, ErrSystem }
