package main

import (
	"strconv"
	"strings"

	"github.com/seccompc/seccompc/dsl"
	"github.com/seccompc/seccompc/internal/lazy"
	"github.com/seccompc/seccompc/linux"
)

// callForm is a call of the command line. Most is written as in a test block; what no policy can be
// about stands around that: "arch 0x7:" before a number, for an arch that is no ABI's, and "at ip
// 0x1234" behind the call.
type callForm struct {
	text   string  // as in a test block, at the same places
	arch   *uint32 // or nil
	ip     uint64
	before string // the text before the call
}

var (
	archForm = lazy.Regexp(`^\s*arch\s+(\w+)\s*:`)
	ipForm   = lazy.Regexp(`\s+at\s+ip\s+(\w+)\s*$`)
	numeral  = lazy.Regexp(`^(0x[0-9a-fA-F_]+|0|[1-9][0-9_]*)$`)
)

// splitCall takes from the text of a call what is not as in a test block.
func splitCall(text string) (callForm, error) {
	form := callForm{text: text}
	if m := archForm().FindStringSubmatchIndex(text); m != nil {
		arch, err := readNumeral(text[m[2]:m[3]], 32)
		if err != nil {
			return form, err
		}
		nr := uint32(arch)
		form.arch, form.before = &nr, strings.TrimSpace(text[:m[1]])
		form.text = strings.Repeat(" ", m[1]) + text[m[1]:]
	}
	if m := ipForm().FindStringSubmatchIndex(form.text); m != nil {
		ip, err := readNumeral(form.text[m[2]:m[3]], 64)
		if err != nil {
			return form, err
		}
		form.ip, form.text = ip, form.text[:m[0]]
	}
	return form, nil
}

func readNumeral(text string, bits int) (uint64, error) {
	n, err := strconv.ParseUint(text, 0, bits)
	if err != nil || !numeral().MatchString(text) {
		return 0, wrong("<call>: %q is no number of %d bits; write it in decimal or with 0x", text,
			bits)
	}
	return n, nil
}

// abi returns the ABI of a call: that of its own prefix, or else the one that is asked for, or the
// filter's.
func (c callForm) abi(f *stacked, asked string, call *dsl.Call) (*linux.ABI, error) {
	switch {
	case c.arch != nil && call.ABI != nil:
		return nil, wrong("<call>: %s and %s: both say whose call it is; leave out one", c.before,
			call.ABI.Text)
	case c.arch != nil && call.Name.Number == "":
		return nil, wrong("<call>: behind %q a system call has no name; write its number", c.before)
	case c.arch != nil:
		return linux.Stranger(*c.arch, isBig(f.order())), nil
	case call.ABI != nil:
		return f.choose(call.ABI.Text)
	}
	return f.choose(asked)
}
