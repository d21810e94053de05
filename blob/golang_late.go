package blob

import (
	"fmt"
	"strings"
)

// goFill writes the function that returns a filter with late values in it.
func (m *Module) goFill(b *strings.Builder) {
	var params, values, checks []string
	if m.several() {
		params = append(params, "c "+m.goExported()+"Configuration")
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
	fmt.Fprintf(b, "// %[1]s returns the filter for the machine that this is compiled for, with "+
		"late values in it. A value\n// out of range is an error, and so is a machine that the "+
		"policy does not serve.\nfunc %[1]s(%[2]s) ([]unix.SockFilter, error) {\n%[3]s",
		m.goFunction(), strings.Join(params, ", "), strings.Join(checks, ""))
	m.goCases(b, func(array string) string {
		return fmt.Sprintf("%sFilled(%s, %[2]sPlaces, %[3]s), nil", m.goPrefix(), array,
			strings.Join(values, ", "))
	})
	b.WriteString("\treturn nil, fmt.Errorf(\"the policy is not for %s\", runtime.GOARCH)\n}\n")
	fmt.Fprintf(b, goFilled, m.goPrefix())
}

// goFilled has places for what the names begin with.
const goFilled = `
// %[1]sPlace is where half of a late value goes.
type %[1]sPlace struct {
	instruction, value int
	high               bool
}

// %[1]sFilled returns a copy of a filter with late values, extended by their sign, in their places.
func %[1]sFilled(
	waiting []unix.SockFilter, places []%[1]sPlace, values ...uint64,
) []unix.SockFilter {
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
func (m *Module) goPlaces(b *strings.Builder, array string, f *Filter) {
	fmt.Fprintf(b, "\nvar %sPlaces = []%sPlace{\n", array, m.goPrefix())
	for _, p := range f.Relocations.Places {
		fmt.Fprintf(b, "\t{%d, %d, %v},\n", p.Instruction, p.Value, p.High)
	}
	b.WriteString("}\n")
}
