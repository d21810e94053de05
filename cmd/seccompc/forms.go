package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/blob"
	"github.com/seccompc/seccompc/interop/oci"
	"github.com/seccompc/seccompc/runtime"
)

// source is a kind of FILE that is no file's name: it begins with a prefix of its own.
type source struct {
	prefix string
	load   func(cmd *cobra.Command, flags *policyFlags, name, rest string) ([]*filter, error)
}

// fileSources are looked at before files; "./pid:1" is a file.
var fileSources = []source{
	{"pid:", fromProcess},
	{exePrefix, fromProgram},
}

// form is a way of writing filters, told by content. An importer becomes one by its line in forms.
type form struct {
	is   func(in input) bool
	load func(cmd *cobra.Command, flags *policyFlags, in input) ([]*filter, error)
}

// forms are all that a FILE can hold; the first that the content looks like counts, and whatever is
// none of the others is a policy, whose errors the parser tells.
var forms = []form{
	{isStackFile, fromStackFile},
	{func(in input) bool { return blob.Form(in.data) != "" }, fromFilter},
	{func(in input) bool { return oci.Is(in.data) }, fromProfile},
	{func(input) bool { return true }, fromPolicy},
}

// loadPart reads one part of a FILE argument, which may be several filters. The kernel need not
// accept them.
func loadPart(cmd *cobra.Command, flags *policyFlags, name string) ([]*filter, error) {
	for _, s := range fileSources {
		if rest, ok := strings.CutPrefix(name, s.prefix); ok {
			return s.load(cmd, flags, name, rest)
		}
	}
	in, err := readFilled(cmd, name, "neither a policy nor a filter")
	if err != nil {
		return nil, err
	}
	for _, f := range forms {
		if f.is(in) {
			return f.load(cmd, flags, in)
		}
	}
	panic("the last form takes everything")
}

// isPolicy reports whether a content is a policy, as far as it can be told: it is no other form.
func (in input) isPolicy() bool {
	return !isStackFile(in) && blob.Form(in.data) == "" && !oci.Is(in.data)
}

// onePolicy reads a FILE argument that is the text of one policy, and says no to any other form.
func onePolicy(cmd *cobra.Command, name string) (in input, is bool, err error) {
	source := slices.ContainsFunc(fileSources, func(s source) bool {
		return strings.HasPrefix(name, s.prefix)
	})
	if source || len(partsOf(name)) > 1 {
		return in, false, nil
	}
	if in, err = readInput(cmd, name); err != nil || in.isEmpty() || in.isPolicy() {
		return in, true, err
	}
	if name == "-" {
		cmd.SetIn(bytes.NewReader(in.data)) // to be read again
	}
	return in, false, nil
}

func fromPolicy(cmd *cobra.Command, flags *policyFlags, in input) ([]*filter, error) {
	res, err := flags.compile(cmd, in)
	if err != nil {
		return nil, err
	}
	return []*filter{{name: in.name, program: res.Program, order: res.Order, policy: res,
		text: in}}, nil
}

func fromFilter(cmd *cobra.Command, _ *policyFlags, in input) ([]*filter, error) {
	f, err := decodeFilter(cmd, in)
	if err != nil {
		return nil, err
	}
	return []*filter{f}, nil
}

// decodeFilter reads a filter in any form, which the kernel need not accept.
func decodeFilter(cmd *cobra.Command, in input) (*filter, error) {
	b, err := blob.Read(in.name, in.data)
	if err != nil {
		return nil, notRead(cmd, in, err)
	}
	return &filter{name: in.name, program: b.Program, order: b.Order}, nil
}

// stackMark announces a filter in a file of several, see [runtime.EncodeStack].
var stackMark = []byte{0xff, 0xff}

func isStackFile(in input) bool { return bytes.HasPrefix(in.data, stackMark) }

// fromStackFile reads the filters of one file, in either byte order.
func fromStackFile(cmd *cobra.Command, _ *policyFlags, in input) ([]*filter, error) {
	var out []*filter
	for rest := in.data; len(rest) > 0; {
		name := fmt.Sprintf("%s, filter %d", in.name, len(out)+1)
		if len(rest) < 8 || !bytes.HasPrefix(rest, stackMark) {
			return nil, wrong("%s: the mark that announces it is missing", name)
		}
		n := uint64(binary.LittleEndian.Uint32(rest[4:]))
		if n > asm.MaxLen {
			n = uint64(binary.BigEndian.Uint32(rest[4:]))
		}
		rest = rest[8:]
		if n == 0 || n > asm.MaxLen || n*8 > uint64(len(rest)) {
			return nil, wrong("%s: it is cut off, or its length is wrong", name)
		}
		f, err := decodeFilter(cmd, input{name: name, data: rest[:n*8]})
		if err != nil {
			return nil, err
		}
		out, rest = append(out, f), rest[n*8:]
	}
	return out, nil
}

// fromProcess reads the filters of a running thread.
func fromProcess(_ *cobra.Command, _ *policyFlags, name, rest string) ([]*filter, error) {
	tid, err := strconv.Atoi(rest)
	if err != nil || tid <= 0 {
		return nil, fmt.Errorf("%s: %q is no process id; write pid:NUMBER", name, rest)
	}
	return processFilters(tid)
}

func processFilters(tid int) ([]*filter, error) {
	programs, err := runtime.Programs(tid)
	var refused *runtime.Error
	switch {
	case errors.As(err, &refused):
		return nil, &statusError{code: statusKernel, err: err}
	case err != nil:
		return nil, err
	case len(programs) == 0:
		return nil, wrong("%d has no filter", tid)
	}
	out := make([]*filter, len(programs))
	for i, p := range programs {
		out[i] = &filter{name: fmt.Sprintf("pid:%d", tid), program: p, order: binary.NativeEndian}
		if len(programs) > 1 {
			out[i].name = fmt.Sprintf("pid:%d, filter %d", tid, i+1)
		}
	}
	return out, nil
}

// partsOf splits A+B, unless that is the name of a file. Within quotes of a program's words there
// is no end of a part.
func partsOf(name string) []string {
	if _, err := os.Stat(name); err == nil {
		return []string{name}
	}
	var parts []string
	start, quote := 0, rune(0)
	for i, r := range name {
		switch {
		case !strings.HasPrefix(name[start:], exePrefix):
		case quote == 0 && (r == '"' || r == '\''):
			quote = r
			continue
		case r == quote:
			quote = 0
		}
		if r == '+' && quote == 0 {
			parts = append(parts, name[start:i])
			start = i + 1
		}
	}
	return append(parts, name[start:])
}
