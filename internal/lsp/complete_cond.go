package lsp

import (
	"fmt"
	"go/constant"
	"slices"
	"strings"

	"github.com/seccompc/seccompc/dsl"
	"github.com/seccompc/seccompc/linux"
)

// condition offers what can stand in a condition about calls.
func (c *completer) condition(cond []string, selectors []*dsl.Selector) {
	w := dsl.Words()
	t := lastTest(cond)
	switch {
	case t.operand == "":
		c.arguments(c.view.members(selectors))
	case len(t.behind) == 0:
		c.add(completeKeyword, "", conditionWords(w)...)
	case t.wantsValue() && t.behind[len(t.behind)-1] != "..":
		c.values(t.operand, c.family(c.view.members(selectors), t.operand, cond))
	case t.wantsValue():
		c.values(t.operand, nil)
	case t.behind[len(t.behind)-1] == "not":
		c.add(completeKeyword, "", "in")
	}
}

// conditionWords returns the operators of conditions that are words.
func conditionWords(w *dsl.Vocabulary) []string {
	var out []string
	for _, word := range []string{"in", "not", "any", "all", "only"} {
		if slices.Contains(w.Keywords, word) {
			out = append(out, word)
		}
	}
	return out
}

// arguments offers the names of arguments that all of some calls have, on every ABI that has them.
func (c *completer) arguments(calls []string) {
	count, total := map[string]int{}, 0
	details := map[string]string{}
	for _, call := range calls {
		for _, abi := range c.view.abis() {
			args, known := abi.Prototype(call)
			if !known {
				continue
			}
			total++
			for i, a := range args {
				for _, name := range namesOf(&a) {
					count[name]++
					details[name] = fmt.Sprintf("%s, arg%d of %s", a, i, call)
				}
			}
		}
	}
	for _, name := range sortedKeys(count) {
		if count[name] == total {
			c.add(completeVariable, details[name], name)
		}
	}
	c.add(completeVariable, "argument by its position", "arg0", "arg1", "arg2", "arg3", "arg4",
		"arg5")
	c.add(completeVariable, "instruction pointer", "ip")
	c.add(completeKeyword, "cast", dsl.Words().Casts...)
}

// namesOf returns how a condition can name an argument: one in two registers by either, or whole.
func namesOf(a *linux.Arg) []string {
	if a.Width == 0 {
		return nil
	}
	names := append([]string{a.Name}, a.Aliases...)
	if whole, ok := strings.CutSuffix(a.Name, "_lo"); ok {
		names = append(names, whole)
	}
	return names
}

// family returns the constants that an argument takes in some of the calls, sorted. What other
// arguments the condition compares with decides for some. Next to "&" and "|" a 0 means nothing.
func (c *completer) family(calls []string, operand string, cond []string) []string {
	var out []string
	bits := c.last() == "&" || c.last() == "|"
	for _, abi := range c.view.abis() {
		for _, call := range calls {
			args, _ := abi.Prototype(call)
			i := argument(args, operand)
			if i < 0 {
				continue
			}
			f := abi.ArgFamily(call, i, given(abi, args, cond))
			for _, name := range slices.Concat(f.Values, f.Flags, f.Masks) {
				if !slices.Contains(out, name) && !(bits && isZero(abi, name)) {
					out = append(out, name)
				}
			}
		}
		if len(out) > 0 {
			break
		}
	}
	slices.Sort(out)
	return out
}

func isZero(abi *linux.ABI, name string) bool {
	v, _ := abi.Constant(name)
	n, exact := uint64Of(v)
	return exact && n == 0
}

// given returns what a condition compares arguments with by "==".
func given(abi *linux.ABI, args []linux.Arg, cond []string) linux.Given {
	return func(arg int) []uint64 {
		for i := 0; i+2 < len(cond); i++ {
			if cond[i+1] != "==" || argument(args, cond[i]) != arg {
				continue
			}
			if v, ok := abi.Constant(cond[i+2]); ok {
				if n, exact := uint64Of(v); exact {
					return []uint64{n}
				}
			}
		}
		return nil
	}
}

// values offers constants: those that an argument takes, or else, where something is written of
// them, those that begin so; and the policy's own.
func (c *completer) values(operand string, family []string) {
	detail := "constant"
	if operand != "" {
		detail = "constant of " + operand
	}
	c.add(completeConstant, detail, family...)
	c.ownValues()
	if len(family) == 0 && c.typed != "" {
		c.add(completeConstant, "constant",
			c.view.abis()[0].ConstantNames(strings.ToUpper(c.typed))...)
	}
}

// ownValues offers the constants, parameters and late values of the policy.
func (c *completer) ownValues() {
	seen := map[string]bool{}
	for _, o := range c.view.occurrences() {
		if o.kind == valueKind && o.defines && !seen[o.name] {
			seen[o.name] = true
			c.add(completeVariable, firstLine(o.node.Range().Text()), o.name)
		}
	}
}

// uint64Of returns a number that has at most 64 bits.
func uint64Of(v constant.Value) (uint64, bool) {
	if v == nil || v.Kind() != constant.Int {
		return 0, false
	}
	return constant.Uint64Val(v)
}
