package blob

import (
	"fmt"
	"strings"
)

// goFill writes the function that returns a filter with late values in it.
func (m *Module) goFill(b *strings.Builder) {
	var params, values, checks []string
	if m.several() {
		params = append(params, "c Configuration")
	}
	for _, a := range m.arguments("go") {
		kind := fmt.Sprintf("int%d", a.Width)
		if !a.Signed {
			kind = "u" + kind
		}
		params = append(params, a.param+" "+kind)
		values = append(values, "uint64("+a.param+")")
		if a.bound() != "" {
			checks = append(checks, fmt.Sprintf("\tif %[1]s < %[2]s || %[1]s > %[3]s {\n"+
				"\t\treturn nil, fmt.Errorf(\"%[4]s: %%d is out of range%[5]s\", %[1]s)\n\t}\n",
				a.param, a.Text(a.Min), a.Text(a.Max), a.Name, a.bound()))
		}
	}
	fmt.Fprintf(b, "// Filter returns the filter for the machine that this is compiled for, with "+
		"late values in it. A value\n// out of range is an error, and so is a machine that the "+
		"policy does not serve.\nfunc Filter(%s) ([]unix.SockFilter, error) {\n%s",
		strings.Join(params, ", "), strings.Join(checks, ""))
	m.goCases(b, func(array string) string {
		return fmt.Sprintf("filled(%s, places%s, %s), nil", array, array[len("filter"):],
			strings.Join(values, ", "))
	})
	b.WriteString("\treturn nil, fmt.Errorf(\"the policy is not for %s\", runtime.GOARCH)\n}\n" +
		goFilled)
}

const goFilled = `
// place is where half of a late value goes.
type place struct {
	instruction, value int
	high               bool
}

// filled returns a copy of a filter with late values, extended by their sign, in their places.
func filled(waiting []unix.SockFilter, places []place, values ...uint64) []unix.SockFilter {
	filter := append([]unix.SockFilter(nil), waiting...)
	for _, p := range places {
		value := values[p.value]
		if p.high {
			value >>= 32
		}
		in := &filter[p.instruction]
		in.Code, in.K = unix.BPF_JMP|unix.BPF_JEQ, uint32(value)
	}
	return filter
}
`

// goPlaces writes where a filter waits.
func goPlaces(b *strings.Builder, array string, f *Filter) {
	fmt.Fprintf(b, "\nvar places%s = []place{\n", array[len("filter"):])
	for _, p := range f.Relocations.Places {
		fmt.Fprintf(b, "\t{%d, %d, %v},\n", p.Instruction, p.Value, p.High)
	}
	b.WriteString("}\n")
}
