package minijail

import (
	"errors"
	"strings"
	"testing"

	"github.com/seccompc/seccompc/compiler"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
)

func options(dialect Dialect, abis ...string) Options {
	opts := Options{Source: "a.policy", Dialect: dialect, Read: reader(nil)}
	for _, name := range append(abis, "x86_64")[:max(1, len(abis))] {
		abi, _ := linux.Lookup(name)
		opts.ABIs = append(opts.ABIs, abi)
	}
	return opts
}

func reader(files map[string]string) func(from, name string) ([]byte, error) {
	return func(from, name string) ([]byte, error) {
		if text, ok := files[name]; ok {
			return []byte(text), nil
		}
		return nil, errors.New("there is no " + name)
	}
}

// TestMeaning: what statements mean, by calls of the policy that is written.
func TestMeaning(t *testing.T) {
	const eperm, enosys = policy.Errno | 1, policy.Errno | 38
	for _, c := range []struct {
		text    string
		dialect Dialect
		nr      uint32
		args    [6]uint64
		want    policy.Action
	}{
		{"read: 1", "", 0, [6]uint64{}, policy.Allow},
		{"read: 1", "", 1, [6]uint64{}, policy.KillThread},
		{"read: 0x1\nwrite: 01", Python, 1, [6]uint64{}, policy.Allow},
		{"read: allow", Python, 0, [6]uint64{}, policy.Allow},
		{"@default trap\nread: 1", Python, 1, [6]uint64{}, policy.Trap},
		{"mmap: arg2 in ~PROT_EXEC || arg2 in ~PROT_WRITE", "", 9, [6]uint64{0, 0, 6},
			policy.KillThread},
		{"mmap: arg2 in ~PROT_EXEC || arg2 in ~PROT_WRITE", "", 9, [6]uint64{0, 0, 5},
			policy.Allow},
		{"ioctl: arg1 == 0x5401; return ENOSYS", C, 16, [6]uint64{0, 0x5401}, policy.Allow},
		{"ioctl: arg1 == 0x5401; return ENOSYS", C, 16, [6]uint64{0, 1}, enosys},
		{"ioctl: arg1 == 0x5401; return ENOSYS", Python, 16, [6]uint64{0, 0x5401}, enosys},
		{"ioctl: arg1 == 0x5401; return ENOSYS", Python, 16, [6]uint64{0, 1}, policy.KillThread},
		{"ioctl: arg1 == 0x5401", C, 16, [6]uint64{0, 1}, policy.KillThread},
		{"bpf: return 1", "", 321, [6]uint64{}, eperm},
		{"bpf: return", C, 321, [6]uint64{}, policy.KillThread},
		{"{read, write}: { arg0 == 0; trap, arg0 == 010; log, kill-process }", Python, 1,
			[6]uint64{8}, policy.Log},
		{"{read, write}: { arg0 == 0; trap, arg0 == 010; log, kill-process }", Python, 1,
			[6]uint64{9}, policy.KillProcess},
		{"read[arch=arm64]: 1\nwrite[arch=x86_64,arm64]: 1", Python, 0, [6]uint64{},
			policy.KillThread},
		{"read[arch=arm64]: 1\nwrite[arch=x86_64,arm64]: 1", Python, 1, [6]uint64{}, policy.Allow},
		{"@denylist\nptrace: return EPERM", Python, 101, [6]uint64{}, eperm},
		{"@denylist\nptrace: return EPERM", Python, 0, [6]uint64{}, policy.Allow},
		{"@denylist\nptrace: arg0 == 16; return EPERM", Python, 101, [6]uint64{17}, policy.Allow},
		{"read: \\\n  arg0 & 0x6", "", 0, [6]uint64{2}, policy.Allow},
		{"socket: arg0 == AF_UNIX && arg1 in SOCK_STREAM|SOCK_CLOEXEC", "", 41, [6]uint64{1,
			0x80001}, policy.Allow},
		{"kill: arg1 < 2", "", 62, [6]uint64{0, 2}, policy.KillThread},
		{"# and \\\nread: 1\nwrite: 1", C, 0, [6]uint64{}, policy.KillThread},
		{"# and \\\n\\\nread: 1\nwrite: 1", C, 0, [6]uint64{}, policy.KillThread},
		{"# and \\\nread: 1\nwrite: 1", C, 1, [6]uint64{}, policy.Allow},
		{"# and \\\nread: 1\nwrite: 1", Python, 0, [6]uint64{}, policy.Allow},
		{"read: 1\nread: trap", Python, 0, [6]uint64{}, 0xffffffff},
		{"fcntl: { arg1 == 1; return 1, allow }", Python, 72, [6]uint64{0, 1}, eperm},
	} {
		p, err := Import([]byte(c.text), options(c.dialect))
		if c.want == 0xffffffff {
			if err == nil {
				t.Errorf("%q is taken", c.text)
			}
			continue
		}
		if err != nil {
			t.Errorf("%q: %v", c.text, err)
			continue
		}
		res, diags := compiler.Compile("p.scp", p.Text, compiler.Options{})
		if res == nil {
			t.Errorf("%q: %v in\n%s", c.text, diags.Err(), p.Text)
			continue
		}
		d := policy.Data{Nr: c.nr, Arch: 0xc000003e, Args: c.args}
		if got := res.Policy.Eval(d); got != c.want {
			t.Errorf("%q: %v gets %v, want %v in\n%s", c.text, d, got, c.want, p.Text)
		}
	}
}

// TestWords: what is said of a policy besides, and how it is written.
func TestWords(t *testing.T) {
	for _, c := range []struct {
		text   string
		opts   Options
		want   []string
		warned string
	}{
		{"# for the clock\nclock_gettime: 1", options(""), []string{"# for the clock\nallow " +
			"clock_gettime"}, ""},
		{"fcntl: arg1 == 1033 # F_ADD_SEALS", options(""), []string{"cmd == F_ADD_SEALS"},
			"repaired: minijail compares 64 bits of cmd of fcntl"},
		{"fcntl: arg1 == 1033", func() Options { o := options(""); o.Exact = true; return o }(),
			[]string{"u64(cmd) == F_ADD_SEALS"}, ""},
		{"read: 1\nopen[arch=x86_64]: 1\nopenat: 1", options(Python, "x86_64", "aarch64"),
			[]string{"when arch == x86_64", "arch x86_64, aarch64"}, ""},
		{"@include ./b.policy\nread: 1", func() Options {
			o := options("")
			o.Read = reader(map[string]string{"./b.policy": "write: 1\n"})
			return o
		}(), []string{"allow write, read"}, ""},
		{"@frequency ./f\nread: 1\nwrite: 1", func() Options {
			o := options(Python)
			o.Read = reader(map[string]string{"./f": "read: 12\n"})
			return o
		}(), []string{"hot read\n"}, ""},
		{"@default kill-process\nread: 1", options(Python), []string{"mismatch kill\n"}, ""},
		{"@denylist\nptrace: return 1", options(Python), nil, "lets the numbers of x32 pass"},
		{"fcntl: { arg1 == 1; return 1, allow }", options(Python), nil, "the policy keeps them"},
		{"fcntl: arg1 == 5 && arg1 == 6", options(""), nil, "the condition never holds"},
		{"open: 1\nread: 1", options("", "aarch64"), nil, "aarch64 has no open"},
		{"read: arg0 == 0x100000000 || arg0 == 1", options(""), []string{"u64(fd) == 0x100000000"},
			""},
	} {
		p, err := Import([]byte(c.text), c.opts)
		if err != nil {
			t.Errorf("%q: %v", c.text, err)
			continue
		}
		for _, want := range c.want {
			if !strings.Contains(string(p.Text), want) {
				t.Errorf("%q: no %q in\n%s", c.text, want, p.Text)
			}
		}
		var warned strings.Builder
		for _, w := range p.Warnings {
			warned.WriteString(w.String() + "\n")
		}
		if !strings.Contains(warned.String(), c.warned) {
			t.Errorf("%q: no warning %q in %q", c.text, c.warned, warned.String())
		}
	}
}

// TestConstants: those of a file count, and where they are not the kernel's that is said.
func TestConstants(t *testing.T) {
	opts := options(Python)
	opts.ABIs = nil
	opts.Constants = []byte(`{"arch_nr": 3221225534, "arch_name": "x86_64", "bits": 64,
		"syscalls": {"read": 0, "ioctl": 16}, "constants": {"MINE": 77, "TCGETS": 5},
		"syscall_groups": {"std": {"io": ["read"]}}}`)
	p, err := Import([]byte("io@std: 1\nioctl: arg1 == MINE || arg1 == TCGETS\n"), opts)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(p.Text), "cmd in {5, 77}") || !strings.Contains(string(p.Text),
		"allow read") {
		t.Errorf("\n%s", p.Text)
	}
	if len(p.Warnings) < 1 || !strings.Contains(p.Warnings[len(p.Warnings)-1].Text,
		"TCGETS is 5 in the constants") &&
		!strings.Contains(p.Warnings[0].Text, "TCGETS is 5 in the constants") {
		t.Errorf("warnings %v", p.Warnings)
	}
}

func TestErrors(t *testing.T) {
	loop := options("")
	denying := options(Python)
	denying.Read = reader(map[string]string{"./b": "@denylist\n"})
	loop.Read = reader(map[string]string{"./a": "@include ./a\n"})
	for _, c := range []struct {
		text string
		opts Options
		want string
	}{
		{"ioctl: arg1 == 1; return 1", options(""), "line 1: what follows the semicolon"},
		{"read 1", options(""), "line 1: expected a colon"},
		{"\nraed: 1", options(""), "line 2: no system call is called raed"},
		{"read: arg6 == 1", options(""), "a call has arg0 to arg5"},
		{"read: arg0 == NO_SUCH", options(""), "no constant is called NO_SUCH"},
		{"read: arg0 ~ 1", options(""), "expected a comparison"},
		{"read: return 4096", options(""), "no errno"},
		{"read: 1\nread: 1", options(C), "line 2: the call is named in line 1 already"},
		{"{read}: { 1 }", options(C), "line 1: the dialect of C has no braces"},
		{"{read}: 1", options(C), "line 1: the dialect of C has no braces"},
		{"read[arch=x86_64]: 1", options(C), "line 1: the dialect of C has a name alone"},
		{"read: 1 # all", options(C), "line 1: the dialect of C has no comment behind"},
		{"# a \\\nread: 1", options(""), "line 1: the next line belongs to the comment"},
		{"@include ./b\nread: return 1", denying, "a.policy has no @denylist"},
		{"read: 1 1", options(""), "expected the end of the statement"},
		{"read: \\", options(""), "ends within a statement"},
		{"read: arg0 == ~~1", options(""), "expected a constant behind ~"},
		{"read: arg0 == " + strings.Repeat("(", 100), options(""), "parentheses are open"},
		{"@include ./a", loop, "includes itself"},
		{"@include ./none", options(""), "there is no ./none"},
		{"@default allow", options(Python), "expected kill"},
		{"read: \x00", options(""), "NUL"},
		{"read: $", options(""), "line 1: \"$\" is no word"},
		{"read: arg0 & 0", options(""), "never holds"},
		{"read: arg0 == 0x1ffffffffffffffff", options(""), "no number of the argument's width"},
	} {
		_, err := Import([]byte(c.text), c.opts)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.60q: error %v, want %q", c.text, err, c.want)
		}
	}
}

func FuzzImport(f *testing.F) {
	f.Add([]byte("@default trap\n{read, write}: { arg0 == 0; trap, arg0 in ~(1|2); log, "+
		"kill-process }\n"), true)
	f.Add([]byte("ioctl: arg1 == TCGETS && arg2 & 0x7 || arg0 < -1; return ENOSYS\n"), false)
	f.Add([]byte("@denylist\nptrace[arch=arm64]: return 1 # no\n@include ./x\n"), true)
	f.Fuzz(func(t *testing.T, text []byte, python bool) {
		dialect := C
		if python {
			dialect = Python
		}
		Import(text, options(dialect))
	})
}
