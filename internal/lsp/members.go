package lsp

import (
	"maps"
	"slices"

	"github.com/seccompc/seccompc/dsl"
	"github.com/seccompc/seccompc/linux"
)

// setDefinitions returns the sets of the policy by name: of a name that several blocks define, all.
func (v *view) setDefinitions() map[string][]*dsl.Set {
	out := map[string][]*dsl.Set{}
	for _, f := range v.files.All {
		for st := range f.All() {
			if set, ok := st.(*dsl.Set); ok {
				out[set.Name.Text] = append(out[set.Name.Text], set)
			}
		}
	}
	return out
}

// membership finds the members of sets in the text of a policy, which need not be right. Each set
// is looked at once: one that contains itself has what it has besides.
type membership struct {
	view *view
	sets map[string][]*dsl.Set
	done map[string]map[string]bool
}

// of returns the calls of some selectors but those of others. Numbers are left out.
func (m *membership) of(add, remove []*dsl.Selector) map[string]bool {
	out := map[string]bool{}
	for _, sel := range add {
		maps.Copy(out, m.selector(sel))
	}
	for _, sel := range remove {
		for name := range m.selector(sel) {
			delete(out, name)
		}
	}
	return out
}

func (m *membership) selector(sel *dsl.Selector) map[string]bool {
	if sel.Set == "" {
		if sel.Name == "" {
			return nil
		}
		out := map[string]bool{sel.Name: true}
		if sel.All {
			for _, twin := range m.view.twins(sel.Name) {
				out[twin] = true
			}
		}
		return out
	}
	if known, ok := m.done[sel.Set]; ok {
		return known
	}
	m.done[sel.Set] = nil // while it is looked at
	out := map[string]bool{}
	definitions := m.sets[sel.Set]
	for _, set := range definitions {
		maps.Copy(out, m.of(set.Add, set.Remove))
	}
	if len(definitions) == 0 {
		for _, abi := range m.view.abis() {
			names, _ := abi.Set(sel.Set)
			for _, name := range names {
				out[name] = true
			}
		}
	}
	m.done[sel.Set] = out
	return out
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// callNames returns the calls of the policy's ABIs.
func (v *view) callNames() []string {
	names := map[string]bool{}
	abis := v.abis()
	for _, name := range linux.SyscallNames() {
		if slices.ContainsFunc(abis, func(a *linux.ABI) bool { return a.HasSyscall(name) }) {
			names[name] = true
		}
	}
	return sortedKeys(names)
}

// twins returns the calls that a name stands for behind the word "all", on the policy's ABIs.
func (v *view) twins(name string) []string {
	names := map[string]bool{}
	for _, abi := range v.abis() {
		for _, twin := range abi.Twins(name) {
			names[twin] = true
		}
	}
	return sortedKeys(names)
}
