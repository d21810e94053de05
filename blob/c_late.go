package blob

import (
	"fmt"
	"strings"
)

// cList writes where a filter waits.
func (m *Module) cList(b *strings.Builder, v Variant, f *Filter) {
	name := m.array(v)
	fmt.Fprintf(b, "static const struct seccompc_value %s_values[] = {\n", name)
	for _, l := range f.late() {
		said := fmt.Sprintf("%s: %s, from %s to %s", l.Name, l.Type(), l.Text(l.Min), l.Text(l.Max))
		signed := map[bool]int{true: 1}[l.Signed]
		fmt.Fprintf(b, "\t{ %d, UINT64_C(0x%x), UINT64_C(0x%x) }, %s\n", signed, l.Min, l.Max,
			languages["c"].comment(said))
	}
	b.WriteString("};\n")
	places := "NULL"
	if len(f.Relocations.Places) > 0 {
		places = name + "_places"
		fmt.Fprintf(b, "static const struct seccompc_place %s[] = {\n", places)
		for _, p := range f.Relocations.Places {
			high := map[bool]int{true: 1}[p.High]
			fmt.Fprintf(b, "\t{ %d, %d, %d },\n", p.Instruction, p.Value, high)
		}
		b.WriteString("};\n")
	}
	fmt.Fprintf(b, "static const struct seccompc_relocations %[1]s_list = {\n\t{ %[2]s },\n"+
		"\t%[1]s_values, %[3]d, %[4]s, %[5]d,\n};\n", name, f.hashBytes(), len(f.late()), places,
		len(f.Relocations.Places))
}

// cFill writes the function that puts late values into a copy of a filter.
func (m *Module) cFill(b *strings.Builder, upper string) {
	params := []string{fmt.Sprintf("struct sock_filter filter[%s_LEN]", upper)}
	if m.several() {
		params = append(params, fmt.Sprintf("enum %s_configuration configuration", m.Name))
	}
	var values, bounds []string
	for _, a := range m.arguments("c") {
		kind := fmt.Sprintf("int%d_t", a.Width)
		if !a.Signed {
			kind = "u" + kind
		}
		params = append(params, kind+" "+a.param)
		values = append(values, "(uint64_t)"+a.param)
		if a.bound() != "" {
			bounds = append(bounds, "\n * "+a.param+a.bound()+".")
		}
	}
	fmt.Fprintf(b, "\n/* %[1]s_fill copies the filter and puts late values into the copy. It "+
		"returns the number of\n * instructions, or an error of enum seccompc_error.%[2]s */\n"+
		"static inline int %[1]s_fill(%[3]s)\n{\n\tconst uint64_t values[] = { %[4]s };\n", m.Name,
		strings.Join(bounds, ""), strings.Join(params, ",\n\t\t"), strings.Join(values, ", "))
	one := func(v Variant) string {
		return fmt.Sprintf("return seccompc_filled(filter, %[1]s_waiting, sizeof(%[1]s_waiting) / "+
			"sizeof(%[1]s_waiting[0]),\n\t\t\t       &%[1]s_list, values, %[2]d);\n", m.array(v),
			len(values))
	}
	if !m.several() {
		fmt.Fprintf(b, "\n\t%s}\n", one(m.Configs[0]))
		return
	}
	b.WriteString("\n\tswitch (configuration) {\n")
	for _, v := range m.Configs {
		fmt.Fprintf(b, "\tcase %s_%s:\n\t\t%s", upper, strings.ToUpper(snake(v.Name)), one(v))
	}
	b.WriteString("\t}\n\treturn SECCOMPC_E_LENGTH;\n}\n")
}
