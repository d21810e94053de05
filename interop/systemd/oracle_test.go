package systemd

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/compiler/resolve"
	"github.com/seccompc/seccompc/explain"
	"github.com/seccompc/seccompc/interop"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
	"github.com/seccompc/seccompc/proof"
)

var (
	units = flag.Int("units", 0, "how many random units are held against the filters of the "+
		"installed systemd")
	shared = flag.String("systemd", "", "the libsystemd-shared to ask in place of the installed "+
		"one")
	loader = flag.String("loader", "", "the dynamic linker that starts it, with its arguments")
)

// oracle is a libsystemd-shared, and a program that calls it.
type oracle struct {
	helper, lib string
	version     int
}

func startOracle(t *testing.T) *oracle {
	t.Helper()
	if *units == 0 {
		t.Skip("make test-interop holds units against systemd's own filters")
	}
	lib := *shared
	for _, pattern := range []string{"/usr/lib/*/systemd/libsystemd-shared-*.so",
		"/usr/lib/systemd/libsystemd-shared-*.so"} {
		if found, _ := filepath.Glob(pattern); lib == "" && len(found) > 0 {
			lib = found[0]
		}
	}
	if lib == "" {
		t.Fatal("there is no libsystemd-shared: make test-interop installs it")
	}
	o := &oracle{helper: filepath.Join(t.TempDir(), "systemd"), lib: lib}
	number := strings.TrimSuffix(lib[strings.LastIndex(lib, "-")+1:], ".so")
	if v, _, _ := strings.Cut(number, "."); true {
		var err error
		if o.version, err = strconv.Atoi(v); err != nil {
			t.Fatalf("%s: %v", lib, err)
		}
	}
	out, err := exec.Command("gcc", "-rdynamic", "-o", o.helper, "testdata/systemd.c", "-lseccomp",
		"-ldl").CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return o
}

// filters returns what the library would install for a unit, in the order of exec_child.
func (o *oracle) filters(t *testing.T, im *importer, list []setting) (out []asm.Program,
	failed bool) {
	t.Helper()
	args := append(strings.Fields(*loader), o.helper, o.lib)
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Stdin = strings.NewReader(commands(im, list))
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	raw, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, stderr.String())
	}
	r := bufio.NewReader(bytes.NewReader(raw))
	for {
		var n uint32
		if err := binary.Read(r, binary.LittleEndian, &n); err == io.EOF {
			return out, failed
		}
		if n == 0xffffffff {
			var result int32
			binary.Read(r, binary.LittleEndian, &result)
			failed = failed || result < 0
			continue
		}
		text := make([]byte, n)
		io.ReadFull(r, text)
		p, err := asm.Decode(text, binary.LittleEndian)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, p)
	}
}

// commands are the helper's for a unit.
func commands(im *importer, list []setting) string {
	var out strings.Builder
	u := &im.unit
	on := func(name, command string) {
		if _, ok := u.switches[name]; ok {
			fmt.Fprintln(&out, command)
		}
	}
	on("ProtectHostname", "restrict protect_hostname")
	if f := u.families; f.given && (f.allow || len(f.values) > 0) {
		out.WriteString(map[bool]string{true: "families allow", false: "families deny"}[f.allow])
		for v := range f.values {
			fmt.Fprintf(&out, " %d", v)
		}
		out.WriteString("\n")
	}
	on("MemoryDenyWriteExecute", "restrict memory_deny_write_execute")
	on("RestrictRealtime", "restrict restrict_realtime")
	on("RestrictSUIDSGID", "restrict restrict_suid_sgid")
	if u.namespaces.given {
		fmt.Fprintln(&out, "restrict restrict_namespaces", u.namespaces.retain)
	}
	on("ProtectKernelTunables", "restrict protect_sysctl")
	on("ProtectKernelModules", "set @module")
	on("ProtectKernelLogs", "restrict protect_syslog")
	on("ProtectClock", "set @clock")
	on("PrivateDevices", "set @raw-io")
	if u.archs != nil {
		out.WriteString("archs 0")
		for _, a := range u.archs {
			fmt.Fprint(&out, " ", map[string]uint32{"x86_64": 0xc000003e, "i386": 0x40000003,
				"x32": 0x4000003e}[a])
		}
		out.WriteString("\n")
	}
	on("LockPersonality", "restrict lock_personality "+fmt.Sprint(u.personality))
	if u.log.given && (u.log.allow || len(u.log.calls) > 0) {
		out.WriteString(items(list, "SystemCallLog", im))
		fmt.Fprintln(&out, "load", loads(u.log.allow, policy.Allow, policy.Log))
	}
	if im.filters() {
		out.WriteString(items(list, "SystemCallFilter", im))
		fmt.Fprintln(&out, "load", loads(u.filter.allow, im.negative(), policy.Allow))
	}
	return out.String()
}

func loads(allow bool, others, listed policy.Action) string {
	if !allow && listed == policy.Log || !allow && listed == policy.Allow {
		others, listed = listed, others
	}
	return fmt.Sprint(uint32(others), " ", uint32(listed))
}

// items are the words of a list as the library's own parser takes them.
func items(list []setting, key string, im *importer) string {
	const inverted, allowList, permissive, kill = 1, 2, 8, 0x7ffffffe
	var out []string
	given, flags := false, permissive
	for _, s := range list {
		if s.key != key {
			continue
		}
		text, invert := strings.CutPrefix(s.value, "~")
		switch {
		case s.value == "":
			out, given, flags = nil, false, permissive
			continue
		case !given:
			given = true
			if !invert {
				flags |= allowList
				if key == "SystemCallFilter" {
					out = append(out, fmt.Sprintf("item %d -1 @default", flags))
				}
			}
		}
		for _, w := range strings.Fields(text) {
			name, number, own := strings.Cut(w, ":")
			n := -1
			if a, ok := im.answer(number); own && ok && invert && key == "SystemCallFilter" {
				if n = int(a.action.Data()); a.action == policy.KillProcess {
					n = kill
				}
			} else if own {
				continue
			}
			f := flags
			if invert {
				f |= inverted
			}
			out = append(out, fmt.Sprintf("item %d %d %s", f, n, name))
		}
	}
	if key == "SystemCallFilter" && im.opts.Version >= 256 { // exec_child adds it
		out = append(out, fmt.Sprintf("item %d -1 write", flags))
	}
	if len(out) == 0 {
		return ""
	}
	return strings.Join(out, "\n") + "\n"
}

// unitOf reads a unit for a version of systemd, exactly.
func unitOf(t *testing.T, text string, version int) (*importer, []setting) {
	t.Helper()
	host, _ := linux.Lookup("x86_64")
	im := &importer{
		sources: []Source{{"test.service", []byte(text)}},
		opts:    Options{Host: host, Version: version, Exact: true},
	}
	if err := im.choose(); err != nil {
		t.Fatal(err)
	}
	list, err := read(im.sources)
	if err != nil {
		t.Fatal(err)
	}
	im.apply(list)
	im.chooseABIs()
	return im, list
}

// hold compares the policy of a unit with the library's filters for it.
func (o *oracle) hold(t *testing.T, text string) (rows []explain.Line) {
	t.Helper()
	im, list := unitOf(t, text, o.version)
	programs, failed := o.filters(t, im, list)
	p, err := Import(im.sources, im.opts)
	if err != nil {
		if len(programs) == 0 {
			return nil
		}
		t.Fatalf("%v in\n%s", err, text)
	}
	if failed {
		refused := slices.ContainsFunc(p.Warnings, func(w interop.Warning) bool {
			return strings.Contains(w.Text, "does not start")
		})
		if !refused {
			t.Fatalf("the library fails, without a warning, for\n%s", text)
		}
		return nil
	}
	return unlike(t, im, p.Text, programs)
}

// unlike returns where a stack of filters differs from the policy of a unit.
func unlike(t *testing.T, im *importer, text []byte, programs []asm.Program) []explain.Line {
	t.Helper()
	res, diags := resolve.Text("test", text, resolve.Options{})
	if res == nil {
		t.Fatalf("%v in\n%s", diags.Err(), text)
	}
	s := proof.New(linux.Arches()...)
	a, err := s.Programs(binary.LittleEndian, programs)
	if err != nil {
		t.Fatal(err)
	}
	b, err := s.Policy(res.Policy)
	if err != nil {
		t.Fatal(err)
	}
	diff, err := s.Diff(a, b)
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(explain.Differences(diff, binary.LittleEndian),
		func(l explain.Line) bool {
			newer := func(call string) bool { return linux.HasSyscall(call) && !im.inRelease(call) }
			// Debian tells libseccomp and systemd of calls that its kernel has not got.
			return !slices.ContainsFunc(l.Calls, func(c string) bool { return !newer(c) }) ||
				numberless(im) && isMux(l.Calls[0]) > 0
		})
}

// numberless reports whether i386 has all that is listed behind a multiplexer alone: in such a
// filter libseccomp compares the number without having loaded it, so that it stops nothing.
func numberless(im *importer) bool {
	i386, _ := linux.Lookup("i386")
	return !slices.ContainsFunc(im.unit.filter.names(func(answer) bool { return true }),
		func(n string) bool {
			_, ok := i386.Number(n)
			return ok
		})
}

// TestInstalledUnits: the units of this machine.
func TestInstalledUnits(t *testing.T) {
	o := startOracle(t)
	files, _ := filepath.Glob("/usr/lib/systemd/system/*.service")
	more, _ := filepath.Glob("/lib/systemd/system/*.service")
	n := 0
	for _, name := range append(files, more...) {
		text, err := os.ReadFile(name)
		if err != nil || !strings.Contains(string(text), "SystemCallFilter=") {
			continue
		}
		n++
		for _, l := range o.hold(t, string(text)) {
			t.Errorf("%s: %v %v: systemd %s, the policy %s, for %s", name, l.ABIs, l.Calls, l.A,
				l.B, l.Call)
		}
	}
	t.Logf("tried: 1 programs, %d profiles, 0 calls", n)
}

// TestRandomUnits: settings drawn at random.
func TestRandomUnits(t *testing.T) {
	o := startOracle(t)
	rng := rand.New(rand.NewPCG(7, 7))
	filters := 0
	for i := range *units {
		text := randomUnit(rng)
		for _, l := range o.hold(t, text) {
			t.Errorf("unit %d: %v %v: systemd %s, the policy %s, for %s", i, l.ABIs, l.Calls, l.A,
				l.B, l.Call)
		}
		if t.Failed() {
			t.Fatal(text)
		}
		filters++
	}
	t.Logf("tried: 1 programs, %d profiles, 0 calls", filters)
}

func randomUnit(rng *rand.Rand) string {
	pick := func(list ...string) string { return list[rng.IntN(len(list))] }
	words := []string{"@mount", "@system-service", "@privileged", "@resources", "@network-io",
		"@ipc", "@clock", "@debug", "@obsolete", "@file-system", "@raw-io", "@swap", "ptrace",
		"read", "write", "socket", "socketcall", "accept", "recv", "ipc", "semop", "shmat", "clone",
		"unshare", "clock_settime64", "lchown32", "mmap", "mmap2", "umount", "umount2",
		"sendfile64", "uselib", "waitpid", "no_such_call",
		"@nothing"}
	list := func(n int, errnos bool) string {
		var out []string
		for range 1 + rng.IntN(n) {
			w := pick(words...)
			if errnos && rng.IntN(3) == 0 {
				w += pick(":EINVAL", ":kill", ":EPERM", ":13", ":ENOSYS")
			}
			out = append(out, w)
		}
		return strings.Join(out, " ")
	}
	out := "[Service]\n"
	for range rng.IntN(4) {
		if rng.IntN(2) == 0 {
			out += "SystemCallFilter=~" + list(3, true) + "\n"
		} else {
			out += "SystemCallFilter=" + list(3, false) + "\n"
		}
	}
	if rng.IntN(2) == 0 {
		out += "SystemCallErrorNumber=" + pick("EPERM", "ENOSYS", "kill", "EACCES") + "\n"
	}
	if rng.IntN(4) == 0 {
		out += "SystemCallLog=" + pick("", "~") + list(2, false) + "\n"
	}
	if rng.IntN(3) == 0 {
		out += "SystemCallArchitectures=" + pick("native", "native x86", "x86-64 x32",
			"x86 x32 x86-64") + "\n"
	}
	if rng.IntN(2) == 0 {
		out += "RestrictAddressFamilies=" + pick("none", "AF_UNIX", "AF_UNIX AF_INET AF_INET6",
			"~AF_PACKET",
			"~AF_NETLINK AF_VSOCK AF_INET") + "\n"
	}
	if rng.IntN(2) == 0 {
		out += "RestrictNamespaces=" + pick("yes", "no", "~user", "user mnt", "~mnt net pid",
			"cgroup") + "\n"
	}
	for _, name := range switchNames {
		if rng.IntN(4) == 0 {
			out += name + "=yes\n"
		}
	}
	return out
}
