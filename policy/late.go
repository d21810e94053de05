package policy

// Late is a value that is not known until a filter is installed: a process, a descriptor, an
// address. The filter has gaps for it, which a loader fills.
type Late struct {
	Name   string
	Width  int     // 32 or 64 bits
	Signed bool    // numbers above the largest signed one are written as negative
	Values []Range // the bit patterns that it may have, sorted and disjoint, at least one
}

// LateTest holds where an operand is a late value, bit for bit. The operand has the value's width.
type LateTest struct {
	Operand Operand
	Late    *Late
}

// LateValues are late values by name: bit patterns of their width.
type LateValues map[string]uint64

// Type returns the value's type in the words of the language: u32, i32, u64 or i64.
func (l *Late) Type() string {
	return map[bool]string{true: "i", false: "u"}[l.Signed] +
		map[int]string{32: "32", 64: "64"}[l.Width]
}

// Holds implements Cond. It panics where the value is not among those that are given: a policy
// that waits for a value has no answer without it.
func (c LateTest) Holds(d Data, late ...LateValues) bool {
	for _, values := range late {
		if v, ok := values[c.Late.Name]; ok {
			return c.Operand.value(d) == v
		}
	}
	panic("policy: no value of " + c.Late.Name)
}

// LateOf returns the late values that conditions compare with, each once, in the order of the
// conditions.
func LateOf(conds ...Cond) []*Late {
	var found []*Late
	seen := map[*Late]bool{}
	for c := range Tests(conds...) {
		if test, ok := c.(LateTest); ok && !seen[test.Late] {
			seen[test.Late] = true
			found = append(found, test.Late)
		}
	}
	return found
}
