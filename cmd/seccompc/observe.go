package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/explain"
	"github.com/seccompc/seccompc/policy"
	"github.com/seccompc/seccompc/record"
	"github.com/seccompc/seccompc/runtime"
	"github.com/seccompc/seccompc/runtime/notify"
)

// startObserved starts a command whose calls are all carried out, and reports those that the filter
// would not have let pass. In the filter that the kernel gets, a supervisor is asked instead.
func (flags *runFlags) startObserved(cmd *cobra.Command, f *filter) (starter, error) {
	asking, err := record.Asking(f.program)
	if err != nil {
		return nil, wrong("%s: %w", f.name, err)
	}
	o, err := flags.observer(cmd, f, "would be denied")
	if err != nil {
		return nil, err
	}
	return o.starter(cmd, asking, func(c *notify.Call) notify.Answer {
		o.observe(c)
		return notify.Continue()
	}), nil
}

// startReported starts a command under the filter, and reports each call that it refuses.
func (flags *runFlags) startReported(cmd *cobra.Command, f *filter) (starter, error) {
	if err := refuseNotify(f.name, f.program); err != nil {
		return nil, err
	}
	reporting, err := record.Reporting(f.program)
	if err != nil {
		return nil, wrong("%s: %w", f.name, err)
	}
	o, err := flags.observer(cmd, f, "denied")
	if err != nil {
		return nil, err
	}
	return o.starter(cmd, reporting, o.refuse), nil
}

// observer reports calls to people, or to programs, each one that differs from those before once.
type observer struct {
	filter *filter
	flags  runtime.Flags
	what   string // what is reported of a call
	json   bool
	seen   record.Seen
	killed string // the last call whose caller was killed

	mu    sync.Mutex
	out   io.Writer
	close func() error // writes what has not been written
}

// observer returns one that writes to the file that is asked for as calls come. What would have
// been denied is otherwise printed when the command has ended, so that nothing comes between its
// own lines.
func (flags *runFlags) observer(cmd *cobra.Command, f *filter, what string) (*observer, error) {
	o := &observer{filter: f, flags: flags.start() | runtime.WaitKillable, what: what,
		json:  flags.json,
		close: func() error { return nil }}
	if !flags.waitKillable {
		o.flags &^= runtime.WaitKillable
	}
	switch {
	case flags.output != "":
		if err := checkOutput(cmd, flags.output); err != nil {
			return nil, err
		}
		file, err := os.Create(flags.output)
		if err != nil {
			return nil, fileError(flags.output, err)
		}
		o.out, o.close = file, file.Close
	case flags.report:
		o.out = cmd.ErrOrStderr()
	default:
		var kept bytes.Buffer
		o.out = &kept
		o.close = func() error {
			_, err := kept.WriteTo(cmd.ErrOrStderr())
			return err
		}
	}
	return o, nil
}

// starter starts a command whose questions the observer answers.
func (o *observer) starter(cmd *cobra.Command, p asm.Program, answer notify.Handler) starter {
	return func(child *exec.Cmd, signals watched) (func() error, error) {
		session, err := record.Supervise(child, o.flags, p, answer)
		if err != nil {
			return nil, err
		}
		return func() error {
			said := cmd.ErrOrStderr()
			err := session.Wait()
			stay(session, signals, said, child.Path)
			if broken := session.Err(); broken != nil {
				fmt.Fprintf(said, "seccompc: calls are missing: %v\n", broken)
			}
			o.mu.Lock()
			defer o.mu.Unlock()
			if failed := o.close(); failed != nil {
				return fmt.Errorf("the calls could not be written: %w", failed)
			}
			return o.orKilled(err)
		}, nil
	}
}

// orKilled adds to the end of a command that a call of it, or of its children, was answered by a
// kill.
func (o *observer) orKilled(err error) error {
	if o.killed == "" || err == nil {
		return err
	}
	return &killedError{err, o.killed}
}

// killedError is the end of a command under a filter that has killed one of its processes.
type killedError struct {
	error
	call string
}

func (e *killedError) Unwrap() error { return e.error }

// stay goes on showing calls until nobody is left under the filter, or a signal comes that the
// command is not there to get.
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

// observe reports what the filter does with a call, or would do, and returns it.
func (o *observer) observe(c *notify.Call) policy.Action {
	data := policy.Data(c.Data)
	res, err := o.filter.program.Run(asm.Data(data), o.filter.order)
	if err != nil {
		panic("a filter that is checked does not run: " + err.Error())
	}
	r := refusal{what: o.what, data: data, action: policy.Action(res.Ret)}
	if o.filter.policy != nil {
		r.rule = o.filter.policy.Decide(data).Place()
	}
	r.paths = record.Paths(c)
	kind := record.Kind{Call: record.Of(data), Note: r.note()}
	r.call = kind.Call.String()
	news := o.seen.Add(kind)
	if news == record.Old && !r.kills() {
		return r.action
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	r.last = news == record.Many
	if r.kills() {
		o.killed = fmt.Sprintf("%s  %s", r.call, r.note())
	}
	if o.json {
		o.out.Write(r.json())
	} else {
		fmt.Fprintln(o.out, &r)
	}
	return r.action
}

// refuse reports a call and does what the filter says.
func (o *observer) refuse(c *notify.Call) notify.Answer {
	answer, err := record.Refuse(c, o.observe(c))
	if err != nil {
		o.mu.Lock()
		defer o.mu.Unlock()
		fmt.Fprintf(o.out, "seccompc: %v; the call fails instead\n", err)
	}
	return answer
}

// refusal is a call that a filter does not let pass.
type refusal struct {
	what   string
	data   policy.Data
	call   string // as a test block has it
	action policy.Action
	rule   string // the place of what decides, "" where that is not known
	paths  []string
	last   bool // no more like it are shown
}

func (r *refusal) kills() bool {
	return r.what == "denied" &&
		(r.action.Kind() == policy.KillProcess || r.action.Kind() == policy.KillThread)
}

// note is what tells the call from others besides its numbers. What follows the execution of a
// program may be that program's.
func (r *refusal) note() string {
	text := explain.Action(r.action, explain.ABIOf(r.data))
	if r.rule != "" {
		text += "  (" + r.rule + ")"
	}
	if r.executes() && len(r.paths) > 0 {
		text += r.comment()
	}
	return text
}

func (r *refusal) executes() bool {
	name := syscallName(r.data)
	return name == "execve" || name == "execveat"
}

func syscallName(d policy.Data) string {
	abi := explain.ABIOf(d)
	if abi == nil {
		return ""
	}
	name, _ := abi.SyscallName(d.Nr)
	return name
}

// comment has the paths that the call is about.
func (r *refusal) comment() string {
	if len(r.paths) == 0 {
		return ""
	}
	var quoted []string
	for _, p := range r.paths {
		quoted = append(quoted, fmt.Sprintf("%q", diag.Printable(p)))
	}
	mark := "  # "
	if r.executes() {
		mark = "  # to execute "
	}
	return mark + strings.Join(quoted, ", ")
}

// String is a line for people.
func (r *refusal) String() string {
	if r.last {
		return fmt.Sprintf("%s: %s, like many before: no more of them are shown", r.what, r.call)
	}
	text := fmt.Sprintf("%s: %s  %s", r.what, r.call, r.note())
	if !r.executes() {
		text += r.comment()
	}
	return text
}

// json is a line for programs.
func (r *refusal) json() []byte {
	type call struct {
		Call   string   `json:"call"`
		Name   string   `json:"name,omitempty"`
		Nr     uint32   `json:"nr"`
		Arch   uint32   `json:"arch"`
		Args   words    `json:"args"`
		Action string   `json:"action"`
		Rule   string   `json:"rule,omitempty"`
		Paths  []string `json:"paths,omitempty"`
		Last   bool     `json:"last,omitempty"`
	}
	return documentLine(call{r.call, syscallName(r.data), r.data.Nr, r.data.Arch,
		words(r.data.Args), explain.Action(r.action, explain.ABIOf(r.data)), r.rule, r.paths,
		r.last})
}
