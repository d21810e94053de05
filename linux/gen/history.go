package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/seccompc/seccompc/linux"
)

// xsysReleases are the releases of golang.org/x/sys that were made from another kernel than the one
// before, oldest first; the newest is the one in go.mod.
var xsysReleases = strings.Fields(`
v0.0.0-20180830151530-49385e6e1522 v0.0.0-20181122145206-62eef0e2fa9b
v0.0.0-20190215142949-d0b11bdaac8a v0.0.0-20190412213103-97732733099d
v0.0.0-20190624142023-c5567b49c5d0 v0.0.0-20190804053845-51ab0e2deafa
v0.0.0-20191026070338-33540a1f6037 v0.0.0-20200116001909-b77594299b42
v0.0.0-20200323222414-85ca7c5b95cd v0.0.0-20200519105757-fe76b779f299
v0.0.0-20200625212154-ddb9806d33ae v0.0.0-20200930185726-fdedc70b468f
v0.0.0-20201119102817-f84b799fce68 v0.0.0-20210124154548-22da62e12c0c
v0.0.0-20210330210617-4fbd30eecc44 v0.0.0-20210510120138-977fb7262007
v0.0.0-20210823070655-63515b42dcdf v0.0.0-20211007075335-d3039528d8ac
v0.0.0-20211216021012-1d35b9e2eb4e v0.0.0-20220209214540-3681064d5158
v0.0.0-20220520151302-bc2c85ada10a v0.1.0 v0.5.0 v0.6.0 v0.10.0 v0.13.0 v0.14.0 v0.17.0 v0.20.0
v0.22.0 v0.24.0 v0.26.0 v0.28.0 v0.30.0 v0.33.0 v0.35.0 v0.46.0`)

// snapshot is x/sys as it was made from a kernel.
type snapshot struct {
	kernel linux.Release
	dir    string
}

var dockerBranch = regexp.MustCompile(`--branch v(\d+\.\d+)\S* .*https://kernel\.googlesource\.com`)

// fetchSnapshots returns the old releases of x/sys and, last, the one in go.mod.
func fetchSnapshots(offline bool, newest string) ([]snapshot, error) {
	var out []snapshot
	for _, version := range xsysReleases {
		cmd := exec.Command("go", "mod", "download", "-json", "golang.org/x/sys@"+version)
		if offline {
			cmd.Env = append(os.Environ(), "GOPROXY=off")
		}
		text, err := cmd.Output()
		if err != nil {
			return nil, fmt.Errorf("golang.org/x/sys %s: %w", version, err)
		}
		var module struct{ Dir string }
		if err := json.Unmarshal(text, &module); err != nil {
			return nil, err
		}
		out = append(out, snapshot{dir: filepath.Join(module.Dir, "unix")})
	}
	out = append(out, snapshot{dir: newest})
	for i := range out {
		file := filepath.Join(out[i].dir, "linux/Dockerfile")
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		m := dockerBranch.FindSubmatch(text)
		if m == nil {
			return nil, fmt.Errorf("%s names no kernel", file)
		}
		if out[i].kernel, err = linux.ParseRelease(string(m[1])); err != nil {
			return nil, err
		}
		if i > 0 && out[i].kernel.Compare(out[i-1].kernel) <= 0 {
			return nil, fmt.Errorf("%s is not newer than the release before", out[i].dir)
		}
	}
	return out, nil
}

var xsysNumber = regexp.MustCompile(`\tSYS_(\w+)\s*= (\d+)`)

// numbers returns the numbers of system calls that the snapshot has for the target; none where it
// does not know the target.
func (s *snapshot) numbers(t *target) (map[string]bool, error) {
	text, err := os.ReadFile(filepath.Join(s.dir, "zsysnum_linux_"+t.goarch+".go"))
	if os.IsNotExist(err) {
		return nil, nil
	}
	out := map[string]bool{}
	for _, m := range xsysNumber.FindAllStringSubmatch(string(text), -1) {
		if !xsysPseudo.MatchString(strings.ToLower(m[1])) {
			out[m[2]] = true
		}
	}
	return out, err
}

// manualVersion matches a row of the table of syscalls(2): the name, then the first release.
var manualVersion = regexp.MustCompile(
	`(?m)^(?:T\{\n)?(?:\\f\[B\]|\.BR )(\w+)(?:\\f\[\])? ?\(2\)(?:\nT\})?\t(\d+\.\d+(?:\.\d+)?)`)

// readVersions returns the first release of each call that syscalls(2) lists.
func readVersions(manual string) (map[string]linux.Release, error) {
	file := filepath.Join(manual, "usr/share/man/man2/syscalls.2.gz")
	text, err := exec.Command("gzip", "--decompress", "--stdout", file).Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	out := map[string]linux.Release{}
	for _, m := range manualVersion.FindAllStringSubmatch(string(text), -1) {
		if out[m[1]], err = linux.ParseRelease(m[2]); err != nil {
			return nil, err
		}
	}
	if len(out) < 400 {
		return nil, fmt.Errorf("%s: only %d versions were found", file, len(out))
	}
	return out, nil
}

// writeHistory writes history.txt: since which release an ABI has a call. A snapshot of x/sys that
// has the number, and the one before that has not, bound the release; where the manual's lies
// between them it is that one, else the later snapshot's. Where x/sys has had the ABI's number
// always, or never, the manual's counts.
func writeHistory(s *sources) error {
	manual, err := readVersions(s.manual)
	if err != nil {
		return err
	}
	all := variants{}
	for i := range targets {
		t := &targets[i]
		calls, err := readCalls(s, t)
		if err != nil {
			return err
		}
		seen := make([]map[string]bool, len(s.snapshots))
		for j := range s.snapshots {
			if seen[j], err = s.snapshots[j].numbers(t); err != nil {
				return err
			}
		}
		for _, c := range calls {
			r, ok := manual[c.name]
			if first := s.firstSnapshot(seen, t.counterpart(c)); first > 0 {
				after, by := s.snapshots[first-1].kernel, s.snapshots[first].kernel
				if !ok || r.Compare(after) <= 0 || r.Compare(by) > 0 {
					r, ok = by, true
				}
			}
			if ok {
				all.add(c.name, t.abi, r.String())
			}
		}
	}
	return writeTable("history.txt",
		"# system calls: name, the first release, then ABIS=RELEASE where it differs",
		all.historyLines())
}

// counterpart returns the number of a call in the target's file of x/sys. Those of x32 and s390 are
// of the 64-bit ABI, whose numbers they share but for x32's bit.
func (t *target) counterpart(c call) string {
	if !t.counted {
		return fmt.Sprint(c.nr - t.base)
	}
	return fmt.Sprint(c.nr)
}

// firstSnapshot returns the index of the first snapshot with a number; 0 where the one before does
// not know the ABI, or none has it.
func (s *sources) firstSnapshot(seen []map[string]bool, number string) int {
	for i, numbers := range seen {
		if numbers[number] {
			if i == 0 || len(seen[i-1]) == 0 {
				return 0
			}
			return i
		}
	}
	return 0
}

// historyLines writes the most common release first.
func (v variants) historyLines() []string {
	var lines []string
	for name := range v {
		groups := v.groups(name)
		line := name + "\t" + groups[0].value
		for _, g := range groups[1:] {
			line += "\t" + strings.Join(g.abis, ",") + "=" + g.value
		}
		lines = append(lines, line)
	}
	return lines
}
