package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/seccompc/seccompc/record"
	"github.com/seccompc/seccompc/runtime/notify"
)

// recordFlags are the flags of record.
type recordFlags struct {
	policyFlags
	output, profile string
	twins           bool
	merge, against  string
	from            []string
	listen          string
	wait            time.Duration // for the first container; 0: without end
	printOCI        bool
}

const recordHelp = `Record runs a command, carries out all that it calls, and writes a policy
that allows just that: with the values of arguments where they say what a call does, as the
command of ioctl, grouped by purpose, with the number of calls and the program that made each
first. The policy denies the rest. It needs no privileges and traces nothing once the command
runs. A call takes some 10 µs more.

It follows everything that the command starts, of whatever ABI, and goes on until all of that
has ended. An interrupt that the command takes ends it; what has been recorded is written. If
seccompc itself is killed, the calls of what it has started fail with ENOSYS, and nothing is
written.

With --merge a policy is widened by what the command needs beyond it, the rules being added at
its end, and the difference is printed. With --against those rules are only printed, and the
exit status is 1 if there are any. In both, what a rule of the policy refuses stays refused, and
is so while recording: with EPERM where the rule has no errno.

With --from, logs are read instead: of strace (with -f; its arguments count), or of the kernel's
audit subsystem, whose seccomp records have no arguments.

With --listen the calls are those of a container, which runc starts with the seccomp profile
that --print-oci-profile prints: its listenerPath is the socket. Those of the container
runtime's own, on its way to the container's program, are among them, and have to be.

What a recording cannot see stands at the top of the policy that it makes.`

func newRecord() *cobra.Command {
	var flags recordFlags
	cmd := &cobra.Command{
		Use:   "record [flags] -- COMMAND [ARGUMENT...]",
		Short: "Write the policy that a command needs",
		Long:  recordHelp,
		Example: "  seccompc record -o nginx.scp -- nginx -g 'daemon off;'\n" +
			"  seccompc record --merge nginx.scp -- nginx -t\n" +
			"  seccompc record --from strace.log -o policy.scp",
		DisableFlagsInUseLine: true,
	}
	flags.register(cmd)
	f := cmd.Flags()
	f.StringVarP(&flags.output, "output", "o", "",
		"write the policy to `FILE`; \"-\" is standard output")
	f.StringVar(&flags.profile, "profile", "",
		"write how often each call was made to `FILE`, for build --profile")
	f.BoolVar(&flags.twins, "twins", false,
		"allow also what another C library calls instead, as faccessat2 for access")
	f.StringVar(&flags.merge, "merge", "", "widen the policy in `FILE`, in its place or to -o")
	f.StringVar(&flags.against, "against", "", "print the rules that the policy in `FILE` lacks")
	f.Var(newList(&flags.from), "from", "read calls from `LOG`, of strace or the audit subsystem")
	f.StringVar(&flags.listen, "listen", "", "record containers that come to `SOCKET`")
	f.DurationVar(&flags.wait, "wait", 5*time.Minute,
		"how long --listen waits for the first container; 0: without end")
	f.BoolVar(&flags.printOCI, "print-oci-profile", false,
		"print the seccomp profile with which a container comes to the socket of --listen")
	cmd.MarkFlagsMutuallyExclusive("merge", "against")
	cmd.MarkFlagsMutuallyExclusive("from", "listen")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := flags.check(cmd, args); err != nil {
			return usageError(cmd, err)
		}
		if flags.printOCI {
			_, err := cmd.OutOrStdout().Write(record.OCIProfile(flags.listen))
			return err
		}
		r, err := newRecording(cmd, &flags)
		if err != nil {
			return err
		}
		return r.run(args)
	}
	return cmd
}

// check refuses what does not go together.
func (flags *recordFlags) check(cmd *cobra.Command, args []string) error {
	elsewhere := len(flags.from) > 0 || flags.listen != ""
	switch {
	case cmd.Flags().Changed("wait") && flags.listen == "":
		return errors.New("--wait is for the containers of --listen")
	case flags.wait < 0:
		return errors.New("--wait takes a time that is not negative, as 30s")
	case flags.printOCI && flags.listen == "":
		return errors.New("--print-oci-profile needs the socket: --listen SOCKET")
	case flags.printOCI:
		return nil
	case elsewhere && len(args) > 0:
		return errors.New("a command does not go together with --from or --listen")
	case !elsewhere && len(args) == 0:
		return errors.New("there is no command to record; write it behind --")
	case (flags.merge != "" || flags.against != "") && flags.listen != "":
		return errors.New("--listen records a policy of its own; --merge and --against take a " +
			"command or --from")
	case flags.twins && (flags.merge != "" || flags.against != ""):
		return errors.New("--twins is for a policy that is made anew")
	case !elsewhere && flags.output == "" && flags.merge == "" && flags.against == "":
		return errors.New("say where the policy is to go, with -o FILE; \"-\" is standard " +
			"output, on which the command writes too")
	}
	return nil
}

// recording is a record that is being made.
type recording struct {
	*recordFlags
	cmd    *cobra.Command
	base   *base // of --merge or --against, else nil
	origin string
	unseen []string // calls that cannot be recorded

	mu     sync.Mutex
	record record.Record
}

func newRecording(cmd *cobra.Command, flags *recordFlags) (*recording, error) {
	r := &recording{recordFlags: flags, cmd: cmd}
	if name := flags.merge + flags.against; name != "" {
		var err error
		if r.base, err = loadBase(cmd, &flags.policyFlags, name); err != nil {
			return nil, err
		}
	}
	for _, name := range []string{flags.output, flags.profile} {
		if name == "" || name == flags.merge {
			continue
		}
		if err := checkOutput(cmd, name); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// run makes the record and writes what is to be made of it. A command's failure is its status; what
// it has called is written all the same.
func (r *recording) run(args []string) error {
	var status error
	switch {
	case len(r.from) > 0:
		r.origin = strings.Join(r.from, ", ")
		if err := r.readLogs(); err != nil {
			return err
		}
	case r.listen != "":
		r.origin, r.unseen = "containers at "+r.listen, record.UnseenByOCI
		if err := r.serveContainers(); err != nil {
			return err
		}
	default:
		r.origin = quoted(args)
		started := false
		status = runCommand(args, r.starter(&started))
		if !started {
			return status
		}
	}
	if err := r.write(); err != nil {
		return err
	}
	return status
}

// quoted is a command line as a shell takes it.
func quoted(args []string) string {
	var out []string
	for _, a := range args {
		if a == "" || strings.ContainsAny(a, " \t\n'\"\\$`&|;<>()*?[]{}~#!") {
			a = "'" + strings.ReplaceAll(a, "'", `'\''`) + "'"
		}
		out = append(out, a)
	}
	return strings.Join(out, " ")
}

// starter starts the command and records it to its end.
func (r *recording) starter(started *bool) starter {
	return func(child *exec.Cmd, signals watched) (func() error, error) {
		filter, answer := record.Everything(), r.observe
		if r.base != nil {
			filter, answer = r.base.asking, r.observeBeyond
		}
		session, err := record.Supervise(child, recorderFlags, filter, answer)
		if err != nil {
			return nil, err
		}
		*started = true
		stop := r.showProgress()
		return func() error {
			err := session.Wait()
			stay(session, signals, r.cmd.ErrOrStderr(), child.Path)
			stop()
			if broken := session.Err(); broken != nil {
				fmt.Fprintf(r.cmd.ErrOrStderr(), "seccompc: calls are missing: %v\n", broken)
			}
			return err
		}, nil
	}
}

func (r *recording) observe(c *notify.Call) notify.Answer {
	r.mu.Lock()
	r.record.Observe(c)
	r.mu.Unlock()
	return notify.Continue()
}

// showProgress shows how many calls there are on a terminal, until it is stopped.
func (r *recording) showProgress() (stop func()) {
	if !isTerminal(os.Stderr) {
		return func() {}
	}
	done, gone := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(gone)
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		last := uint64(0)
		for {
			select {
			case <-done:
				fmt.Fprint(os.Stderr, "\r\x1b[K")
				return
			case <-tick.C:
			}
			r.mu.Lock()
			calls, kinds := r.record.Calls, r.record.Kinds()
			r.mu.Unlock()
			fmt.Fprintf(os.Stderr, "\r\x1b[K%d calls, %d kinds, %d calls a second", calls, kinds,
				calls-last)
			last = calls
		}
	}()
	return func() {
		close(done)
		<-gone
	}
}

// write writes the policy, or the rules that another lacks, and the profile.
func (r *recording) write() error {
	if r.profile != "" {
		if err := writeFile(r.cmd, r.profile, r.record.Profile()); err != nil {
			return err
		}
	}
	if r.base != nil {
		return r.writeBeyond()
	}
	text, err := r.record.Policy(record.Options{Origin: r.origin, Twins: r.twins, Unseen: r.unseen,
		Container: r.listen != ""})
	if err != nil {
		return wrong("%w", err)
	}
	output := r.output
	if output == "" {
		output = "-"
	}
	if err := writeFile(r.cmd, output, text); err != nil {
		return err
	}
	fmt.Fprintf(r.cmd.ErrOrStderr(), "seccompc: %d calls of %d kinds recorded\n", r.record.Calls,
		r.record.Kinds())
	return nil
}
