package explain

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
)

// allABIs names all callers that there can be.
const allABIs = "every ABI"

// callers are the callers that a statement is about, on machines of one byte order: those of ABIs,
// and those with values of arch that are no ABI's there. An ABI of the other byte order is none.
type callers struct {
	order   binary.ByteOrder
	abis    []*linux.ABI
	strange []policy.Range
}

// callersOf returns the callers with values of arch.
func callersOf(arches []policy.Range, order binary.ByteOrder) callers {
	c := everybody(order)
	c.strange = policy.Intersect(arches, c.strange)
	c.abis = slices.DeleteFunc(c.abis, func(abi *linux.ABI) bool {
		return !policy.Contains(arches, uint64(abi.Arch))
	})
	return c
}

// everybody returns all callers that there can be.
func everybody(order binary.ByteOrder) callers {
	c := callers{order: order}
	var known []policy.Range
	for _, abi := range linux.ABIs() {
		if abi.BigEndian == isBig(order) {
			c.abis = append(c.abis, abi)
			known = append(known, policy.Range{Lo: uint64(abi.Arch), Hi: uint64(abi.Arch)})
		}
	}
	c.strange = policy.Complement(policy.Union(known), 0xffffffff)
	return c
}

func isBig(order binary.ByteOrder) bool { return order.Uint16([]byte{0, 1}) == 1 }

// everyABI reports whether all ABIs are among the callers, and others besides.
func (c callers) everyABI() bool {
	return len(c.abis) == len(everybody(c.order).abis) && len(c.strange) > 0
}

// commonest returns the ABI by whose names to speak of what is not about one ABI: the commonest
// one, or a stranger where the callers have none.
func (c callers) commonest() *linux.ABI {
	if abi := linux.Commonest(isBig(c.order)); slices.Contains(c.abis, abi) {
		return abi
	}
	if len(c.abis) > 0 {
		return c.abis[0]
	}
	return linux.Stranger(uint32(c.strange[0].Lo), isBig(c.order))
}

// names lists the ABIs by name and the other values of arch as numbers.
func (c callers) names() []string {
	names := []string{}
	for _, abi := range c.abis {
		names = append(names, abi.Name)
	}
	all := everybody(c.order).strange
	but := policy.Subtract(all, c.strange)
	switch {
	case len(c.strange) == 0:
	case len(but) == 0:
		names = append(names, OtherABIs)
	case len(but) < len(c.strange):
		names = append(names, OtherABIs+" but "+strings.Join(archNames(but), ", "))
	default:
		names = append(names, archNames(c.strange)...)
	}
	return names
}

// String names the callers for people; if it is nearly all, those that are missing.
func (c callers) String() string {
	all := everybody(c.order)
	missing := callers{order: c.order, strange: policy.Subtract(all.strange, c.strange)}
	for _, abi := range all.abis {
		if !slices.Contains(c.abis, abi) {
			missing.abis = append(missing.abis, abi)
		}
	}
	switch {
	case len(c.strange) == 0 || missing.len() > c.len():
		return strings.Join(c.names(), ", ")
	case missing.len() == 0:
		return allABIs
	}
	return allABIs + " but " + strings.Join(missing.names(), ", ")
}

func (c callers) len() int { return len(c.abis) + len(c.strange) }

// join returns the callers that are in one of the two, which have none in common.
func (c callers) join(other callers) callers {
	c.abis = append(slices.Clone(c.abis), other.abis...)
	c.strange = policy.Union(slices.Concat(c.strange, other.strange))
	return c
}

func archNames(arches []policy.Range) []string {
	var names []string
	for _, r := range arches {
		if r.Lo == r.Hi {
			names = append(names, fmt.Sprintf("arch %#x", r.Lo))
		} else {
			names = append(names, fmt.Sprintf("arch %#x..%#x", r.Lo, r.Hi))
		}
	}
	return names
}

// strays returns the numbers that belong to no ABI with the arch of an ABI of the tables.
func strays(abi *linux.ABI) []policy.Range {
	var own []policy.Range
	for _, other := range linux.ABIs() {
		if other.Arch == abi.Arch {
			own = append(own, numbersOf(other)...)
		}
	}
	return policy.Complement(policy.Union(own), 0xffffffff)
}
