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

// fromProgram runs a program and returns the filters that the first of its processes installs, or
// the one that is asked for. It says so, and which other processes there were.
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
		return nil, noFilter(name, got)
	}
	if n := len(got.Processes); flags.process < 1 || flags.process > n {
		return nil,
			wrong("%s: there is no process %d: --process is a number of 1 to %d, in the order "+
				"in which they install filters", diag.Printable(name), flags.process, n)
	}
	return chosen(name, got.Processes, flags.process-1, tell), nil
}

// noFilter says what a program did instead of installing a filter.
func noFilter(name string, got *capture.Result) error {
	why := ""
	switch {
	case got.Refused != nil:
		why = fmt.Sprintf(": the kernel refused the one that it tried: %v", got.Refused)
	case got.Strict:
		why = ", but set strict mode, in which there are read, write, exit and rt_sigreturn alone"
	}
	return wrong("%s: it installed no filter%s", diag.Printable(name), why)
}

// chosen returns the filters of one of a program's processes, and tells of the others.
func chosen(
	name string, processes []capture.Process, at int, tell func(format string, args ...any),
) []*filter {
	own := processes[at]
	same := 0
	for i, p := range processes {
		switch {
		case i == at:
		case slices.EqualFunc(p.Filters, own.Filters, slices.Equal[asm.Program]):
			same++
		default:
			tell("process %d (%s) has %s, not the same as process %d (%s): left out; --process %d "+
				"reads it", p.ID, p.Name, filterNumber(len(p.Filters)), own.ID, own.Name, i+1)
		}
	}
	if own.Differ {
		tell("the threads of process %d (%s) have different filters; these are one thread's",
			own.ID,
			own.Name)
	}
	if own.Partly {
		tell("process %d (%s) has a thread with fewer filters than these", own.ID, own.Name)
	}
	if same > 0 {
		tell("%d more of its processes installed the same", same)
	}
	out := make([]*filter, len(own.Filters))
	for i, p := range own.Filters {
		out[i] = &filter{name: name, program: p, order: binary.NativeEndian}
		if len(own.Filters) > 1 {
			out[i].name = fmt.Sprintf("%s, filter %d", name, i+1)
		}
	}
	return out
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
