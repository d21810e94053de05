package blob

import (
	"fmt"
	"go/format"
	"slices"
	"strings"
	"unicode"

	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/linux"
)

// Module is the source of all filters of a policy: one for each configuration and kind of machine.
type Module struct {
	Name    string // "filter" if the reader gave none: that of what the source defines
	Package string // of Go, "" for one that is called by the name
	License string // its SPDX name, or ""
	Origin  string // the policy's file
	Hash    string // of the policy's text, or ""
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
		i := slices.IndexFunc(out, func(m []*linux.ABI) bool { return m[0].Machine == abi.Machine })
		if i < 0 {
			out = append(out, []*linux.ABI{abi})
		} else {
			out[i] = append(out[i], abi)
		}
	}
	return out
}

// Modules returns the formats that [Module.Encode] knows.
func Modules() []string { return []string{"c", "go", "rust"} }

// Encode writes the module in a language.
func (m *Module) Encode(language string) ([]byte, error) {
	if !isIdentifier(m.Name) {
		return nil, notNamed(m.Name)
	}
	if m.Package != "" && m.Package != "main" && !isIdentifier(m.Package) {
		return nil, notNamed(m.Package)
	}
	seen := map[string]string{}
	for _, v := range m.Configs {
		if other, ok := seen[camel(v.Name)]; ok {
			return nil, fmt.Errorf("%s and %s would have one name in the source", other, v.Name)
		}
		if slices.Contains(taken, camel(v.Name)) {
			return nil, fmt.Errorf("a configuration cannot be called %s: the source means "+
				"something else by it",
				v.Name)
		}
		seen[camel(v.Name)] = v.Name
	}
	if err := m.checkLate(); err != nil {
		return nil, err
	}
	switch language {
	case "c":
		return []byte(m.c()), nil
	case "go":
		return format.Source([]byte(m.golang()))
	case "rust":
		return []byte(m.rust()), nil
	}
	return nil, fmt.Errorf("unknown format %q", language)
}

// taken are names that the sources have for other things, or their languages.
var taken = []string{"Configuration", "Fill", "Filter", "Install", "Len", "Of", "Self"}

// notNamed says why a word is no name in the source.
func notNamed(s string) error {
	if isTaken(s) {
		return fmt.Errorf("%q is no name: C, C++, Go, Rust or a header means something by it", s)
	}
	return fmt.Errorf("%q is no name: it is lower-case letters, digits and single _ between "+
		"them, behind a letter", s)
}

// isIdentifier reports whether a text is an identifier in every language, in lower case.
func isIdentifier(s string) bool {
	for i, c := range []byte(s) {
		letter, digit := 'a' <= c && c <= 'z', '0' <= c && c <= '9'
		if !letter && (i == 0 || !digit && c != '_') {
			return false
		}
	}
	return s != "" && !strings.HasSuffix(s, "_") && !strings.Contains(s, "__") && !isTaken(s)
}

// isTaken reports whether a language means something by a word: headers of C may define what ends
// in _t.
func isTaken(s string) bool { return slices.Contains(keywords, s) || strings.HasSuffix(s, "_t") }

// keywords are the words of C, C++, Go and Rust that are none of ours, the lower-case macros that
// compilers and headers of C have, the function that the C calls, and names of packages that the go
// command does not build.
var keywords = strings.Fields(`abstract alignas alignof and and_eq as asm assert async auto await
	become bitand bitor bool box break case catch chan char char16_t char32_t char8_t class
	co_await co_return co_yield compl concept const const_cast consteval constexpr constinit
	continue crate decltype default defer delete do documentation double dyn dynamic_cast else enum
	errno explicit export extern fallthrough false final float fn for friend func gen go goto i386
	if impl import in init inline int interface let linux long loop macro main map match mod move
	mut mutable namespace new noexcept not not_eq nullptr offsetof op operator or or_eq override
	package prctl priv private protected pub public range ref register reinterpret_cast requires
	restrict return seccompc select self short signed sizeof static static_assert static_cast std
	stderr stdin stdout struct super switch template this thread_local throw trait true try type typedef typeid
	typename typeof typeof_unqual union unix unsafe unsigned unsized use using var virtual void
	volatile wchar_t where while xor xor_eq yield`)

// heading says where the source comes from. No path of this machine is in it.
func (m *Module) heading() string {
	origin := diag.Printable(m.Origin[strings.LastIndexAny(m.Origin, `/\`)+1:])
	if m.Hash == "" {
		return fmt.Sprintf("%sfrom %s. DO NOT EDIT.", written, origin)
	}
	return fmt.Sprintf("%s%s from %s, SHA-256 %s. DO NOT EDIT.", written, m.Version, origin, m.Hash)
}

// written begins the heading, which has the form that Go wants of generated files (go help
// generate).
const written = "Code generated by seccompc "

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
