package peers

import (
	"errors"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/bench/neutral"
	"github.com/seccompc/seccompc/compiler"
)

// seccompc compiles the policy's text with this project's compiler, proof included. Its warnings are about
// the policy, not about the filter.
func seccompc(p *neutral.Policy) (asm.Program, error) {
	result, diags := compiler.Compile(p.Name+".scp", []byte(p.SCP()), compiler.Options{})
	if diags.HasErrors() {
		return nil, errors.New(diags[0].String()) // errors come first
	}
	return result.Program, nil
}
