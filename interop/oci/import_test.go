package oci

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seccompc/seccompc/compiler/resolve"
	"github.com/seccompc/seccompc/dsl"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
	"github.com/seccompc/seccompc/proof"
)

func hostX86() *linux.ABI { abi, _ := linux.Lookup("x86_64"); return abi }

// profile is a profile with some entries and an errno as default.
func profile(entries string) string {
	return `{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [` + entries + `]}`
}

// TestImportStrangers: the engines do not tell the numbers of MIPS's ABIs apart.
func TestImportStrangers(t *testing.T) {
	mipsel, _ := linux.Lookup("mipsel")
	const text = `{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
		{"names": ["unshare"], "action": "SCMP_ACT_ERRNO"}]}`
	p, err := Import([]byte(text), Options{Host: mipsel})
	if err != nil {
		t.Fatal(err)
	}
	if got := string(p.Text); !strings.Contains(strings.ReplaceAll(got, "\n# ", " "),
		"gives it, but for numbers of other ABIs than the caller's.") {
		t.Errorf("the text claims too much:\n%s", got)
	}
	if len(p.Warnings) != 1 || !strings.Contains(p.Warnings[0].Text, "numbers of other ABIs") {
		t.Errorf("warnings: %v", p.Warnings)
	}
}

// TestHosts: profiles mean something on every host, with the host's errnos for callers of all ABIs,
// and where they name a call that no filter is asked about, as MIPS's "syscall".
func TestHosts(t *testing.T) {
	const little = `"architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"],`
	const entries = `"syscalls": [{"names": ["read", "futex"], "action": "SCMP_ACT_ALLOW"},
		{"names": ["syscall", "nice"], "action": "SCMP_ACT_ERRNO", "errnoRet": 1}]}`
	for _, host := range linux.ABIs() {
		for _, top := range []string{`{"defaultAction": "SCMP_ACT_ERRNO", `,
			`{"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38, `} {
			if !host.BigEndian {
				top += little
			}
			p, err := Import([]byte(top+entries), Options{Host: host})
			if err != nil {
				t.Errorf("%s: %v", host.Name, err)
				continue
			}
			res, diags := resolve.Text("p", p.Text, resolve.Options{})
			if res == nil {
				t.Fatal(diags)
			}
			got := res.Policy.Eval(policy.Data{Arch: hostX86().Arch, Nr: 450})
			switch want := enosys(host); {
			case host.BigEndian:
			case got != want:
				t.Errorf("%s: x86_64's 450 gets %v, not %v\n%s", host.Name, got, want, p.Text)
			}
		}
	}
}

// TestExportStrangers: a profile for MIPS lets other ABIs' numbers pass, and export says so.
func TestExportStrangers(t *testing.T) {
	mipsel, _ := linux.Lookup("mipsel")
	s := proof.New(mipsel.Arch)
	own := policy.ABI{Name: mipsel.Name, Arch: mipsel.Arch, Default: policy.Allow,
		Unknown: policy.Allow}
	own.Numbers = ownCalls(mipsel).Numbers
	f, err := s.Policy(&policy.Policy{Mismatch: policy.KillProcess, ABIs: []policy.ABI{own}})
	if err != nil {
		t.Fatal(err)
	}
	out, err := Export(s, f, ExportOptions{ABIs: []*linux.ABI{mipsel}, For: CrunTarget})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range out.Differences {
		if d.Gets == "allow" && d.Want == "kill" {
			return
		}
	}
	t.Errorf("5262 gets by unseen: %+v", out.Differences)
}

// TestImport: what the policy of an entry, or a warning about it, says.
func TestImport(t *testing.T) {
	for _, c := range []struct{ name, entries, want string }{
		{"names", `{"names": ["read"], "action": "SCMP_ACT_ALLOW"}`, "allow read"},
		{"one by one", `{"name": "read", "action": "SCMP_ACT_ALLOW"}, {"name": "bpf", "action": "SCMP_ACT_KILL"},
			{"name": "write", "action": "SCMP_ACT_ALLOW"}`, "allow read, write\nkill_thread bpf\n"},
		{"one by one, of one call", `{"names": ["read"], "action": "SCMP_ACT_ALLOW"},
			{"names": ["bpf"], "action": "SCMP_ACT_KILL", "includes": {"caps": ["CAP_BPF"]}},
			{"names": ["bpf"], "action": "SCMP_ACT_ALLOW"}`, "kill_thread bpf"},
		{"old name", `{"name": "read", "args": null, "action": "SCMP_ACT_ALLOW"}`, "allow read"},
		{"numbers of 2016",
			`{"name": "kill", "action": 4, "args": [{"index": 1, "value": 9, "value_two": 0, "op": 1}]}`,
			"allow kill if sig == SIGKILL"},
		{"capability",
			`{"names": ["bpf"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_BPF"]}}`,
			"when CAP_BPF {\n    allow bpf\n}"},
		{"capability, twice",
			`{"names": ["bpf"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_BPF", "CAP_BPF"]}}`,
			"when CAP_BPF {\n    allow bpf\n}"},
		{"other host",
			`{"names": ["bpf"], "action": "SCMP_ACT_ALLOW", "includes": {"arches": ["s390x"]}}`,
			"default deny(EPERM)\n\n# Proved"},
		{"dated", `{"names": ["read"], "action": "SCMP_ACT_ALLOW"}`,
			"as of linux " + linux.KernelVersion},
		{"no machine",
			`{"names": ["bpf"], "action": "SCMP_ACT_ALLOW", "excludes": {"arches": ["SCMP_ARCH_X86_64"]}}`,
			"it never matches; it is called amd64 here"},
		{"value of no use",
			`{"names": ["kill"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 1, "value": 9, "valueTwo": 1, "op": "SCMP_CMP_EQ"}]}`,
			"valueTwo means nothing to SCMP_CMP_EQ"},
		{"success", `{"names": ["kill"], "action": "SCMP_ACT_ERRNO", "errnoRet": 0}`,
			"its caller is told that it succeeded"},
		{"default's own", `{"names": ["bpf"], "action": "SCMP_ACT_ERRNO"}`,
			"line 1: the action is the default's"},
		{"other errno", `{"names": ["bpf"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38}`,
			"deny(ENOSYS) bpf"},
		{"errno by name, a number", `{"names": ["bpf"], "action": "SCMP_ACT_ERRNO", "errno": "38"}`,
			"deny(ENOSYS) bpf"},
		{"errno by both", `{"names": ["bpf"], "action": "SCMP_ACT_ERRNO", "errno": "ENOSYS", "errnoRet": 13}`,
			"Podman takes ENOSYS, and all others 13, which counts here, such as x86_64: bpf("},
		{"errno by name", `{"names": ["bpf"], "action": "SCMP_ACT_ERRNO", "errno": "ENOSYS"}`,
			"deny(ENOSYS) bpf"},
		{"comment", `{"names": ["bpf"], "action": "SCMP_ACT_ALLOW", "comment": "why\nnot"}`,
			"# why not\nallow bpf"},
		{"index twice", `{"names": ["socket"], "action": "SCMP_ACT_ALLOW", "args": [
			{"index": 0, "value": 2, "op": "SCMP_CMP_EQ"}, {"index": 0, "value": 16, "op": "SCMP_CMP_EQ"},
			{"index": 1, "value": 2, "op": "SCMP_CMP_EQ"}]}`, "each condition alone is enough, such as x86_64: socket(AF_INET"},
		{"masked without bits", `{"names": ["clone"], "action": "SCMP_ACT_KILL", "args": [
			{"index": 0, "value": 268435456, "op": "SCMP_CMP_MASKED_EQ"}]}`, "lets those with one through, such as x86_64: clone(CLONE_NEWUSER"},
		{"masked range", `{"names": ["kill"], "action": "SCMP_ACT_KILL", "args": [
			{"index": 1, "value": 4294967292, "op": "SCMP_CMP_MASKED_EQ"}]}`, "kill_thread kill if sig in {0..3}\n\n# Proved"},
		{"unknown name", `{"names": ["opn", "read"], "action": "SCMP_ACT_ALLOW"}`,
			"the engines ignore it: opn"},
		{"shown repair",
			`{"names": ["socket"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 1, "value": 2, "op": "SCMP_CMP_EQ"}]}`,
			"so that socket(0, 0x100000000) is socket(0, 0) to it"},
		{"repaired",
			`{"names": ["socket"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 2, "op": "SCMP_CMP_EQ"}]}`,
			"compares 64 bits of family of socket, the kernel reads 32"},
		{"swallowed", `{"names": ["kill"], "action": "SCMP_ACT_KILL", "args": [{"index": 1, "value": 9, "op": "SCMP_CMP_EQ"}]},
			{"names": ["kill"], "action": "SCMP_ACT_ALLOW"}`, "this one has no effect: x86_64: kill(0, SIGKILL) gets allow"},
		{"swallowed by the first", `{"names": ["kill"], "action": "SCMP_ACT_KILL", "args": [{"index": 0, "value": 9, "op": "SCMP_CMP_EQ"}]},
			{"names": ["kill"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 9, "op": "SCMP_CMP_EQ"}, {"index": 1, "value": 9, "op": "SCMP_CMP_EQ"}]}`,
			"line 1 has the first of these conditions, and decides alone"},
		{"unknown key", `{"names": ["kill"], "action": "SCMP_ACT_ALLOW", "arg": []}`,
			"there is a similar name: args"},
	} {
		p, err := Import([]byte(profile(c.entries)), Options{Host: hostX86(), Engine: Crun})
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		all := string(p.Text)
		for _, w := range p.Warnings {
			all += w.String() + "\n"
		}
		if !strings.Contains(all, c.want) {
			t.Errorf("%s: there is no %q in\n%s", c.name, c.want, all)
		}
	}
}

// defaults are the shapes in which the default profiles of containers compare the arguments of
// socket: of Docker's, and of Podman's.
var defaults = map[string]string{
	"ranges": `{"names": ["socket"], "action": "SCMP_ACT_ALLOW", "args": [
			{"index": 0, "value": 38, "op": "SCMP_CMP_LT"}]},
		{"names": ["socket"], "action": "SCMP_ACT_ALLOW", "args": [
			{"index": 0, "value": 39, "op": "SCMP_CMP_EQ"}]},
		{"names": ["socket"], "action": "SCMP_ACT_ALLOW", "args": [
			{"index": 0, "value": 40, "op": "SCMP_CMP_GT"}]},
		{"names": ["set_tls"], "action": "SCMP_ACT_ALLOW", "includes": {"arches": ["arm", "arm64"]}}`,
	"opposites": `{"names": ["socketcall"], "action": "SCMP_ACT_ALLOW"},
		{"names": ["socket"], "action": "SCMP_ACT_ERRNO", "errnoRet": 22, "args": [
			{"index": 0, "value": 16, "op": "SCMP_CMP_EQ"},
			{"index": 2, "value": 9, "op": "SCMP_CMP_EQ"}],
			"excludes": {"caps": ["CAP_AUDIT_WRITE"]}},
		{"names": ["socket"], "action": "SCMP_ACT_ALLOW", "args": [
			{"index": 2, "value": 9, "op": "SCMP_CMP_NE"}],
			"excludes": {"caps": ["CAP_AUDIT_WRITE"]}},
		{"names": ["socket"], "action": "SCMP_ACT_ALLOW", "args": [
			{"index": 0, "value": 16, "op": "SCMP_CMP_NE"}],
			"excludes": {"caps": ["CAP_AUDIT_WRITE"]}},
		{"names": ["socket"], "action": "SCMP_ACT_ALLOW",
			"includes": {"caps": ["CAP_AUDIT_WRITE"]}},
		{"names": ["set_tls"], "action": "SCMP_ACT_ALLOW", "includes": {"arches": ["arm64"]}}`,
}

// TestImportDefaults: such profiles are read for every engine and host, with capabilities fixed or
// as parameters.
func TestImportDefaults(t *testing.T) {
	for name, entries := range defaults {
		text := strings.Replace(profile(entries), "{", `{"archMap": [
			{"architecture": "SCMP_ARCH_X86_64",
				"subArchitectures": ["SCMP_ARCH_X86", "SCMP_ARCH_X32"]},
			{"architecture": "SCMP_ARCH_AARCH64", "subArchitectures": ["SCMP_ARCH_ARM"]}], `, 1)
		for _, host := range []string{"x86_64", "aarch64"} {
			for _, engine := range Engines() {
				for _, caps := range [][]string{nil, {"CAP_AUDIT_WRITE"}, {"CAP_CHOWN"}} {
					abi, _ := linux.Lookup(host)
					p, err := Import([]byte(text), Options{Host: abi, Engine: Engine(engine),
						Caps: caps})
					if err != nil {
						t.Errorf("%s: %s: %s: %v: %v", name, host, engine, caps, err)
						continue
					}
					runcOnArm := host == "aarch64" && engine == string(Runc)
					if strings.Contains(strings.ReplaceAll(string(p.Text), "\n# ", " "),
						"no call of arm has") != runcOnArm {
						t.Errorf("%s: %s: %s: the proof says\n%s", name, host, engine, p.Text)
					}
				}
			}
		}
	}
}

// TestImportErrors: what is refused, with the line.
func TestImportErrors(t *testing.T) {
	eq := func(v string) string {
		return `"args": [{"index": 1, "value": ` + v +
			`, "op": "SCMP_CMP_EQ"}]`
	}
	for _, c := range []struct{ text, want string }{
		{"", "line 1: the text is empty"},
		{"{", "it is cut off"},
		{"{}", "there is no seccomp profile here"},
		{`{"defaultAction": "SCMP_ACT_ALOW"}`, "similar name: SCMP_ACT_ALLOW"},
		{`{"defaultAction": "SCMP_ACT_NOTIFY"}`, "cannot be the default"},
		{`{"defaultAction": "SCMP_ACT_ALLOW", "defaultaction": "SCMP_ACT_KILL"}`, "is given twice"},
		{`{"defaultAction": "SCMP_ACT_ERRNO", "sy\u017fcalls": [], "syscall\u017f": []}`,
			"is given twice"}, // Go reads the long s as s
		{
			`{"defaultAction": "SCMP_ACT_ERRNO", "archMap": [{"architecture": "SCMP_ARCH_X86_64", "subArchitectures": ["SCMP_ARCH_X33"]}]}`,
			"is no architecture"},
		{profile(`{"names": ["kill"], "action": "SCMP_ACT_ALLOW", ` + eq("-1") + `}`),
			"-1 is not in 0..18446744073709551615"},
		{
			"kind: SeccompProfile\nspec:\n  defaultAction: SCMP_ACT_ERRNO\n  syscalls:\n  - " +
				"{names: [kill], action: SCMP_ACT_ALLOW, args: [{index: 0, op: SCMP_CMP_EQ, " +
				"value: 9223372036854775808}]}\n",
			"is not in -9223372036854775808..9223372036854775807"},
		{`{"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_X87"]}`,
			"is no architecture"},
		{"{\"a\":" + strings.Repeat("[", 100), "levels in each other"},
		{profile("\n" + `{"names": [""], "action": "SCMP_ACT_ALLOW"}`),
			"line 2: a name of a system call is empty"},
		{profile(`{"names": ["read"], "action": "SCMP_ACT_ERRNO", "errnoRet": 4096}`),
			"4096 is not in 0..4095"},
		{
			profile(
				`{"names": ["read"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_SYS_ADMN"]}}`), "similar name: CAP_SYS_ADMIN"},
		{
			profile(
				`{"names": ["read"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 6, "value": 1, "op": "SCMP_CMP_EQ"}]}`), "6 is not in 0..5"},
		{profile(`{"names": ["kill"], "action": "SCMP_ACT_ALLOW", ` + eq("9") + "},\n" +
			`{"names": ["kill"], "action": "SCMP_ACT_TRAP", ` + eq("9") + `}`),
			"line 2: kill: the same conditions as in line 1"},
		{profile(`{"names": ["write"], "action": "SCMP_ACT_NOTIFY"}`), "NOTIFY for write"},
		{profile(`{"names": ["bpf"], "action": "SCMP_ACT_ERRNO", "errno": "EFOO", "errnoRet": 1}`),
			`"EFOO" is no errno`},
		{"defaultAction: &a SCMP_ACT_ALLOW\nsyscalls: *a\n", "aliases are not read"},
		{`{"ociVersion": "1.0", "linux": {}}`, "has no linux.seccomp"},
		{"kind: SeccompProfile\nspec:\n  baseProfileName: runc\n  defaultAction: SCMP_ACT_ERRNO\n",
			"line 3: the operator merges"},
	} {
		_, err := Import([]byte(c.text), Options{Host: hostX86(), Engine: Crun})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.80q: error %v, want %q", c.text, err, c.want)
		}
	}
}

// TestArchitectures: what the engines make of each architecture of libseccomp on x86_64, as runc
// 1.1.5 and crun 1.8.1 answered it.
func TestArchitectures(t *testing.T) {
	const order = "another byte order than x86_64"
	const unknown = "does not know"
	for _, c := range []struct {
		engine Engine
		arch   string
		want   string // of the error; "": the ABI is served, or is the host's own
	}{
		{Runc, "SCMP_ARCH_X86", ""}, {Crun, "SCMP_ARCH_AARCH64", ""}, {Runc, "x86", ""},
		{Runc, "SCMP_ARCH_PPC", order}, {Crun, "SCMP_ARCH_S390X", order},
		{Runc, "SCMP_ARCH_MIPS64N32", order}, {Libseccomp, "SCMP_ARCH_M68K", order},
		{Runc, "SCMP_ARCH_NATIVE", unknown}, {Crun, "SCMP_ARCH_NATIVE", unknown},
		{Libseccomp, "SCMP_ARCH_NATIVE", ""}, {Runc, "SCMP_ARCH_PARISC", unknown},
		{Runc, "SCMP_ARCH_SH", unknown}, {Crun, "SCMP_ARCH_SH", ""},
		{Crun, "SCMP_ARCH_PARISC", order}, {Runsc, "SCMP_ARCH_NATIVE", ""},
		{Runsc, "SCMP_ARCH_PPC", ""},
	} {
		text := "{\"defaultAction\": \"SCMP_ACT_ERRNO\",\n\"architectures\": [\"" + c.arch + "\"]}"
		p, err := Import([]byte(text), Options{Host: hostX86(), Engine: c.engine})
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s, %s: %v", c.engine, c.arch, err)
		case c.want == "":
			abi, ok := linux.Lookup(archNames[archName(c.arch)])
			serves := ok && strings.Contains(strings.SplitAfter(string(p.Text), "as of")[0],
				abi.Name)
			if ok && serves != (c.engine != Runsc) {
				t.Errorf("%s, %s: it is served: %t\n%s", c.engine, c.arch, serves, p.Text)
			}
		case err == nil || !strings.HasPrefix(err.Error(), "line 2: ") ||
			!strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), c.arch):
			t.Errorf("%s, %s: error %v, want %q", c.engine, c.arch, err, c.want)
		}
	}
	// Docker takes the row of its own machine alone.
	const rows = `{"defaultAction": "SCMP_ACT_ERRNO", "archMap": [
		{"architecture": "SCMP_ARCH_S390X", "subArchitectures": ["SCMP_ARCH_S390"]},
		{"architecture": "SCMP_ARCH_PARISC", "subArchitectures": []}]}`
	if _, err := Import([]byte(rows), Options{Host: hostX86()}); err != nil {
		t.Error(err)
	}
}

// TestForms: a config.json, a resource of YAML with a negative value, and comments.
func TestForms(t *testing.T) {
	for _, text := range []string{
		`{"ociVersion": "1.0", "linux": {"seccomp": {"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
			{"names": ["kill"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 18446744073709551615, "op": "SCMP_CMP_EQ"}]}]}}}`,
		"apiVersion: x/v1\nkind: SeccompProfile\nmetadata:\n  name: a\nspec:\n" +
			"  defaultAction: SCMP_ACT_ERRNO\n  syscalls:\n" +
			"  - action: SCMP_ACT_ALLOW\n    names: [kill]\n    args:\n" +
			"    - {index: 0, op: SCMP_CMP_EQ, value: -1}\n",
		"// made by hand\n{\"defaultAction\": \"SCMP_ACT_ERRNO\", // all\n" +
			" \"syscalls\": [{\"names\": [\"kill\"], " +
			"\"action\": \"SCMP_ACT_ALLOW\", \"args\": [{\"index\": 0, \"value\": " +
			"18446744073709551615, \"op\": \"SCMP_CMP_EQ\"}]}]}",
	} {
		p, err := Import([]byte(text), Options{Host: hostX86(), Engine: Crun})
		if err != nil {
			t.Errorf("%v in\n%s", err, text)
		} else if !strings.Contains(string(p.Text), "allow kill if pid == -1") {
			t.Errorf("%s\nis\n%s", text, p.Text)
		}
	}
}

// TestEngineKeys: what Docker makes of its own profiles, nobody makes of a config.json or a
// resource.
func TestEngineKeys(t *testing.T) {
	const own = `{"defaultAction": "SCMP_ACT_ALLOW", "archMap": [{"architecture":
		"SCMP_ARCH_X86_64", "subArchitectures": ["SCMP_ARCH_X86"]}], "syscalls": [
		{"names": ["mkdir"], "action": "SCMP_ACT_ERRNO", "includes": {"caps": ["CAP_BPF"]}}]}`
	for text, want := range map[string]string{
		own:                                   "arch x86_64, i386\n",
		`{"linux": {"seccomp": ` + own + `}}`: "arch x86_64\n",
		"kind: SeccompProfile\nspec: " + own:  "arch x86_64\n",
	} {
		p, err := Import([]byte(text), Options{Host: hostX86()})
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		gated := strings.Contains(string(p.Text), "when CAP_BPF")
		if !strings.Contains(string(p.Text), want) || gated != (text == own) ||
			!strings.Contains(string(p.Text), "deny(EPERM) mkdir") {
			t.Errorf("%s\nis\n%s", text, p.Text)
		}
		told := strings.Contains(fmt.Sprint(p.Warnings), "Docker and Podman alone")
		if told == (text == own) {
			t.Errorf("%s: %v", text, p.Warnings)
		}
	}
}

// TestRunsc: it asks in the order of the text, whichever arguments the entries test.
func TestRunsc(t *testing.T) {
	const entries = `{"names": ["socket"], "action": "SCMP_ACT_ALLOW", "args": [
			{"index": 0, "value": 1, "op": "SCMP_CMP_EQ"}]},
		{"names": ["socket"], "action": "SCMP_ACT_KILL", "args": [{"index": 1, "value": 3, "op": "SCMP_CMP_EQ"}]},
		{"names": ["socket"], "action": "SCMP_ACT_LOG"},
		{"names": ["socket"], "action": "SCMP_ACT_TRAP", "args": [{"index": 2, "value": 5, "op": "SCMP_CMP_EQ"}]},
		{"names": ["read"], "action": "SCMP_ACT_ALLOW"}`
	p, err := Import([]byte(profile(entries)), Options{Host: hostX86(), Engine: Runsc})
	if err != nil {
		t.Fatal(err)
	}
	res, diags := resolve.Text("p", p.Text, resolve.Options{})
	if res == nil {
		t.Fatal(diags)
	}
	socket, _ := hostX86().Number("socket")
	for args, want := range map[[6]uint64]policy.Action{
		{1, 3}: policy.Allow, {2, 3}: policy.KillThread, {2, 2, 5}: policy.Log,
	} {
		got := res.Policy.Eval(policy.Data{Arch: hostX86().Arch, Nr: socket, Args: args})
		if got != want {
			t.Errorf("socket%v gets %v, want %v in\n%s", args, got, want, p.Text)
		}
	}
}

// TestLayout: what is written is laid out as fmt does it, under parameters in each other too, and
// runc's ENOSYS is that of the host.
func TestLayout(t *testing.T) {
	const entries = `{"names": ["read"], "action": "SCMP_ACT_ALLOW"},
		{"names": ["bpf", "chmod"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_BPF"]}},
		{"names": ["setns"], "action": "SCMP_ACT_ALLOW", "excludes": {"caps": ["CAP_SYS_ADMIN"]}},
		{"names": ["mseal"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_BPF"], "minKernel": "6.10"}}`
	for _, host := range []string{"x86_64", "aarch64", "mips64"} {
		abi, _ := linux.Lookup(host)
		p, err := Import([]byte(profile(entries)), Options{Host: abi})
		if err != nil {
			t.Errorf("%s: %v", host, err)
			continue
		}
		if laid, diags := dsl.Format("p", p.Text); diags.HasErrors() ||
			string(laid) != string(p.Text) {
			t.Errorf("%s: fmt writes\n%s, not\n%s", host, laid, p.Text)
		}
	}
}

func FuzzImport(f *testing.F) {
	f.Add(
		[]byte(
			profile(
				`{"names": ["socket", "clone"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 3, "op": "SCMP_CMP_LT"}]}`)))
	f.Add([]byte("kind: SeccompProfile\nspec:\n  defaultAction: SCMP_ACT_LOG\n"))
	if files, _ := filepath.Glob("testdata/*.json"); files != nil {
		for _, name := range files {
			text, _ := os.ReadFile(name)
			f.Add(text)
		}
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		Import(text, Options{Host: hostX86(), Engine: Runc})
	})
}

// TestHidden: an entry that never decides is left out with a warning, and where that depends on a
// capability it stands where it decides.
func TestHidden(t *testing.T) {
	const first = `{"names": ["prctl"], "action": "SCMP_ACT_ALLOW", "args": [
			{"index": 0, "value": 1, "op": "SCMP_CMP_EQ"}]`
	const second = `, "args": [{"index": 0, "value": 1, "op": "SCMP_CMP_EQ"},
			{"index": 1, "value": 9, "op": "SCMP_CMP_EQ"}]}`
	for _, c := range []struct{ entries, want, warned string }{
		{first + "},\n" + `{"names": ["prctl"], "action": "SCMP_ACT_ERRNO", "errnoRet": 7` + second,
			"allow prctl if option == PR_SET_PDEATHSIG\n\n", "line 3: prctl, beside line 1: " +
				"deny(E2BIG) never happens here, because of what stands before it: x86_64: " +
				"prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) gets allow; left out"},
		{`{"names": ["mkdir"], "action": "SCMP_ACT_ALLOW"},` + "\n" +
			`{"names": ["mkdir"], "action": "SCMP_ACT_KILL"}`, "allow mkdir\n\n",
			"line 2: mkdir, beside line 1: kill_thread never happens here"},
		{`{"names": ["mkdir"], "action": "SCMP_ACT_ALLOW"},` + "\n" +
			`{"names": ["mkdir"], "action": "SCMP_ACT_ALLOW"}`, "allow mkdir\n\n",
			"line 2: mkdir, beside line 1: this stands there already"},
		{first + `, "includes": {"caps": ["CAP_SYS_ADMIN"]}},` + "\n" +
			`{"names": ["prctl"], "action": "SCMP_ACT_ERRNO", "errnoRet": 7` + second,
			"when !(CAP_SYS_ADMIN) {\n    deny(E2BIG) prctl", ""},
	} {
		p, err := Import([]byte(profile(c.entries)), Options{Host: hostX86(), Engine: Runsc})
		if err != nil {
			t.Errorf("%v in\n%s", err, c.entries)
			continue
		}
		var warned strings.Builder
		for _, w := range p.Warnings {
			warned.WriteString(w.String() + "\n")
		}
		if !strings.Contains(string(p.Text), c.want) ||
			!strings.Contains(warned.String(), c.warned) {
			t.Errorf("%s\nis\n%swith\n%swant %q and %q", c.entries, p.Text, &warned, c.want,
				c.warned)
		}
	}
}

// TestSaid: warnings have a line and a call that shows them.
func TestSaid(t *testing.T) {
	const masked = `{"names": ["prctl"], "action": "SCMP_ACT_ALLOW", "args": [
		{"index": 0, "value": 1, "valueTwo": 3, "op": "SCMP_CMP_MASKED_EQ"}]}`
	for _, c := range []struct {
		text   string
		engine Engine
		want   string
	}{
		{profile(masked), Crun,
			"line 2: valueTwo has bits outside of the mask in value, which the " +
				"engines drop, such as x86_64: prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0)"},
		{profile(masked), Runsc, "line 2: valueTwo has bits outside of the mask in value: for " +
			"runsc the condition never holds, though other engines drop them"},
		{profile(`{"names": ["semget"], "action": "SCMP_ACT_ALLOW", "args": [
			{"index": 1, "value": 1, "op": "SCMP_CMP_EQ"}]}`), Crun, "line 1: semget on i386 is also " +
			"reached through ipc, where a condition on the first argument does not count, and " +
			"others look at the registers of ipc, such as i386: ipc("},
		{profile(`{"names": ["mkdir"], "action": "SCMP_ACT_ERRNO", "errnoRet": 0}`), Crun,
			"line 1: errno 0: the call is not made, and its caller is told that it succeeded, " +
				"such as x86_64: mkdir(0, 0)"},
		{profile(`{"names": ["mkdir"], "action": "SCMP_ACT_ERRNO"}`), Crun,
			"line 1: the action is " +
				"the default's: the entry is dropped, and takes nothing from others, such as " +
				"x86_64: mkdir(0, 0)"},
		{profile(`{"names": ["kill"], "action": "SCMP_ACT_ALLOW", "args": [
			{"index": 1, "op": "SCMP_CMP_EQ"}]}`), Crun, "line 2: the condition has no value, which " +
			"is 0 to the engines, such as x86_64: kill(0, 0)"},
		{profile(`{"names": ["mkdir"], "action": "SCMP_ACT_LOG"}`), Runsc,
			"line 1: runsc does not " +
				"know this action, and refuses the profile; the policy has it, such as x86_64: " +
				"mkdir("},
		{profile(""), Runsc, "line 1: runsc gives the default to the numbers of x32, this policy " +
			"its mismatch, such as x32: mmap("},
	} {
		text := strings.Replace(c.text, "{", `{"architectures": ["SCMP_ARCH_X86"], `, 1)
		p, err := Import([]byte(text), Options{Host: hostX86(), Engine: c.engine})
		if err != nil {
			t.Errorf("%v in\n%s", err, text)
			continue
		}
		var warned strings.Builder
		for _, w := range p.Warnings {
			warned.WriteString(w.String() + "\n")
		}
		if !strings.Contains(warned.String(), c.want) {
			t.Errorf("%s\nno warning %q in\n%s", text, c.want, &warned)
		}
		if c.engine == Runsc && (strings.Contains(string(p.Text), "i386") ||
			strings.Contains(warned.String(), "i386")) {
			t.Errorf("runsc serves i386 with\n%s\n%s", &warned, p.Text)
		}
	}
}

// TestRunscDefault: an entry with the default's action decides before those that follow.
func TestRunscDefault(t *testing.T) {
	p, err := Import([]byte(profile(`{"names": ["prctl"], "action": "SCMP_ACT_ERRNO", "args": [
			{"index": 0, "value": 1, "op": "SCMP_CMP_EQ"}]},
		{"names": ["prctl"], "action": "SCMP_ACT_ALLOW"}`)), Options{Host: hostX86(), Engine: Runsc})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(p.Text), "deny(EPERM) prctl if option == PR_SET_PDEATHSIG\n"+
		"allow prctl\n") {
		t.Errorf("\n%s", p.Text)
	}
}

// TestSeveral: of several resources one is chosen by its name.
func TestSeveral(t *testing.T) {
	resource := func(meta, more string) string {
		return "---\nkind: SeccompProfile\n" + meta + "spec:\n  defaultAction: SCMP_ACT_ERRNO\n" +
			more
	}
	a, b := "metadata:\n  name: a\n", "metadata:\n  name: b\n"
	const base = "  baseProfileName: runc\n"
	for _, c := range []struct{ text, name, want string }{
		{resource(a, "") + resource(b, ""), "", "several profiles, a, b: choose one by --name"},
		{resource(a, "") + resource(b, ""), "c", "no profile called \"c\"; there are: a, b"},
		{resource("", "") + resource("", ""), "",
			"several profiles, one in line 4, one in line 8: " +
				"give each a metadata.name of its own, or a file"},
		{resource(a, "") + resource(a, ""), "a", "give each a metadata.name"},
		{resource("", ""), "c", "none here has a name: leave --name out"},
		{resource(a, base), "", "the operator merges the calls of \"runc\" into this profile"},
		{resource(a, base) + resource(b, ""), "b", ""},
		{resource(a, "  baseProfileName: \"\"\n"), "", ""},
	} {
		_, err := Import([]byte(c.text), Options{Host: hostX86(), Engine: Crun, Name: c.name})
		if c.want == "" && err == nil {
			continue
		}
		if err == nil || c.want == "" || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s%s: error %v, want %q", c.text, c.name, err, c.want)
		}
	}
}
