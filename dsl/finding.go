package dsl

import (
	"fmt"

	"github.com/seccompc/seccompc/diag"
)

// syntaxCode is the code of every error that this package reports.
const syntaxCode = "syntax"

// syntaxError returns an error of syntax. The help may be empty.
func syntaxError(span diag.Span, help, format string, args ...any) diag.Finding {
	return diag.Finding{
		Severity: diag.Error,
		Code:     syntaxCode,
		Span:     span,
		Message:  fmt.Sprintf(format, args...),
		Help:     help,
	}
}
