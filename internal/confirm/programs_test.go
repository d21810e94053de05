//go:build linux

package confirm

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/seccompc/seccompc/compiler"
	"github.com/seccompc/seccompc/runtime"
)

// Ordinary dynamic programs run under every policy that means to let them: a shell, processes,
// pipes, files, signals.
func TestOrdinaryPrograms(t *testing.T) {
	const script = `set -e
		echo one two | tr ' ' '\n' | sort -r | head -n 1
		(trap 'exit 0' USR1; sh -c 'kill -USR1 $PPID'; exit 1)
		ls -l / >/dev/null
		date >/dev/null`
	for _, name := range []string{
		"openshell-pr740.scp", "openshell.scp", "supervisor.scp", "docker-default.scp",
		"w-xor-x.scp",
		"no-network.scp", "unix-sockets-only.scp",
	} {
		cmd := alone(exec.Command("/bin/sh", "-c", script))
		var out strings.Builder
		cmd.Stdout, cmd.Stderr = &out, &out
		if err := runtime.Start(cmd, 0, compile(t, name, compiler.Options{}).Program); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := cmd.Wait(); err != nil || out.String() != "two\n" {
			t.Errorf("%s: %v\n%s", name, err, out.String())
		}
	}
}

// What the agent's policies are for: these commands work without a filter and fail with one.
func TestWaysOutAreClosed(t *testing.T) {
	for _, command := range []string{
		"unshare --user true",
		"unshare --user --mount true",
	} {
		if out, err := exec.Command("/bin/sh", "-c", command).CombinedOutput(); err != nil {
			t.Errorf("%s fails without a filter: %v\n%s", command, err, out)
		}
		for _, name := range []string{"openshell-pr740.scp", "openshell.scp"} {
			cmd := exec.Command("/bin/sh", "-c", command)
			var out strings.Builder
			cmd.Stdout, cmd.Stderr = &out, &out
			if err := runtime.Start(cmd, 0, compile(t, name,
				compiler.Options{}).Program); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			err := cmd.Wait()
			if err == nil || !strings.Contains(out.String(), "Operation not permitted") {
				t.Errorf("%s: %s: %v, want Operation not permitted\n%s", name, command, err,
					out.String())
			}
		}
	}
}
