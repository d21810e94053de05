package seccompiler

import (
	"strings"
	"testing"

	"github.com/seccompc/seccompc/compiler"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
)

func amd64() *linux.ABI {
	abi, _ := linux.Lookup("x86_64")
	return abi
}

func vmm(rules string) string {
	return `{"vmm": {"mismatch_action": "trap", "match_action": "allow", "filter": [` + rules +
		"]}}"
}

func newer(rules string) string {
	return `{"vmm": {"default_action": {"errno": 13}, "filter_action": "allow", "filter": [` +
		rules + "]}}"
}

func arg(index, kind, op, val string) string {
	return `{"index": ` + index + `, "type": "` + kind + `", "op": ` + op + `, "val": ` + val + "}"
}

// TestMeaning: what rules mean for each of the engines, by calls of the policy that is written.
func TestMeaning(t *testing.T) {
	const other = 1 << 32
	for _, c := range []struct {
		text  string
		exact bool
		nr    uint32
		args  [6]uint64
		want  policy.Action
	}{
		{vmm(`{"syscall": "read"}`), false, 0, [6]uint64{}, policy.Allow},
		{vmm(`{"syscall": "read"}`), false, 1, [6]uint64{}, policy.Trap},
		{newer(`{"syscall": "read"}`), false, 1, [6]uint64{}, policy.Errno | 13},
		{vmm(`{"syscall": "ioctl", "args": [` + arg("2", "dword", `"eq"`, "0") + `]}`), false, 16,
			[6]uint64{0, 0, other}, policy.Allow},
		{vmm(`{"syscall": "ioctl", "args": [` + arg("2", "qword", `"eq"`, "0") + `]}`), false, 16,
			[6]uint64{0, 0, other}, policy.Trap},
		{vmm(`{"syscall": "madvise", "args": [` + arg("2", "dword", `"le"`, "4") + `]}`), true, 28,
			[6]uint64{0, 0, other}, policy.Allow},
		{newer(`{"syscall": "madvise", "args": [` + arg("2", "dword", `"le"`, "4") + `]}`), true,
			28,
			[6]uint64{0, 0, other}, policy.Errno | 13},
		{newer(`{"syscall": "madvise", "args": [` + arg("2", "dword", `"le"`, "4") + `]}`), false,
			28,
			[6]uint64{0, 0, other}, policy.Allow},
		{vmm(`{"syscall": "clone", "args": [` + arg("0", "qword", `{"masked_eq": 6}`, "15") +
			`]}`), false, 56,
			[6]uint64{7}, policy.Allow},
		{vmm(`{"syscall": "clone", "args": [` + arg("0", "qword", `{"masked_eq": 6}`, "15") +
			`]}`), false, 56,
			[6]uint64{5}, policy.Trap},
		{vmm(`{"syscall": "futex"}, {"syscall": "futex", "args": [` + arg("1", "dword", `"eq"`,
			"1") + `]}`), false,
			202, [6]uint64{0, 2}, policy.Trap},
		{newer(`{"syscall": "futex"}, {"syscall": "futex", "args": [` + arg("1", "dword", `"eq"`,
			"1") + `]}`), false,
			202, [6]uint64{0, 2}, policy.Allow},
		{vmm(`{"syscall": "kill", "args": [` + arg("1", "dword", `"gt"`, "2") + `, ` + arg("1",
			"dword", `"ne"`, "9") +
			`]}`), false, 62, [6]uint64{0, 9}, policy.Trap},
		{vmm(`{"syscall": "kill", "args": [` + arg("1", "dword", `"gt"`, "2") + `, ` + arg("1",
			"dword", `"ne"`, "9") +
			`]}`), false, 62, [6]uint64{0, 8}, policy.Allow},
	} {
		p, err := Import([]byte(c.text), Options{Source: "x.json", ABI: amd64(), Exact: c.exact})
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		res, diags := compiler.Compile("p.scp", p.Text, compiler.Options{})
		if res == nil {
			t.Errorf("%s: %v in\n%s", c.text, diags.Err(), p.Text)
			continue
		}
		if got := res.Policy.Eval(policy.Data{Nr: c.nr, Arch: 0xc000003e,
			Args: c.args}); got != c.want {
			t.Errorf("%s: %d%v gets %v, want %v in\n%s", c.text, c.nr, c.args, got, c.want, p.Text)
		}
	}
}

// TestWords: names of constants, comments, warnings.
func TestWords(t *testing.T) {
	commented := func(val, comment string) string {
		return newer(`{"syscall": "mmap", "comment": "for the queues", "args": [{"index": 3, "type": "dword", "op": "eq",
			"val": ` + val + `, "comment": "` + comment + `"}]}`)
	}
	for _, c := range []struct{ text, want, warned string }{
		{commented("32769", "libc::MAP_SHARED | libc::MAP_POPULATE"), "MAP_POPULATE", ""},
		{commented("32769", "libc::MAP_SHARED | libc::MAP_POPULATE"), "# for the queues\n", ""},
		{commented("1", "libc::MAP_PRIVATE"), "flags == MAP_SHARED",
			"the comment says MAP_PRIVATE, which is 2"},
		{
			newer(
				`{"syscall": "kill", "args": [{"index": 1, "type": "dword", "op": "eq", "val": 44672, "comment": "KVM_RUN"}]}`),
			"sig == KVM_RUN", ""},
		{newer(`{"syscall": "ioctl", "args": [` + arg("1", "dword", `"eq"`, "5") +
			`]}, {"syscall": "ioctl", "args": [` +
			arg("1", "dword", `"eq"`, "21505") + `]}`), "cmd in {5, TCGETS}", ""},
		{vmm(`{"syscall": "read"}`), "mismatch kill\n", "the numbers of x32 get"},
		{newer(`{"syscall": "read"}`), "mismatch kill_thread\n", ""},
		{newer(`{"syscall": "riscv_hwprobe"}, {"syscall": "read"}`), "allow read",
			"x86_64 has no riscv_hwprobe"},
		{newer(`{"syscall": "read", "note": 1}`), "", "note is no key"},
		{newer(`{"syscall": "kill", "args": [` + arg("0", "qword", `"lt"`, "0") + `]}`), "",
			"never hold"},
		{vmm(`{"syscall": "prctl", "args": [` + arg("0", "dword", `{"masked_eq": 15}`, "31") +
			`]}`), "option all 0xf",
			"val has bits outside of the mask, which the compiler drops, " +
				"such as x86_64: prctl(PR_SET_NAME, 0, 0, 0, 0), which gets allow"},
		{vmm(`{"syscall": "kill", "args": [` + arg("1", "dword", `{"masked_eq": 4294967311}`,
			"3") + `]}`), "sig & 0xf == 3", "the mask has more than the 32 bits of a dword; the " +
			"upper ones are not looked at, such as x86_64: kill(0, SIGQUIT), which gets allow"},
		{newer(`{"syscall": "kill", "args": [` + arg("1", "dword", `{"masked_eq": 4294967311}`,
			"3") + `]}`), "u64(sig) & 0x10000000f == 3", "libseccomp looks at all bits of the " +
			"mask, such as x86_64: kill(0, 0x100000003), which gets deny(EACCES)"},
		{newer(`{"syscall": "fcntl", "args": [{"index": 1, "type": "dword", "op": "eq", "val": 3,
			"comment": "F_SETFD: for std"}]}`), "# F_SETFD: for std\n", "the comment says F_SETFD, " +
			"which is 2 on x86_64, and val is 3: val counts, such as x86_64: fcntl(0, F_GETFL, 0)"},
		{newer(`{"syscall": "fcntl", "args": [{"index": 1, "type": "dword", "op": "eq", "val": 3,
			"comment": "F_SETFD is not it"}]}`), "# F_SETFD is not it\n", ""},
		{vmm(`{"syscall": "read"}, {"syscall": "read"}`), "allow read",
			"read: this stands there already: x86_64: read(0, 0, 0) gets allow; left out"},
	} {
		p, err := Import([]byte(c.text), Options{Source: "x.json", ABI: amd64()})
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		var warned strings.Builder
		for _, w := range p.Warnings {
			warned.WriteString(w.String() + "\n")
		}
		if !strings.Contains(string(p.Text), c.want) || !strings.Contains(warned.String(),
			c.warned) {
			t.Errorf("%s: want %q and %q in\n%s\n%s", c.text, c.want, c.warned, p.Text, &warned)
		}
	}
}

func TestErrors(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", "JSON object"},
		{"{", "cut off"},
		{"{}", "there is no filter"},
		{`{"a": {}, "b": {}}`, "choose one by --thread: a, b"},
		{`{"a": 1}`, "expected a filter"},
		{`{"a": {"mismatch_action": "trap", "match_action": "allow", "default_action": "allow",` +
			"\n" + `"filter_action": "trap", "filter": []}}`, "no compiler reads both"},
		{`{"a": {"mismatch_action": "trap",` + "\n" + `"filter_action": "allow", "filter": []}}`,
			"line 2: mismatch_action is rust-vmm's, and filter_action Firecracker's"},
		{`{"a": {"filter": []}}`, "there is no mismatch_action or default_action"},
		{`{"a": {"mismatch_action": "allow", "match_action": "allow", "filter": []}}`,
			"are the same"},
		{`{"a": {"mismatch_action": "deny", "match_action": "allow", "filter": []}}`,
			"expected allow"},
		{`{"a": {"mismatch_action": {"errno": 5000}, "match_action": "allow", "filter": []}}`,
			"5000 is not in 0..4095"},
		{vmm("{\"syscall\": \"read\"},\n{\"syscall\": \"raed\"}"), "line 2: x86_64 has no system " +
			"call raed"},
		{vmm(`{"syscall": "riscv_hwprobe"}`), "refuses"},
		{vmm(`{"syscall": "read", "args": []}`), "args is empty"},
		{vmm(`{"syscall": "read", "args": [` + arg("6", "dword", `"eq"`, "1") + `]}`),
			"6 is not in 0..5"},
		{vmm(`{"syscall": "read", "args": [` + arg("0", "word", `"eq"`, "1") + `]}`),
			"expected dword or qword"},
		{vmm(`{"syscall": "read", "args": [` + arg("0", "dword", `"in"`, "1") + `]}`),
			"expected eq"},
		{vmm(`{"syscall": "read", "args": [` + arg("0", "dword", `"eq"`, "-1") + `]}`),
			"-1 is not in"},
		{vmm(`{"syscall": "read", "args": [{"index": 1}]}`), "has no type"},
		{newer(`{"syscall": "read", "args": [` + arg("0", "dword", `"eq"`, "1") + "," + arg("0",
			"dword", `"eq"`, "2") +
			`]}`), "is tested twice"},
		{newer(`{"syscall": "kill", "args": [` + arg("1", "dword", `"ne"`, "1") +
			`]}, {"syscall": "kill", "args": [` +
			arg("1", "dword", `"lt"`, "9") + `]}`), "is not modelled"},
		{`{"a": {"filter": [], "filter": []}}`, "given twice"},
	} {
		_, err := Import([]byte(c.text), Options{Source: "x.json", ABI: amd64()})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.text, err, c.want)
		}
	}
	_, err := Import([]byte(vmm("")), Options{ABI: amd64(), Thread: "vcpu"})
	if err == nil || !strings.Contains(err.Error(), "no filter called vcpu; they are vmm") {
		t.Error(err)
	}
}

// TestABI: the file's name tells the ABI.
func TestABI(t *testing.T) {
	p, err := Import([]byte(newer(`{"syscall": "read"}`)),
		Options{Source: "a/aarch64-unknown-linux-musl.json"})
	if err != nil || !strings.Contains(string(p.Text), "arch aarch64\n") {
		t.Errorf("%v %s", err, p.Text)
	}
}

func FuzzImport(f *testing.F) {
	f.Add([]byte(vmm(`{"syscall": "ioctl", "args": [` + arg("2", "dword", `"eq"`, "0") +
		`]}, {"syscall": "read"}`)))
	f.Add([]byte(newer(`{"syscall": "clone", "args": [` + arg("0", "qword", `{"masked_eq": 6}`,
		"15") + `]}`)))
	f.Fuzz(func(t *testing.T, text []byte) {
		Import(text, Options{Source: "x.json", ABI: amd64()})
	})
}
