package minijail

import (
	"fmt"
	"math/big"
	"slices"
	"strconv"

	"github.com/seccompc/seccompc/explain"
	"github.com/seccompc/seccompc/interop/tree"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
)

// constants are those of a constants.json.
type constants struct {
	given  bool
	calls  map[string]uint64
	values map[string]uint64
	groups map[string]map[string][]string
}

// readConstants reads the file that minijail's compiler gets: numbers of calls and constants of one
// ABI.
func (im *importer) readConstants() error {
	if im.opts.Constants == nil {
		return nil
	}
	docs, err := tree.Parse(im.opts.Constants)
	if err != nil {
		return fmt.Errorf("the constants: %w", err)
	}
	root := docs[0]
	im.consts = constants{given: true, calls: map[string]uint64{}, values: map[string]uint64{},
		groups: map[string]map[string][]string{}}
	if err := im.chooseABI(root); err != nil {
		return err
	}
	if err := numbers(root.Exact("syscalls"), im.consts.calls); err != nil {
		return err
	}
	if err := numbers(root.Exact("constants"), im.consts.values); err != nil {
		return err
	}
	if spaces := root.Exact("syscall_groups"); spaces != nil {
		for _, s := range spaces.Pairs {
			im.consts.groups[s.Key] = map[string][]string{}
			for _, g := range s.Value.Pairs {
				for _, n := range g.Value.Items {
					im.consts.groups[s.Key][g.Key] = append(im.consts.groups[s.Key][g.Key], n.Text)
				}
			}
		}
	}
	return nil
}

// chooseABI takes the ABI of the constants, where none is chosen.
func (im *importer) chooseABI(root *tree.Node) error {
	name := root.Exact("arch_name")
	if name == nil {
		return fmt.Errorf("the constants: there is no arch_name")
	}
	i := slices.IndexFunc(linux.ABIs(),
		func(abi *linux.ABI) bool { return minijailName(abi) == name.Text })
	switch {
	case i < 0:
		return fmt.Errorf("the constants: line %d: the tables have no ABI that is called %s",
			name.Line,
			short(name.Text))
	case im.opts.ABIs == nil:
		im.opts.ABIs = []*linux.ABI{linux.ABIs()[i]}
	case len(im.opts.ABIs) != 1 || im.opts.ABIs[0] != linux.ABIs()[i]:
		return fmt.Errorf("the constants are those of %s: choose it by --arch",
			linux.ABIs()[i].Name)
	}
	return nil
}

func numbers(n *tree.Node, into map[string]uint64) error {
	if n == nil {
		return nil
	}
	low := big.NewInt(-1 << 63)
	high := new(big.Int).SetUint64(1<<64 - 1)
	for _, p := range n.Pairs {
		v, err := p.Value.Int(low, high)
		if err != nil {
			return fmt.Errorf("the constants: %w", err)
		}
		if v.Sign() < 0 {
			into[p.Key] = uint64(v.Int64())
		} else {
			into[p.Key] = v.Uint64()
		}
	}
	return nil
}

// number returns the number of a call. The constants' own counts, as it does for minijail's
// compiler.
func (im *importer) number(line int, abi *linux.ABI, name string) (uint32, bool) {
	nr, ok := abi.Number(name)
	if !im.consts.given {
		return nr, ok
	}
	own, listed := im.consts.calls[name]
	if listed && own < 1<<32 && (!ok || uint64(nr) != own) {
		im.warn(line,
			"%s has number %d in the constants, and not in the kernel's table of %s: the "+
				"constants count, such as %s", short(name), own, abi.Name,
			explain.Call(policy.Data{Nr: uint32(own), Arch: abi.Arch}, abi.ByteOrder()))
	}
	return uint32(own), listed && own < 1<<32
}

// named returns the value of a constant.
func (im *importer) named(abi *linux.ABI, t token) (uint64, bool) {
	v, ok := abi.Constant(t.text)
	var value uint64
	if ok {
		n, _ := new(big.Int).SetString(v.ExactString(), 10)
		value = new(big.Int).And(n, new(big.Int).SetUint64(policy.Ones(64))).Uint64()
	}
	own, listed := im.consts.values[t.text]
	switch {
	case !listed && im.consts.given:
		if ok {
			im.warn(t.line, "the constants have no %s; the kernel's headers have %s", short(t.text),
				strconv.FormatUint(value, 10))
		}
	case listed && ok && own&policy.Ones(abi.Bits) != value&policy.Ones(abi.Bits):
		im.warn(t.line, "%s is %d in the constants and %d in the kernel's headers: the constants "+
			"count",
			short(t.text), own, value)
		return own, true
	case listed:
		return own, true
	}
	return value, ok
}
