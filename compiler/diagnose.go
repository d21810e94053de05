package compiler

import (
	"fmt"

	"github.com/seccompc/seccompc/diag"
)

// Code describes a kind of diagnostic.
type Code struct {
	Name    string
	Lint    bool    // a comment can allow it, and -W sets its level
	Doc     string  // what it means and what to do, one paragraph
	Example string  // a policy in which it occurs, or "" where it would be too long to show
	Options Options // with which the example is compiled
}

// LookupCode returns the description of a diagnostic code.
func LookupCode(name string) (Code, bool) {
	for i := range codes {
		if codes[i].Name == name {
			return codes[i], true
		}
	}
	return Code{}, false
}

// isLint is called for every finding.
func isLint(code string) bool {
	c, ok := LookupCode(code)
	return ok && c.Lint
}

// The codes that the resolver reports, and those of the tests and the lints of later stages.
const (
	codeUnknownSyscall  = "unknown-syscall"
	codeUnknownConstant = "unknown-constant"
	codeUnknownSet      = "unknown-set"
	codeUnknownArgument = "unknown-argument"
	codeUnknownArch     = "unknown-arch"
	codeUnknownParam    = "unknown-param"
	codeUnknownLint     = "unknown-lint"
	codeConstantRange   = "constant-range"
	codeMultiBitMask    = "multi-bit-mask"
	codeMixedEndian     = "mixed-endian"
	codeCycle           = "cycle"
	codeInclude         = "include"
	codeDuplicate       = "duplicate-definition"
	codeMissingDefault  = "missing-default"
	codeMisplaced       = "misplaced"
	codeWrongType       = "wrong-type"
	codeReservedName    = "reserved-name"
	codeTooLarge        = "too-large"
	codeTestFailed      = "test-failed"

	lintBypass            = "bypass"
	lintConstantCondition = "constant-condition"
	lintDuplicateSyscall  = "duplicate-syscall"
	lintPointerCompare    = "pointer-compare"
	lintErrnoRange        = "errno-range"
	lintNeverFails        = "never-fails"
	lintExempt            = "exempt"
	lintMissingOnABI      = "missing-on-abi"
	lintUnreadArgument    = "unread-argument"
	lintDependentWidth    = "dependent-width"
	lintAmbiguousArgument = "ambiguous-argument"
	lintBehindMultiplexer = "behind-multiplexer"
	lintShadowedName      = "shadowed-name"
)

// errorAt returns an error.
func errorAt(at diag.Span, code, format string, args ...any) diag.Finding {
	return diag.Finding{Severity: diag.Error, Code: code, Span: at, Message: fmt.Sprintf(format, args...)}
}

// warningAt returns a warning.
func warningAt(at diag.Span, code, format string, args ...any) diag.Finding {
	d := errorAt(at, code, format, args...)
	d.Severity = diag.Warning
	return d
}

// notes adds facts to a diagnostic.
func notes(d diag.Finding, texts ...string) diag.Finding {
	for _, t := range texts {
		if t != "" {
			d.Notes = append(d.Notes, diag.Note{Text: t})
		}
	}
	return d
}

// help adds to a diagnostic what to change.
func help(d diag.Finding, format string, args ...any) diag.Finding {
	d.Help = fmt.Sprintf(format, args...)
	return d
}
