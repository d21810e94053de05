package audit

import (
	"encoding/binary"
	"strings"
	"testing"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/compiler"
	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/internal/short"
	"github.com/seccompc/seccompc/linux"
)

// ofPolicy audits a policy, by its own text.
func ofPolicy(t *testing.T, text string) diag.List {
	t.Helper()
	res, diags := compiler.Compile("p.scp", []byte(text), compiler.Options{})
	if res == nil {
		t.Fatalf("%s\n%v", text, diags)
	}
	return Audit(Filters{Name: "p.scp", Stack: []asm.Program{res.Program}, Order: res.Order,
		ABIs: res.ABIs, Policy: &Policy{res.Resolved, diags}})
}

// ofProgram audits assembler text for x86_64.
func ofProgram(t *testing.T, text string) diag.List {
	t.Helper()
	p, err := asm.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	x86, _ := linux.Lookup("x86_64")
	return Audit(Filters{Name: "p.bpf", Stack: []asm.Program{p}, Order: binary.LittleEndian,
		ABIs: []*linux.ABI{x86}})
}

// found returns the finding of a code, if there is one.
func found(list diag.List, code string) *diag.Finding {
	for i := range list {
		if list[i].Code == code {
			return &list[i]
		}
	}
	return nil
}

const (
	closed = "arch x86_64\ndefault deny\nunknown deny(ENOSYS)\nallow read, exit_group\n"
	x86    = "ld arch\n jeq #0xc000003e, here, out\nout: ret kill_process\nhere: ld nr\n"
	ends   = "no: ret errno(1)\nyes: ret allow"
)

// Each code is found where it is due, with a call, a remedy and its severity, and not where another
// filter closes what is open.
func TestCodes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ code, open, closed string }{
		{NotJudged, x86 +
			"jeq #41, it, yes\nit: ld [16]\n tax\n ld [24]\n mul x\n jeq #9, no, yes\n" +
			ends, ""},
		{NotJudged, x86 + "jeq #41, it, yes\n" + ends + "\nit: ld [16]", ""},
		{NotJudged, x86 + "tax\n or #0x50000\n ret a", ""},
		{ArchUnchecked, "ld nr\n jeq #101, no, yes\n" + ends, x86 + "jeq #101, no, yes\n" + ends},
		{X32Door, x86 + "jeq #101, no, yes\n" + ends,
			x86 + "jge #0x40000000, gone, own\nown: jeq #101, no, yes\n" + ends +
				"\ngone: ret kill_process"},
		{ABIDoor, "arch x86_64\nmismatch allow\ndefault deny\nallow read\n", closed},
		{ABIDoor, "arch x86_64, i386\ndefault allow\nwhen arch == x86_64 {\ndeny ptrace\n}\n",
			"arch x86_64, i386\ndefault allow\ndeny ptrace\n"},
		{MismatchOpen, "arch x86_64\nmismatch allow\ndefault deny\nallow read\n", closed},
		{MismatchOpen, "arch x86_64\nmismatch log\ndefault deny\nallow read\n", closed},
		{GetsPast, "arch x86_64\ndefault allow\ndeny socket if u64(family) == AF_INET\n",
			"arch x86_64\ndefault allow\ndeny socket if family == AF_INET\n"},
		{GetsPast, "arch x86_64\ndefault allow\nkill kill if u64(pid) < 10\n",
			"arch x86_64\ndefault allow\nkill kill if pid < 10\n"},
		{TooWide, closed + "allow socket if u64(family) == AF_UNIX\n",
			closed + "allow socket if family == AF_UNIX\n"},
		{Bypass, "arch x86_64\ndefault allow\ndeny execve\n",
			"arch x86_64\ndefault allow\ndeny execve, execveat\n"},
		{EnumAsFlags, closed + "allow socket if family & AF_UNIX\n",
			closed + "allow socket if family == AF_UNIX\n"},
		{NoFallback, closed + "deny(EPERM) clone3\nallow clone\n",
			closed + "deny(ENOSYS) clone3\nallow clone\n"},
		{StopsNothing, "arch x86_64\nmismatch allow\ndefault allow\n", closed},
		{UnknownOpen, "arch x86_64\ndefault allow\ndeny ptrace\n", closed},
		{UnknownErrno, "arch x86_64\ndefault deny(EPERM)\nallow read\n", closed},
	} {
		audit := func(text string) diag.List {
			if strings.HasPrefix(text, "ld ") {
				return ofProgram(t, text)
			}
			return ofPolicy(t, text)
		}
		if testing.Short() && strings.Contains(c.open, "mul x") {
			continue // a product is what the prover gives up late
		}
		expect(t, c.code, c.open, audit(c.open))
		if c.closed == "" {
			continue
		}
		if f := found(audit(c.closed), c.code); f != nil {
			t.Errorf("%s: %s\n%s", c.code, f.Message, c.closed)
		}
	}
}

// expect demands a finding with everything that it must have.
func expect(t *testing.T, code, text string, list diag.List) {
	t.Helper()
	f := found(list, code)
	if f == nil {
		t.Errorf("%s is not found in\n%s\n%v", code, text, list)
		return
	}
	known, _ := Lookup(code)
	callless := code == NotJudged || code == StopsNothing || code == EnumAsFlags
	if f.Severity != known.Severity || !callless && (f.Call == "" || f.Gets == "") ||
		f.Help == "" && code != StopsNothing {
		t.Errorf("%s: %+v", code, f)
	}
}

// Each dangerous call is found by itself, with the rule that stops it, and that rule does.
func TestDangers(t *testing.T) {
	t.Parallel()
	for _, d := range short.Some(dangerLines()) {
		for _, call := range d.calls {
			if name, _, _ := strings.Cut(call, " if "); !onX86(name) {
				continue
			}
			text := closed + "allow " + call + "\n"
			list := ofPolicy(t, text)
			expect(t, d.code, text, list)
			f := found(list, d.code)
			if f == nil {
				continue
			}
			_, rules, ok := strings.Cut(f.Help, "put above what allows it: ")
			text = strings.Replace(text, "allow read", strings.ReplaceAll(rules, "; ", "\n")+
				"\nallow read", 1)
			if again := found(ofPolicy(t, text), d.code); !ok || again != nil {
				t.Errorf("%s: %s does not help: %v\n%s", d.code, f.Help, again, text)
			}
		}
	}
}

func onX86(name string) bool {
	x86, _ := linux.Lookup("x86_64")
	return x86.HasSyscall(name)
}
