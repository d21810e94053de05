package peers

import (
	"errors"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/bench/neutral"
	"github.com/seccompc/seccompc/compiler"
)

// seccompc writes the policy's text. Compiling it is done with the proof; warnings are about the
// policy, not about the filter.
func seccompc(p *neutral.Policy) (Compile, error) {
	text := []byte(p.SCP())
	return func() (asm.Program, Times, error) {
		result, diags := compiler.Compile(p.Name+".scp", text, compiler.Options{})
		if diags.HasErrors() {
			return nil, Times{}, errors.New(diags[0].String()) // errors come first
		}
		return result.Program, Times{result.TextTime, result.CodeTime, result.ProofTime}, nil
	}, nil
}
