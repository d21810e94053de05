package oci

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/compiler"
	"github.com/seccompc/seccompc/compiler/resolve"
	"github.com/seccompc/seccompc/explain"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
	"github.com/seccompc/seccompc/proof"
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
	needsLive(t)
	program := runContainer(t, container{engine: "runc", profile: liveProfile})
	p, err := Import([]byte(liveProfile), Options{Host: hostX86(), Engine: Runc, Exact: true})
	if err != nil {
		t.Fatal(err)
	}
	abis := (&Profile{Arches: []string{"SCMP_ARCH_X86", "SCMP_ARCH_X32"}}).served(hostX86())
	for _, abi := range abis {
		if d := differ(t, abi, p.Text, program); d != nil {
			t.Errorf("%+v: the policy says %v, runc's filter %v", d.Call, d.A, d.B)
		}
	}
	t.Logf("tried: 1 programs, 1 profiles, %d calls", compareCalls(t, p.Text, program, abis, nil))
}

func needsLive(t *testing.T) {
	t.Helper()
	if !*live {
		t.Skip("-live runs containers: make test-interop")
	}
}

// ownPolicy has conditions that become many entries, and names that old libraries know.
const ownPolicy = "arch x86_64, i386\ndefault allow\nmismatch kill_thread\n" +
	"deny unshare if arg0 any CLONE_NEWUSER | CLONE_NEWNET\nkill personality if persona in " +
	"{3..9}\n" +
	"deny(ENOSYS) clone3\ndeny ptrace, mount, keyctl\nlog kill if sig == 9 && pid == -1\n"

// TestLiveExport: containers of runc and crun under exported profiles: what is in the kernel is the
// policy, but for what the export lists.
func TestLiveExport(t *testing.T) {
	needsLive(t)
	for _, c := range []struct {
		name, policy string
		abis         []string
	}{
		{"openshell", string(file(t, "openshell")), []string{"x86_64"}},
		{"docker-default", string(file(t, "docker-default")), []string{"x86_64", "i386", "x32"}},
		{"own", ownPolicy, []string{"x86_64", "i386"}},
	} {
		for _, target := range []Target{RuncTarget, CrunTarget} {
			t.Run(c.name+" "+string(target), func(t *testing.T) {
				out, err := exportFor(t, c.policy, ExportOptions{For: target}, c.abis...)
				if err != nil {
					t.Fatal(err)
				}
				program := runContainer(t, container{engine: string(target),
					profile: string(out.Text)})
				var abis []*linux.ABI
				for _, name := range c.abis {
					abi, _ := linux.Lookup(name)
					abis = append(abis, abi)
				}
				listed := listedClasses(target)
				rowsListed(t, []byte(c.policy), program, abis, listed)
				t.Logf("tried: 1 programs, 1 profiles, %d calls",
					compareCalls(t, []byte(c.policy), program, abis, listed))
			})
		}
	}
}

// listedClasses returns what an export lists: the names that the installed library may not know,
// the multiplexers, and runc's ENOSYS.
func listedClasses(target Target) func(abi *linux.ABI, nr uint32, got policy.Action) bool {
	return func(abi *linux.ABI, nr uint32, got policy.Action) bool {
		name, ok := abi.SyscallName(nr)
		since, known := abi.Since(name)
		young := ok && known && since.Compare(libseccomp254) > 0
		return young || isMultiplexer(name) || target == RuncTarget && got == enosys(hostX86())
	}
}

// rowsListed fails for calls that differ and are of no class of those listed.
func rowsListed(
	t *testing.T, text []byte, program asm.Program, abis []*linux.ABI,
	listed func(*linux.ABI, uint32, policy.Action) bool,
) {
	t.Helper()
	res, diags := resolve.Text("test", text, resolve.Options{})
	if res == nil {
		t.Fatal(diags)
	}
	s := proof.New(linux.Arches()...)
	a, err := s.Policy(res.Policy)
	if err != nil {
		t.Fatal(err)
	}
	b, err := s.Program(program, binary.LittleEndian)
	if err != nil {
		t.Fatal(err)
	}
	for _, abi := range abis {
		calls := ownCalls(abi)
		for {
			within := func(f proof.Function) proof.Function {
				f, err := s.Within(f, calls)
				if err != nil {
					t.Fatal(err)
				}
				return f
			}
			d, err := s.Differ(within(a), within(b))
			if err != nil {
				t.Fatal(err)
			}
			if d == nil {
				break
			}
			if !listed(abi, d.Call.Nr, d.B) {
				t.Errorf("%s: policy %v, kernel %v", explain.Call(d.Call, binary.LittleEndian),
					d.A, d.B)
			}
			nr := uint64(d.Call.Nr)
			left := []policy.Range{{Lo: nr, Hi: nr}}
			if _, named := abi.SyscallName(d.Call.Nr); !named {
				left = policy.Subtract(calls.Numbers,
					knownNumbers(abi)) // of these one stands for all
			}
			calls.Numbers = policy.Subtract(calls.Numbers, left)
		}
	}
}

func knownNumbers(abi *linux.ABI) []policy.Range {
	var out []policy.Range
	for _, c := range abi.Syscalls() {
		out = append(out, policy.Range{Lo: uint64(c.Nr), Hi: uint64(c.Nr)})
	}
	return policy.Union(out)
}

// compareCalls runs calls of every number through a filter and the policy, and returns how many.
func compareCalls(
	t *testing.T, text []byte, program asm.Program, abis []*linux.ABI,
	listed func(*linux.ABI, uint32, policy.Action) bool,
) (tried int) {
	t.Helper()
	res, diags := resolve.Text("test", text, resolve.Options{})
	if res == nil {
		t.Fatal(diags)
	}
	random := rand.New(rand.NewPCG(1, 2))
	values := []uint64{0, 1, 2, 8, 9, 40, 1 << 28, 1<<32 - 1, 1<<32 + 8}
	for _, abi := range abis {
		for _, c := range abi.Syscalls() {
			for range 4 {
				d := policy.Data{Nr: c.Nr, Arch: abi.Arch}
				for i := range d.Args {
					if d.Args[i] = values[random.IntN(len(values))]; abi.Bits == 32 {
						d.Args[i] &= policy.Ones(32)
					}
				}
				ran, err := program.Run(asm.Data(d), binary.LittleEndian)
				if err != nil {
					t.Fatal(err)
				}
				tried++
				got := policy.Action(ran.Ret)
				if want := res.Policy.Eval(d); got != want && (listed == nil || !listed(abi, c.Nr,
					got)) {
					t.Errorf("%s: policy %v, kernel %v", explain.Call(d, binary.LittleEndian),
						want, got)
				}
			}
		}
	}
	return tried
}

// TestLiveAnnotation: crun takes a filter as it is.
func TestLiveAnnotation(t *testing.T) {
	needsLive(t)
	res, diags := compiler.Compile("own.scp", []byte(ownPolicy), compiler.Options{})
	if res == nil {
		t.Fatal(diags)
	}
	blob := base64.StdEncoding.EncodeToString(res.Program.Encode(binary.LittleEndian))
	program := runContainer(t, container{engine: "crun",
		profile:    `{"defaultAction": "SCMP_ACT_ALLOW"}`,
		annotation: blob})
	if !slices.Equal(program, res.Program) {
		t.Errorf("crun installed another filter of %d instructions", len(program))
	}
	t.Logf("tried: 1 programs, 1 profiles, %d calls",
		compareCalls(t, []byte(ownPolicy), program, res.ABIs, nil))
}

// TestLiveBubblewrap: bwrap takes filters as they are, one or several.
func TestLiveBubblewrap(t *testing.T) {
	needsLive(t)
	var files []*os.File
	var want []asm.Program
	tried := 0
	for _, text := range []string{ownPolicy, "arch x86_64\ndefault allow\ndeny mkdirat\n"} {
		res, diags := compiler.Compile("own.scp", []byte(text), compiler.Options{})
		if res == nil {
			t.Fatal(diags)
		}
		path := filepath.Join(t.TempDir(), "filter")
		if err := os.WriteFile(path, res.Program.Encode(binary.LittleEndian), 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		files, want = append(files, f), append(want, res.Program)
	}
	infoRead, infoWrite, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer infoRead.Close()
	cmd := exec.Command("timeout", "60", "bwrap", "--bind", "/", "/", "--die-with-parent",
		"--add-seccomp-fd", "3", "--add-seccomp-fd", "4", "--info-fd", "5", "sleep", "30")
	cmd.ExtraFiles = append(files, infoWrite)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	infoWrite.Close()
	defer cmd.Wait()
	defer cmd.Process.Signal(os.Interrupt)
	var info struct {
		Child int `json:"child-pid"`
	}
	if err := json.NewDecoder(infoRead).Decode(&info); err != nil {
		t.Fatal(err)
	}
	got := filtersOf(t, info.Child, len(want))
	for i, p := range got {
		if !slices.Equal(p, want[i]) {
			t.Errorf("filter %d is another one", i)
		}
	}
	tried += compareCalls(t, []byte(ownPolicy), got[0], []*linux.ABI{hostX86()}, nil)
	t.Logf("tried: 1 programs, 0 profiles, %d calls", tried)
}

// TestLivePodman: a container of Podman's, which gives the profile to crun.
func TestLivePodman(t *testing.T) {
	needsLive(t)
	out, err := exportFor(t, ownPolicy, ExportOptions{For: PodmanTarget}, "x86_64", "i386")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	sleeper(t, dir)
	profile := filepath.Join(dir, "profile.json")
	if err := os.WriteFile(profile, out.Text, 0o644); err != nil {
		t.Fatal(err)
	}
	const script = `umount -R /sys/fs/cgroup; mount -t cgroup2 none /sys/fs/cgroup &&
		exec podman --runtime crun --cgroup-manager=cgroupfs --events-backend=none "$@"`
	podman := func(args ...string) []string {
		return append([]string{"-m", "sh", "-c", script, "podman", "--root", dir + "/root",
			"--runroot", dir + "/run", "--storage-driver", "vfs"}, args...)
	}
	name := fmt.Sprintf("seccompc-%d", os.Getpid())
	t.Cleanup(func() { exec.Command("unshare", podman("rm", "-f", "-t", "0", name)...).Run() })
	command(t, dir, "unshare", podman("run", "-d", "--name", name, "--cgroups=disabled",
		"--ulimit", "nofile=1024:1024", "--ulimit", "nproc=4096:4096", "--network", "none",
		"--security-opt", "seccomp="+profile, "--rootfs", dir+"/rootfs", "/sleep")...)
	text, err := exec.Command("unshare", podman("inspect", "--format", "{{.State.Pid}}",
		name)...).Output()
	pid, err2 := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || err2 != nil {
		t.Fatalf("%v, %v: %s", err, err2, text)
	}
	i386, _ := linux.Lookup("i386")
	abis := []*linux.ABI{hostX86(), i386}
	program := filtersOf(t, pid, 1)[0]
	rowsListed(t, []byte(ownPolicy), program, abis, listedClasses(CrunTarget))
	t.Logf("tried: 1 programs, 1 profiles, %d calls", compareCalls(t, []byte(ownPolicy), program,
		abis, listedClasses(CrunTarget)))
}

// sleeper makes a root directory with a program that sleeps.
func sleeper(t *testing.T, dir string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Join(dir, "rootfs"), 0o755); err != nil {
		t.Fatal(err)
	}
	source := filepath.Join(dir, "sleep.c")
	text := "#include <unistd.h>\nint main(void) { sleep(30); }\n"
	if err := os.WriteFile(source, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	command(t, dir, "gcc", "-static", "-o", "rootfs/sleep", source)
}

// filtersOf waits until a process has its filters, and returns them.
func filtersOf(t *testing.T, pid, count int) []asm.Program {
	t.Helper()
	for range 200 {
		programs, err := runtime.Programs(pid)
		if err == nil && len(programs) == count {
			return programs
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatalf("process %d does not get %d filters", pid, count)
	return nil
}

// container is what is started: an engine with a profile, or for crun a filter beside it.
type container struct {
	engine, profile, annotation string
}

// command returns the command line of the engine. Crun wants a unified hierarchy of cgroups,
// which it has in a mount namespace of its own, and no rights that this machine's root may lack.
func (c container) command(args ...string) []string {
	if c.engine == "runc" {
		return append([]string{"runc"}, args...)
	}
	script := `umount -R /sys/fs/cgroup; mount -t cgroup2 none /sys/fs/cgroup &&
		exec crun --cgroup-manager=disabled "$@"`
	return append([]string{"unshare", "-m", "sh", "-c", script, "crun"}, args...)
}

// runContainer starts a container and returns its filter.
func runContainer(t *testing.T, c container) asm.Program {
	t.Helper()
	dir := t.TempDir()
	name := fmt.Sprintf("seccompc-%d-%d", os.Getpid(), time.Now().UnixNano())
	sleeper(t, dir)
	command(t, dir, "runc", "spec")
	c.configure(t, filepath.Join(dir, "config.json"))
	t.Cleanup(func() {
		line := c.command("delete", "-f", name)
		exec.Command(line[0], line[1:]...).Run()
	})
	line := c.command("run", "--detach", name)
	command(t, dir, line[0], line[1:]...)
	line = c.command("state", name)
	out, err := exec.Command(line[0], line[1:]...).Output()
	var state struct{ Pid int }
	if err != nil || json.Unmarshal(out, &state) != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return filtersOf(t, state.Pid, 1)[0]
}

// configure writes what the container runs, and its profile.
func (c container) configure(t *testing.T, path string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var config map[string]map[string]any
	var whole map[string]any
	json.Unmarshal(text, &whole)
	json.Unmarshal(text, &config) // what is no object stays out
	config["process"]["args"], config["process"]["terminal"] = []string{"/sleep"}, false
	delete(config["process"], "rlimits") // some machines' root has no right to set them
	config["linux"]["seccomp"] = json.RawMessage(c.profile)
	whole["process"], whole["linux"] = config["process"], config["linux"]
	if c.annotation != "" {
		whole["annotations"] = map[string]string{"run.oci.seccomp_bpf_data": c.annotation}
	}
	if text, err = json.Marshal(whole); err == nil {
		err = os.WriteFile(path, text, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
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
