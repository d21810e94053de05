package linux

// Arg is one parameter of a system call, as the kernel reads it on one ABI.
type Arg struct {
	Name    string   // in the kernel's prototype
	Aliases []string // the man page's names, and Name without leading underscores
	Type    string   // in C, as the kernel declares it
	Width   int      // the low bits that can change what the kernel does: 16, 32 or 64; 0 for a padding slot
	Signed  bool
	Pointer bool
}

// Prototype returns the parameters of a system call by position, and false for a name without one.
func (a *ABI) Prototype(name string) ([]Arg, bool) { return nil, false }
