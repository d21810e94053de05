package blob

import (
	"fmt"
	"strings"

	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/linux"
)

// golang writes the module as a package, whose function chooses by GOARCH.
func (m *Module) golang() string {
	var b strings.Builder
	if m.License != "" {
		fmt.Fprintf(&b, "// SPDX-License-Identifier: %s\n", m.License)
	}
	fmt.Fprintf(&b, "// %s\n\n// Package %s holds the filters of a policy for %s.\n"+
		"package %[2]s\n\n",
		m.heading(), m.Name, m.audience())
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
			fmt.Fprintf(&b, "\nvar %s = []unix.SockFilter{\n", goArray(v, i))
			b.WriteString(f.rows(func(code uint16, jt, jf uint8, k uint32, text string) string {
				return fmt.Sprintf(languages["go"].line+" %s\n", code, jt, jf, k,
					languages["go"].comment(text))
			}))
			b.WriteString("}\n")
			if late {
				goPlaces(&b, goArray(v, i), f)
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

// goArray names the array of a configuration and a machine.
func goArray(v Variant, machine int) string {
	return fmt.Sprintf("filter%s%d", camel(v.Name), machine)
}

// goConfigurations writes the configurations.
func (m *Module) goConfigurations(b *strings.Builder) {
	if !m.several() {
		return
	}
	b.WriteString("// Configuration is one of the policy.\ntype Configuration int\n\n" +
		"// The configurations of the policy.\nconst (\n")
	for i, v := range m.Configs {
		name := camel(v.Name)
		if i == 0 {
			name += " Configuration = iota"
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
	const what = "// Filter returns the filter%s for the machine that this is compiled for, or " +
		"nil for one\n// that the policy does not serve.\nfunc Filter(%s) []unix.SockFilter {\n"
	same := func(array string) string { return array }
	if m.several() {
		fmt.Fprintf(b, what, " of a configuration", "c Configuration")
	} else {
		fmt.Fprintf(b, what, "", "")
	}
	m.goCases(b, same)
	b.WriteString("\treturn nil\n}\n")
}

// goCases returns, for each configuration and machine, what is made of its array.
func (m *Module) goCases(b *strings.Builder, of func(array string) string) {
	if !m.several() {
		goMachines(b, m.Configs[0], of)
		return
	}
	b.WriteString("\tswitch c {\n")
	for _, v := range m.Configs {
		fmt.Fprintf(b, "\tcase %s:\n", camel(v.Name))
		goMachines(b, v, of)
	}
	b.WriteString("\t}\n")
}

func goMachines(b *strings.Builder, v Variant, of func(array string) string) {
	b.WriteString("\tswitch runtime.GOARCH {\n")
	for i, f := range v.Machines {
		if names := goarches(f.ABIs); len(names) > 0 {
			fmt.Fprintf(b, "\tcase %s:\n\t\treturn %s\n", strings.Join(names, ", "),
				of(goArray(v, i)))
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
