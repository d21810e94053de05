package linux

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The files of testdata are another reading of the same facts, by other programs and partly by
// trial on kernels. Their first lines name the columns.

// readTSV returns the rows of a file of testdata by the names of its head line.
func readTSV(t *testing.T, name string) []map[string]string {
	t.Helper()
	text, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	var head []string
	var rows []map[string]string
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(strings.TrimRight(line, "\n"), "\t")
		if head == nil {
			head = cells
			head[0] = strings.TrimPrefix(head[0], "#")
			continue
		}
		row := map[string]string{}
		for i, c := range cells {
			row[head[i]] = c
		}
		rows = append(rows, row)
	}
	if len(rows) < 10 {
		t.Fatalf("%s: only %d rows", name, len(rows))
	}
	return rows
}

// other is the column of testdata that describes the ABI: byte order makes no difference there.
func other(a *ABI) string {
	return map[string]string{"ppc64le": "ppc64", "mipsel": "mips", "mips64el": "mips64",
		"mipsel64n32": "mips64n32", "sheb": "sh"}[a.Name]
}

func column(a *ABI) string {
	if o := other(a); o != "" {
		return o
	}
	return a.Name
}

// differences collects what two readings disagree on and compares it with what is explained.
// Neither an unexplained difference passes, nor an explanation of none.
type differences struct {
	explained map[string]string // key: why
	found     map[string]string // key: what
}

func (d *differences) add(key, format string, args ...any) {
	if d.found == nil {
		d.found = map[string]string{}
	}
	d.found[key] = fmt.Sprintf(format, args...)
}

func (d *differences) check(t *testing.T) {
	t.Helper()
	for _, key := range slices.Sorted(maps.Keys(d.found)) {
		if _, ok := d.explained[key]; !ok {
			t.Errorf("%s: %s", key, d.found[key])
		}
	}
	for key, why := range d.explained {
		if _, ok := d.found[key]; !ok {
			t.Errorf("%s is explained (%s) but does not differ", key, why)
		}
	}
}

func TestNumbersAgree(t *testing.T) {
	rows := readTSV(t, "syscalls.tsv")
	for _, a := range ABIs() {
		names := map[string]bool{}
		for _, row := range rows {
			cell, ok := row[column(a)]
			if !ok {
				t.Fatalf("no column for %s", a.Name)
			}
			nr, found := a.Number(row["name"])
			if name, _ := a.SyscallName(nr); found && name != row["name"] && cell == "-" {
				continue // another name of a number that has its own row
			}
			if got := strconv.FormatUint(uint64(nr), 10); found != (cell != "-") || found &&
				got != cell {
				t.Errorf("%s: %s has number %s (%v), the other reading %s", a.Name, row["name"],
					got, found, cell)
			}
			names[row["name"]] = true
		}
		for _, s := range a.Syscalls() {
			if !names[s.Name] {
				t.Errorf("%s: %s is in no other reading", a.Name, s.Name)
			}
		}
	}
}

// protoDifferences says why our reading of a parameter differs. Keys are "call.parameter", or
// "call" where the number of parameters differs.
var protoDifferences = map[string]string{
	"bpf":              "31-bit s390 is read from Linux 6.12, where it takes three",
	"fadvise64":        "31-bit s390 enters by compat_sys_s390_fadvise64, with a 32-bit length",
	"pciconfig_iobase": "ppc64 has two definitions, of which the build picks one",
	"pipe":             "MIPS's takes nothing and answers in two registers",
	"rt_sigreturn":     "ARM's takes its registers, which are no parameters",
	"sigreturn":        "likewise",
	"get_thread_area":  "m68k's and sh's functions are written without the macros",
	"set_thread_area":  "likewise",
	"cacheflush":       "likewise",
	"uselib":           "no longer in the kernel",

	"keyctl.option":   "31-bit s390 enters by the compat function, with its types",
	"msgrcv.msgsz":    "likewise",
	"msgsnd.msgsz":    "likewise",
	"ptrace.addr":     "likewise",
	"ptrace.data":     "likewise",
	"readahead.count": "likewise",
	"semctl.arg":      "likewise",

	"ftruncate64.length": "an unsigned long on parisc64",
	"truncate64.length":  "likewise",
	"msgrcv.msgp":        "a compat_uptr_t on n32, which is a pointer",
	"msgsnd.msgp":        "likewise",

	"mmap.fd":       "a file descriptor, -1 for none",
	"mmap2.fd":      "likewise",
	"mmap2.flags":   "as mmap's",
	"mmap2.prot":    "as mmap's",
	"fstatat64.dfd": "declared unsigned on 31-bit s390, but AT_FDCWD is one",
	"futimesat.dfd": "declared unsigned on 32-bit ABIs, but AT_FDCWD is one",
	"utimensat.dfd": "likewise",

	// The upper half does not count: gen/effective.go says where the kernel drops it.
	"kcmp.idx1":                 "cast to unsigned int",
	"mbind.mode":                "cast to int",
	"personality.personality":   "ppc64: cast to unsigned int",
	"preadv.fd":                 "cast to int",
	"preadv.vlen":               "cast to unsigned int",
	"preadv2.fd":                "cast to int",
	"preadv2.vlen":              "cast to unsigned int",
	"process_vm_readv.liovcnt":  "cast to unsigned int",
	"process_vm_writev.liovcnt": "cast to unsigned int",
	"ptrace.pid":                "cast to pid_t",
	"pwritev.fd":                "cast to int",
	"pwritev.vlen":              "cast to unsigned int",
	"pwritev2.fd":               "cast to int",
	"pwritev2.vlen":             "cast to unsigned int",
	"readv.fd":                  "cast to int",
	"readv.vlen":                "cast to unsigned int",
	"remap_file_pages.flags":    "one bit of it counts",
	"vmsplice.nr_segs":          "cast to unsigned int",
	"writev.fd":                 "cast to int",
	"writev.vlen":               "cast to unsigned int",

	"_llseek.offset_hi":             "shifted out",
	"fstat64.fd":                    "cast to int",
	"futex_wait.mask":               "refused",
	"futex_wait.val":                "refused",
	"futex_wake.mask":               "refused",
	"get_mempolicy.flags":           "refused",
	"kexec_file_load.flags":         "refused",
	"kexec_load.flags":              "cleared",
	"mseal.flags":                   "refused",
	"pciconfig_read.bus":            "cast to unsigned int",
	"pciconfig_read.dfn":            "cast to unsigned int",
	"pciconfig_read.off":            "cast to int",
	"pciconfig_write.bus":           "cast to unsigned int",
	"pciconfig_write.dfn":           "cast to unsigned int",
	"pciconfig_write.off":           "cast to int",
	"perf_event_open.flags":         "refused",
	"pkey_alloc.flags":              "refused",
	"pkey_alloc.init_val":           "refused",
	"process_madvise.vlen":          "cast to unsigned int",
	"remap_file_pages.prot":         "refused",
	"riscv_flush_icache.flags":      "refused",
	"s390_sthyi.flags":              "refused",
	"set_mempolicy_home_node.flags": "refused",
}

// otherArgs returns the other reading's parameters of every call on the ABI, with effective widths.
func otherArgs(t *testing.T, a *ABI) map[string][]Arg {
	narrow := map[string]string{}
	for _, row := range readTSV(t, "effective-width.tsv") {
		if row["syscall"] == "clone" && (row["arg_index"] == "1") != strings.HasPrefix(a.Name,
			"s390") {
			continue
		}
		narrow[row["syscall"]+"."+row["arg_index"]] = row["effective_bits"]
	}
	args := map[string][]Arg{}
	for _, row := range readTSV(t, "prototypes.tsv") {
		name, index := row["syscall"], row["arg_index"]
		if !appliesTo(row["archs"], a) || index == "6" { // seccomp sees six
			continue
		}
		if index == "-" {
			if row["c_type"] == "void" {
				args[name] = []Arg{}
			}
			continue // else reserved, without an entry point
		}
		if row["width_bits"] == "-" {
			t.Fatal(row)
		}
		width := row["width_bits"]
		if bits, ok := narrow[name+"."+index]; ok && width == "64" {
			width = bits
		}
		bits, err := strconv.Atoi(width)
		if err != nil {
			t.Fatal(row)
		}
		args[name] = append(args[name], Arg{Name: row["arg_name"], Type: row["c_type"], Width: bits,
			Signed: row["sign"] == "s", Pointer: row["is_pointer"] == "1"})
	}
	return args
}

// appliesTo reports whether a list of architectures holds the ABI.
func appliesTo(archs string, a *ABI) bool {
	return archs == "*" || archs == fmt.Sprintf("%dbit", a.Bits) ||
		slices.Contains(strings.Split(archs, ","), column(a))
}

func TestPrototypesAgree(t *testing.T) {
	diff := differences{explained: protoDifferences}
	compared := 0
	for _, a := range ABIs() {
		theirs := otherArgs(t, a)
		for _, s := range a.Syscalls() {
			args, ok := a.Prototype(s.Name)
			want, known := theirs[s.Name]
			if ok != known || len(args) != len(want) {
				diff.add(s.Name, "%s: %d parameters (%v), the other reading has %d (%v)",
					a.Name, len(args), ok, len(want), known)
				continue
			}
			for i, arg := range args {
				compared++
				w := want[i]
				if arg.Name == "" && w.Width != 0 {
					w = Arg{} // a parameter that keeps a register free
				}
				if strings.HasSuffix(arg.Name, "_hi") && w.Width == 32 {
					w.Signed = arg.Signed // the whole operand's
				}
				if arg.Width != w.Width || arg.Signed != w.Signed || arg.Pointer != w.Pointer {
					diff.add(s.Name+"."+arg.Name, "%s: %+v, the other reading has %+v", a.Name, arg,
						w)
				}
			}
		}
	}
	diff.check(t)
	if compared < 10000 {
		t.Errorf("only %d parameters compared", compared)
	}
}
