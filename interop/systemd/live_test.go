package systemd

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/runtime"
)

var (
	nspawn = flag.String("nspawn", "", "the root directory of a Debian in which units are started")
	booted = flag.Int("booted", 40, "how many random units are started there")
)

// fixedUnits have settings under which a program can sleep, each in another way.
var fixedUnits = []string{
	"SystemCallFilter=~@mount @debug\nRestrictAddressFamilies=~AF_PACKET\n" +
		"RestrictNamespaces=yes\nRestrictRealtime=yes\nLockPersonality=yes\nRestrictSUIDSGID=yes\nProtectHostname=yes\n",
	"SystemCallFilter=@system-service\nSystemCallFilter=~@privileged @resources\n" +
		"SystemCallErrorNumber=EPERM\nSystemCallArchitectures=native\n",
	"SystemCallFilter=@system-service\nSystemCallFilter=~ptrace:EINVAL swapon:kill\n",
	"SystemCallFilter=~@clock:EACCES bpf\nSystemCallFilter=\nSystemCallFilter=~keyctl:ENOSYS\n",
	"SystemCallLog=~getppid\nMemoryDenyWriteExecute=yes\nRestrictAddressFamilies=AF_UNIX AF_INET\n",
	"SystemCallArchitectures=native x86\nRestrictNamespaces=~user net\nProtectKernelLogs=yes\n" +
		"ProtectClock=yes\nProtectKernelModules=yes\nProtectKernelTunables=yes\n",
}

// boot starts the Debian's systemd, where it has cgroups of one hierarchy.
const boot = `umount -R /sys/fs/cgroup; mount -t cgroup2 none /sys/fs/cgroup &&
	exec systemd-nspawn --register=no --keep-unit -q -b -D "$1" --private-network`

// TestBootedUnits: what the processes of units have in the kernel, under a systemd that runs as the
// first process of a container, is what the units' policies say. make test-nspawn runs it.
func TestBootedUnits(t *testing.T) {
	if *nspawn == "" {
		t.Skip("make test-nspawn boots a Debian")
	}
	version := sharedVersion(t)
	all := fixedUnits
	rng := rand.New(rand.NewPCG(5, 7))
	for range *booted {
		all = append(all, strings.TrimPrefix(randomUnit(rng), "[Service]\n"))
	}
	writeUnits(t, all)
	cmd := exec.Command("timeout", "-k", "5", "240", "unshare", "-m", "--propagation", "private",
		"sh", "-c", boot, "boot", *nspawn)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Wait()
	defer cmd.Process.Signal(os.Interrupt)
	last := sleeping(t, len(all), time.Minute)
	if last == 0 {
		t.Fatal("the Debian does not boot")
	}
	outer := runtimePrograms(t, parent(t, last))
	held := 0
	for i, unit := range all {
		if programs := filtersBehind(t, i, len(outer)); programs != nil {
			holdBooted(t, unit, version, programs)
			held++
		} else if i < len(fixedUnits) {
			t.Errorf("no process of the unit\n%s", unit)
		}
	}
	t.Logf("%d of %d units have a process", held, len(all))
	t.Logf("tried: 1 programs, %d profiles, 0 calls", held)
}

// sharedVersion is that of the Debian's systemd.
func sharedVersion(t *testing.T) int {
	t.Helper()
	found, _ := filepath.Glob(*nspawn + "/usr/lib/*/systemd/libsystemd-shared-*.so")
	if len(found) != 1 {
		t.Fatalf("%s: no systemd", *nspawn)
	}
	name := filepath.Base(found[0])
	number := strings.TrimSuffix(strings.TrimPrefix(name, "libsystemd-shared-"), ".so")
	version, err := strconv.Atoi(strings.Split(number, ".")[0])
	if err != nil {
		t.Fatal(err)
	}
	return version
}

// sleep is the command line of a unit's process: the last number says which unit it is.
func sleep(i int) []string { return []string{"/bin/sleep", "300", fmt.Sprintf("0.%09d", i+1)} }

// writeUnits writes units that are started when the Debian boots, and one more behind them all.
func writeUnits(t *testing.T, all []string) {
	t.Helper()
	dir := filepath.Join(*nspawn, "etc/systemd/system")
	wants := filepath.Join(dir, "multi-user.target.wants")
	if err := os.MkdirAll(wants, 0o755); err != nil {
		t.Fatal(err)
	}
	var after []string
	for i, unit := range append(all, "") {
		name := fmt.Sprintf("seccompc-%d.service", i)
		text := fmt.Sprintf("[Unit]\nAfter=%s\n[Service]\nExecStart=%s\n%s",
			strings.Join(after, " "),
			strings.Join(sleep(i), " "), unit)
		if i < len(all) {
			after = append(after, name)
			text = strings.Replace(text, "After="+strings.Join(after[:i], " "), "After=", 1)
		}
		file, link := filepath.Join(dir, name), filepath.Join(wants, name)
		t.Cleanup(func() { os.Remove(file); os.Remove(link) })
		os.Remove(link)
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink("../"+name, link); err != nil {
			t.Fatal(err)
		}
	}
}

// sleeping waits for the process of a unit, and returns 0 where there is none in time.
func sleeping(t *testing.T, i int, wait time.Duration) int {
	t.Helper()
	for until := time.Now().Add(wait); ; time.Sleep(50 * time.Millisecond) {
		files, _ := filepath.Glob("/proc/[0-9]*/cmdline")
		for _, file := range files {
			line, _ := os.ReadFile(file)
			if string(line) == strings.Join(sleep(i), "\x00")+"\x00" {
				pid, _ := strconv.Atoi(strings.Split(file, "/")[2])
				return pid
			}
		}
		if time.Now().After(until) {
			return 0
		}
	}
}

// parent is the first process of the container, which has the filters of systemd-nspawn.
func parent(t *testing.T, pid int) int {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "\nPPid:")
	number, err := strconv.Atoi(strings.Fields(rest)[0])
	if err != nil {
		t.Fatal(err)
	}
	return number
}

func runtimePrograms(t *testing.T, pid int) []asm.Program {
	t.Helper()
	programs, err := runtime.Programs(pid)
	if err != nil {
		t.Fatal(err)
	}
	return programs
}

// filtersBehind returns the filters that the process of a unit has beside those of its container,
// nil where the unit has no process: a filter that stops what every program does leaves none.
func filtersBehind(t *testing.T, i, outer int) []asm.Program {
	t.Helper()
	pid := sleeping(t, i, 0)
	if pid == 0 {
		return nil
	}
	return append([]asm.Program{}, runtimePrograms(t, pid)[outer:]...)
}

// holdBooted compares the filters of a unit with its policy. For MemoryDenyWriteExecute systemd
// calls prctl where the kernel has PR_SET_MDWE (Linux 6.3), as the importer says, and installs
// none.
func holdBooted(t *testing.T, unit string, version int, programs []asm.Program) {
	t.Helper()
	filtered := strings.ReplaceAll(unit, "MemoryDenyWriteExecute=yes\n", "")
	im, _ := unitOf(t, "[Service]\n"+filtered, version)
	p, err := Import(im.sources, im.opts)
	if err != nil {
		if len(programs) > 0 {
			t.Errorf("%v, but systemd installs %d filters for\n%s", err, len(programs), unit)
		}
		return
	}
	for _, l := range unlike(t, im, p.Text, programs) {
		t.Errorf("%v %v: systemd %s, the policy %s, for %s, in\n%s", l.ABIs, l.Calls, l.A, l.B,
			l.Call,
			unit)
	}
}
