package linux

import (
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// xsysConstants reads the constants of golang.org/x/sys/unix for an architecture, from its source.
func xsysConstants(t *testing.T, goarch string) map[string]constant.Value {
	t.Helper()
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "golang.org/x/sys").Output()
	if err != nil {
		t.Fatalf("the module golang.org/x/sys is not there: %v", err)
	}
	values := map[string]constant.Value{}
	for _, file := range []string{"zerrors_linux.go", "zerrors_linux_" + goarch + ".go"} {
		path := filepath.Join(strings.TrimSpace(string(dir)), "unix", file)
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if spec, ok := n.(*ast.ValueSpec); ok && len(spec.Values) == 1 {
				name, v := spec.Names[0].Name, literal(spec.Values[0])
				if v.Kind() == constant.Int && ast.IsExported(name) {
					values[name] = v
				}
			}
			return true
		})
	}
	if len(values) < 4000 {
		t.Fatalf("%s: only %d constants", goarch, len(values))
	}
	return values
}

// literal evaluates 1, -1 and syscall.Errno(1).
func literal(e ast.Expr) constant.Value {
	switch e := e.(type) {
	case *ast.BasicLit:
		return constant.MakeFromLiteral(e.Value, e.Kind, 0)
	case *ast.UnaryExpr:
		return constant.UnaryOp(e.Op, literal(e.X), 0)
	case *ast.CallExpr:
		return literal(e.Args[0])
	}
	return constant.MakeUnknown()
}

// xsysDifferences are constants of which x/sys has another value than the kernel's headers, where
// the policy language follows the kernel.
var xsysDifferences = map[string]string{
	"F_GETLK":       "on mips x/sys has the one of 64-bit offsets, F_GETLK64",
	"F_SETLK":       "likewise",
	"F_SETLKW":      "likewise",
	"MAP_RENAME":    "on mips x/sys has the C library's, which is MAP_ANONYMOUS",
	"O_LARGEFILE":   "the C library of 64-bit ABIs needs no flag",
	"RLIM_INFINITY": "the C library has 64-bit limits on all ABIs",
	"RTCF_NAT":      "the C library's own",
}

func TestConstantsAgreeWithXSys(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	diff := differences{explained: xsysDifferences}
	for _, a := range ABIs() {
		if a.GOARCH == "" {
			continue
		}
		for name, want := range xsysConstants(t, a.GOARCH) {
			got, ok := a.Constant(name)
			if !ok {
				diff.add(name, "%s: missing, x/sys has %s", a.Name, want)
			} else if !constant.Compare(got, token.EQL, want) {
				diff.add(name, "%s: %s, x/sys has %s", a.Name, got, want)
			}
		}
	}
	diff.check(t)
}

func TestConstant(t *testing.T) {
	tests := []struct {
		abi, name string
		want      int64 // 0: the ABI has no such constant
	}{
		{"x86_64", "EPERM", 1}, {"mips", "ENOSYS", 89}, {"mips64el", "ENOSYS", 89},
		{"s390x", "ENOSYS", 38},
		{"x86_64", "AT_FDCWD", -100}, {"mips", "SOCK_STREAM", 2}, {"x86_64", "SOCK_STREAM", 1},
		{"x32", "SOCK_STREAM", 1}, {"s390", "SOCK_DGRAM", 2},
		{"x86_64", "O_DIRECT", 0x4000}, {"aarch64", "O_DIRECT", 0x10000},
		{"arm", "O_DIRECT", 0x10000},
		{"ppc64le", "O_DIRECT", 0x20000}, {"mips", "O_DIRECT", 0x8000},
		{"s390x", "O_DIRECT", 0x4000},
		{"x86_64", "TIOCSTI", 0x5412}, {"mips", "TIOCSTI", 0x5472},
		{"x86_64", "MAP_ANONYMOUS", 0x20},
		{"mips", "MAP_ANONYMOUS", 0x800}, {"mips", "SOL_SOCKET", 0xffff},
		{"x86_64", "CLONE_NEWUSER", 0x10000000},
		{"x86_64", "ADDR_NO_RANDOMIZE", 0x40000}, {"x86_64", "PER_LINUX32", 8},
		{"x86_64", "NETLINK_ROUTE", -1 << 62}, // zero, see below
		{"x86_64", "KVM_RUN", 0xae80}, {"ppc64", "KVM_RUN", 0x2000ae80}, {"arm", "KVM_RUN", 0},
		{"x86_64", "ARCH_SET_FS", 0x1002}, {"aarch64", "ARCH_SET_FS", 0},
		{"x86_64", "FUTEX_WAKE", 1},
		{"x86_64", "SECCOMP_SET_MODE_FILTER", 1}, {"x86_64", "FS_IOC_GETFLAGS", 0x80086601},
		{"i386", "FS_IOC_GETFLAGS", 0x80046601}, {"arm", "FS_IOC_GETFLAGS", 0x80046601},
		{"ppc64", "FS_IOC_GETFLAGS", 0x40086601}, {"x86_64", "IORING_ENTER_GETEVENTS", 1},
		{"x86_64", "MEMBARRIER_CMD_GLOBAL", 1}, {"x86_64", "BPF_PROG_LOAD", 5},
		{"x86_64", "SYS_SOCKET", 1},
		{"x86_64", "OPEN_TREE_CLONE", 1}, {"x86_64", "FSCONFIG_SET_FLAG", -1 << 62},
		{"x86_64", "P_PIDFD", 3},
		{"x86_64", "RSEQ_FLAG_UNREGISTER", 1}, {"x86_64", "LSM_ATTR_CURRENT", 100},
		{"x86_64", "KCMP_FILE", -1 << 62},
		{"x86_64", "IOPRIO_WHO_PROCESS", 1}, {"x86_64", "CAP_SYS_ADMIN", 21},
		{"x86_64", "PIDFD_THREAD", 0x80},
		{"x86_64", "EPOLL_CTL_ADD", 1}, {"x86_64", "LANDLOCK_RULE_PATH_BENEATH", 1},
		{"x86_64", "S_IFIFO", 0x1000},
		{"x86_64", "SIGKILL", 9}, {"mips", "SIGUSR1", 16}, {"x86_64", "UFFD_USER_MODE_ONLY", 1},
		{"x86_64", "XATTR_NAME_SELINUX", 0}, {"x86_64", "XATTR_NAME_MAX", 255}, // a string is none
		{"x86_64", "NO_SUCH_CONSTANT", 0}, {"x86_64", "", 0}, {"x86_64", "EPERM\t1", 0},
	}
	for _, test := range tests {
		v, ok := must(t, test.abi).Constant(test.name)
		if test.want == 0 {
			if ok {
				t.Errorf("%s has %s = %s", test.abi, test.name, v)
			}
			continue
		}
		want := test.want
		if want == -1<<62 {
			want = 0
		}
		if !ok || !constant.Compare(v, token.EQL, constant.MakeInt64(want)) {
			t.Errorf("%s on %s is %v (%v), want %d", test.name, test.abi, v, ok, want)
		}
	}
}

func TestConstantNames(t *testing.T) {
	x86, arm := must(t, "x86_64"), must(t, "arm")
	modes := []string{"SECCOMP_SET_MODE_FILTER", "SECCOMP_SET_MODE_STRICT"}
	if got := x86.ConstantNames("SECCOMP_SET_MODE_"); !slices.Equal(got, modes) {
		t.Errorf("SECCOMP_SET_MODE_: %v", got)
	}
	if got := arm.ConstantNames("KVM_RUN"); len(got) != 0 {
		t.Errorf("arm has %v", got)
	}
	all := ConstantNames()
	if !slices.IsSorted(all) || len(slices.Compact(slices.Clone(all))) != len(all) {
		t.Error("the constants are not sorted, or not unique")
	}
	for _, name := range all {
		if v, ok := x86.Constant(name); ok && v.Kind() != constant.Int {
			t.Errorf("%s is %v", name, v)
		}
	}
}

func TestErrnoName(t *testing.T) {
	tests := []struct {
		abi  string
		n    uint32
		want string
	}{
		{"x86_64", 1, "EPERM"}, {"x86_64", 6, "ENXIO"}, {"x86_64", 11, "EAGAIN"},
		{"x86_64", 35, "EDEADLK"}, {"x86_64", 38, "ENOSYS"},
		{"mips", 89, "ENOSYS"}, {"mips", 45, "EDEADLK"}, {"ppc64", 58, "EDEADLOCK"},
		{"x86_64", 95, "EOPNOTSUPP"},
		{"x86_64", 0, ""}, {"x86_64", 4095, ""},
	}
	for _, test := range tests {
		if got, ok := must(t, test.abi).ErrnoName(test.n); got != test.want || ok != (got != "") {
			t.Errorf("error %d on %s is %q (%v), want %q", test.n, test.abi, got, ok, test.want)
		}
	}
}

func must(t testing.TB, name string) *ABI {
	t.Helper()
	a, ok := Lookup(name)
	if !ok {
		t.Fatalf("no ABI %s", name)
	}
	return a
}
