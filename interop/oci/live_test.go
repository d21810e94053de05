package oci

import (
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/runtime"
)

var live = flag.Bool("live", false, "run containers, and look at their filters")

// liveProfile names calls that old releases of libseccomp know, too.
const liveProfile = `{"defaultAction": "SCMP_ACT_ERRNO",
	"architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"], "syscalls": [
	{"names": ["clone", "ptrace", "mount", "keyctl", "bpf"], "action": "SCMP_ACT_ERRNO", "errnoRet": 13},
	{"names": ["read", "write", "close", "openat", "execve", "exit", "exit_group", "nanosleep", "pause",
	"clock_nanosleep", "brk", "mmap", "munmap", "mprotect", "arch_prctl", "set_tid_address", "futex",
	"set_robust_list", "rseq", "prlimit64", "readlink", "readlinkat", "getrandom", "newfstatat", "fstat",
	"capget", "capset", "prctl", "setuid", "setgid", "setgroups", "getpid", "gettid", "rt_sigaction",
	"rt_sigprocmask", "rt_sigreturn", "sigaltstack", "madvise", "fcntl", "chdir", "getppid", "tgkill",
	"epoll_ctl", "epoll_pwait", "sched_yield", "sched_getaffinity", "stat", "statfs", "fstatfs", "lseek",
	"getdents64", "faccessat2", "fchdir", "recv", "kill"], "action": "SCMP_ACT_ALLOW"},
	{"names": ["socket"], "action": "SCMP_ACT_ALLOW", "args": [
		{"index": 0, "value": 1, "op": "SCMP_CMP_EQ"}, {"index": 1, "value": 255, "valueTwo": 1, "op": "SCMP_CMP_MASKED_EQ"}]},
	{"names": ["personality"], "action": "SCMP_ACT_KILL_PROCESS", "args": [{"index": 0, "value": 8, "op": "SCMP_CMP_GE"}]}]}`

// TestLiveRunc: the filter that runc installs is, for every call, the policy.
func TestLiveRunc(t *testing.T) {
	if !*live {
		t.Skip("-live runs containers: make test-interop")
	}
	program := runContainer(t, liveProfile)
	p, err := Import([]byte(liveProfile), Options{Host: hostX86(), Engine: Runc, Exact: true})
	if err != nil {
		t.Fatal(err)
	}
	abis, _ := (&Profile{Arches: []string{"SCMP_ARCH_X86", "SCMP_ARCH_X32"}}).served(hostX86())
	for _, abi := range abis {
		if d := differ(t, abi, p.Text, program); d != nil {
			t.Errorf("%+v: the policy says %v, runc's filter %v", d.Call, d.A, d.B)
		}
	}
}

// runContainer starts a container with a profile and returns its filter.
func runContainer(t *testing.T, profile string) asm.Program {
	t.Helper()
	dir := t.TempDir()
	name := "seccompc-" + strconv.Itoa(os.Getpid())
	if err := os.MkdirAll(filepath.Join(dir, "rootfs"), 0o755); err != nil {
		t.Fatal(err)
	}
	source := filepath.Join(dir, "sleep.c")
	if err := os.WriteFile(source, []byte("#include <unistd.h>\nint main(void) { sleep(30); }\n"),
		0o644); err != nil {
		t.Fatal(err)
	}
	command(t, dir, "gcc", "-static", "-o", "rootfs/sleep", source)
	command(t, dir, "runc", "spec")
	path := filepath.Join(dir, "config.json")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var config map[string]map[string]any
	var whole map[string]any
	json.Unmarshal(text, &whole)
	json.Unmarshal(text, &config) // what is no object stays out
	config["process"]["args"], config["process"]["terminal"] = []string{"/sleep"}, false
	config["linux"]["seccomp"] = json.RawMessage(profile)
	whole["process"], whole["linux"] = config["process"], config["linux"]
	if text, err = json.Marshal(whole); err == nil {
		err = os.WriteFile(path, text, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { exec.Command("runc", "delete", "-f", name).Run() })
	command(t, dir, "runc", "run", "--detach", name)
	var state struct{ Pid int }
	out, err := exec.Command("runc", "state", name).Output()
	if err != nil || json.Unmarshal(out, &state) != nil {
		t.Fatalf("%v: %s", err, out)
	}
	programs, err := runtime.Programs(state.Pid)
	if err != nil || len(programs) != 1 {
		t.Fatalf("%d filters, %v", len(programs), err)
	}
	return programs[0]
}

// command runs a command without the test's own input and output, which a container would keep.
func command(t *testing.T, dir, name string, args ...string) {
	t.Helper()
	cmd := exec.Command("timeout", append([]string{"60", name}, args...)...)
	cmd.Dir = dir
	log, err := os.Create(filepath.Join(dir, name+".log"))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Run(); err != nil {
		text, _ := os.ReadFile(log.Name())
		t.Fatalf("%s %v: %v: %s", name, args, err, text)
	}
}
