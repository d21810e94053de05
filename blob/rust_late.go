package blob

import (
	"fmt"
	"strconv"
	"strings"
)

// rustFill writes the function that puts late values into a copy of a filter.
func (m *Module) rustFill(b *strings.Builder) {
	args := m.arguments("rust")
	b.WriteString("/// Returns the filter, for the machine that this is compiled for, with late " +
		"values in it:\n///\n")
	var params, values []string
	kind := m.rustKind()
	if m.several() {
		params = append(params, "configuration: "+kind)
	}
	for _, a := range args {
		fmt.Fprintf(b, "/// - `%s`%s\n", a.param, a.bound())
		params = append(params, a.param+": "+a.Type())
		value := a.param
		switch {
		case a.Signed:
			value += " as u64" // extended by the sign
		case a.Width == 32:
			value = "u64::from(" + value + ")"
		}
		values = append(values, value)
	}
	fmt.Fprintf(b, "///\n/// # Errors\n///\n/// [`Error::Values`] where a value is out of its "+
		"range.\n"+
		"#[allow(dead_code, clippy::cast_sign_loss, clippy::similar_names)]\n"+
		"#[allow(clippy::many_single_char_names, clippy::too_many_arguments)]\n#[rustfmt::skip]\n"+
		"pub fn %s(%s) -> Result<Filled<%s_LEN>, Error> {\n    let values = [%s];\n", m.Name,
		strings.Join(params, ", "), strings.ToUpper(m.Name), strings.Join(values, ", "))
	one := func(v Variant) string {
		name := strings.ToUpper(m.array(v))
		return fmt.Sprintf("Filled::new(&%s, &LIST_OF_%[1]s, &values)", name)
	}
	if !m.several() {
		fmt.Fprintf(b, "    %s\n}\n\n", one(m.Configs[0]))
		return
	}
	b.WriteString("    match configuration {\n")
	for _, v := range m.Configs {
		fmt.Fprintf(b, "        %s::%s => %s,\n", kind, camel(v.Name), one(v))
	}
	b.WriteString("    }\n}\n\n")
}

// rustLengths writes how long the filters are.
func (m *Module) rustLengths(b *strings.Builder) {
	for i, f := range m.Configs[0].Machines {
		fmt.Fprintf(b, "/// How many instructions a filter has at most.\n#[allow(dead_code)]\n"+
			"#[rustfmt::skip]\n#[cfg(%s)]\npub const %s_LEN: usize = %s;\n\n",
			rustAny(rustTargets(f.ABIs)), strings.ToUpper(m.Name),
			grouped(strconv.Itoa(m.longest(i))))
	}
}

// rustList writes where a filter waits.
func (m *Module) rustList(b *strings.Builder, v Variant, f *Filter) {
	fmt.Fprintf(b, "\n#[rustfmt::skip]\n#[cfg(%s)]\nstatic LIST_OF_%s: Relocations = Relocations "+
		"{\n    sha256: [\n        %s,\n    ],\n    values: &[\n",
		rustAny(rustTargets(f.ABIs)), strings.ToUpper(m.array(v)), f.hashBytes())
	for _, l := range f.late() {
		comment := languages["rust"].comment(l.Name)
		fmt.Fprintf(b, "        Value::%s(%s, %s), %s\n", l.Type(),
			rustNumber(l.Type(), l.Text(l.Min)), rustNumber(l.Type(), l.Text(l.Max)), comment)
	}
	b.WriteString("    ],\n    places: &[\n")
	for _, p := range f.Relocations.Places {
		half := map[bool]string{false: "low", true: "high"}[p.High]
		fmt.Fprintf(b, "        seccompc::Place::%s(%s, %d),\n", half,
			grouped(strconv.Itoa(p.Instruction)), p.Value)
	}
	b.WriteString("    ],\n};\n")
}

// rustNumber writes a number of a type, the ends of types by their names.
func rustNumber(kind, number string) string {
	bits, _ := strconv.Atoi(kind[1:])
	if kind[0] == 'u' {
		if number == strconv.FormatUint(1<<bits-1, 10) {
			return kind + "::MAX"
		}
		return grouped(number)
	}
	switch number {
	case strconv.FormatInt(-1<<(bits-1), 10):
		return kind + "::MIN"
	case strconv.FormatInt(1<<(bits-1)-1, 10):
		return kind + "::MAX"
	}
	return grouped(number)
}

// grouped writes a number with a separator before each three digits.
func grouped(number string) string {
	digits := strings.TrimPrefix(number, "-")
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + "_" + digits[at:]
	}
	if number[0] == '-' {
		return "-" + digits
	}
	return digits
}
