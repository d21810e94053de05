package programs

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// runtimes are the container runtimes that hand over a listener, and how a container is run where
// this user may not change cgroups.
var runtimes = map[string]string{
	"runc": `exec runc run "$1"`,
	"crun": `exec unshare -m sh -c 'umount -R /sys/fs/cgroup
		mount -t cgroup2 none /sys/fs/cgroup
		exec crun --cgroup-manager=disabled run "$0"' "$1"`,
}

// A container is recorded, and starts under the profile that is made of the policy.
func TestContainers(t *testing.T) {
	if !*all {
		t.Skip("make test-record runs it: the container runtimes are to be installed")
	}
	for name, script := range runtimes {
		t.Run(name, func(t *testing.T) {
			b := newBundle(t, name, script)
			b.record(t)
			const want = "hello from box <nil>\n<nil>\n"
			b.command(t, "export", "oci", "--engine", name, "recorded.scp", "-o", "profile.json")
			if out := b.run(t, "profile.json"); out != want {
				t.Errorf("under its policy the container prints %q", out)
			}
			if out := b.run(t, "profile.json", "more"); out !=
				want+"operation not permitted\n" {
				t.Errorf("what was not recorded: %q", out)
			}
		})
	}
}

// startPolicy is what the container's program needs: it is Go's, and says hello.
const startPolicy = `arch x86_64
default deny
allow @go-runtime, mkdirat, exit_group
allow openat if flags & O_ACCMODE == O_RDONLY
`

// A container starts with what its program needs and the set of its runtime, however it is set up,
// and without the set it does not.
func TestContainerSets(t *testing.T) {
	if !*all {
		t.Skip("make test-record runs it: the container runtimes are to be installed")
	}
	for name, script := range runtimes {
		t.Run(name, func(t *testing.T) {
			b := newBundle(t, name, script)
			for profile, text := range map[string]string{
				"with": startPolicy + "allow @" + name + "-init\n", "without": startPolicy,
			} {
				policy := filepath.Join(b.dir, profile+".scp")
				if err := os.WriteFile(policy, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
				b.command(t, "export", "oci", "--engine", name, policy, "-o", profile+".json")
			}
			for _, b.privileged = range []bool{false, true} {
				if out, err := b.try(t, "with.json"); err != nil ||
					out != "hello from box <nil>\n<nil>\n" {
					t.Errorf("privileged %v: %v\n%s", b.privileged, err, out)
				}
			}
			if out, err := b.try(t, "without.json"); err == nil {
				t.Errorf("it starts without the set too: %s", out)
			}
		})
	}
}

// What a container runtime calls before the program is one rule, where it is all of the set.
func TestContainerSetRecorded(t *testing.T) {
	if !*all {
		t.Skip("make test-record runs it: the container runtimes are to be installed")
	}
	for name, script := range runtimes {
		t.Run(name, func(t *testing.T) {
			b := newBundle(t, name, script)
			b.privileged = true
			b.record(t)
			text, err := os.ReadFile(filepath.Join(b.dir, "recorded.scp"))
			if rule := "\nallow @" + name + "-init  # "; err != nil ||
				!strings.Contains(string(text), rule) ||
				strings.Contains(string(text), "\nallow capset") {
				t.Errorf("%v, no rule %q\n%s", err, rule, text)
			}
			if out := b.command(t, "check", "recorded.scp"); len(out) > 0 {
				t.Errorf("%s", out)
			}
			b.command(t, "export", "oci", "--engine", name, "recorded.scp", "-o", "profile.json")
			for _, b.privileged = range []bool{true, false} {
				b.run(t, "profile.json")
			}
		})
	}
}

// bundle is the directory of a container.
type bundle struct {
	dir, name, script string
	// privileged containers have a user of their own and no no_new_privs: the runtime then loads
	// the filter before it gives up its privileges.
	privileged bool
}

func newBundle(t *testing.T, name, script string) *bundle {
	t.Helper()
	b := &bundle{dir: openDir(t), name: name, script: script}
	source, err := os.ReadFile("testdata/container.go.txt")
	if err != nil {
		t.Fatal(err)
	}
	main := filepath.Join(b.dir, "main.go")
	if err := os.WriteFile(main, source, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{"rootfs/proc", "rootfs/dev", "rootfs/sys"} {
		if err := os.MkdirAll(filepath.Join(b.dir, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	build := exec.Command("go", "build", "-o", "rootfs/hello", "main.go")
	build.Dir, build.Env = b.dir, append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return b
}

// record records the container, by the profile that seccompc prints for that.
func (b *bundle) record(t *testing.T) {
	t.Helper()
	const socket = "socket"
	path := filepath.Join(b.dir, socket)
	profile := b.command(t, "record", "--listen", path, "--print-oci-profile")
	if err := os.WriteFile(filepath.Join(b.dir, "listen.json"), profile, 0o600); err != nil {
		t.Fatal(err)
	}
	recorder := exec.Command(seccompc, "record", "--listen", path, "--wait", "60s", "-o",
		"recorded.scp")
	recorder.Dir = b.dir
	var said bytes.Buffer
	recorder.Stderr = &said
	if err := recorder.Start(); err != nil {
		t.Fatal(err)
	}
	for range 500 {
		if _, err := os.Stat(path); err == nil {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	out := b.run(t, "listen.json")
	if err := recorder.Wait(); err != nil || !strings.HasPrefix(out, "hello from box") {
		t.Fatalf("not recorded: %v\n%s\n%s", err, &said, out)
	}
}

// run runs the container with a seccomp profile, and returns what is printed.
func (b *bundle) run(t *testing.T, profile string, args ...string) string {
	t.Helper()
	out, err := b.try(t, profile, args...)
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	return out
}

func (b *bundle) try(t *testing.T, profile string, args ...string) (string, error) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(b.dir, profile))
	if err != nil {
		t.Fatal(err)
	}
	config, err := json.Marshal(b.configuration(append([]string{"/hello"}, args...), text))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(b.dir, "config.json"), config, 0o600); err != nil {
		t.Fatal(err)
	}
	id := b.name + filepath.Base(b.dir)
	cmd := exec.Command("timeout", "-k", "5", "60", "bash", "-c", b.script, "bash", id)
	cmd.Dir, cmd.WaitDelay = b.dir, 10*time.Second
	out, err := cmd.CombinedOutput()
	if err != nil {
		exec.Command(b.name, "delete", "--force", id).Run()
	}
	return string(out), err
}

// configuration is a container's config.json: what a runtime wants, and no more.
func (b *bundle) configuration(args []string, seccomp json.RawMessage) any {
	type object = map[string]any
	var namespaces []object
	for _, n := range []string{"pid", "mount", "ipc", "uts", "network"} {
		namespaces = append(namespaces, object{"type": n})
	}
	user := object{"uid": 0, "gid": 0}
	if b.privileged {
		user = object{"uid": 1000, "gid": 1000, "additionalGids": []int{5}}
	}
	return object{
		"ociVersion": "1.0.2", "hostname": "box", "root": object{"path": "rootfs"},
		"process": object{"args": args, "cwd": "/", "user": user,
			"env": []string{"PATH=/"}, "noNewPrivileges": !b.privileged,
			"capabilities": object{"bounding": []string{"CAP_SYS_CHROOT"},
				"effective": []string{"CAP_SYS_CHROOT"}, "permitted": []string{"CAP_SYS_CHROOT"}}},
		"mounts": []object{
			{"destination": "/proc", "type": "proc", "source": "proc"},
			{"destination": "/dev", "type": "tmpfs", "source": "tmpfs"},
			{"destination": "/dev/shm", "type": "tmpfs", "source": "shm",
				"options": []string{"mode=1777"}}},
		"linux": object{"namespaces": namespaces, "seccomp": seccomp},
	}
}

func (b *bundle) command(t *testing.T, args ...string) []byte {
	t.Helper()
	cmd := exec.Command(seccompc, args...)
	var stderr bytes.Buffer
	cmd.Dir, cmd.Stderr = b.dir, &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%q: %v\n%s", args, err, &stderr)
	}
	return out
}
