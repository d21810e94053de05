package interop_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/seccompc/seccompc/interop"
	"github.com/seccompc/seccompc/interop/kafel"
	"github.com/seccompc/seccompc/interop/lxc"
	"github.com/seccompc/seccompc/interop/minijail"
	"github.com/seccompc/seccompc/interop/oci"
	"github.com/seccompc/seccompc/interop/seccompiler"
	"github.com/seccompc/seccompc/interop/systemd"
	"github.com/seccompc/seccompc/linux"
)

// aCallShown is a call in a warning. Repairs show two calls without the ABI.
var aCallShown = regexp.MustCompile(`[a-z0-9_]+: (\w+\(|\d|\w+ gets |\w+$)|so that \w+\(`)

// noCall are the warnings that no call can show: of words that nobody reads, of what the kernel has
// not got, and of conditions that never hold.
var noCall = regexp.MustCompile(
	`never holds?$|no system call (has this name|is called)|is no key ` +
		`(that|,)|the key .* means nothing|has no \w+(: minijail|; left out)|is no group of|is no error ` +
		`number|neither yes nor no|is no (architecture|address family|kind of namespace|personality)|` +
		`systemd ignores (it$|the line; write)|refuse a profile with the flag|without names is about nothing|is no machine|` +
		`ignores @frequency|in the kernel's headers|the kernel's headers have|` +
		`for 4095, the largest one|have 32$|told that it succeeded$|never holds, though|` +
		`the mask has no effect with|which counts here$`)

// TestWarnings: each warning that an importer can give has a line, and a call that shows it where
// one can. That all are tried is read from the source.
func TestWarnings(t *testing.T) {
	var given []string
	for _, c := range warningCases(t) {
		for _, w := range c {
			given = append(given, w.Text)
			if w.Line == 0 && !strings.Contains(w.Text, "left out, so") { // by --arch
				t.Errorf("no line: %s", w.Text)
			}
			if !aCallShown.MatchString(w.Text) && !noCall.MatchString(w.Text) {
				t.Errorf("no call: %s", w.Text)
			}
		}
	}
	for _, format := range warningFormats(t) {
		re := regexp.MustCompile("^" + pattern(format))
		if !slices.ContainsFunc(given, re.MatchString) {
			t.Errorf("no case gives the warning %q", format)
		}
	}
}

// pattern is what matches what a format becomes.
func pattern(format string) string {
	return regexp.MustCompile(`%#?\.?[0-9]*[a-z]`).ReplaceAllString(regexp.QuoteMeta(format),
		"(?s:.*)")
}

// warningFormats are the formats of all warnings in the sources of the importers.
func warningFormats(t *testing.T) (out []string) {
	t.Helper()
	files, err := filepath.Glob("*/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		tree, err := parser.ParseFile(token.NewFileSet(), file, text, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok && isWarning(call) {
				for _, arg := range call.Args {
					if text := literal(arg); strings.Contains(text, " ") {
						out = append(out, text)
					}
				}
			}
			return true
		})
	}
	if len(out) < 40 {
		t.Fatalf("%d warnings were found", len(out))
	}
	return out
}

func isWarning(call *ast.CallExpr) bool {
	f, ok := call.Fun.(*ast.SelectorExpr)
	return ok && slices.Contains([]string{"warn", "warnAt", "warnOf", "warnCall", "Add", "AddIn",
		"remark"}, f.Sel.Name)
}

// literal is the text of a string that stands in the source, in one piece or more.
func literal(x ast.Expr) string {
	switch x := x.(type) {
	case *ast.BasicLit:
		text, _ := strconv.Unquote(x.Value)
		return text
	case *ast.BinaryExpr:
		if x.Op == token.ADD {
			return literal(x.X) + literal(x.Y)
		}
	}
	return ""
}

func abi(name string) *linux.ABI {
	abi, _ := linux.Lookup(name)
	return abi
}

// warningCases are the warnings of texts of all formats.
func warningCases(t *testing.T) (out []interop.Warnings) {
	t.Helper()
	take := func(w interop.Warnings, err error) {
		t.Helper()
		if err != nil {
			t.Error(err)
		}
		out = append(out, w)
	}
	for _, c := range ociCases {
		opts := oci.Options{Host: abi("x86_64"), Engine: c.engine}
		if c.host != "" {
			opts.Host = abi(c.host)
		}
		if c.only {
			opts.ABIs = []*linux.ABI{opts.Host}
		}
		p, err := oci.Import([]byte(c.text), opts)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		take(p.Warnings, err)
	}
	for _, c := range rustCases {
		p, err := seccompiler.Import([]byte(c.text), seccompiler.Options{ABI: abi("x86_64"),
			Engine: c.engine, Source: "x.json"})
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		take(p.Warnings, err)
	}
	for _, c := range jailCases {
		opts := minijail.Options{Source: "a.policy", Dialect: c.dialect,
			ABIs: []*linux.ABI{abi("x86_64"), abi("aarch64")}}
		opts.Read = func(string, string) ([]byte, error) { return []byte("read: 1\n"), nil }
		if c.constants != "" {
			opts.Constants, opts.ABIs = []byte(c.constants), nil
		}
		p, err := minijail.Import([]byte(c.text), opts)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		take(p.Warnings, err)
	}
	for host, text := range lxcCases {
		p, err := lxc.Import([]byte(text), lxc.Options{Host: abi(host)})
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		take(p.Warnings, err)
	}
	p, err := kafel.Import([]byte(kafelCase), kafel.Options{Source: "a.kafel",
		ABIs: []*linux.ABI{abi("x86_64"), abi("i386")}})
	if err != nil {
		t.Fatal(err)
	}
	take(p.Warnings, err)
	for _, c := range unitCases {
		opts := systemd.Options{Host: abi("x86_64"), Version: c.version}
		if c.only {
			opts.ABIs = []*linux.ABI{abi("x86_64")}
		}
		p, err := systemd.Import([]systemd.Source{{Name: "a.service", Text: []byte(c.text)}}, opts)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		take(p.Warnings, err)
	}
	return out
}

var ociCases = []struct {
	engine oci.Engine
	host   string
	only   bool
	text   string
}{
	{oci.Runc, "", true, `{"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 0, "foo": 1,
		"architectures": ["SCMP_ARCH_X86"], "flags": ["SECCOMP_FILTER_FLAG_FOO"],
		"syscalls": [
		{"names": [], "action": "SCMP_ACT_ALLOW"},
		{"names": ["frobnicate"], "action": "SCMP_ACT_ALLOW", "includes": {"arches": ["x86_64"]}},
		{"names": ["frobnicate", "mkdir"], "action": "SCMP_ACT_ERRNO", "errnoRet": 0},
		{"names": ["rmdir"], "action": "SCMP_ACT_ALLOW", "errnoRet": 5},
		{"names": ["link"], "action": "SCMP_ACT_ERRNO", "errnoRet": 5, "errno": "EPERM"},
		{"names": ["kill"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 1, "op": "SCMP_CMP_EQ"}]},
		{"names": ["bpf"], "action": "SCMP_ACT_ALLOW", "args": [
			{"index": 1, "op": "SCMP_CMP_LT", "value": 0}]},
		{"names": ["socket"], "action": "SCMP_ACT_ALLOW", "args": [
			{"index": 0, "op": "SCMP_CMP_EQ", "value": 2},
			{"index": 0, "op": "SCMP_CMP_EQ", "value": 1, "valueTwo": 3}]},
		{"names": ["setns"], "action": "SCMP_ACT_KILL", "args": [
			{"index": 1, "op": "SCMP_CMP_MASKED_EQ", "value": 268435456}]},
		{"names": ["prctl"], "action": "SCMP_ACT_ALLOW", "args": [
			{"index": 0, "op": "SCMP_CMP_MASKED_EQ", "value": 1, "valueTwo": 3}]}]}`},
	{oci.Crun, "", false, `{"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_X86"],
		"syscalls": [
		{"names": ["mkdir"], "action": "SCMP_ACT_ALLOW"},
		{"names": ["semget"], "action": "SCMP_ACT_KILL", "args": [
			{"index": 1, "op": "SCMP_CMP_EQ", "value": 3}]}]}`},
	{oci.Runsc, "", false, `{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
		{"names": ["mkdir"], "action": "SCMP_ACT_LOG"},
		{"names": ["mkdir"], "action": "SCMP_ACT_KILL"},
		{"names": ["prctl"], "action": "SCMP_ACT_ALLOW", "args": [
			{"index": 0, "op": "SCMP_CMP_MASKED_EQ", "value": 1, "valueTwo": 3}]}]}`},
	{oci.Runc, "aarch64", false, `{"defaultAction": "SCMP_ACT_ERRNO",
		"architectures": ["SCMP_ARCH_ARM"], "syscalls": [
		{"names": ["set_tls", "read"], "action": "SCMP_ACT_ALLOW"}]}`},
	{oci.Crun, "mips64", false, `{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
		{"names": ["read"], "action": "SCMP_ACT_ALLOW"}]}`},
	{oci.Crun, "", false,
		"kind: SeccompProfile\nspec:\n  defaultAction: SCMP_ACT_KILL\n  syscalls:\n" +
			"  - {names: [mkdir], action: SCMP_ACT_ERRNO, errnoRet: 0}\n"},
}

var rustCases = []struct {
	engine seccompiler.Engine
	text   string
}{
	{seccompiler.RustVMM, `{"a": {"mismatch_action": "trap", "match_action": "allow", "filter": [
		{"syscall": "madvise"},
		{"syscall": "madvise", "args": [
			{"index": 2, "type": "dword", "op": "eq", "val": 4294967299, "comment": "MADV_NORMAL"}]},
		{"syscall": "fcntl", "args": [
			{"index": 1, "type": "dword", "op": {"masked_eq": 0}, "val": 0}]},
		{"syscall": "kill", "args": [{"index": 1, "type": "dword", "op": "lt", "val": 0}]},
		{"syscall": "prctl", "args": [
			{"index": 0, "type": "dword", "op": {"masked_eq": 4294967311}, "val": 31}]}]}}`},
	{seccompiler.Firecracker, `{"a": {"default_action": "trap", "filter_action": "allow", "note": 1,
		"filter": [
		{"syscall": "madvise"}, {"syscall": "riscv_hwprobe"},
		{"syscall": "madvise", "args": [{"index": 2, "type": "dword", "op": "eq", "val": 3}]},
		{"syscall": "kill", "args": [{"index": 1, "type": "dword", "op": "le", "val": 3}]},
		{"syscall": "prctl", "args": [
			{"index": 0, "type": "dword", "op": {"masked_eq": 4294967311}, "val": 3}]}]}}`},
}

var jailCases = []struct {
	dialect         minijail.Dialect
	constants, text string
}{
	{minijail.C, "", "@frequency ./f\nread: 1\n"},
	{minijail.Python, "", "fcntl: {arg1 == 1; return 1, allow}\nopen: 1\nread[foo=x86_64]: 1\n" +
		"kill: {arg1 == 3; trap, arg1 == 3; log}\nprctl: arg0 == 5 && arg0 == 6\n"},
	{minijail.Python, "", "@denylist\nptrace: return EPERM\n"},
	{minijail.Python, `{"arch_nr": 3221225534, "arch_name": "x86_64", "bits": 64,
		"syscalls": {"read": 0, "ioctl": 16, "mine": 16}, "constants": {"TCGETS": 5},
		"syscall_groups": {}}`, "mine: arg1 == TCGETS\nioctl: arg1 == TCSETS\nread: 1\n"},
}

// lxcCases are policies of LXC's by the machine.
var lxcCases = map[string]string{
	"x86_64": "2\ndenylist\nmkdir errno 0\nsocket errno 1\n[x86]\nfoo\nrmdir errno 1\n" +
		"kill errno 1 [0,1,==,3]\nclone errno 1 [0,3,&=,1]\n",
	"riscv64": "2\ndenylist\nmkdirat\n[all]\nread\n",
}

const kafelCase = `POLICY a { ERRNO(5000) { mkdir(a, b) { a == 1 } }, KILL { kill { sig == 3 }, kill { sig == 3 },
	SYSCALL[0x40000001], prctl { option == 3 && option == 4 } }, LOG { kill { sig == 3 } } }
USE a DEFAULT ALLOW
`

var unitCases = []struct {
	version int
	only    bool
	text    string
}{
	{0, false, `[Unit]
ProtectClock=yes
[Service]
SystemCallFilter=@nogroup @system-service mount:EPERM open:EFOO nocall
SystemCallFilter=~ptrace:ENOSYS
SystemCallFilter=~mount ~uname
SystemCallErrorNumber=EFOO
SystemCallErrorNumber=EPERM
DynamicUser=yes
MemoryDenyWriteExecute=yes
ProtectHostname=maybe
lockpersonality=yes
SystemCallArchitectures=native x86 z80
RestrictAddressFamilies=AF_UNIX AF_FOO
RestrictNamespaces=foo
Personality=foo
`},
	{252, true, "[Service]\nSystemCallFilter=listns read\n"},
	{0, false, "[Service]\nSystemCallFilter=read\n"},
}
