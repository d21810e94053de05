package main

import (
	"fmt"
	"io"
	"os/exec"
	"time"

	"github.com/spf13/cobra"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/explain"
	"github.com/seccompc/seccompc/policy"
	"github.com/seccompc/seccompc/record"
	"github.com/seccompc/seccompc/runtime/notify"
)

// startObserved starts a command whose calls are all carried out, and reports those that the filter
// would not have let pass. In the filter that the kernel gets, a supervisor is asked instead.
func startObserved(cmd *cobra.Command, child *exec.Cmd, f *filter, signals watched) (
	wait func() error, err error,
) {
	asking, err := record.Asking(f.program)
	if err != nil {
		return nil, wrong("%s: %w", f.name, err)
	}
	o := &observer{filter: f, out: cmd.ErrOrStderr()}
	session, err := record.Start(child, asking, o.observe)
	if err != nil {
		return nil, err
	}
	return func() error {
		err := session.Wait()
		stay(session, signals, o.out, child.Path)
		if broken := session.Err(); broken != nil {
			fmt.Fprintf(o.out, "seccompc: calls are missing: %v\n", broken)
		}
		return err
	}, nil
}

// stay goes on showing calls until nobody is left under the filter, or a signal comes that the command
// is not there to get.
func stay(session *record.Session, signals watched, out io.Writer, path string) {
	const usual = 200 * time.Millisecond // for the last process to be gone
	select {
	case <-session.Done():
		return
	case <-time.After(usual):
	}
	fmt.Fprintf(out, "seccompc: %s has ended, but not everything that it started: calls are shown "+
		"until that ends too; an interrupt ends it sooner, and such calls then fail with ENOSYS\n",
		diag.Printable(path))
	select {
	case <-session.Done():
	case <-signals.late:
		session.Close()
	}
}

// observer reports calls to people, each one that differs from those before once.
type observer struct {
	filter *filter
	out    io.Writer
	seen   record.Seen
}

// observe reports what the filter would have done with a call.
func (o *observer) observe(c *notify.Call) {
	data := policy.Data(c.Data)
	kind := record.Kind{Call: record.Of(data), Note: o.verdict(data) + started(c)}
	switch o.seen.Add(kind) {
	case record.New:
		fmt.Fprintf(o.out, "would be denied: %s  %s\n", kind.Call, kind.Note)
	case record.Many:
		fmt.Fprintf(o.out, "would be denied: %s, like many before: no more of them are shown\n", kind.Call)
	}
}

// verdict says what the filter answers, and where it is a policy, which rule says so.
func (o *observer) verdict(d policy.Data) string {
	res, err := o.filter.program.Run(asm.Data(d), o.filter.order)
	if err != nil {
		return err.Error()
	}
	text := explain.Action(policy.Action(res.Ret), explain.ABIOf(d))
	if o.filter.policy != nil {
		text += "  (" + o.filter.policy.Decide(d).Place() + ")"
	}
	return text
}

// started marks a call that executes a program: what follows may be that program's.
func started(c *notify.Call) string {
	at := map[string]int{"execve": 0, "execveat": 1}
	abi := explain.ABIOf(policy.Data(c.Data))
	if abi == nil {
		return ""
	}
	name, _ := abi.SyscallName(c.Data.Nr)
	arg, ok := at[name]
	if !ok {
		return ""
	}
	const longest = 4096 // PATH_MAX
	path, err := c.String(c.Data.Args[arg], longest)
	if err != nil {
		return "  # to execute a program"
	}
	return fmt.Sprintf("  # to execute %q", diag.Printable(path))
}
