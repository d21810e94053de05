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
		d, ok := t.choose(defs[function(c.entry)])
		if !ok {
			protos[c.name] = unknown
			continue
		}
		slots, err := t.slots(c, d.params)
		if err != nil {
			return nil, fmt.Errorf("%s %s (%s): %w", t.abi, c.name, d.file, err)
		}
		protos[c.name] = encode(slots, man.aliases(c.name, d.params))
	}
	return protos, nil
}

// slot is one position of seccomp_data.args.
type slot struct{ name, code, ctype string }

// slots lays the parameters of a call out over the registers of the ABI.
func (t *target) slots(c call, params []param) ([]slot, error) {
	var slots []slot
	for _, p := range params {
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
		if strings.HasSuffix(code, "64") && t.facts().Bits == 32 {
			slots = append(slots, t.split(len(slots), p)...)
			continue
		}
		slots = append(slots, slot{p.name, code, p.ctype})
	}
	return slots[:min(len(slots), 6)], nil
}

// split gives a 64-bit parameter its two registers, in the order of the bytes.
func (t *target) split(position int, p param) []slot {
	lo, hi := slot{p.name + "_lo", "u32", p.ctype}, slot{p.name + "_hi", "u32", p.ctype}
	words := []slot{lo, hi}
	if t.facts().BigEndian {
		words = []slot{hi, lo}
	}
	if t.even && position%2 != 0 {
		return append([]slot{{"", "-", ""}}, words...)
	}
	return words
}

// encode writes slots as prototypes.txt holds them, with the aliases of each parameter's name.
func encode(slots []slot, aliases map[string][]string) string {
	var parts []string
	for _, s := range slots {
		names := append([]string{s.name}, aliases[s.name]...)
		parts = append(parts, strings.Join(names, "|")+":"+s.code+":"+s.ctype)
	}
	return strings.Join(parts, ";")
}
