package interop

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seccompc/seccompc/compiler/resolve"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/proof"
)

// Rule is one statement of a policy as text.
type Rule struct {
	ABIs    []*linux.ABI // on these; nil: on all
	Action  string
	Calls   []string // names, sets and numbers
	Cond    string   // "": always
	Comment string   // above it; said once for neighbours that share it
}

// Rules writes statements in their order, those for some of the ABIs in "when" blocks.
func Rules(list []Rule, all []*linux.ABI) string {
	var out strings.Builder
	block, comment := "", ""
	for _, r := range list {
		cond := When(r.ABIs, all)
		if cond != block {
			if block != "" {
				out.WriteString("}\n")
			}
			if r.Comment != comment && r.Comment != "" {
				out.WriteString("\n" + Comment("", r.Comment))
			}
			if cond != "" {
				fmt.Fprintf(&out, "when %s {\n", cond)
			}
		} else if r.Comment != comment && r.Comment != "" {
			if block == "" {
				out.WriteString("\n")
			}
			out.WriteString(Comment(indent(block), r.Comment))
		}
		block, comment = cond, r.Comment
		calls := slices.Clone(r.Calls)
		if r.Cond != "" {
			calls[len(calls)-1] += " if " + r.Cond
		}
		out.WriteString(List(indent(block), r.Action, calls))
	}
	if block != "" {
		out.WriteString("}\n")
	}
	return out.String()
}

// Deciding returns the statements without those that never decide a call, because of what stands
// before them. The header is the policy's, which has none. Of what is too much for the prover it is
// not known.
func Deciding(header string, list []Rule, all []*linux.ABI) []Rule {
	res, _ := resolve.Text("imported", []byte(header+Rules(list, all)), resolve.Options{})
	if res == nil || len(res.Rules) != len(list) {
		return list
	}
	reports, err := proof.New().Rules(res.Policy)
	if err != nil {
		return list
	}
	decides := make([]bool, len(list))
	for _, r := range reports {
		source := res.Policy.ABIs[r.ABI].Rules[r.Rule].Source
		decides[source] = decides[source] || r.Decides != nil
	}
	var out []Rule
	for i, r := range list {
		if decides[i] {
			out = append(out, r)
		}
	}
	return out
}

func indent(block string) string {
	if block == "" {
		return ""
	}
	return "    "
}

// When is the condition of a block for some of the ABIs of a policy, "" for all of them.
func When(abis, all []*linux.ABI) string {
	switch {
	case len(abis) == 0 || len(abis) == len(all):
		return ""
	case len(abis) == 1:
		return "arch == " + abis[0].Name
	}
	return "arch in {" + strings.Join(Names(abis), ", ") + "}"
}

// Names returns the names of ABIs.
func Names(abis []*linux.ABI) (out []string) {
	for _, abi := range abis {
		out = append(out, abi.Name)
	}
	return out
}

// Spread makes rules of what is to be said of calls, ABI by ABI: statements that agree in all but
// the ABI become one, and neighbours that differ in the call alone, too. What holds on every ABI
// that has the calls needs no block.
type Spread struct{ list []Rule }

// Add adds a rule about one call of one ABI.
func (s *Spread) Add(abi *linux.ABI, r Rule) {
	for i := range s.list {
		o := &s.list[i]
		if o.Action == r.Action && o.Cond == r.Cond && o.Comment == r.Comment &&
			o.Calls[0] == r.Calls[0] {
			if !slices.Contains(o.ABIs, abi) {
				o.ABIs = append(o.ABIs, abi)
			}
			return
		}
	}
	r.ABIs = []*linux.ABI{abi}
	s.list = append(s.list, r)
}

// Rules returns the rules.
func (s *Spread) Rules(all []*linux.ABI) (out []Rule) {
	for _, r := range s.list {
		everywhere := r.Calls[0][0] < '0' || r.Calls[0][0] > '9'
		for _, abi := range all {
			everywhere = everywhere && (slices.Contains(r.ABIs, abi) || !abi.HasSyscall(r.Calls[0]))
		}
		if everywhere {
			r.ABIs = nil
		}
		n := len(out) - 1
		if n >= 0 && out[n].Action == r.Action && out[n].Cond == r.Cond &&
			out[n].Comment == r.Comment && slices.Equal(out[n].ABIs, r.ABIs) {
			out[n].Calls = append(out[n].Calls, r.Calls[0])
			continue
		}
		out = append(out, r)
	}
	return out
}
