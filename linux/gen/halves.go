package main

import (
	"regexp"
	"slices"
)

// operands are the 64-bit operands that functions of some ABIs declare as two parameters, by call
// and by what is left of the parameters' names without the words for their halves; "" stands for
// any. The names are those of the functions that declare one parameter.
var operands = map[string]map[string]string{
	"_llseek":          {"": "offset"},
	"fadvise64":        {"": "offset"},
	"fadvise64_64":     {"off": "offset", "offset": "offset", "len": "len"},
	"fallocate":        {"off": "offset", "offset": "offset", "len": "len"},
	"ftruncate64":      {"": "length"},
	"pread64":          {"": "pos"},
	"preadv":           {"": "pos"},
	"preadv2":          {"": "pos"},
	"pwrite64":         {"": "pos"},
	"pwritev":          {"": "pos"},
	"pwritev2":         {"": "pos"},
	"readahead":        {"": "offset"},
	"sync_file_range":  {"off": "offset", "offset": "offset", "n": "nbytes", "nbytes": "nbytes"},
	"sync_file_range2": {"offset": "offset", "nbytes": "nbytes"},
	"truncate64":       {"": "length"},
}

// unsigned are operands whose parameter is unsigned on 64-bit ABIs; that of the others is a loff_t.
var unsigned = []string{"fanotify_mark.mask", "preadv.pos", "preadv2.pos", "pwritev.pos",
	"pwritev2.pos"}

// paddings are the names of parameters that keep a register free before an operand.
var paddings = regexp.MustCompile(`^(dummy|unused|reg\d|r4)$`)

// halfName matches a parameter that is half of an operand: "offset_low", "poshi", "lo_off", "high",
// "pos1".
var halfName = regexp.MustCompile(
	`^(?:(hi|high|lo|low)_)?([a-z]*?)(?:_?(hi|high|lo|low|[012])|_([hl]))?$`)

// half reads a parameter's name: what the operand is called, and "lo", "hi", or for those that are
// numbered by their registers "1" or "2".
func (t *target) half(call, name string) (operand, half string) {
	stems := operands[call]
	m := halfName.FindStringSubmatch(name)
	if stems == nil || m == nil || m[1]+m[3]+m[4] == "" {
		return "", ""
	}
	if operand = stems[m[2]]; operand == "" {
		operand = stems[""]
	}
	switch word := m[1] + m[3] + m[4]; {
	case word[0] == 'h':
		half = "hi"
	case word[0] == 'l':
		half = "lo"
	default:
		half = word
	}
	return operand, half
}

// join makes one parameter of each operand that a function declares as two, and of parameters that
// keep a register free paddings.
func (t *target) join(call string, params []param) []param {
	var out []param
	for i := 0; i < len(params); i++ {
		p := params[i]
		if operands[call] != nil && paddings.MatchString(p.name) {
			out = append(out, param{ctype: padding})
			continue
		}
		if i+1 < len(params) {
			first, half := t.half(call, p.name)
			second, other := t.half(call, params[i+1].name)
			if first != "" && first == second && half != other {
				out = append(out, param{ctype: p.ctype, name: first, order: t.order(half)})
				i++
				continue
			}
		}
		out = append(out, p)
	}
	return out
}

// order returns the halves of an operand in the order of its registers, of which the first is
// given.
func (t *target) order(first string) [2]string {
	if first == "hi" || first != "lo" && t.facts().BigEndian {
		return [2]string{"hi", "lo"}
	}
	return [2]string{"lo", "hi"}
}

// halves returns the registers of an operand that is declared as two. Where a register has 64 bits
// and the function asks for all of them, the operand is what the lower one holds
// (fs/read_write.c, pos_from_hilo), but for _llseek.
func (t *target) halves(call string, p param, code string, aliases []string) []slot {
	wide := t.facts().Bits == 64 && code == "uw"
	var slots []slot
	for _, h := range p.order {
		s := slot{name: p.name + "_" + h, code: "u32", ctype: p.ctype}
		switch {
		case wide && (call != "_llseek" || h == "lo"):
			s.code = "uw"
		case !wide && h == "hi" && !slices.Contains(unsigned, call+"."+p.name):
			s.code = "s32" // it has the operand's sign
		}
		for _, a := range aliases {
			s.aliases = append(s.aliases, a+"_"+h)
		}
		s.aliases = append(s.aliases, moreAliases[call+"."+s.name]...)
		if wide && h == "lo" && call != "_llseek" {
			s.aliases = append(append(s.aliases, p.name), aliases...)
		}
		slices.Sort(s.aliases)
		slots = append(slots, s)
	}
	return slots
}

// withoutPaddings returns the parameters that are none.
func withoutPaddings(params []param) []param {
	return slices.DeleteFunc(slices.Clone(params), func(p param) bool { return p.ctype == padding })
}
