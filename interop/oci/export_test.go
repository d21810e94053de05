package oci

import (
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/seccompc/seccompc/compiler/resolve"
	"github.com/seccompc/seccompc/explain"
	"github.com/seccompc/seccompc/interop"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/proof"
)

// exported writes the profile of a policy.
func exported(t *testing.T, text []byte) ([]byte, error) {
	t.Helper()
	res, diags := resolve.Text("policy", text, resolve.Options{ABIs: []string{"x86_64"}})
	if res == nil {
		t.Fatal(diags)
	}
	s := proof.New(linux.Arches()...)
	f, err := s.Policy(res.Policy)
	if err != nil {
		t.Fatal(err)
	}
	out, err := Export(s, f, ExportOptions{ABIs: []*linux.ABI{hostX86()}, For: CrunTarget})
	if err != nil {
		return nil, err
	}
	return out.Text, nil
}

// TestExport: real policies are written, and the filter that the installed libseccomp makes of a
// profile answers every call as the policy does.
func TestExport(t *testing.T) {
	o := startOracle(t)
	for name, text := range map[string][]byte{
		"openshell": file(t, "openshell"), "unix-sockets-only": file(t, "unix-sockets-only"),
		"own": []byte("arch x86_64\nmismatch kill_thread\ndefault allow\ndeny(ENOSYS) clone3\n" +
			"kill socket if family not in {AF_UNIX, AF_INET}\n" +
			"deny unshare if arg0 any CLONE_NEWUSER | CLONE_NEWNET\n" +
			"deny kill if sig in {3..9} && pid < 0\nlog clone if flags & 0x7e020000 != 0\n"),
	} {
		profile, err := exported(t, text)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		p, err := Read(profile, "")
		if err != nil {
			t.Fatal(err)
		}
		if name != "own" {
			continue // an old libseccomp knows fewer calls
		}
		program := o.filter(t, p, hostX86())
		if program == nil {
			t.Fatalf("%s: libseccomp refuses the profile", name)
		}
		if d := differ(t, hostX86(), text, program); d != nil {
			t.Errorf("%s: %s: policy %v, libseccomp %v", name,
				explain.Call(d.Call, binary.LittleEndian), d.A, d.B)
		}
	}
}

func file(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile("../../testdata/policies/" + name + ".scp")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// exportFor writes the profile of a policy for several ABIs.
func exportFor(t *testing.T, text string, opts ExportOptions, abis ...string) (*Exported, error) {
	t.Helper()
	res, diags := resolve.Text("policy", []byte(text), resolve.Options{})
	if res == nil {
		t.Fatal(diags)
	}
	for _, name := range abis {
		abi, _ := linux.Lookup(name)
		opts.ABIs = append(opts.ABIs, abi)
	}
	s := proof.New(linux.Arches()...)
	f, err := s.Policy(res.Policy)
	if err != nil {
		t.Fatal(err)
	}
	return Export(s, f, opts)
}

// TestExportDifferences: what no profile avoids is listed with a call of each kind.
func TestExportDifferences(t *testing.T) {
	const sockets = "arch x86_64, i386\ndefault allow\nmismatch kill_thread\n" +
		"deny socket if family not in {AF_UNIX, AF_INET}\n"
	for _, c := range []struct {
		name, policy string
		target       Target
		abis         []string
		want         []string // parts of the differences, in order
	}{
		{"none", "arch x86_64\ndefault allow\nmismatch kill_thread\ndeny mkdir\n", CrunTarget,
			[]string{"x86_64"}, nil},
		{"socketcall", sockets, CrunTarget, []string{"x86_64", "i386"},
			[]string{"i386: socketcall(SYS_SOCKET, 0) gets deny(EPERM), not allow"}},
		{"an ABI left out", sockets, CrunTarget, []string{"x86_64"},
			[]string{"i386: restart_syscall gets kill_thread, not allow"}},
		{"mismatch", "arch x86_64\ndefault allow\nmismatch kill\n", CrunTarget, []string{"x86_64"},
			[]string{"i386: restart_syscall gets kill_thread, not kill", "x32: read",
				"arch 0x0: 0 gets kill_thread, not kill"}},
		{"stub", "arch x86_64\ndefault deny\nmismatch kill_thread\nallow write\n", RuncTarget,
			[]string{"x86_64"}, []string{"x86_64: open(0, O_RDONLY, 0) gets deny(ENOSYS)"}},
		{"young names", "arch x86_64\ndefault deny\nmismatch kill_thread\nallow mseal\n",
			CrunTarget,
			[]string{"x86_64"}, []string{"mseal"}},
	} {
		out, err := exportFor(t, c.policy, ExportOptions{For: c.target}, c.abis...)
		if err != nil || len(out.Differences) != len(c.want) {
			t.Errorf("%s: %v, %+v", c.name, err, out)
			continue
		}
		for i, d := range out.Differences {
			text := d.Call + " gets " + d.Gets + ", not " + d.Want + ": " + d.Why
			if !strings.Contains(text, c.want[i]) {
				t.Errorf("%s: %q, want %q", c.name, text, c.want[i])
			}
		}
	}
}

// TestExportSeveral: a profile has the same rules for all of its ABIs.
func TestExportSeveral(t *testing.T) {
	const differ = "arch x86_64, i386\ndefault allow\nwhen arch == i386 {\ndeny mkdir\n}\n"
	_, err := exportFor(t, differ, ExportOptions{For: CrunTarget}, "x86_64", "i386")
	if err == nil || !strings.Contains(err.Error(), "mkdir does not get the same on x86_64 and "+
		"on i386") {
		t.Errorf("error %v", err)
	}
	if _, err := exportFor(t, differ, ExportOptions{For: CrunTarget}, "i386"); err != nil {
		t.Error(err)
	}
	text := string(file(t, "docker-default"))
	out, err := exportFor(t, text, ExportOptions{For: DockerTarget}, "x86_64", "i386", "x32")
	if err != nil || !strings.Contains(string(out.Text), "SCMP_ARCH_X32") {
		t.Errorf("%v", err)
	}
}

// TestExportABIs: no filter serves both byte orders, and runc knows nothing of PA-RISC: the host's
// own ABI is added to what a profile lists.
func TestExportABIs(t *testing.T) {
	const text = "arch parisc64, parisc\ndefault deny\nallow read\n"
	for want, abis := range map[string][]string{
		"mips64el has another byte order than parisc64":   {"parisc64", "mips64el"},
		"runc does not know SCMP_ARCH_PARISC beside pari": {"parisc64", "parisc"},
	} {
		_, err := exportFor(t, text, ExportOptions{For: RuncTarget}, abis...)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: error %v, want %q", abis, err, want)
		}
	}
	out, err := exportFor(t, text, ExportOptions{For: RuncTarget}, "parisc64")
	if err != nil || strings.Contains(string(out.Text), "architectures") {
		t.Errorf("%v, %+v", err, out)
	}
	if _, err = exportFor(t, text, ExportOptions{For: CrunTarget}, "parisc64",
		"parisc"); err != nil {
		t.Error(err)
	}
}

// TestExportResource: Kubernetes' resources come back, and have limits of their own.
func TestExportResource(t *testing.T) {
	const head = "arch x86_64\nmismatch kill_thread\n"
	opts := ExportOptions{For: K8sTarget, Name: "own"}
	out, err := exportFor(t, head+"default deny\nallow read\ndeny(ENOSYS) clone3\n"+
		"allow socket if family == AF_UNIX\n", opts, "x86_64")
	if err != nil || !strings.Contains(string(out.Text), `"errnoRet": 38`) {
		t.Fatalf("%v", err)
	}
	if p, err := Read(out.Text, "own"); err != nil || len(p.Entries) != 3 {
		t.Errorf("%+v, %v", p, err)
	}
	for policy, want := range map[string]string{
		"default deny(ENOSYS)\nallow read\n":           "the default is errno 38",
		"default allow\ndeny read if buf >= 1 << 63\n": "a value of 64 bits",
		"default allow\ndeny(0) read\n":                "errno 0, which is EPERM",
	} {
		if _, err := exportFor(t, head+policy, opts, "x86_64"); err == nil ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %q", policy, err, want)
		}
	}
}

// TestExportRandom: conditions of every operator are written so that they come back as they were,
// or are refused for what a profile cannot say.
func TestExportRandom(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	random := rand.New(rand.NewPCG(3, 19))
	pick := func(list ...string) string { return list[random.IntN(len(list))] }
	value := func() string {
		return pick("0", "1", "7", "0x80", "4095", "0x7fffffff", "0xffffffff", "-1", "1 << 20")
	}
	test := func() string {
		arg := pick("pid", "sig", "arg2", "u64(arg3)", "arg4 & 0xff0")
		if set := "{" + value() + ", " + pick("3..9", "64..100", "0x1000..0x2fff") + "}"; random.IntN(
			4) == 0 {
			return arg + pick(" in ", " not in ") + set
		}
		if strings.Contains(arg, "&") {
			return arg + pick(" == ", " != ") + pick("0", "0x10", "0xff0")
		}
		return arg + pick(" == ", " != ", " < ", " <= ", " > ", " >= ", " any ", " all ",
			" only ") + value()
	}
	written := 0
	for range 120 {
		text := "arch x86_64\nmismatch kill_thread\ndefault " + pick("allow", "deny", "kill") + "\n"
		for range 1 + random.IntN(3) {
			text += pick("allow", "deny(5)", "kill", "kill_thread", "log", "trace(9)", "trap",
				"notify") +
				" kill if " + test() + pick("", " && "+test(), " || "+test()) + "\n"
		}
		if _, diags := resolve.Text("policy", []byte(text), resolve.Options{}); diags.HasErrors() {
			continue // an order of what has no order, or a value out of range
		}
		_, err := exported(t, []byte(text))
		var refused *interop.Refused
		switch {
		case err == nil:
			written++
		case !errors.As(err, &refused):
			t.Errorf("%v for\n%s", err, text)
		}
	}
	if written < 40 {
		t.Errorf("only %d were written", written)
	}
}

// TestExportRefuses: what a profile cannot say is an error.
func TestExportRefuses(t *testing.T) {
	for _, c := range []struct{ policy, want string }{
		{"default allow\ndeny read if ip > 5\n", "instruction pointer"},
		{"default allow\ndeny 400\n", "a number without a name"},
		{"default allow\ntrap(3) read\n", "no data"},
	} {
		_, err := exported(t, []byte("arch x86_64\n"+c.policy))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: error %v, want %q", c.policy, err, c.want)
		}
	}
}
