package explain

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
)

// Answers are what a filter does for all calls of one number, on ABIs where it does the same.
type Answers struct {
	ABIs  []string `json:"abis"`
	Steps []Step   `json:"steps"` // the first that holds decides; the last one always does
}

// OfCall tells what programs do, which are installed one after the other, for a system call by
// its name, whatever its arguments, on each of some ABIs that has a number for it. A single
// program may wait for late values.
func OfCall(
	name string, abis []*linux.ABI, order binary.ByteOrder, late []*policy.Late,
	stack ...asm.Program,
) ([]Answers, error) {
	rows, err := rowsOf(order, late, stack...)
	if err != nil {
		return nil, err
	}
	var out []Answers
	for _, abi := range abis {
		nr, ok := abi.Number(name)
		if !ok {
			continue
		}
		g := newSection(abi, numbersOf(abi), rows).at(nr)
		steps := g.steps(about(abi, nr), 0, false)
		i := slices.IndexFunc(out, func(a Answers) bool { return slices.Equal(a.Steps, steps) })
		if i < 0 {
			i = len(out)
			out = append(out, Answers{Steps: steps})
		}
		out[i].ABIs = append(out[i].ABIs, abi.Name)
	}
	return out, nil
}

// Text returns the answers for people, in lines of a width, or 0 for one line an answer.
func (a Answers) Text(width int) string {
	var out strings.Builder
	fmt.Fprintf(&out, "on %s:\n", strings.Join(a.ABIs, ", "))
	for i, s := range a.Steps {
		condition := s.condition()
		if condition == "" && i > 0 {
			condition = " otherwise"
		}
		out.WriteString(folded(s.Action+condition+s.doubt(), width))
	}
	return out.String()
}
