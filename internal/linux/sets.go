package linux

// SetNames returns the names of the built-in sets, each with its "@", sorted.
func SetNames() []string { return nil }

// Set returns the members of a built-in set, flattened and sorted, whichever ABI has them. "@known" is
// every name of every ABI.
func Set(name string) ([]string, bool) { return nil, false }

// Set returns the members of a built-in set that exist on the ABI, in its table or behind a multiplexer.
func (a *ABI) Set(name string) ([]string, bool) { return nil, false }
