package blob

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/linux"
)

// Module is the source of all filters of a policy: one for each configuration and kind of machine.
type Module struct {
	Name    string // "filter" if the reader gave none: that of what the source defines
	License string // its SPDX name, or ""
	Origin  string // the policy's file
	Hash    string // of the policy's text
	Version string // of seccompc
	Configs []Variant
}

// Variant is a configuration of a policy.
type Variant struct {
	Name     string    // "" for the only one
	Values   string    // of the parameters
	Machines []*Filter // in the same order for every configuration
}

// Machines divides ABIs by the kernels that run them: a filter has to serve all that one kernel
// runs, since a program can execute one of another ABI.
func Machines(abis []*linux.ABI) [][]*linux.ABI {
	var out [][]*linux.ABI
	for _, abi := range abis {
		i := slices.IndexFunc(out, func(m []*linux.ABI) bool { return machine(m[0]) == machine(abi) })
		if i < 0 {
			out = append(out, []*linux.ABI{abi})
		} else {
			out[i] = append(out[i], abi)
		}
	}
	return out
}

// machine names the kind of kernel that runs an ABI.
func machine(abi *linux.ABI) string {
	switch abi.Name {
	case "x86_64", "i386", "x32":
		return "x86"
	case "aarch64", "arm":
		return "arm"
	case "s390", "s390x":
		return "s390"
	case "mips", "mips64":
		return "mips"
	case "mipsel", "mips64el":
		return "mipsel"
	}
	return abi.Name
}

// Modules returns the formats that [Module.Encode] knows.
func Modules() []string { return []string{"c", "rust"} }

// Encode writes the module in a language.
func (m *Module) Encode(format string) ([]byte, error) {
	if !isIdentifier(m.Name) {
		return nil, fmt.Errorf("%q is no name: letters, digits and _ behind a letter", m.Name)
	}
	seen := map[string]string{}
	for _, v := range m.Configs {
		if other, ok := seen[camel(v.Name)]; ok {
			return nil, fmt.Errorf("%s and %s would have one name in the source", other, v.Name)
		}
		seen[camel(v.Name)] = v.Name
	}
	switch format {
	case "c":
		return []byte(m.c()), nil
	case "rust":
		return []byte(m.rust()), nil
	}
	return nil, fmt.Errorf("unknown format %q", format)
}

// isIdentifier reports whether a text is an identifier in every language, in lower case.
func isIdentifier(s string) bool {
	for i, c := range []byte(s) {
		letter, digit := 'a' <= c && c <= 'z', '0' <= c && c <= '9'
		if !letter && (i == 0 || !digit && c != '_') {
			return false
		}
	}
	return s != "" && !strings.HasSuffix(s, "_") && !strings.Contains(s, "__") && !slices.Contains(keywords, s)
}

// keywords are the words of C and Rust that are none of ours.
var keywords = strings.Fields(`as async auto await bool box break case char const continue crate default do
	double dyn else enum extern false final float fn for gen goto if impl in inline int let long loop
	macro match mod move mut override priv pub ref register restrict return self short signed sizeof
	static struct super switch trait true try type typedef typeof union unsafe unsigned unsized use
	virtual void volatile where while yield op main`)

// heading says where the source comes from. No path of this machine is in it.
func (m *Module) heading() string {
	origin := m.Origin[strings.LastIndexAny(m.Origin, `/\`)+1:]
	return fmt.Sprintf("%s%s from %s, SHA-256 %s. Do not edit.", written, m.Version,
		diag.Printable(origin), m.Hash)
}

const written = "Written by seccompc "

// audience names the ABIs of all machines.
func (m *Module) audience() string {
	var names []string
	for _, f := range m.Configs[0].Machines {
		names = append(names, f.abiNames()...)
	}
	return strings.Join(names, ", ")
}

// parts are the words of a configuration's name, in lower case.
func parts(name string) []string {
	var out []string
	last := ' '
	for _, r := range name {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			last = ' '
			continue
		case last == ' ' || unicode.IsUpper(r) && unicode.IsLower(last):
			out = append(out, "")
		}
		out[len(out)-1] += string(unicode.ToLower(r))
		last = r
	}
	return out
}

func camel(name string) string {
	var b strings.Builder
	for _, p := range parts(name) {
		b.WriteString(strings.ToUpper(p[:1]) + p[1:])
	}
	return b.String()
}

func snake(name string) string { return strings.Join(parts(name), "_") }

// array is the name of a configuration's array, in lower case.
func (m *Module) array(v Variant) string {
	if v.Name == "" {
		return m.Name
	}
	return m.Name + "_" + snake(v.Name)
}

// rows writes the instructions, a line each.
func (f *Filter) rows(row func(code uint16, jt, jf uint8, k uint32, text string) string) string {
	comments := f.comments()
	var b strings.Builder
	for pc, in := range f.Program {
		text := fmt.Sprintf("%03d: %s", pc, f.Program.Text(pc))
		if comments[pc] != "" {
			text += " ; " + comments[pc]
		}
		b.WriteString(row(in.Op, in.Jt, in.Jf, in.K, text))
	}
	return b.String()
}
