//go:build linux

package guests

import (
	"bufio"
	"bytes"
	"context"
	"encoding/gob"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seccompc/seccompc/internal/guests/job"
	"github.com/seccompc/seccompc/linux"
)

var (
	names = flag.String("guests", "", "boot the guests of these names, or all")
	cache = flag.String("cache", "", "where .ci/kernels has put the kernels: `DIR`")
)

// guest is a machine that qemu emulates, with a kernel of Debian's and a program of one ABI on it.
type guest struct {
	name, abi string
	goarch    string // with GOARM or GOMIPS behind a blank; or cc and a C compiler
	kernel    string // pattern of files below the cache
	qemu      string // the command, without what all have in common
	console   string
}

// malta has no display; -nographic alone leaves its console to one.
const malta = " -M malta -vga none -m 512"

const pseries = "qemu-system-ppc64 -M pseries,cap-cfpc=broken,cap-sbbc=broken,cap-ibs=broken," +
	"cap-ccf-assist=off -cpu power9 -m 1024"

var guests = []guest{
	{"arm", "arm", "arm GOARM=7", "armhf-*/boot/vmlinu*",
		"qemu-system-arm -M virt -cpu cortex-a15 -m 512", "ttyAMA0"},
	{"s390x", "s390x", "s390x", "s390x-*/boot/vmlinu*",
		"qemu-system-s390x -M s390-ccw-virtio -cpu qemu -m 512", "ttysclp0"},
	{"mipsel-on-mips64el", "mipsel", "mipsle GOMIPS=softfloat", "mips64el-*/boot/vmlinu*",
		"qemu-system-mips64el -cpu 5KEc" + malta, "ttyS0"},
	{"ppc64le", "ppc64le", "ppc64le", "ppc64el-*/boot/vmlinu*",
		pseries, "hvc0"},
	{"aarch64", "aarch64", "arm64", "arm64-*/boot/vmlinu*",
		"qemu-system-aarch64 -M virt -cpu cortex-a57 -m 512", "ttyAMA0"},
	{"arm-on-aarch64", "arm", "arm GOARM=7", "arm64-*/boot/vmlinu*",
		"qemu-system-aarch64 -M virt -cpu cortex-a57 -m 512", "ttyAMA0"},
	{"i386", "i386", "386", "i386-*/boot/vmlinu*",
		"qemu-system-i386 -M q35 -accel tcg -cpu max -m 512", "ttyS0"},
	{"mips64el", "mips64el", "mips64le GOMIPS64=softfloat", "mips64el-*/boot/vmlinu*",
		"qemu-system-mips64el -cpu 5KEc" + malta, "ttyS0"},
	{"n32-on-mips64el", "mipsel64n32", "cc mips64el-linux-gnuabi64-gcc -mabi=n32",
		"mips64el-*/boot/vmlinu*", "qemu-system-mips64el -cpu 5KEc" + malta, "ttyS0"},
	{"mipsel", "mipsel", "mipsle GOMIPS=softfloat", "mipsel-*/boot/vmlinu*",
		"qemu-system-mipsel -cpu 24Kf" + malta, "ttyS0"},
	{"riscv64", "riscv64", "riscv64", "riscv64-*/boot/vmlinu*",
		"qemu-system-riscv64 -M virt -m 512", "ttyS0 earlycon=sbi"},
	{"loongarch64", "loongarch64", "loong64", "loong64-*/usr/lib/modules/*/vmlinuz",
		"qemu-system-loongarch64 -M virt -cpu la464 -m 1024",
		"ttyS0 initcall_blacklist=i8042_init"},
	// .ci/build-kernel makes the kernels of these.
	{"ppc64", "ppc64", "ppc64", "ppc64-built/boot/vmlinux", pseries, "hvc0"},
	{"ppc-on-ppc64", "ppc", "cc powerpc-linux-gnu-gcc", "ppc64-built/boot/vmlinux", pseries,
		"hvc0"},
	{"mips64", "mips64", "mips64 GOMIPS64=softfloat", "mips64-built/boot/vmlinux",
		"qemu-system-mips64 -cpu 5KEc" + malta, "ttyS0"},
	{"mips-on-mips64", "mips", "mips GOMIPS=softfloat", "mips64-built/boot/vmlinux",
		"qemu-system-mips64 -cpu 5KEc" + malta, "ttyS0"},
	{"n32-on-mips64", "mips64n32", "cc mips64-linux-gnuabi64-gcc -mabi=n32",
		"mips64-built/boot/vmlinux", "qemu-system-mips64 -cpu 5KEc" + malta, "ttyS0"},
	{"m68k", "m68k", "cc m68k-linux-gnu-gcc", "m68k-built/boot/vmlinux",
		"qemu-system-m68k -M virt -m 512", "ttyGF0"},
}

// TestGuests boots one guest after the other.
func TestGuests(t *testing.T) {
	if *names == "" {
		t.Skip("make test-abis runs this: it needs qemu and kernels of other machines")
	}
	var sum result
	booted, asked := 0, 0
	wanted := strings.Split(*names, ",")
	for _, name := range wanted {
		known := slices.ContainsFunc(guests, func(g guest) bool { return g.name == name })
		if !known && *names != "all" {
			t.Errorf("no guest has the name %q", name)
		}
	}
	for _, g := range guests {
		if *names != "all" && !slices.Contains(wanted, g.name) {
			continue
		}
		asked++
		t.Run(g.name, func(t *testing.T) {
			kernel, err := g.find()
			if err != nil && *names != "all" {
				t.Fatalf("asked for by its name: %v", err)
			}
			if err != nil {
				t.Skip(err)
			}
			sum.add(g.run(t, kernel, jobFor(t, g)))
			booted++
		})
	}
	t.Logf("%d guests of %d, %v", booted, asked, sum)
	if booted < min(asked, 6) && *names == "all" || booted == 0 {
		t.Errorf("only %d guests", booted)
	}
}

// find returns a guest's kernel, or what this machine lacks for it.
func (g guest) find() (kernel string, err error) {
	kernels, _ := filepath.Glob(filepath.Join(*cache, "kernels", g.kernel))
	if len(kernels) == 0 && strings.Contains(g.kernel, "-built/") {
		return "", fmt.Errorf("no kernel %s in %s: make guest-kernels builds it", g.kernel, *cache)
	}
	if len(kernels) == 0 {
		return "", fmt.Errorf("no kernel %s in %s", g.kernel, *cache)
	}
	if cc, ok := g.compilerOf(); ok {
		if _, err := exec.LookPath(cc[0]); err != nil {
			return "", err
		}
	}
	return kernels[len(kernels)-1], nil
}

// TestInitDoesNothingElsewhere: a guest's init that is run on a host ends before it does anything.
func TestInitDoesNothingElsewhere(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a program")
	}
	file := filepath.Join(t.TempDir(), "init")
	build := exec.Command("go", "build", "-o", file, "./init")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, args := range [][]string{nil, {"door", "0"}, {"decide", "0"}} {
		out, err := exec.Command(file, args...).CombinedOutput()
		if err == nil || !strings.Contains(string(out), "this is the init of a guest") {
			t.Errorf("%q: %v\n%s", args, err, out)
		}
	}
}

// result is a line that a guest prints, or the sum of them.
type result struct {
	Kind, Name                     string
	Checked, Wrong, Tests, Skipped int
}

func (r *result) add(o result) {
	r.Checked, r.Wrong = r.Checked+o.Checked, r.Wrong+o.Wrong
	r.Tests, r.Skipped = r.Tests+o.Tests, r.Skipped+o.Skipped
}

func (r result) String() string {
	return fmt.Sprintf("%d calls, %d tests passed, %d skipped, %d differences", r.Checked, r.Tests,
		r.Skipped, r.Wrong)
}

// run boots a guest and counts what it has checked. A guest that has said its last line is ended:
// not every kernel can switch its machine off.
func (g guest) run(t *testing.T, kernel string, j *job.Job) (sum result) {
	initrd := g.initramfs(t, t.TempDir(), j)
	ctx, end := context.WithTimeout(t.Context(), 20*time.Minute)
	defer end()
	start := time.Now()
	cmd := g.qemuCommand(ctx, kernel, initrd)
	console, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = cmd.Stdout
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	ended := false
	lines := bufio.NewReader(io.TeeReader(console, &out))
	for err == nil {
		var line string
		line, err = lines.ReadString('\n')
		_, text, ok := strings.Cut(line, "GUEST ")
		var r result
		if !ok || json.Unmarshal([]byte(strings.TrimSpace(text)), &r) != nil {
			continue
		}
		sum.add(r)
		r.report(t)
		if r.Kind == "end" {
			ended = true
			end()
		}
	}
	err = cmd.Wait()
	if !ended || sum.Wrong > 0 {
		t.Errorf("the guest ended its job: %t, %v\n%s", ended, err,
			out.Bytes()[max(0, out.Len()-20000):])
	}
	t.Logf("%s: %v, %v", filepath.Base(kernel), sum, time.Since(start).Round(time.Second))
	return sum
}

// report says what is wrong, and what a reader of the log wants to see of the rest.
func (r result) report(t *testing.T) {
	t.Helper()
	if r.Wrong > 0 || r.Kind == "error" {
		t.Errorf("%s %s: %d of %d are wrong", r.Kind, r.Name, r.Wrong, r.Checked)
	} else if r.Kind == "door" || r.Kind == "test" {
		t.Logf("%s", r.Name)
	}
}

func (g guest) qemuCommand(ctx context.Context, kernel, initrd string) *exec.Cmd {
	args := strings.Fields(g.qemu)
	args = append(args, "-smp", "1", "-nographic", "-no-reboot", "-net", "none",
		"-kernel", kernel, "-initrd", initrd,
		"-append", "console="+g.console+
			" panic=-1 quiet loglevel=3 rdinit=/init GODEBUG=asyncpreemptoff=1")
	if newer := filepath.Join(*cache, "bin", args[0]); exists(newer) {
		args[0] = newer
	}
	return exec.CommandContext(ctx, args[0], args[1:]...)
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

// initramfs writes the guest's init, its job and a console.
func (g guest) initramfs(t *testing.T, dir string, j *job.Job) string {
	t.Helper()
	root := filepath.Join(dir, "root")
	if err := os.MkdirAll(filepath.Join(root, "dev"), 0o755); err != nil {
		t.Fatal(err)
	}
	if cc, ok := g.compilerOf(); ok {
		abi, _ := linux.Lookup(g.abi)
		writeForC(t, filepath.Join(root, "seccompc-guest-calls"), abi, j.Decide)
		init := filepath.Join(root, "init")
		cc = append(cc, "-static", "-O2", "-o", init, "decide/init.c")
		build := exec.Command(cc[0], cc[1:]...)
		if out, err := build.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return archive(t, dir)
	}
	g.build(t, "build", "./init", filepath.Join(root, "init"))
	for _, test := range j.Tests {
		g.build(t, "test -c", "../../"+test.Dir, filepath.Join(root, test.Dir, job.Binary))
		for _, p := range test.Programs {
			g.build(t, "build", "../../"+test.Dir+"/"+p, filepath.Join(root, test.Dir, p+"-"))
		}
		for _, pattern := range test.Files {
			copyFiles(t, root, pattern)
		}
	}
	f, err := os.Create(filepath.Join(root, job.File))
	if err != nil {
		t.Fatal(err)
	}
	if err := gob.NewEncoder(f).Encode(j); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return archive(t, dir)
}

// archive packs the root that lies in a directory.
func archive(t *testing.T, dir string) string {
	t.Helper()
	file := filepath.Join(dir, "initrd")
	cpio := exec.Command("sh", "-c", fmt.Sprintf("find . | cpio -o -H newc --quiet > %q", file))
	cpio.Dir = filepath.Join(dir, "root")
	if out, err := cpio.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return file
}

// build builds a program, or the tests of a package, for the guest.
func (g guest) build(t *testing.T, how, pkg, file string) {
	t.Helper()
	args := append(strings.Fields(how), "-ldflags=-s -w", "-o", file, pkg)
	cmd := exec.Command("go", args...)
	cmd.Env = append(os.Environ(), strings.Fields("CGO_ENABLED=0 GOOS=linux GOARCH="+g.goarch)...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

// copyFiles copies files of the repository to where they lie in it below root.
func copyFiles(t *testing.T, root, pattern string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("../..", pattern))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: %d files, %v", pattern, len(files), err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		to := filepath.Join(root, strings.TrimPrefix(file, "../../"))
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
