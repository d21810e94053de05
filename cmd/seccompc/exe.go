package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/capture"
	"github.com/seccompc/seccompc/diag"
)

// exePrefix begins a FILE that is a program to run.
const exePrefix = "exe:"

// fromProgram runs a program and returns the filters that the first of its processes installs. It
// says so, and which other processes there were.
func fromProgram(
	cmd *cobra.Command, flags *policyFlags, name, rest string,
) ([]*filter, error) {
	args, err := commandWords(rest)
	if err != nil {
		return nil, wrong("%s: %w", diag.Printable(name), err)
	}
	name = exePrefix + args[0] // messages need no more of it
	tell := func(format string, args ...any) {
		say(cmd, "%s: %s", name, fmt.Sprintf(format, args...))
	}
	tell("running %s, for at most %v", strings.Join(args, " "), flags.timeout)
	got, err := capture.Run(args, capture.Options{Timeout: flags.timeout})
	if err != nil {
		return nil, wrong("%s: %w", diag.Printable(name), err)
	}
	if got.TimedOut {
		tell("it was ended after %v; --timeout gives it more time", flags.timeout)
	}
	if got.Crowded {
		tell("it was ended, as it had more than %d threads at once", capture.MaxThreads)
	}
	if len(got.Processes) == 0 {
		return nil, wrong("%s: it installed no filter", diag.Printable(name))
	}
	first := got.Processes[0]
	same := 0
	for _, p := range got.Processes[1:] {
		if slices.EqualFunc(p.Filters, first.Filters, slices.Equal[asm.Program]) {
			same++
			continue
		}
		tell("process %d (%s) has %s, not the same as process %d (%s): left out", p.ID, p.Name,
			filterNumber(len(p.Filters)), first.ID, first.Name)
	}
	if first.Differ {
		tell("the threads of process %d (%s) have different filters; these are one thread's", first.ID,
			first.Name)
	}
	if same > 0 {
		tell("%d more of its processes installed the same", same)
	}
	out := make([]*filter, len(first.Filters))
	for i, p := range first.Filters {
		out[i] = &filter{name: name, program: p, order: binary.NativeEndian}
		if len(first.Filters) > 1 {
			out[i].name = fmt.Sprintf("%s, filter %d", name, i+1)
		}
	}
	return out, nil
}

func filterNumber(filters int) string {
	if filters == 1 {
		return "1 filter"
	}
	return fmt.Sprintf("%d filters", filters)
}

// commandWords splits a command line at blanks; what is between quotes is one word, or a part of
// one.
func commandWords(text string) ([]string, error) {
	var words []string
	var word strings.Builder
	quote, some := rune(0), false
	for _, r := range text {
		switch {
		case r == quote:
			quote = 0
		case quote == 0 && (r == '"' || r == '\''):
			quote, some = r, true
		case quote == 0 && r == ' ':
			if some {
				words = append(words, word.String())
			}
			word.Reset()
			some = false
		default:
			word.WriteRune(r)
			some = true
		}
	}
	if quote != 0 {
		return nil, fmt.Errorf("a closing %c is missing", quote)
	}
	if some {
		words = append(words, word.String())
	}
	if len(words) == 0 || words[0] == "" {
		return nil, errors.New("a program is missing; write 'exe:PROG ARGS'")
	}
	return words, nil
}
