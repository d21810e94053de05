package linux

// Multiplexed returns the multiplexer (socketcall, ipc) behind which the ABI has a system call, and the
// number of the call there. socketcall compares it with its first argument, ipc with the low 16 bits.
func (a *ABI) Multiplexed(name string) (mux string, call uint32, ok bool) { return "", 0, false }

// Exempt reports whether the kernel lets a call pass whatever a filter says.
func (a *ABI) Exempt(name string) bool { return false }

// NeverFails reports whether callers of a system call do not expect it to fail.
func NeverFails(name string) bool { return false }
