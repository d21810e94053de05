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
	b.WriteString("import (\n\t\"runtime\"\n\n\t\"golang.org/x/sys/unix\"\n)\n\n")
	m.goChoice(&b)
	for _, v := range m.Configs {
		for i, f := range v.Machines {
			fmt.Fprintf(&b, "\nvar %s = []unix.SockFilter{\n", goArray(v, i))
			b.WriteString(f.rows(func(code uint16, jt, jf uint8, k uint32, text string) string {
				return fmt.Sprintf(languages["go"].line+" %s\n", code, jt, jf, k,
					languages["go"].comment(text))
			}))
			b.WriteString("}\n")
		}
	}
	return b.String()
}

// goArray names the array of a configuration and a machine.
func goArray(v Variant, machine int) string {
	return fmt.Sprintf("filter%s%d", camel(v.Name),
		machine)
}

// goChoice writes the configurations, and the function that chooses among them.
func (m *Module) goChoice(b *strings.Builder) {
	const what = "// Filter returns the filter%s for the machine that this is compiled for, or " +
		"nil for one\n" +
		"// that the policy does not serve.\n"
	if m.Configs[0].Name == "" {
		fmt.Fprintf(b, what+"func Filter() []unix.SockFilter {\n", "")
		m.goMachines(b, m.Configs[0], "\t")
		b.WriteString("\treturn nil\n}\n")
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
	fmt.Fprintf(b, ")\n\n"+what+"func Filter(c Configuration) []unix.SockFilter {\n\tswitch c {\n",
		" of a configuration")
	for _, v := range m.Configs {
		fmt.Fprintf(b, "\tcase %s:\n", camel(v.Name))
		m.goMachines(b, v, "\t\t")
	}
	b.WriteString("\t}\n\treturn nil\n}\n")
}

func (m *Module) goMachines(b *strings.Builder, v Variant, indent string) {
	fmt.Fprintf(b, "%sswitch runtime.GOARCH {\n", indent)
	for i, f := range v.Machines {
		if names := goarches(f.ABIs); len(names) > 0 {
			fmt.Fprintf(b, "%[1]scase %[2]s:\n%[1]s\treturn %[3]s\n", indent,
				strings.Join(names, ", "), goArray(v, i))
		}
	}
	fmt.Fprintf(b, "%s}\n", indent)
}

// goarches returns the values of GOARCH for some ABIs, quoted; Go does not know all ABIs.
func goarches(abis []*linux.ABI) []string {
	known := map[string]string{
		"x86_64": "amd64", "i386": "386", "aarch64": "arm64", "arm": "arm", "riscv64": "riscv64",
		"loongarch64": "loong64", "ppc64": "ppc64", "ppc64le": "ppc64le", "s390x": "s390x",
		"mips": "mips", "mipsel": "mipsle", "mips64": "mips64", "mips64el": "mips64le",
	}
	var out []string
	for _, abi := range abis {
		if name, ok := known[abi.Name]; ok {
			out = append(out, fmt.Sprintf("%q", name))
		}
	}
	return out
}
