package blob

import (
	"fmt"
	"strings"

	"github.com/seccompc/seccompc/linux"
)

// c writes the module as one header.
func (m *Module) c() string {
	var b strings.Builder
	comment := languages["c"].comment
	if m.License != "" {
		fmt.Fprintf(&b, "%s\n", comment("SPDX-License-Identifier: "+m.License))
	}
	upper := strings.ToUpper(m.Name)
	includes, suffix := cIncludes, ""
	late := len(m.late()) > 0
	if late {
		includes, suffix = "#include \"seccompc.h\"\n", "_waiting"
	}
	fmt.Fprintf(&b, "%s\n#ifndef SECCOMPC_%s_H\n#define SECCOMPC_%[2]s_H\n\n%[3]s\n",
		comment(m.heading()), upper, includes)
	for i := range m.Configs[0].Machines {
		word := "#elif"
		if i == 0 {
			word = "#if"
		}
		fmt.Fprintf(&b, "%s %s\n", word, cTargets(m.Configs[0].Machines[i].ABIs))
		for _, v := range m.Configs {
			fmt.Fprintf(&b, "static const struct sock_filter %s[] = {\n%s};\n",
				m.array(v)+suffix,
				languages["c"].rows(v.Machines[i]))
			if late {
				m.cList(&b, v, v.Machines[i])
			}
		}
		if late {
			fmt.Fprintf(&b, "#define %s_LEN %d /* instructions of the longest filter */\n", upper,
				m.longest(i))
		}
	}
	fmt.Fprintf(&b, "#else\n#error \"the policy is for %s\"\n#endif\n", m.audience())
	m.cConfigurations(&b, upper)
	if late {
		m.cFill(&b, upper)
	} else {
		m.cInstall(&b, upper)
	}
	b.WriteString("\n#endif\n")
	return b.String()
}

const cIncludes = `#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
`

// cConfigurations writes the configurations.
func (m *Module) cConfigurations(b *strings.Builder, upper string) {
	if !m.several() {
		return
	}
	fmt.Fprintf(b, "\nenum %s_configuration {\n", m.Name)
	for _, v := range m.Configs {
		fmt.Fprintf(b, "\t%s_%s,", upper, strings.ToUpper(snake(v.Name)))
		if v.Values != "" {
			b.WriteString(" " + languages["c"].comment(v.Values))
		}
		b.WriteByte('\n')
	}
	b.WriteString("};\n")
}

// cChoice writes the function that chooses among the configurations.
func (m *Module) cChoice(b *strings.Builder, upper string) {
	fmt.Fprintf(b, "\n/* %[1]s_of returns the filter of a configuration and its length, or "+
		"NULL. */\n"+
		"static inline const struct sock_filter *%[1]s_of(enum %[1]s_configuration "+
		"configuration,\n"+
		"\t\t\t\t\t\t size_t *len)\n{\n\tswitch (configuration) {\n", m.Name)
	for _, v := range m.Configs {
		fmt.Fprintf(b, "\tcase %s_%s:\n\t\t*len = sizeof(%s) / sizeof(%[3]s[0]);\n"+
			"\t\treturn %[3]s;\n",
			upper, strings.ToUpper(snake(v.Name)), m.array(v))
	}
	b.WriteString("\t}\n\t*len = 0;\n\treturn NULL;\n}\n")
}

// cInstall writes the function that installs a filter for a thread, by prctl, which C declares in
// its strict modes too. It believes the kernel as c/seccompc.h does.
func (m *Module) cInstall(b *strings.Builder, upper string) {
	argument, filter, local := "void", m.Name, ""
	length := fmt.Sprintf("sizeof(%[1]s) / sizeof(%[1]s[0])", m.Name)
	if m.several() {
		m.cChoice(b, upper)
		argument = fmt.Sprintf("enum %s_configuration configuration", m.Name)
		filter, length, local = m.Name+"_of(configuration, &len)", "len", "\tsize_t len;\n"
	}
	fmt.Fprintf(b, cInstaller, m.Name, argument, filter, length, local)
}

// cInstaller has places for the name, the argument, the filter, its length, and a variable for
// that. What a user names does not end in _.
const cInstaller = `
/* %[1]s_install sets no_new_privs and installs the filter, for the calling thread and what that
 * starts; seccompc.h does so for all threads. It returns 0, or -1 with errno: not confined. */
static inline int %[1]s_install(%[2]s)
{
%[5]s	struct sock_fprog program_ = { 0, (struct sock_filter *)%[3]s };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1UL, 0UL, 0UL, 0UL) != 0)
		return -1;
	/* The kernel refuses an empty filter: who takes it is an older filter that pretends. */
	if (prctl(PR_SET_SECCOMP, (unsigned long)SECCOMP_MODE_FILTER, &program_, 0UL, 0UL) == 0) {
		errno = EPERM;
		return -1;
	}
	program_.len = (unsigned short)(%[4]s);
	return prctl(PR_SET_SECCOMP, (unsigned long)SECCOMP_MODE_FILTER, &program_, 0UL, 0UL);
}
`

// cTargets returns the condition by which a compiler for one of the ABIs is known.
func cTargets(abis []*linux.ABI) string {
	if len(abis) == 0 {
		return "1" // the filter looks at none
	}
	var out []string
	for _, abi := range abis {
		out = append(out, cMacros[abi.Name])
	}
	return strings.Join(out, " || ")
}

const (
	cBig    = " && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)"
	cLittle = " && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)"
)

var cMacros = map[string]string{
	"x86_64":      "(defined(__x86_64__) && !defined(__ILP32__))",
	"x32":         "(defined(__x86_64__) && defined(__ILP32__))",
	"i386":        "defined(__i386__)",
	"aarch64":     "defined(__aarch64__)",
	"arm":         "defined(__arm__)",
	"riscv64":     "(defined(__riscv) && __riscv_xlen == 64)",
	"loongarch64": "(defined(__loongarch__) && __loongarch_grlen == 64)",
	"ppc64":       "(defined(__powerpc64__)" + cBig,
	"ppc64le":     "(defined(__powerpc64__)" + cLittle,
	"s390x":       "defined(__s390x__)",
	"s390":        "(defined(__s390__) && !defined(__s390x__))",
	"mips":        "(defined(__mips__) && !defined(__mips64)" + cBig,
	"mipsel":      "(defined(__mips__) && !defined(__mips64)" + cLittle,
	"mips64":      "(defined(__mips64) && _MIPS_SIM == _ABI64" + cBig,
	"mips64el":    "(defined(__mips64) && _MIPS_SIM == _ABI64" + cLittle,
	"mips64n32":   "(defined(__mips64) && _MIPS_SIM == _ABIN32" + cBig,
	"mipsel64n32": "(defined(__mips64) && _MIPS_SIM == _ABIN32" + cLittle,
	"ppc":         "(defined(__powerpc__) && !defined(__powerpc64__)" + cBig,
	"parisc":      "(defined(__hppa__) && !defined(__LP64__))",
	"parisc64":    "(defined(__hppa__) && defined(__LP64__))",
	"m68k":        "defined(__m68k__)",
	"sh":          "(defined(__sh__)" + cLittle,
	"sheb":        "(defined(__sh__)" + cBig,
}
