package linux

import (
	"slices"
	"strings"
	"testing"
)

// familyDifferences are arguments for which the other reading names constants that are no family of
// ours.
var familyDifferences = map[string]string{
	"fcntl.2":            "hints of writing lie in memory",
	"ioctl.1":            "drivers' own families, and those whose numbers the tables do not hold",
	"ioprio_set.2":       "IOPRIO_PRIO_VALUE is a macro with arguments",
	"mbind.1":            "the mode is the third argument",
	"modify_ldt.0":       "numbers without names",
	"prctl.1":            "depends on the option, of which ours has the usual ones",
	"quotactl.0":         "QCMD is a macro with arguments",
	"quotactl_fd.1":      "likewise",
	"remap_file_pages.2": "must be 0",
	"setsockopt.2":       "netfilter's and RDS's are not in the tables",
	"shmget.2":           "a mode, without a file's type",
	"socket.0":           "PF_ are synonyms of AF_",
	"socket.2":           "only those of the families that the tables hold protocols of",
	"socketcall.0":       "spelt as a range",
	"socketpair.0":       "PF_ are synonyms of AF_",
	"sysfs.0":            "numbers without names",
	"syslog.0":           "spelt with its range",
}

// TestFamiliesAgree holds the families against another reading, which has prefixes where ours has
// names.
func TestFamiliesAgree(t *testing.T) {
	diff := differences{explained: familyDifferences}
	for _, row := range readTSV(t, "argconsts.tsv") {
		if slices.Contains([]string{"ptr", "fd", "int"}, row["kind"]) {
			continue
		}
		got := wordsOf(row["syscall"], int(row["arg_index"][0]-'0'))
		for want := range strings.SplitSeq(row["const_families"], ",") {
			if want != "-" && !strings.Contains(" "+got, " "+want) {
				diff.add(row["syscall"]+"."+row["arg_index"], "the other reading has %s", want)
			}
		}
	}
	diff.check(t)
}

// wordsOf returns all words of an argument's rows, on whichever ABI has the call.
func wordsOf(syscall string, arg int) string {
	var words string
	for _, a := range ABIs() {
		for _, row := range a.familyRows(syscall, arg) {
			words += row.values + " " + row.flags + " " + row.masks + " "
		}
	}
	return words
}

// TestFamiliesMean checks that each word of the families stands for a constant of some ABI, each
// argument is a parameter of some, and no pointer.
func TestFamiliesMean(t *testing.T) {
	params := map[string]bool{}
	for _, a := range ABIs() {
		for _, s := range a.Syscalls() {
			args, _ := a.Prototype(s.Name)
			for i, arg := range args {
				for _, name := range append([]string{arg.Name}, arg.Aliases...) {
					params[s.Name+"."+name] = true
					params["*."+name] = true
					if familiesOf()[s.Name+"."+name] != nil && a.familyRows(s.Name, i) == nil {
						t.Errorf("%s: %s.%s is a pointer", a.Name, s.Name, name)
					}
				}
			}
		}
	}
	for _, row := range families {
		for arg := range strings.FieldsSeq(row.args) {
			if !params[arg] {
				t.Errorf("there is no parameter %s", arg)
			}
			if by, _, _ := strings.Cut(row.given, " "); by != "" {
				call, _, _ := strings.Cut(arg, ".")
				if !params[call+"."+by] {
					t.Errorf("there is no parameter %s.%s", call, by)
				}
			}
		}
		_, given, _ := strings.Cut(row.given, " ")
		for _, word := range strings.Fields(given + " " + row.values + " " + row.flags + " " +
			row.masks) {
			found := slices.ContainsFunc(ABIs(), func(a *ABI) bool {
				return len(a.expand(strings.TrimPrefix(word, "!"))) > 0
			})
			if !found {
				t.Errorf("%s: %s stands for no constant", row.args, word)
			}
		}
	}
}

// doubtful are names that one number has besides another that means something else.
var doubtful = map[string]string{
	"PTRACE_GETREGS":       "s390: x/sys has the C library's, which is PTRACE_SINGLEBLOCK there",
	"PTRACE_SINGLEBLOCK":   "likewise",
	"PTRACE_OLDSETOPTIONS": "s390: x/sys has that of others, which is PTRACE_PROT there",
	"PTRACE_PROT":          "likewise",
}

// TestFamiliesTellApart checks that two names of one value within a family are synonyms, but for
// ioctls: otherwise one of them does not belong there.
func TestFamiliesTellApart(t *testing.T) {
	diff := differences{explained: doubtful}
	for _, a := range ABIs() {
		for _, s := range a.Syscalls() {
			if s.Name == "ioctl" {
				continue
			}
			args, _ := a.Prototype(s.Name)
			for i := range args {
				if a.familyRows(s.Name, i) == nil {
					continue
				}
				for _, given := range a.givens(s.Name, i) {
					f := a.ArgFamily(s.Name, i, given)
					kept := slices.Concat(f.Values, f.Flags)
					for _, row := range a.familyRows(s.Name, i) {
						if row.given != "" && !a.holds(s.Name, row.given, given) {
							continue
						}
						for _, name := range a.expand(row.values + " " + row.flags) {
							if !slices.ContainsFunc(kept, func(k string) bool {
								_, ok := usualOf(k, name)
								return ok || k == name
							}) {
								diff.add(name, "%s: in doubt, an argument of %s", a.Name, s.Name)
							}
						}
					}
				}
			}
		}
	}
	diff.check(t)
}

// givens returns what may be known of the argument that decides an argument's constants: each of
// the values that a row names.
func (a *ABI) givens(syscall string, arg int) []Given {
	out := []Given{nil}
	for _, row := range a.familyRows(syscall, arg) {
		name, list, _ := strings.Cut(row.given, " ")
		by := a.parameter(syscall, name)
		for _, c := range a.expand(list) {
			args, _ := a.Prototype(syscall)
			v, _ := a.Constant(c)
			value := lowBits(v, args[by].Width)
			out = append(out, func(i int) []uint64 {
				if i == by {
					return []uint64{value}
				}
				return nil
			})
		}
	}
	return out
}
