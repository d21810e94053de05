package stack

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/policy"
)

// Waiting is a program and the late values that it waits for, by number.
type Waiting struct {
	Program asm.Program
	Late    []*policy.Late
}

// Join numbers the late values of programs together, and returns the programs with these numbers
// and the values. A name stands for one value, which must be declared alike.
func Join(parts ...Waiting) ([]asm.Program, []*policy.Late, error) {
	var programs []asm.Program
	var late []*policy.Late
	for _, part := range parts {
		numbers := make([]int, len(part.Late))
		for i, l := range part.Late {
			at := slices.IndexFunc(late, func(x *policy.Late) bool { return x.Name == l.Name })
			if at < 0 {
				at, late = len(late), append(late, l)
			} else if !reflect.DeepEqual(late[at], l) {
				return nil, nil, fmt.Errorf("the late value %s is declared twice, and not "+
					"with the same type and range", l.Name)
			}
			numbers[i] = at
		}
		p := slices.Clone(part.Program)
		for _, place := range p.Places() {
			if place.Value < len(numbers) {
				pc := place.Instruction
				place.Value = numbers[place.Value]
				p[pc].K = place.K()
			}
		}
		programs = append(programs, p)
	}
	return programs, late, nil
}

// values returns values of the late ones, by number: 0 for those that are not given.
func (s Stack) values(given policy.LateValues) []uint64 {
	values := make([]uint64, len(s.Late))
	for i, l := range s.Late {
		values[i] = given[l.Name]
	}
	return values
}
