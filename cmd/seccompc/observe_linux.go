package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"sync"

	"github.com/spf13/cobra"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/explain"
	"github.com/seccompc/seccompc/policy"
	"github.com/seccompc/seccompc/runtime"
	"github.com/seccompc/seccompc/runtime/notify"
)

// startObserved starts a command whose calls are all carried out, and reports those that the filter
// would not have let pass. In the filter that the kernel gets, a supervisor is asked instead.
func startObserved(cmd *cobra.Command, child *exec.Cmd, f *filter) (wait func() error, err error) {
	asking, err := askInstead(f)
	if err != nil {
		return nil, err
	}
	fd, err := runtime.StartListener(child, runtime.WaitKillable, asking)
	if err != nil {
		return nil, err
	}
	listener, err := notify.New(fd)
	if err != nil {
		return nil, errors.Join(err, child.Process.Kill(), child.Wait())
	}
	o := &observer{filter: f, out: cmd.ErrOrStderr(), seen: map[string]bool{}}
	served := make(chan error, 1)
	go func() { served <- listener.Serve(observedAtOnce, o.observe) }()
	return func() error {
		err := child.Wait()
		listener.Close()
		<-served
		return err
	}, nil
}

// observedAtOnce bounds the calls that are looked at together.
const observedAtOnce = 16

// askInstead returns the program with notify for everything but allow and log. Before it, close is
// allowed: the child closes its own listener before there is anybody to ask.
func askInstead(f *filter) (asm.Program, error) {
	const notifyAction = uint32(policy.Notify)
	var out asm.Program
	for _, abi := range f.abis() {
		if nr, ok := abi.Number("close"); ok {
			out = append(out,
				asm.Instruction{Op: asm.LdAbs, K: asm.OffArch},
				asm.Instruction{Op: asm.JeqK, K: abi.Arch, Jf: 3},
				asm.Instruction{Op: asm.LdAbs, K: asm.OffNr},
				asm.Instruction{Op: asm.JeqK, K: nr, Jf: 1},
				asm.Instruction{Op: asm.RetK, K: uint32(policy.Allow)})
		}
	}
	for _, in := range f.program {
		switch kind := policy.Action(in.K).Kind(); {
		case in.Op == asm.RetA:
			return nil, wrong("%s: the filter computes what it returns; "+
				"--log-denied needs one with fixed actions", f.name)
		case in.Op == asm.RetK && kind != policy.Allow && kind != policy.Log:
			in.K = notifyAction
		}
		out = append(out, in)
	}
	return out, nil
}

// observer reports calls to people, each kind of call once.
type observer struct {
	filter *filter
	out    io.Writer
	mu     sync.Mutex
	seen   map[string]bool
}

// observe lets a call pass and reports what the filter would have done.
func (o *observer) observe(c *notify.Call) notify.Answer {
	res, err := o.filter.program.Run(c.Data, o.filter.order)
	if err != nil {
		return notify.Errno(0)
	}
	data := policy.Data(c.Data)
	action := explain.Action(policy.Action(res.Ret), explain.ABIOf(data))
	o.mu.Lock()
	defer o.mu.Unlock()
	if kind := fmt.Sprintf("%x %d %d", data.Arch, data.Nr, res.PC); !o.seen[kind] {
		o.seen[kind] = true
		fmt.Fprintf(o.out, "would be denied: %s  %s%s\n", explain.Call(meant(data), binary.NativeEndian), action,
			o.rule(data))
	}
	return notify.Continue()
}

// meant returns a call without what it does not read: registers behind its last argument, and where
// it comes from.
func meant(d policy.Data) policy.Data {
	d.IP = 0
	abi := explain.ABIOf(d)
	if abi == nil {
		return d
	}
	name, _ := abi.SyscallName(d.Nr)
	if args, known := abi.Prototype(name); known {
		clear(d.Args[len(args):])
	}
	return d
}

// rule names the place of the rule that decides, where the filter is a policy.
func (o *observer) rule(d policy.Data) string {
	if o.filter.policy == nil {
		return ""
	}
	return "  (" + o.filter.policy.Decide(d).Place() + ")"
}
