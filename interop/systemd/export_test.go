package systemd

import (
	"encoding/binary"
	"strings"
	"testing"

	"github.com/seccompc/seccompc/compiler"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/proof"
)

// TestExport: what a unit says of a policy, and what it cannot say.
func TestExport(t *testing.T) {
	const head = "arch x86_64\nmismatch kill_thread\n"
	for _, c := range []struct {
		text    string
		version int
		want    []string
		refused string
	}{
		{head + "default deny\nunknown deny(ENOSYS)\nallow @default, @basic-io, write\n", 0,
			[]string{"SystemCallErrorNumber=EPERM\n", "SystemCallFilter=@basic-io\n",
				"SystemCallArchitectures=native\n"}, ""},
		{head + "default kill\nunknown kill\nallow @basic-io\n", 252,
			[]string{"SystemCallFilter=@basic-io\n",
				"SystemCallFilter=~"}, ""},
		{head + "default allow\ndeny @mount, ptrace\nkill @swap\ndeny(ENOSYS) bpf\n", 0,
			[]string{"SystemCallFilter=~@mount ptrace\n", "SystemCallFilter=~bpf:ENOSYS\n",
				"SystemCallFilter=~swapoff:kill swapon:kill\n"}, ""},
		{head + "default allow\nlog ptrace\n", 0, []string{"SystemCallLog=ptrace\n"}, ""},
		{head + "default allow\ndeny socket if family == AF_INET\n", 0, nil,
			"socket on x86_64: the answer depends"},
		{head + "default allow\ntrap ptrace\n", 0, nil, "no word for trap"},
		{head + "default deny\nunknown deny(ENOSYS)\ndeny(ENOSYS) clone3\nallow @default, write\n",
			0, nil,
			"cannot give ENOSYS"},
		{"arch x86_64, i386\ndefault allow\nwhen arch == i386 {\ndeny bpf\n}\n", 0, nil,
			"says the same of all"},
		{head + "default deny\nunknown deny(ENOSYS)\nallow @default\n", 0, nil, "write"},
	} {
		res, diags := compiler.Compile("p.scp", []byte(c.text), compiler.Options{})
		if res == nil {
			t.Fatal(diags.Err())
		}
		s := proof.New(linux.Arches()...)
		f, err := s.Program(res.Program, binary.LittleEndian)
		if err != nil {
			t.Fatal(err)
		}
		text, _, err := Export(s, f, Options{Host: amd64(), ABIs: res.ABIs, Version: c.version})
		if c.refused != "" {
			if err == nil || !strings.Contains(err.Error(), c.refused) {
				t.Errorf("%q: error %v, want %q", c.text, err, c.refused)
			}
			continue
		}
		if err != nil {
			t.Errorf("%q: %v", c.text, err)
		}
		for _, want := range c.want {
			if !strings.Contains(string(text), want) {
				t.Errorf("%q: no %q in\n%s", c.text, want, text)
			}
		}
	}
}
