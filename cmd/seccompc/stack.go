package main

import (
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
	"github.com/seccompc/seccompc/proof"
	"github.com/seccompc/seccompc/stack"
)

// stacked is what a FILE argument stands for: filters in the order in which they are installed.
// Most often it is one.
type stacked struct {
	name    string // the argument
	filters []*filter

	joined []asm.Program  // of the filters, with the numbers of
	waits  []*policy.Late // what they wait for
}

// loadStack reads a FILE argument: A+B are filters that are installed one after the other. It
// compiles policies, and refuses a filter that the kernel would, and filters of different byte
// orders.
func loadStack(cmd *cobra.Command, flags *policyFlags, name string) (*stacked, error) {
	return loadChecked(cmd, flags, name, (*filter).check)
}

// loadShown is loadStack for a command that shows what a filter does, and also shows one that runs
// off its end, up to there.
func loadShown(cmd *cobra.Command, flags *policyFlags, name string) (*stacked, error) {
	return loadChecked(cmd, flags, name, func(f *filter) error {
		err := f.check()
		if _, runsOff := f.program.Ended(); runsOff {
			say(cmd, "%v; it is shown up to its end", err)
			return nil
		}
		return err
	})
}

// loadChecked reads the filters of a FILE argument, each of which must pass a check.
func loadChecked(
	cmd *cobra.Command, flags *policyFlags, name string, check func(*filter) error,
) (*stacked, error) {
	s, err := loadUnchecked(cmd, flags, name)
	if err != nil {
		return nil, err
	}
	for _, f := range s.filters {
		if err := check(f); err != nil {
			return nil, err
		}
		if first := s.filters[0]; isBig(f.order) != isBig(first.order) {
			return nil, wrong("%s is %s and %s is %s: no machine runs both", first.name,
				orderName(first.order), f.name, orderName(f.order))
		}
	}
	return s, nil
}

// join numbers the late values of all filters together.
func (s *stacked) join() error {
	var parts []stack.Waiting
	for _, f := range s.filters {
		parts = append(parts, stack.Waiting{Program: f.program, Late: f.late()})
	}
	var err error
	s.joined, s.waits, err = stack.Join(parts...)
	return err
}

// late returns the late values that the filters wait for.
func (s *stacked) late() []*policy.Late { return s.waits }

// ready returns an error for filters that wait for late values.
func (s *stacked) ready() error {
	for _, f := range s.filters {
		if err := f.ready(); err != nil {
			return err
		}
	}
	return nil
}

// function returns what the kernel makes of the filters.
func (s *stacked) function(space *proof.Space) (proof.Function, error) {
	return space.Programs(s.order(), s.programs(), s.late()...)
}

// loadUnchecked is loadStack for filters that the kernel need not accept.
func loadUnchecked(cmd *cobra.Command, flags *policyFlags, name string) (*stacked, error) {
	s, parts := &stacked{name: name}, partsOf(name)
	own := *flags
	own.several, own.used = len(parts) > 1, map[string]bool{}
	for _, part := range parts {
		if part == "" {
			return nil, fmt.Errorf("%s: a name is missing beside +", name)
		}
		filters, err := loadPart(cmd, &own, part)
		if err != nil {
			return nil, err
		}
		s.filters = append(s.filters, filters...)
	}
	if err := s.join(); err != nil {
		return nil, wrong("%s: %w", s.name, err)
	}
	if own.several {
		return s, own.checkUsed()
	}
	return s, nil
}

// one returns the filter of a command that is about a single one.
func (s *stacked) one(what string) (*filter, error) {
	if len(s.filters) > 1 {
		return nil, wrong("%s: these are %d filters, and %s is about one; name one of them", s.name,
			len(s.filters), what)
	}
	return s.filters[0], nil
}

// top is the filter that is installed last.
func (s *stacked) top() *filter { return s.filters[len(s.filters)-1] }

// length is the number of instructions of all filters.
func (s *stacked) length() int {
	n := 0
	for _, f := range s.filters {
		n += len(f.program)
	}
	return n
}

// kernel returns the filters as the kernel has them.
func (s *stacked) kernel() stack.Stack {
	return stack.Stack{
		Filters: s.programs(), Order: s.order(), ABIs: s.abis(), Late: s.late(),
	}
}

func (s *stacked) programs() []asm.Program {
	return slices.Clone(s.joined)
}

// abis returns the ABIs that every filter is for, in the first one's order.
func (s *stacked) abis() []*linux.ABI {
	var abis []*linux.ABI
	any := true // so far no filter looks at arch
	for _, f := range s.filters {
		served := f.abis()
		switch {
		case len(f.program.Arches()) == 0:
		case any:
			abis, any = slices.Clone(served), false
		default:
			abis = slices.DeleteFunc(abis, func(a *linux.ABI) bool {
				return !slices.Contains(served,
					a)
			})
		}
	}
	return abis
}

// suits reports whether the filters have the byte order of an ABI.
func (s *stacked) suits(abi *linux.ABI) bool { return abi.BigEndian == isBig(s.order()) }

func (s *stacked) order() binary.ByteOrder { return s.filters[0].order }

// choose returns the ABI that a command is about: the one that is asked for, or this machine's, or
// the first that the filters are for.
func (s *stacked) choose(name string) (*linux.ABI, error) {
	if name == "" {
		abis := s.abis()
		if len(abis) == 0 {
			return nil, wrong("%s: no known ABI is named by %s; choose one with --arch", s.name,
				s.subject())
		}
		if native, ok := linux.Native(); ok && slices.Contains(abis, native) {
			return native, nil
		}
		return abis[0], nil
	}
	abi, err := lookupABI(name)
	if err != nil {
		return nil, err
	}
	if !s.suits(abi) {
		return nil, wrong("%s: the filter is %s, and %s is not; it is for %s", s.name,
			orderName(s.order()), abi.Name, names(s.abis()))
	}
	return abi, nil
}

// chooseAll returns the ABIs of these names, none for no names.
func (s *stacked) chooseAll(names []string) ([]*linux.ABI, error) {
	var out []*linux.ABI
	for _, name := range names {
		abi, err := s.choose(name)
		if err != nil {
			return nil, err
		}
		out = append(out, abi)
	}
	return out, nil
}

func (s *stacked) subject() string {
	if len(s.filters) == 1 {
		return "the filter, or it does not look at arch"
	}
	return "all of the filters"
}
