package linux

import (
	"fmt"
	"hash/fnv"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// libraryConstants are defined by C libraries and not by the kernel's headers; their values are
// read once more here, from access(2), syslog(2) and swapon(2).
var libraryConstants = map[string]string{
	"F_OK": "0", "X_OK": "1", "W_OK": "2", "R_OK": "4",
	"SYSLOG_ACTION_CLOSE": "0", "SYSLOG_ACTION_OPEN": "1", "SYSLOG_ACTION_READ": "2",
	"SYSLOG_ACTION_READ_ALL": "3", "SYSLOG_ACTION_READ_CLEAR": "4", "SYSLOG_ACTION_CLEAR": "5",
	"SYSLOG_ACTION_CONSOLE_OFF": "6", "SYSLOG_ACTION_CONSOLE_ON": "7",
	"SYSLOG_ACTION_CONSOLE_LEVEL": "8", "SYSLOG_ACTION_SIZE_UNREAD": "9",
	"SYSLOG_ACTION_SIZE_BUFFER": "10",
	"SWAP_FLAG_PREFER":          "32768", "SWAP_FLAG_PRIO_MASK": "32767",
	"SWAP_FLAG_DISCARD": "65536", "SWAP_FLAG_DISCARD_ONCE": "131072",
	"SWAP_FLAG_DISCARD_PAGES": "262144",
}

// TestConstantsAgreeWithDigests holds every constant of every ABI against another compiler's
// reading of the headers. testdata/digests.tsv has a digest for each prefix, from gen's
// TestConstantsAgreeWithHeaders, which also says what differs where a digest does; and the names
// that the headers do not have, of which x/sys is the other reading.
func TestConstantsAgreeWithDigests(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	other := map[string]string{}
	for _, row := range readTSV(t, "digests.tsv") {
		other[row["name"]] = row["value"]
	}
	groups := map[string][]string{}
	for _, a := range ABIs() {
		var xsys map[string]bool
		if a.GOARCH != "" {
			xsys = map[string]bool{}
			for name := range xsysConstants(t, a.GOARCH) {
				xsys[name] = true
			}
		}
		for _, name := range a.ConstantNames("") {
			v, _ := a.Constant(name)
			if abis, absent := other[name]; absent && (abis == "*" || lists(abis, a.Name)) {
				// a pointer of -1
				hand := libraryConstants[name] == v.ExactString() || name == "SIG_ERR"
				if !hand && xsys != nil && !xsys[name] {
					t.Errorf("%s: %s = %s has no other reading", a.Name, name, v)
				}
				continue
			}
			prefix, _, _ := strings.Cut(name, "_")
			groups[prefix] = append(groups[prefix], name+" "+a.Name+" "+literalOf(v.ExactString()))
		}
	}
	for _, prefix := range slices.Sorted(maps.Keys(groups)) {
		slices.Sort(groups[prefix])
		h := fnv.New64a()
		h.Write([]byte(strings.Join(groups[prefix], "\n")))
		if got := fmt.Sprintf("%016x", h.Sum64()); got != other[prefix+"*"] {
			t.Errorf("the %d constants %s* are not what the headers say; make test-oracles "+
				"tells which",
				len(groups[prefix]), prefix)
		}
		delete(other, prefix+"*")
	}
	for name := range other {
		if strings.HasSuffix(name, "*") {
			t.Errorf("there are no constants %s", name)
		}
	}
}

// literalOf writes a decimal number as constants.txt does.
func literalOf(decimal string) string {
	digits, negative := strings.CutPrefix(decimal, "-")
	if v, err := strconv.ParseUint(digits, 10, 64); err == nil && v >= 10 {
		digits = fmt.Sprintf("%#x", v)
	}
	if negative {
		return "-" + digits
	}
	return digits
}

// setDifferences say why a set of ours has a member that the other reading lacks, or lacks one that
// it has. The other is that of systemd 252; the tables are of a later one.
var setDifferences = map[string]string{
	"@default.@sandbox":                "newer than systemd 252",
	"@sandbox.seccomp":                 "the set is newer than systemd 252",
	"@sandbox.landlock_add_rule":       "likewise",
	"@sandbox.landlock_create_ruleset": "likewise", "@sandbox.landlock_restrict_self": "likewise",

	"@default.lsm_get_self_attr": "a call of Linux 6.8", "@default.lsm_list_modules": "likewise",
	"@default.mseal": "a call of Linux 6.10",

	"@file-system.file_getattr": "a call of Linux 6.17", "@file-system.file_setattr": "likewise",
	"@file-system.getxattrat": "a call of Linux 6.13", "@file-system.listxattrat": "likewise",
	"@file-system.removexattrat": "likewise", "@file-system.setxattrat": "likewise",
	"@file-system.listmount": "a call of Linux 6.8", "@file-system.statmount": "likewise",
	"@file-system.open_tree": "was in @mount", "@mount.open_tree": "is in @file-system now",
	"@mount.open_tree_attr": "a call of Linux 6.15",
}

func TestSetsAgree(t *testing.T) {
	diff := differences{explained: setDifferences}
	theirs := map[string][]string{}
	for _, row := range readTSV(t, "sets.tsv") {
		theirs[row["set"]] = strings.Fields(row["members"])
	}
	for name, list := range setTable.from("@") {
		ours := strings.Fields(list)
		for _, m := range ours {
			if !slices.Contains(theirs[name], m) {
				diff.add(name+"."+m, "not in the other reading")
			}
		}
		for _, m := range theirs[name] {
			if !slices.Contains(ours, m) {
				diff.add(name+"."+m, "only in the other reading")
			}
		}
		delete(theirs, name)
	}
	for name := range theirs {
		t.Errorf("%s is only in the other reading", name)
	}
	diff.check(t)
}

// goDifferences are calls in which @go-runtime and the sources of Go's runtime differ.
var goDifferences = map[string]string{
	"clock_gettime64": "the 32-bit vDSO falls back to it", "getrandom": "the vDSO falls back to it",
	"fcntl64": "package syscall's on 32-bit ABIs", "prlimit64": "package syscall's, at the start",
	"restart_syscall": "by it the kernel goes on with a sleep that was stopped",
	"riscv_hwprobe":   "internal/cpu's", "set_tls": "written as a number on arm",
	"rseq": "a C library's, beside cgo", "set_robust_list": "likewise",

	"base": "no call", "setittimer": "no call",
	"open": "before main", "openat": "before main", "mprotect": "not once it has started",
	"kill": "as it dies of a signal", "pselect6": "not once it has started",
	"gettimeofday": "likewise", "pipe2": "likewise", "epoll_pwait2": "likewise",
	"access": "Android's", "faccessat": "Android's", "connect": "Android's", "socket": "Android's",
	"socketcall": "Android's",
}

// TestGoRuntimeAgrees reads the calls that the sources of Go's runtime name, for the ABIs that Go
// has.
func TestGoRuntimeAgrees(t *testing.T) {
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{}
	for _, pattern := range []string{"runtime/sys_linux_*.s",
		"internal/runtime/syscall/linux/defs_linux_*.go"} {
		files, _ := filepath.Glob(filepath.Join(strings.TrimSpace(string(root)), "src", pattern))
		if len(files) < 8 {
			t.Fatalf("only %d files %s", len(files), pattern)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range goCall.FindAllStringSubmatch(string(text), -1) {
				named[strings.ToLower(m[1])] = true
			}
		}
	}
	diff := differences{explained: goDifferences}
	ours := strings.Fields(handSets["@go-runtime"])
	for _, m := range ours {
		if !named[m] {
			diff.add(m, "Go's sources do not name it")
		}
	}
	for m := range named {
		if !slices.Contains(ours, m) {
			diff.add(m, "named by Go's sources alone")
		}
	}
	diff.check(t)
}

var goCall = regexp.MustCompile(`\bSYS_(\w+)`)
