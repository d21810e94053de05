// Package modes goes through the configurations of a policy: what its parameters can be together.
package modes

import (
	"fmt"
	"maps"
	"strings"

	"github.com/seccompc/seccompc/compiler"
	"github.com/seccompc/seccompc/compiler/resolve"
)

// Max bounds the configurations that [Each] returns.
const Max = 64

// Mode is one configuration of a policy.
type Mode struct {
	Name   string            // that its reader gave it, or "PARAM=VALUE,…"
	Params map[string]string // values, as [compiler.Options] has them
}

// Options returns the options of a compilation in this mode.
func (m Mode) Options(opts compiler.Options) compiler.Options {
	all := maps.Clone(opts.Params)
	if all == nil {
		all = map[string]string{}
	}
	maps.Copy(all, m.Params)
	opts.Params = all
	return opts
}

// Each returns every combination of values of the parameters that are booleans or have named
// values, the one of all defaults first. What the options have given is left alone, and numbers
// keep their values. More than [Max] combinations are an error.
func Each(params []resolve.Param) ([]Mode, error) {
	out := []Mode{{Params: map[string]string{}}}
	total := 1
	for _, p := range open(params) {
		if total *= len(p.Values); total > Max {
			return nil, fmt.Errorf("the parameters %s have more than %d configurations together; "+
				"give some of them a value with -D", nameList(open(params)), Max)
		}
		var more []Mode
		for _, m := range out {
			for _, v := range p.Values {
				next := Mode{Params: maps.Clone(m.Params)}
				next.Params[p.Name] = v
				next.Name = strings.TrimPrefix(m.Name+","+p.Name+"="+v, ",")
				more = append(more, next)
			}
		}
		out = more
	}
	return out, nil
}

// open returns the parameters that a configuration can choose a value of.
func open(params []resolve.Param) []resolve.Param {
	var out []resolve.Param
	for _, p := range params {
		if len(p.Values) > 0 && !p.Given {
			out = append(out, p)
		}
	}
	return out
}

func nameList(params []resolve.Param) string {
	names := make([]string, len(params))
	for i, p := range params {
		names[i] = p.Name
	}
	return strings.Join(names, ", ")
}

// Parse reads "NAME=PARAM=VALUE,…", and "NAME" for the configuration of all defaults.
func Parse(text string) (Mode, error) {
	name, values, _ := strings.Cut(text, "=")
	if !isName(name) {
		return Mode{}, fmt.Errorf("%q is no name of a configuration: letters, digits and _, - "+
			"or . "+
			"behind a letter", name)
	}
	m := Mode{name, map[string]string{}}
	if values == "" {
		return m, nil
	}
	for pair := range strings.SplitSeq(values, ",") {
		param, value, ok := strings.Cut(pair, "=")
		if !ok || param == "" || value == "" {
			return Mode{}, fmt.Errorf("%q is no value of a parameter; write NAME=PARAM=VALUE", pair)
		}
		if _, twice := m.Params[param]; twice {
			return Mode{}, fmt.Errorf("%s gets two values in %s", param, name)
		}
		m.Params[param] = value
	}
	return m, nil
}

// ParseAll reads configurations, of which each has a name of its own.
func ParseAll(texts []string) ([]Mode, error) {
	seen := map[string]bool{}
	var out []Mode
	for _, text := range texts {
		m, err := Parse(text)
		if err != nil {
			return nil, err
		}
		if key := strings.ToLower(m.Name); seen[key] {
			return nil, fmt.Errorf("two configurations are called %s", m.Name)
		} else {
			seen[key] = true
		}
		out = append(out, m)
	}
	return out, nil
}

func isName(s string) bool {
	for i, c := range []byte(s) {
		letter := 'a' <= c|0x20 && c|0x20 <= 'z'
		digit := '0' <= c && c <= '9'
		if !letter && (i == 0 || !digit && !strings.ContainsRune("_-.", rune(c))) {
			return false
		}
	}
	return s != ""
}
