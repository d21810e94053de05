package main

import (
	"encoding/binary"
	"fmt"
	"slices"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/claims"
	"github.com/seccompc/seccompc/compiler"
	"github.com/seccompc/seccompc/compiler/resolve"
	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/explain"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
)

// probe is a call that test --kernel makes on the running kernel.
type probe struct {
	claim resolve.Claim
	data  policy.Data
	want  syscall.Errno
}

// harmless are the calls that can be made when they are allowed: they neither fail nor change
// anything.
var harmless = []string{
	"getegid", "geteuid", "getgid", "getpid", "getppid", "gettid", "getuid", "sched_yield",
}

// harmful are the calls that are not made even when they are denied: should the kernel not deny
// them, they would end this process, double it, or reach others.
var harmful = []string{
	"clone", "clone3", "exit", "exit_group", "fork", "kexec_file_load", "kexec_load", "kill",
	"pause", "pidfd_send_signal", "reboot", "rt_sigqueueinfo", "rt_sigreturn", "rt_sigsuspend",
	"rt_tgsigqueueinfo", "tgkill", "tkill", "vfork", "vhangup",
}

// testKernel makes the calls of claims that are safe to make, under the filter, in a child made for
// it.
func testKernel(cmd *cobra.Command, res *compiler.Result, under ...claims.Under) error {
	probes, err := probesOf(res, under...)
	if err != nil {
		return unknown(err)
	}
	if len(probes) == 0 {
		fmt.Fprintln(cmd.OutOrStdout(), "      no claim is about a call that is safe to make here")
		return nil
	}
	var programs []asm.Program
	for _, u := range under {
		programs = append(programs, u.Program)
	}
	got, err := makeCalls(append(programs, res.Program), probes)
	if err != nil {
		return err
	}
	var failed diag.List
	for i, p := range probes {
		if got[i] != p.want {
			failed = append(failed, failedProbe(p, got[i]))
		}
	}
	if err := printDiagnostics(cmd, failed); err != nil {
		return err
	}
	fmt.Fprintf(cmd.OutOrStdout(),
		"      %d calls made on this kernel, %d answered otherwise than proved\n", len(probes),
		len(failed))
	return checked(failed)
}

// probesOf returns a call for each part of a claim on the machine's own ABI that is safe to make.
func probesOf(res *compiler.Result, under ...claims.Under) ([]probe, error) {
	if res.Program.Waits() {
		return nil, needsValues("--kernel", res)
	}
	checker, err := claims.New(res.Resolved, res.Program, res.Order, under...)
	if err != nil {
		return nil, err
	}
	var out []probe
	for _, c := range res.Claims {
		abi := res.ABIs[c.ABI]
		if native, ok := linux.Native(); !ok || abi != native {
			continue
		}
		for _, call := range c.Calls {
			name, _ := abi.SyscallName(call.Nr)
			want, safe := expected(abi, name, c.Want)
			if !safe {
				continue
			}
			d, err := checker.Witness(c, call)
			if err != nil {
				return nil, err
			}
			if d != nil {
				out = append(out, probe{c, d.Data, want})
			}
		}
	}
	return out, nil
}

// expected returns the errno that a call gives under an action, if it is safe to make.
func expected(abi *linux.ABI, name string, a policy.Action) (syscall.Errno, bool) {
	switch {
	case name == "" || abi.Exempt(name) || slices.Contains(harmful, name):
		return 0, false
	case a == policy.Allow:
		return 0, slices.Contains(harmless, name)
	case a.Kind() == policy.Errno && 0 < a.Data() && a.Data() < 4095:
		return syscall.Errno(a.Data()), true
	}
	return 0, false
}

func failedProbe(p probe, got syscall.Errno) diag.Finding {
	abi := explain.ABIOf(p.data)
	answer := "success"
	if got != 0 {
		answer = explain.Action(policy.Errno|policy.Action(got), abi)
	}
	return diag.Finding{
		Severity: diag.Error,
		Code:     "test-failed",
		Span:     p.claim.Span,
		Message: fmt.Sprintf("this kernel answers %s with %s",
			explain.Call(p.data, binary.NativeEndian), answer),
		Notes: []diag.Note{{Text: "proved of the filter: " + explain.Action(p.claim.Want, abi)}},
	}
}
