package lxc

import (
	"bytes"
	"encoding/binary"
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
	"github.com/seccompc/seccompc/compiler/resolve"
	"github.com/seccompc/seccompc/explain"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/proof"
	"github.com/seccompc/seccompc/runtime"
)

var live = flag.Bool("live", false, "start containers of LXC, and look at their filters")

// needed are the calls of an allowlist with which LXC and the container's program live: all but a
// few of those that old releases of libseccomp know.
func needed() string {
	var out strings.Builder
	for _, c := range abi("x86_64").Syscalls() {
		since, ok := abi("x86_64").Since(c.Name)
		if ok && since.Compare(linux.Release{Major: 5, Minor: 16}) <= 0 &&
			!slices.Contains([]string{"mkdir", "mmap", "clone"}, c.Name) {
			out.WriteString(c.Name + "\n")
		}
	}
	return out.String()
}

// TestLive: what LXC installs is the policy, for every call.
func TestLive(t *testing.T) {
	if !*live {
		t.Skip("-live starts containers: make test-interop")
	}
	common, err := os.ReadFile("/usr/share/lxc/config/common.seccomp")
	if err != nil {
		t.Fatal(err)
	}
	texts := []string{string(common), "2\nallowlist errno 38\n[all]\nmmap allow " +
		"[2,7,!=]\n[x86]\nclone allow [0,0,&=,0x10000000]\n" + needed()}
	for seed := range uint64(12) {
		texts = append(texts, randomText(rand.New(rand.NewPCG(seed, 3))))
	}
	tried := 0
	for _, text := range texts {
		p, err := Import([]byte(text), Options{Host: abi("x86_64"), Exact: true})
		program := start(t, text, err == nil)
		if err != nil {
			t.Logf("refused: %v", err)
			continue
		}
		equal(t, text, p.Text, program)
		tried++
	}
	if tried < len(texts)/2 {
		t.Errorf("%d of %d texts were policies", tried, len(texts))
	}
	t.Logf("tried: 1 programs, %d profiles, 0 calls", tried)
}

func abi(name string) *linux.ABI {
	abi, _ := linux.Lookup(name)
	return abi
}

// randomText makes a denylist whose rules meet each other.
func randomText(r *rand.Rand) string {
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	out := "2\n" + pick("denylist", "blacklist") + "\n"
	for range 2 + r.IntN(6) {
		out += pick("", "", "[all]\n", "[x86]\n", "[x86_64]\n", "[arm]\n") + pick("prctl", "kill",
			"socket", "recv", "personality", "mount", "nocall", "reject_force_umount") +
			pick(" errno 5", " errno 5", " errno 6", " kill", " trap")
		for i := range r.IntN(3) {
			out += fmt.Sprintf("[%d,%s,%s,%s]", i, pick("1", "010", "0x7", "0x100000001"),
				pick("==", "!=", "<=", "SCMP_CMP_GT", "&="), pick("0x3", "0xff"))
		}
		out += "\n"
	}
	return out
}

// script starts LXC's container in namespaces of its own.
const script = `umount -R /sys/fs/cgroup; mount -t cgroup2 none /sys/fs/cgroup && cd "$1" &&
	exec lxc-start -n c -P "$1/lib" -F -f /dev/null -s lxc.rootfs.path=dir:"$1/rootfs" \
	-s lxc.rootfs.mount="$1/mnt" -s lxc.seccomp.profile="$1/policy" -s lxc.init.cmd="/$2" \
	-s lxc.apparmor.profile=unconfined -s "lxc.namespace.keep=user net" -s lxc.tty.max=0 \
	-s lxc.pty.max=1 -s lxc.console.path=none`

// start starts a container, and returns its filter, or none where it need not start and does not.
func start(t *testing.T, text string, starts bool) asm.Program {
	t.Helper()
	dir, name := prepare(t, text)
	cmd := exec.Command("timeout", "-k", "1", "30", "unshare", "--kill-child", "-m", "-p", "-f",
		"--mount-proc", "sh", "-c", script, "sh", dir, name)
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	defer func() {
		cmd.Process.Signal(os.Interrupt)
		<-ended
	}()
	for {
		select {
		case err := <-ended:
			ended <- err
			if said, _ := os.ReadFile(log.Name()); starts {
				t.Fatalf("it does not start: %v: %s\n%s", err, said, text)
			}
			return nil
		case <-time.After(20 * time.Millisecond):
		}
		for _, pid := range running("/" + name) {
			if programs, err := runtime.Programs(pid); err == nil && len(programs) == 1 {
				return programs[0]
			}
		}
	}
}

// prepare makes a directory with a policy and a container's root, and names its only program.
func prepare(t *testing.T, text string) (dir, name string) {
	t.Helper()
	dir = t.TempDir()
	name = fmt.Sprintf("sleeper-%d-%d", os.Getpid(), time.Now().UnixNano())
	for _, d := range []string{"lib", "mnt", "rootfs/dev", "rootfs/proc", "rootfs/sys"} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	write(t, filepath.Join(dir, "policy"), text)
	source := filepath.Join(dir, "sleep.c")
	write(t, source, "#include <unistd.h>\nint main(void) { sleep(20); }\n")
	out, err := exec.Command("gcc", "-static", "-o", filepath.Join(dir, "rootfs", name),
		source).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return dir, name
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// running are the processes of a command.
func running(command string) (pids []int) {
	files, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, file := range files {
		line, _ := os.ReadFile(file)
		if bytes.HasPrefix(line, []byte(command+"\x00")) {
			pid, _ := strconv.Atoi(strings.Split(file, "/")[2])
			pids = append(pids, pid)
		}
	}
	return pids
}

// equal fails for a call that a policy and a filter answer differently.
func equal(t *testing.T, source string, text []byte, program asm.Program) {
	t.Helper()
	res, diags := resolve.Text("policy", text, resolve.Options{})
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
	d, err := s.Differ(a, b)
	if err != nil {
		t.Fatal(err)
	}
	if d != nil {
		t.Errorf("%s: the policy says %v, LXC %v\n%s\n%s", explain.Call(d.Call,
			binary.LittleEndian), d.A, d.B, source, text)
	}
}
