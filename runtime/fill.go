package runtime

// Relocations say where a filter waits for late values: a *relocation.List.
type Relocations interface {
	Fill(filter []byte, values ...uint64) error
}

// Fill puts late values, in the order of the list, into a filter that waits for them, before it is
// parsed: see relocation.List. A value of a signed type is extended by its sign, so that -1 is
// ^uint64(0). It allocates nothing unless there is an error, and leaves the filter as it was then.
// A filter is filled once: [Parse] refuses one that waits, with an error that is
// [asm.ErrUnfilled], and Fill one that does not.
func Fill(filter []byte, list Relocations, values ...uint64) error {
	return list.Fill(filter, values...)
}
