package neutral

import (
	"strings"
	"testing"

	"github.com/seccompc/seccompc/policy"
)

func TestSCP(t *testing.T) {
	p := Policy{
		Name: "small", Title: "a small one", ABIs: []string{"x86_64", "i386"}, Default: Denies(1),
		Rules: []Rule{
			{Call: "read", Action: policy.Allow},
			{Nr: 435, Action: policy.Allow},
			{Call: "bpf", Action: Denies(38)},
			{Call: "mmap", When: []Test{
				{Arg: 2, Width: 32, Op: Masked, Mask: 6, Value: 2},
				{Arg: 1, Width: 64, Op: Le, Value: 1 << 32},
			}, Action: policy.Allow},
			{Call: "socket", When: []Test{{Width: 32, Op: Ne, Value: 40}},
				Action: policy.KillProcess},
			{Call: "ioctl", When: []Test{{Arg: 1, Width: 64, Op: Eq, Value: 0}},
				Action: policy.Trap},
			{Call: "prctl", When: []Test{{Width: 32, Op: Eq, Value: 3}}, Action: policy.Allow},
			{Call: "prctl",
				When:   []Test{{Width: 32, Op: Ge, Value: 5}, {Width: 32, Op: Le, Value: 7}},
				Action: policy.Allow},
			{Call: "prctl", When: []Test{{Width: 64, Op: Eq, Value: 9}}, Action: policy.Allow},
			{Call: "prctl", When: []Test{{Width: 64, Op: Eq, Value: 11}}, Action: Denies(1)},
			{Call: "fcntl",
				When:   []Test{{Width: 32, Op: Ge, Value: 1}, {Width: 32, Op: Le, Value: 2}},
				Action: policy.Allow},
			{Call: "dup2",
				When: []Test{{Width: 32, Op: Ge, Value: 1},
					{Arg: 1, Width: 32, Op: Le, Value: 2}},
				Action: policy.Allow},
		},
	}
	want := `# a small one
arch x86_64, i386
default deny(1)

allow read, 435
deny(38) bpf
allow mmap if u32(arg2) & 0x6 == 0x2 && u64(arg1) <= 0x100000000
kill socket if u32(arg0) != 0x28
trap ioctl if u64(arg1) == 0x0
allow prctl if u32(arg0) in {0x3, 0x5..0x7}
allow prctl if u64(arg0) == 0x9
deny(1) prctl if u64(arg0) == 0xb
allow fcntl if u32(arg0) in {0x1..0x2}
allow dup2 if u32(arg0) >= 0x1 && u32(arg1) <= 0x2
`
	if got := p.SCP(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestSCPBreaksLongLists(t *testing.T) {
	p := Policy{Default: policy.Allow}
	for range 40 {
		p.Rules = append(p.Rules, Rule{Call: "rt_sigprocmask", Action: policy.Trap})
	}
	for i := range uint64(40) {
		value := Test{Width: 32, Op: Eq, Value: i << 20}
		p.Rules = append(p.Rules, Rule{Call: "prctl", When: []Test{value}, Action: policy.Trap})
	}
	lines := strings.Split(p.SCP(), "\n")
	for i, line := range lines {
		if len(line) > 100 {
			t.Errorf("a line of %d columns: %s", len(line), line)
		}
		if strings.HasPrefix(line, " ") && !strings.HasSuffix(lines[i-1], ",") {
			t.Errorf("a line goes on after %q", lines[i-1])
		}
	}
}
