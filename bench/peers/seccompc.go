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

// seccompc writes the policy's text. Compiling it is done with the proof; warnings are about the
// policy, not about the filter.
func seccompc(p *neutral.Policy) (Compile, error) {
	text := []byte(p.SCP())
	return func() (asm.Program, error) {
		result, err := compileText(p.Name, text)
		if err != nil {
			return nil, err
		}
		return result.Program, nil
	}, nil
}

func compileText(name string, text []byte) (*compiler.Result, error) {
	result, diags := compiler.Compile(name+".scp", text, compiler.Options{})
	if diags.HasErrors() {
		return nil, errors.New(diags[0].String()) // errors come first
	}
	return result, nil
}

// ProofTime returns how much of our compiler's time goes into the proof that the filter is the
// policy.
func ProofTime(p *neutral.Policy) (time.Duration, error) {
	result, err := compileText(p.Name, []byte(p.SCP()))
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
