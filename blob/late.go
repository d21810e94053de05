package blob

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seccompc/seccompc/relocation"
)

// late returns the late values that the module's filters wait for.
func (m *Module) late() []relocation.Value {
	if len(m.Configs) == 0 || len(m.Configs[0].Machines) == 0 {
		return nil
	}
	return m.Configs[0].Machines[0].late()
}

func (f *Filter) late() []relocation.Value {
	if f.Relocations == nil {
		return nil
	}
	return f.Relocations.Values
}

// checkLate refuses configurations that wait for different values: one function has one list of
// arguments.
func (m *Module) checkLate() error {
	for _, v := range m.Configs {
		for _, f := range v.Machines {
			if !slices.Equal(m.late(), f.late()) {
				return fmt.Errorf("the configurations %s and %s wait for different late values",
					m.Configs[0].Name, v.Name)
			}
		}
	}
	return nil
}

// argument is a late value as a parameter of a function.
type argument struct {
	relocation.Value
	param string
}

// arguments returns the late values with names that a language takes: snake_case, or camelCase for
// Go.
func (m *Module) arguments(language string) []argument {
	var out []argument
	used := map[string]bool{}
	for _, v := range m.late() {
		name := snake(v.Name)
		if language == "go" {
			c := camel(v.Name)
			name = strings.ToLower(c[:min(1, len(c))]) + c[min(1, len(c)):]
		}
		if name == "" || name[0] >= '0' && name[0] <= '9' {
			name = "late" + name
		}
		ours := language == "go" && strings.HasPrefix(name, m.goPrefix()) // as the arrays
		for ours || used[name] || isTaken(name) || slices.Contains(locals, name) {
			name, ours = name+"_", false
		}
		used[name] = true
		out = append(out, argument{v, name})
	}
	return out
}

// locals are words that the functions of a source use by themselves, and lower-case macros that
// C's headers have.
var locals = strings.Fields(`c configuration copy count error false filled filter fmt len list nil
	place runtime true unix uint64 uint32 int64 int32 values waiting
	alloca assert errno i386 linux major makedev minor offsetof si_addr si_fd si_pid si_status
	si_uid si_value st_atime st_ctime st_mtime stderr stdin stdout`)

// bound says which values an argument may have, "" where its type says it.
func (a argument) bound() string {
	whole := relocation.Whole(a.Name, a.Width, a.Signed)
	if a.Min == whole.Min && a.Max == whole.Max {
		return ""
	}
	return fmt.Sprintf(", from %s to %s", a.Text(a.Min), a.Text(a.Max))
}

// longest returns the number of instructions of the longest filter for a machine.
func (m *Module) longest(machine int) int {
	n := 0
	for _, v := range m.Configs {
		n = max(n, len(v.Machines[machine].Program))
	}
	return n
}

// hashBytes writes the hash of the filter's list, as it is in the filter's byte order.
func (f *Filter) hashBytes() string {
	var b strings.Builder
	for i, x := range f.Relocations.SHA256 {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "0x%02x", x)
	}
	return b.String()
}
