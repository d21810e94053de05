package main

import (
	"fmt"
	"slices"
	"strings"
)

// entryNames maps entry points that are assembly, or a name of another function's, to the function
// whose parameters they take.
var entryNames = map[string]string{
	"sys_mmap2":      "sys_mmap_pgoff", // arch/arm/kernel/entry-common.S
	"sys_ni_syscall": "",               // not implemented
}

// function returns the C function behind an entry point: without the marks of the assembly around
// it.
func function(entry string) string {
	if f, ok := entryNames[entry]; ok {
		return f
	}
	entry = strings.TrimPrefix(entry, "__")
	return strings.TrimSuffix(entry, "_wrapper")
}

// choose returns the definition of an entry point that holds on the target: the architecture's own
// before the common one, and of several that differ the one that the target's options compile.
func (t *target) choose(defs []definition) (definition, bool) {
	own := slices.DeleteFunc(slices.Clone(defs), func(d definition) bool {
		return !strings.HasPrefix(d.file, "arch/"+t.arch+"/")
	})
	if len(own) == 0 {
		own = slices.DeleteFunc(slices.Clone(defs), func(d definition) bool {
			return strings.HasPrefix(d.file, "arch/")
		})
	}
	for _, d := range own {
		differs := func(other definition) bool { return !slices.Equal(other.params, d.params) }
		if t.compiles(d.condition) || !slices.ContainsFunc(own, differs) {
			return d, true
		}
	}
	return definition{}, false
}

// compiles reports whether an option of the target's chooses the condition; "else" comes last.
func (t *target) compiles(condition string) bool {
	words := strings.FieldsFunc(condition, func(r rune) bool {
		return strings.ContainsRune(" ()!&|", r)
	})
	return condition == "else" || slices.ContainsFunc(t.config, func(c string) bool {
		return slices.Contains(words, c)
	})
}

// unknown stands in prototypes.txt for the parameters of a call without a definition.
const unknown = "?"

// prototypes returns the encoded parameters of the target's calls.
func (t *target) prototypes(calls []call, defs map[string][]definition, man manual) (
	map[string]string, error,
) {
	protos := map[string]string{}
	for _, c := range calls {
		f := function(c.entry)
		if defs[f] == nil && f != "" {
			f = c.entry
		}
		d, ok := t.choose(defs[f])
		if !ok {
			protos[c.name] = unknown
			continue
		}
		params := t.join(c.name, d.params)
		slots, err := t.slots(c, params, man.aliases(c.name, withoutPaddings(params)))
		if err != nil {
			return nil, fmt.Errorf("%s %s (%s): %w", t.abi, c.name, d.file, err)
		}
		protos[c.name] = encode(slots)
	}
	return protos, nil
}

// padding is the type of a parameter that keeps a register free, and its code.
const padding = "-"

// slot is one position of seccomp_data.args.
type slot struct {
	name, code, ctype string
	aliases           []string
}

// slots lays the parameters of a call out over the registers of the ABI.
func (t *target) slots(c call, params []param, aliases map[string][]string) ([]slot, error) {
	var slots []slot
	for _, p := range params {
		more := aliases[p.name]
		if p.ctype == padding {
			slots = append(slots, slot{code: padding})
			continue
		}
		code, err := typeCode(p.ctype)
		if err != nil {
			return nil, err
		}
		if narrow, ok := effective(c.name, p.name); ok {
			code = narrow
		}
		if bits := t.ignored(c, p.name); bits != 0 {
			code += fmt.Sprintf("~%#x", bits)
		}
		if strings.HasSuffix(code, "64") && t.facts().Bits == 32 && p.order[0] == "" {
			if t.even && len(slots)%2 != 0 {
				slots = append(slots, slot{code: padding})
			}
			p.order = t.order("") // that of the bytes
		}
		if p.order[0] != "" {
			slots = append(slots, t.halves(c.name, p, code, more)...)
			continue
		}
		slots = append(slots, slot{p.name, code, p.ctype, more})
	}
	return slots[:min(len(slots), 6)], nil
}

// encode writes slots as prototypes.txt holds them.
func encode(slots []slot) string {
	var parts []string
	for _, s := range slots {
		names := append([]string{s.name}, s.aliases...)
		parts = append(parts, strings.Join(names, "|")+":"+s.code+":"+s.ctype)
	}
	return strings.Join(parts, ";")
}
