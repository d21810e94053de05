package peers

import (
	"errors"
	"fmt"
	"time"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/bench/neutral"
	"github.com/seccompc/seccompc/compiler"
	"github.com/seccompc/seccompc/proof"
)

// seccompc compiles the policy's text with this project's compiler, proof included. Its warnings
// are about the policy, not about the filter.
func seccompc(p *neutral.Policy) (asm.Program, error) {
	result, err := compile(p)
	if err != nil {
		return nil, err
	}
	return result.Program, nil
}

// ProofTime returns how much of our compiler's time goes into the proof that the filter is the
// policy.
func ProofTime(p *neutral.Policy) (time.Duration, error) {
	result, err := compile(p)
	if err != nil {
		return 0, err
	}
	start := time.Now()
	difference, err := proof.Equal(result.Policy, result.Program)
	if difference != nil {
		return 0, fmt.Errorf("the filter is not the policy: %+v", difference.Call)
	}
	return time.Since(start), err
}

func compile(p *neutral.Policy) (*compiler.Result, error) {
	result, diags := compiler.Compile(p.Name+".scp", []byte(p.SCP()), compiler.Options{})
	if diags.HasErrors() {
		return nil, errors.New(diags[0].String()) // errors come first
	}
	return result, nil
}
