package runtime

// Call is a system call of this program's own ABI, as [Preflight] asks a filter about it.
type Call struct {
	Name string // for the error message
	Nr   uint32 // unix.SYS_*
	Args [6]uint64
}
