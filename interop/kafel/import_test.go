package kafel

import (
	"errors"
	"strings"
	"testing"

	"github.com/seccompc/seccompc/compiler"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
)

func options(abis ...string) Options {
	opts := Options{Source: "a.policy", Read: func(_, name string) ([]byte, error) {
		switch name {
		case "b.policy":
			return []byte("POLICY b { ALLOW { read } }\n"), nil
		case "loop.policy":
			return []byte("#include \"loop.policy\"\n"), nil
		}
		return nil, errors.New("there is no " + name)
	}}
	for _, name := range append(abis, "x86_64")[:max(1, len(abis))] {
		abi, _ := linux.Lookup(name)
		opts.ABIs = append(opts.ABIs, abi)
	}
	return opts
}

// TestMeaning: what policies mean, by calls of the policy that is written. Kafel itself was asked
// the same.
func TestMeaning(t *testing.T) {
	const high = 1 << 32
	for _, c := range []struct {
		text  string
		exact bool
		nr    uint32
		args  [6]uint64
		want  policy.Action
	}{
		{"ALLOW { read }", false, 0, [6]uint64{}, policy.Allow},
		{"ALLOW { read }", false, 1, [6]uint64{}, policy.KillThread},
		{"ALLOW { read } DEFAULT ERRNO(1)", false, 1, [6]uint64{}, policy.Errno | 1},
		{"DENY { read } DEFAULT ALLOW", false, 0, [6]uint64{}, policy.KillThread},
		{"KILL_PROCESS { read } LOG { write }", false, 1, [6]uint64{}, policy.Log},
		{"POLICY a { ALLOW { read }, TRAP(3) { write } }\nUSE a\nKILL { read }", false, 0,
			[6]uint64{}, policy.Allow},
		{"POLICY a { ALLOW { read }, TRAP(3) { write } }\nUSE a DEFAULT KILL", false, 1,
			[6]uint64{}, policy.Trap | 3},
		{"ALLOW { write { fd == 1 } }", true, 1, [6]uint64{1 + high}, policy.Allow},
		{"ALLOW { write(a, b) { a == 1 } }", true, 1, [6]uint64{1 + high}, policy.KillThread},
		{"ALLOW { write { fd == -1 } }", true, 1, [6]uint64{0xffffffff}, policy.KillThread},
		{"ALLOW { write { fd == -1 } }", true, 1, [6]uint64{1<<64 - 1}, policy.Allow},
		{"ALLOW { write { fd == 1, fd == 010 } }", false, 1, [6]uint64{8}, policy.Allow},
		{"ALLOW { write { fd == 0b101 || !(fd >= 3) } }", false, 1, [6]uint64{4},
			policy.KillThread},
		{"ALLOW { write { (fd & 6) < 5 } }", false, 1, [6]uint64{5}, policy.Allow},
		{"ALLOW { write { (fd & 6) < 5 } }", false, 1, [6]uint64{6}, policy.KillThread},
		{"ALLOW { write { (fd | 1) == 3 } }", false, 1, [6]uint64{2}, policy.Allow},
		{"#define K 3\nALLOW { write { K > fd } }", false, 1, [6]uint64{3}, policy.KillThread},
		{"#define K 39\nALLOW { K, SYSCALL[500] }", false, 39, [6]uint64{}, policy.Allow},
		{"#define K 39\nALLOW { K, SYSCALL[500] }", false, 500, [6]uint64{}, policy.Allow},
		{"ALLOW { umount, newstat }", false, 166, [6]uint64{}, policy.Allow},
		{"ALLOW { umount, newstat }", false, 4, [6]uint64{}, policy.Allow},
		{"ALLOW { read ON arm, write ON { amd64, arm } }", false, 0, [6]uint64{},
			policy.KillThread},
		{"ALLOW { read ON arm, write ON { amd64, arm } }", false, 1, [6]uint64{}, policy.Allow},
		{"#include \"b.policy\"\nUSE b", false, 0, [6]uint64{}, policy.Allow},
		{"", false, 0, [6]uint64{}, policy.KillThread},
		{
			"name: \"x\"\nseccomp_string: \"ALLOW { read,\"\nseccomp_string: \"  write " +
				"}\"\nmode: ONCE", false, 1,
			[6]uint64{}, policy.Allow},
		{"USER_NOTIF { read } TRACE(7) { write }", false, 1, [6]uint64{}, policy.Trace | 7},
		{"ALLOW { read { 1 == 1 }, write { 1 > 2 } }", false, 0, [6]uint64{}, policy.Allow},
		{"ALLOW { read { 1 == 1 }, write { 1 > 2 } }", false, 1, [6]uint64{}, policy.KillThread},
	} {
		opts := options()
		opts.Exact = c.exact
		p, err := Import([]byte(c.text), opts)
		if err != nil {
			t.Errorf("%q: %v", c.text, err)
			continue
		}
		res, diags := compiler.Compile("p.scp", p.Text, compiler.Options{})
		if res == nil {
			t.Errorf("%q: %v in\n%s", c.text, diags.Err(), p.Text)
			continue
		}
		if got := res.Policy.Eval(policy.Data{Nr: c.nr, Arch: 0xc000003e,
			Args: c.args}); got != c.want {
			t.Errorf("%q: %d%v gets %v, want %v in\n%s", c.text, c.nr, c.args, got, c.want, p.Text)
		}
	}
}

// TestWords: what is said of a policy, and how it is written.
func TestWords(t *testing.T) {
	for _, c := range []struct {
		text         string
		opts         Options
		want, warned string
	}{
		{"// for the clock\nALLOW { clock_gettime }", options(),
			"# for the clock\nallow clock_gettime", ""},
		{"ALLOW { /* std */ write { fd == 1 } }", options(), "# std\nallow write if fd == 1", ""},
		{"ALLOW { socket(a, b) { a == 1 } }", options(), "if family == AF_UNIX",
			"repaired: kafel compares 64 bits of family"},
		{"ALLOW { read } DEFAULT KILL_PROCESS", options(), "mismatch kill\n", ""},
		{"ALLOW { read } DEFAULT ERRNO(1)", options(), "mismatch kill_thread",
			"the numbers of x32 get"},
		{"ERRNO(5000) { read }", options(), "deny(4095) read", "for 4095"},
		{"ALLOW { SYSCALL[0x40000001] }", options(), "default kill_thread",
			"another ABI's with the same arch"},
		{"ALLOW { read { 1 > 2 } }", options(), "", "never holds"},
		{"ALLOW { read } KILL { read }", options(), "", "never happens here"},
		{"ALLOW { chown { user == 1 }, chown16, select, umount }", options("i386"),
			"allow chown32 if user == 1", ""},
		{"ALLOW { chown { user == 1 }, chown16, select, umount }", options("i386"),
			"chown, _newselect, umount2", ""},
		{"ALLOW { read ON arm64, write }", options("x86_64", "aarch64"),
			"when arch == aarch64 {\n    allow read, write", ""},
	} {
		p, err := Import([]byte(c.text), c.opts)
		if err != nil {
			t.Errorf("%q: %v", c.text, err)
			continue
		}
		var warned strings.Builder
		for _, w := range p.Warnings {
			warned.WriteString(w.String() + "\n")
		}
		if !strings.Contains(string(p.Text), c.want) || !strings.Contains(warned.String(),
			c.warned) {
			t.Errorf("%q: want %q and %q in\n%s\n%s", c.text, c.want, c.warned, p.Text, &warned)
		}
	}
}

func TestErrors(t *testing.T) {
	double := "POLICY p0 { ALLOW { read } }\n"
	for i := range 30 {
		n := string(rune('a'+i/26)) + string(rune('a'+i%26))
		prev := "p0"
		if i > 0 {
			prev = "q" + string(rune('a'+(i-1)/26)) + string(rune('a'+(i-1)%26))
		}
		double += "POLICY q" + n + " { USE " + prev + ", USE " + prev + " }\n"
	}
	for _, c := range []struct{ text, want string }{
		{"ALLOW { raed }", "line 1: x86_64 has no system call raed"},
		{"ALLOW {\n read { fd } }", "line 2: expected a comparison, found }"},
		{"ALLOW { read write }", "expected a comma"},
		{"ALLOW { read { fd == buf } }", "two arguments are compared"},
		{"ALLOW { read { (fd & buf) == 1 } }", "two arguments are combined"},
		{"ALLOW { read { arg9 == 1 } }", "read has no argument arg9; it has fd, buf, count"},
		{"ALLOW { read(a) { fd == 1 } }", "fd is none of the arguments a"},
		{"ALLOW { SYSCALL[500] { x == 1 } }", "have no names"},
		{"ALLOW { SYSCALL[4294967296] }", "line 1: a call's number has 32 bits"},
		{"#define n 0x100000001\nALLOW { n }", "line 2: a call's number has 32 bits"},
		{"ALLOW { read(a, a) }", "with different names"},
		{"ERRNO(70000) { read }", "not in 0..65535"},
		{"USE a", "line 1: there is no policy a above"},
		{"POLICY a { USE a }", "there is no policy a above"},
		{"POLICY a {} POLICY a {}", "there is a policy a already"},
		{"POLICY a { ALLOW { read } ALLOW { write } }", "expected a comma"},
		{"DEFAULT KILL DEFAULT KILL", "a default already"},
		{"#define A 1\n#define A 2", "line 2: A is defined with another value"},
		{"#include \"none\"", "there is no none"},
		{"#include \"loop.policy\"", "loop.policy includes itself"},
		{"name: \"box\"\nmode: ONCE\n", "a configuration of nsjail without seccomp_string"},
		{"ALLOW { read ON vax }", "no architecture vax"},
		{"/* ", "the comment does not end"},
		{"ALLOW { read { fd == 0x1ffffffffffffffff } }", "no number of 64 bits"},
		{"ALLOW { read { " + strings.Repeat("(", 100), "parentheses are open"},
		{double + "USE qbd", "there are more than 4096 filters"},
		{"ALLOW { \x00 }", "NUL"},
		{"a: 1\nseccomp_string: \"ALLOW { raed }\"", "line 2: x86_64 has no system call raed"},
		{"seccomp_string: \"DEFAULT ALLOW\"\nseccomp_string: 'KILL { ptrace }'",
			"line 2: a part of the policy that is not read"},
		{"seccomp_string: \"ALLOW { read }\" \"DEFAULT ALLOW\"", "line 1: a part of the policy"},
		{"name: \"a\" seccomp_string: \"ALLOW { read }\"", "line 1: a part of the policy"},
		{"seccomp_string: [\"DEFAULT ALLOW\"]", "line 1: a part of the policy"},
		{"{ \"seccompString\": [\"DEFAULT ALLOW\"] }", "line 1: a part of the policy"},
	} {
		_, err := Import([]byte(c.text), options())
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.70q: error %v, want %q", c.text, err, c.want)
		}
	}
}

func FuzzImport(f *testing.F) {
	f.Add([]byte("#define K 3\nPOLICY a { ALLOW { write { (fd & K) == 1 || !(fd > 010) } } " +
		"}\nUSE a DEFAULT ERRNO(1)\n"))
	f.Add([]byte("TRAP(3) { read(a, b) ON { x86_64, arm } { a | 1 == -1, b < 5 }, SYSCALL[500] } " +
		"// end\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		Import(text, options())
	})
}
