package blob

import (
	"fmt"
	"strings"

	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/linux"
)

// rust writes the module so that rustfmt and clippy, pedantic and nursery lints included, have
// nothing to say.
func (m *Module) rust() string {
	var b strings.Builder
	if m.License != "" {
		fmt.Fprintf(&b, "// SPDX-License-Identifier: %s\n", m.License)
	}
	fmt.Fprintf(&b, "// %s\n", m.heading())
	late := len(m.late()) > 0
	if late {
		b.WriteString("\nuse seccompc::{Error, Filled, Instruction, Relocations, Value};\n\n")
	} else {
		b.WriteString("\nuse seccompc::Instruction;\n\n")
	}
	machines := m.Configs[0].Machines
	var all []string
	for _, f := range machines {
		all = append(all, rustTargets(f.ABIs)...)
	}
	fmt.Fprintf(&b, "#[rustfmt::skip]\n#[cfg(not(%s))]\n"+
		"compile_error!(\"the policy is for %s\");\n\n",
		rustAny(all), m.audience())
	m.rustConfigurations(&b)
	if late {
		m.rustLengths(&b)
		m.rustFill(&b)
	} else {
		m.rustChoice(&b)
	}
	b.WriteString("const fn op(code: u16, jt: u8, jf: u8, k: u32) -> Instruction {\n" +
		"    Instruction { code, jt, jf, k }\n}\n")
	for _, v := range m.Configs {
		for _, f := range v.Machines {
			fmt.Fprintf(&b, "\n#[rustfmt::skip]\n#[cfg(%s)]\nstatic %s: [Instruction; %d] = [\n",
				rustAny(rustTargets(f.ABIs)), strings.ToUpper(m.array(v)), len(f.Program))
			b.WriteString(languages["rust"].rows(f) + "];\n")
			if late {
				m.rustList(&b, v, f)
			}
		}
	}
	return b.String()
}

// several reports whether there are configurations to choose among.
func (m *Module) several() bool { return m.Configs[0].Name != "" }

// rustKind is the type of the configurations.
func (m *Module) rustKind() string {
	if m.Name == "filter" {
		return "Configuration"
	}
	return camel(m.Name) + "Configuration"
}

// rustConfigurations writes the configurations to choose among.
func (m *Module) rustConfigurations(b *strings.Builder) {
	if !m.several() {
		return
	}
	b.WriteString("/// The configurations of the policy.\n" +
		"#[allow(dead_code, clippy::enum_variant_names)]\n" +
		"#[derive(Debug, Clone, Copy, PartialEq, Eq)]\npub enum " + m.rustKind() + " {\n")
	for _, v := range m.Configs {
		values := "the defaults of all parameters"
		if v.Values != "" {
			values = "`" + strings.ReplaceAll(diag.Printable(v.Values), "`", "'") + "`"
		}
		fmt.Fprintf(b, "    /// %s.\n    %s,\n", strings.ToUpper(values[:1])+values[1:],
			camel(v.Name))
	}
	b.WriteString("}\n\n")
}

// rustChoice writes the function that returns a filter.
func (m *Module) rustChoice(b *strings.Builder) {
	const allow = "#[allow(dead_code, clippy::missing_const_for_fn)] // statics in const fn: " +
		"Rust 1.83\n#[must_use]\n"
	upper := func(v Variant) string { return strings.ToUpper(m.array(v)) }
	if !m.several() {
		fmt.Fprintf(b, "/// Returns the filter for the machine that this is compiled for.\n"+allow+
			"pub fn %s() -> &'static [Instruction] {\n    &%s\n}\n\n", m.Name, upper(m.Configs[0]))
		return
	}
	fmt.Fprintf(b, "/// Returns the filter of a configuration, for the machine that this is "+
		"compiled for.\n"+allow+"#[rustfmt::skip]\n"+
		"pub fn %s(configuration: %s) -> &'static [Instruction] {\n    match configuration {\n",
		m.Name, m.rustKind())
	for _, v := range m.Configs {
		fmt.Fprintf(b, "        %s::%s => &%s,\n", m.rustKind(), camel(v.Name), upper(v))
	}
	b.WriteString("    }\n}\n\n")
}

// rustAny joins conditions of which one must hold.
func rustAny(conditions []string) string {
	switch len(conditions) {
	case 0:
		return "all()" // always: the filter looks at no ABI
	case 1:
		return conditions[0]
	}
	return "any(" + strings.Join(conditions, ", ") + ")"
}

// rustTargets returns the conditions by which a compiler for one of the ABIs is known.
func rustTargets(abis []*linux.ABI) []string {
	var out []string
	for _, abi := range abis {
		arch, endian := abi.Name, ""
		switch abi.Name {
		case "i386":
			arch = "x86"
		case "x32":
			out = append(out, `all(target_arch = "x86_64", target_pointer_width = "32")`)
			continue
		case "x86_64":
			out = append(out, `all(target_arch = "x86_64", target_pointer_width = "64")`)
			continue
		case "mips64", "mips64el", "mips64n32", "mipsel64n32":
			out = append(out, rustMIPS64(abi))
			continue
		case "ppc":
			out = append(out, `target_arch = "powerpc"`)
			continue
		case "ppc64", "mips":
			endian = "big"
		case "ppc64le", "mipsel":
			endian = "little"
		}
		arch = strings.TrimSuffix(strings.TrimSuffix(strings.Replace(arch, "ppc", "powerpc", 1),
			"el"), "le")
		if endian == "" {
			out = append(out, fmt.Sprintf("target_arch = %q", arch))
		} else {
			out = append(out, fmt.Sprintf("all(target_arch = %q, target_endian = %q)", arch,
				endian))
		}
	}
	return out
}

// rustMIPS64 tells MIPS's ABIs of 64-bit registers apart.
func rustMIPS64(abi *linux.ABI) string {
	endian, width := "little", 64
	if abi.BigEndian {
		endian = "big"
	}
	if strings.HasSuffix(abi.Name, "n32") {
		width = 32
	}
	return fmt.Sprintf(
		`all(target_arch = "mips64", target_endian = %q, target_pointer_width = "%d")`,
		endian, width)
}
