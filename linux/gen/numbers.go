package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// call is a row of a table of system calls.
type call struct {
	name  string
	nr    uint32
	entry string // the kernel's function: "sys_read", "compat_sys_ioctl"; "" for none
}

// armPrivate are the calls that ARM keeps outside its table (arch/arm/include/uapi/asm/unistd.h).
var armPrivate = []call{
	{"breakpoint", 0xf0001, ""}, {"cacheflush", 0xf0002, ""}, {"usr26", 0xf0003, ""},
	{"usr32", 0xf0004, ""}, {"set_tls", 0xf0005, ""}, {"get_tls", 0xf0006, ""},
}

// armNames are other names that ARM's headers give to numbers of its table
// (arch/arm/include/uapi/asm/unistd.h).
var armNames = map[string]string{"arm_sync_file_range": "sync_file_range2"}

// readCalls reads the target's table and holds its numbers against x/sys, which took them from the
// kernel's headers.
func readCalls(s *sources, t *target) ([]call, error) {
	file := filepath.Join(s.tree(t), t.table)
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var calls []call
	for line := range strings.Lines(string(text)) {
		f := strings.Fields(line)
		if len(f) < 3 || strings.HasPrefix(f[0], "#") || !slices.Contains(t.rows, f[1]) {
			continue
		}
		nr, err := strconv.ParseUint(f[0], 10, 32)
		if err != nil {
			return nil, fmt.Errorf("%s: %q: %w", file, line, err)
		}
		name, err := callName(f[2], t.entryPoint(f))
		if err != nil {
			return nil, fmt.Errorf("%s: %q: %w", file, line, err)
		}
		for _, name := range []string{name, t.names[name]} {
			if name != "" {
				calls = append(calls, call{name, uint32(nr) + t.base, t.entryPoint(f)})
			}
		}
	}
	calls = append(calls, t.private...)
	return calls, checkCalls(s, t, calls)
}

// entryPoint picks the kernel's function from the fields of a row.
func (t *target) entryPoint(f []string) string {
	column := max(t.entry, 3)
	if len(f) <= column || f[column] == padding {
		return ""
	}
	return f[column]
}

// placeholder matches the names of rows that only keep a number from being given away.
var placeholder = regexp.MustCompile(`^(unused|reserved)\d+$`)

// hidden are the functions behind such names in MIPS's o32 table all the same, with the names that
// the other tables give to them.
var hidden = map[string]string{"sys_olduname": "oldolduname", "sys_uname": "olduname"}

// callName returns the name of a row's call, "" for a row that is no call.
func callName(name, entry string) (string, error) {
	if !placeholder.MatchString(name) {
		return name, nil
	}
	if entry == "" || entry == "sys_ni_syscall" {
		return "", nil
	}
	if hidden[entry] == "" {
		return "", fmt.Errorf("%s has the function %s: name the call in hidden", name, entry)
	}
	return hidden[entry], nil
}

// xsysPseudo are names in x/sys that are no calls: a base, a mask, and MIPS's kept numbers.
var xsysPseudo = regexp.MustCompile(`^(arch_specific_syscall|syscall_mask|(unused|reserved)\d+)$`)

// checkCalls fails where x/sys has another number, or a call that the table lacks.
func checkCalls(s *sources, t *target, calls []call) error {
	if !t.counted {
		return nil
	}
	text, err := os.ReadFile(filepath.Join(s.xsys, "zsysnum_linux_"+t.goarch+".go"))
	if err != nil {
		return err
	}
	numbers := map[string]uint32{}
	for _, c := range calls {
		numbers[c.name] = c.nr
	}
	for _, m := range regexp.MustCompile(`SYS_(\w+)\s*= (\d+)`).FindAllStringSubmatch(string(text),
		-1) {
		name := strings.ToLower(m[1])
		if nr, ok := numbers[name]; !xsysPseudo.MatchString(name) &&
			(!ok || fmt.Sprint(nr) != m[2]) {
			return fmt.Errorf("%s: %s is %d (%v) in the kernel's table and %s in x/sys",
				t.abi, name, nr, ok, m[2])
		}
	}
	return nil
}

// numberTable writes syscalls.txt: a line per name, a column per ABI.
func numberTable(calls map[string][]call) []string {
	rows := map[string][]string{}
	for i, t := range targets {
		for _, c := range calls[t.abi] {
			if rows[c.name] == nil {
				rows[c.name] = slices.Repeat([]string{"-"}, len(targets))
			}
			rows[c.name][i] = fmt.Sprint(c.nr)
		}
	}
	var lines []string
	for name, row := range rows {
		lines = append(lines, name+"\t"+strings.Join(row, " "))
	}
	return lines
}
