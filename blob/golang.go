package blob

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/linux"
)

// golang writes the module as a package of its own, or as a file of one that has others beside it;
// the function chooses by GOARCH.
func (m *Module) golang() string {
	var b strings.Builder
	if m.License != "" {
		fmt.Fprintf(&b, "// SPDX-License-Identifier: %s\n", m.License)
	}
	fmt.Fprintf(&b, "// %s\n\n", m.heading())
	if m.Package != "" {
		fmt.Fprintf(&b, "package %s\n\n", m.Package)
	} else {
		fmt.Fprintf(&b, "// Package %s holds the filters of a policy for %s.\npackage %[1]s\n\n",
			m.Name, m.audience())
	}
	late := len(m.late()) > 0
	m.goImports(&b, late)
	m.goConfigurations(&b)
	if late {
		m.goFill(&b)
	} else {
		m.goChoice(&b)
	}
	for _, v := range m.Configs {
		for i, f := range v.Machines {
			fmt.Fprintf(&b, "\nvar %s = []unix.SockFilter{\n", m.goArray(v, i))
			b.WriteString(languages["go"].rows(f) + "}\n")
			if late {
				m.goPlaces(&b, m.goArray(v, i), f)
			}
		}
	}
	return b.String()
}

func (m *Module) goImports(b *strings.Builder, late bool) {
	b.WriteString("import (\n")
	if late {
		b.WriteString("\t\"fmt\"\n")
	}
	b.WriteString("\t\"runtime\"\n\n\t\"golang.org/x/sys/unix\"\n)\n\n")
}

// goExported begins the names of what the file defines for others, but for the function, which is
// called so where that is not "".
func (m *Module) goExported() string {
	if m.Package == "" {
		return ""
	}
	return camel(m.Name)
}

// goFunction is the name of the function that returns a filter.
func (m *Module) goFunction() string { return cmp.Or(m.goExported(), "Filter") }

// goPrefix begins the names of what the file defines for itself.
func (m *Module) goPrefix() string {
	name := m.goFunction()
	return strings.ToLower(name[:1]) + name[1:]
}

// goArray names the array of a configuration and a machine. No other name has a digit behind it.
func (m *Module) goArray(v Variant, machine int) string {
	return fmt.Sprintf("%s%s%d", m.goPrefix(), camel(v.Name), machine)
}

// goConfigurations writes the configurations.
func (m *Module) goConfigurations(b *strings.Builder) {
	if !m.several() {
		return
	}
	fmt.Fprintf(b, "// %sConfiguration is one of the policy.\ntype %[1]sConfiguration int\n\n"+
		"// The configurations of the policy.\nconst (\n", m.goExported())
	for i, v := range m.Configs {
		name := m.goExported() + camel(v.Name)
		if i == 0 {
			name += fmt.Sprintf(" %sConfiguration = iota", m.goExported())
		}
		if v.Values != "" {
			name += " // " + diag.Printable(v.Values)
		}
		fmt.Fprintf(b, "\t%s\n", name)
	}
	b.WriteString(")\n\n")
}

// goChoice writes the function that chooses among the filters.
func (m *Module) goChoice(b *strings.Builder) {
	const what = "// %[1]s returns the filter%[2]s for the machine that this is compiled for, or " +
		"nil for one\n// that the policy does not serve.\n" +
		"func %[1]s(%[3]s) []unix.SockFilter {\n"
	same := func(array string) string { return array }
	if m.several() {
		fmt.Fprintf(b, what, m.goFunction(), " of a configuration",
			"c "+m.goExported()+"Configuration")
	} else {
		fmt.Fprintf(b, what, m.goFunction(), "", "")
	}
	m.goCases(b, same)
	b.WriteString("\treturn nil\n}\n")
}

// goCases returns, for each configuration and machine, what is made of its array.
func (m *Module) goCases(b *strings.Builder, of func(array string) string) {
	if !m.several() {
		m.goMachines(b, m.Configs[0], of)
		return
	}
	b.WriteString("\tswitch c {\n")
	for _, v := range m.Configs {
		fmt.Fprintf(b, "\tcase %s:\n", m.goExported()+camel(v.Name))
		m.goMachines(b, v, of)
	}
	b.WriteString("\t}\n")
}

func (m *Module) goMachines(b *strings.Builder, v Variant, of func(array string) string) {
	b.WriteString("\tswitch runtime.GOARCH {\n")
	for i, f := range v.Machines {
		array := of(m.goArray(v, i))
		names := goarches(f.ABIs)
		if len(f.ABIs) == 0 {
			names = []string{"runtime.GOARCH"} // any: the filter looks at none
		}
		if len(names) > 0 {
			fmt.Fprintf(b, "\tcase %s:\n\t\treturn %s\n", strings.Join(names, ", "), array)
		}
	}
	b.WriteString("\t}\n")
}

// goarches returns the values of GOARCH for some ABIs, quoted; Go does not know all ABIs.
func goarches(abis []*linux.ABI) []string {
	var out []string
	for _, abi := range abis {
		if abi.GOARCH != "" {
			out = append(out, fmt.Sprintf("%q", abi.GOARCH))
		}
	}
	return out
}
