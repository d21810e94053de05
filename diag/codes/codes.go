// Package codes is the catalogue of findings about policies: the code of each kind, what it means,
// and a policy in which it occurs.
package codes

// Code describes a kind of diagnostic.
type Code struct {
	Name    string
	Lint    bool   // a comment can allow it, and -W sets its level
	Off     bool   // a lint that is not reported unless -W asks for it
	Doc     string // what it means and what to do, one paragraph
	Example string // a policy in which it occurs, or "" where it would be too long to show
	Fixed   string // that policy without it, where the edits of the finding do not make one

	// With what the example is compiled, as the compiler's options of these names.
	Params  map[string]string
	Disable []string
}

// Lookup returns the description of a diagnostic code.
func Lookup(name string) (Code, bool) {
	for i := range codes {
		if codes[i].Name == name {
			return codes[i], true
		}
	}
	return Code{}, false
}

// IsLint reports whether a code is a lint.
func IsLint(code string) bool {
	c, ok := Lookup(code)
	return ok && c.Lint
}

// The codes of all stages.
const (
	Syntax              = "syntax"
	UnknownSyscall      = "unknown-syscall"
	UnknownConstant     = "unknown-constant"
	UnknownSet          = "unknown-set"
	UnknownArgument     = "unknown-argument"
	UnknownArch         = "unknown-arch"
	UnknownParam        = "unknown-param"
	UnknownRelease      = "unknown-release"
	UnknownLint         = "unknown-lint"
	ConstantRange       = "constant-range"
	MultiBitMask        = "multi-bit-mask"
	MixedEndian         = "mixed-endian"
	Cycle               = "cycle"
	Include             = "include"
	DuplicateDefinition = "duplicate-definition"
	MissingDefault      = "missing-default"
	Misplaced           = "misplaced"
	WrongType           = "wrong-type"
	LateValue           = "late-value"
	ReservedName        = "reserved-name"
	TooLarge            = "too-large"
	TestFailed          = "test-failed"
	NotInstallable      = "not-installable"
	BadOption           = "bad-option"
	TooLong             = "too-long"
	NotProved           = "not-proved"

	Bypass            = "bypass"
	ConstantCondition = "constant-condition"
	DuplicateSyscall  = "duplicate-syscall"
	NothingSubtracted = "nothing-subtracted"
	PointerCompare    = "pointer-compare"
	ErrnoRange        = "errno-range"
	NeverFails        = "never-fails"
	Exempt            = "exempt"
	MissingOnABI      = "missing-on-abi"
	UnreadArgument    = "unread-argument"
	DependentWidth    = "dependent-width"
	AmbiguousArgument = "ambiguous-argument"
	BehindMultiplexer = "behind-multiplexer"
	ShadowedName      = "shadowed-name"
	UnreachableRule   = "unreachable-rule"
	EnumAsFlags       = "enum-as-flags"
	LibcName          = "libc-name"
	WideCompare       = "wide-compare"
	StackArgument     = "stack-argument"
	ArgumentLayout    = "argument-layout"
	DefaultOnly       = "default-only"
	ABIDoor           = "abi-door"
	NothingRuns       = "nothing-runs"
	OpenPolicy        = "open-policy"
	NoFallback        = "no-fallback"
	Sibling           = "sibling"
	Undated           = "undated"
	Outdated          = "outdated"
	ForeignComment    = "foreign-comment"
)
