package lint

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/seccompc/seccompc/compiler/resolve"
	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/diag/codes"
	"github.com/seccompc/seccompc/internal/short"
	"github.com/seccompc/seccompc/linux"
)

// door is one way round a rule, as testdata/bypass.tsv has it: a reading of the kernel's code that
// knows nothing of this package's table.
type door struct{ abi, guard, open string }

// doors reads the file. "each" are calls each of which is a way round the others, "from" a rule and
// the ways round it.
func doors(t *testing.T) []door {
	t.Helper()
	text, err := os.ReadFile("testdata/bypass.tsv")
	if err != nil {
		t.Fatal(err)
	}
	var out []door
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(strings.TrimSpace(line), "\t")
		if strings.HasPrefix(line, "#") || len(cells) != 5 {
			continue
		}
		guards, opens := strings.Split(cells[2], ", "), strings.Split(cells[3], ", ")
		if cells[0] == "each" {
			opens = guards
		}
		for _, guard := range guards {
			for _, open := range opens {
				if open != guard {
					out = append(out, door{cells[1], guard, open})
				}
			}
		}
	}
	return out
}

// roundFirst returns the calls that the lint bypass says are a way round a policy's first rule.
func roundFirst(t *testing.T, abi string, rules ...string) []string {
	t.Helper()
	text := fmt.Sprintf("arch %s\ndefault allow\ndeny %s\n", abi, strings.Join(rules, "\ndeny "))
	var names []string
	for _, d := range find(t, text, resolve.Options{}) {
		if d.Code != codes.Bypass || d.Span.Pos().Line != 3 {
			continue
		}
		for _, n := range d.Notes {
			open, _, ok := strings.Cut(strings.Replace(n.Text, " are not stopped",
				" is not stopped", 1),
				" is not stopped: ")
			for text := range strings.SplitSeq(open, ", ") {
				if ok {
					names = append(names, nameIn(text))
				}
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// With every other way shut, each is reported, and alone; with all shut there is none.
func TestEachDoorOpensAndShuts(t *testing.T) {
	t.Parallel()
	all := doors(t)
	for _, d := range short.Some(all) {
		rest := []string{d.guard}
		for _, other := range all {
			if other.abi == d.abi && other.guard == d.guard {
				rest = append(append(rest, other.open), otherWidths(t, d.abi, other.open)...)
			}
		}
		rest = slices.DeleteFunc(rest, func(open string) bool { return open == d.open })
		if got := roundFirst(t, d.abi, rest...); !slices.Equal(got, []string{nameIn(d.open)}) {
			t.Errorf("%s: deny %s with %s not stopped: %q", d.abi, d.guard, d.open, got)
		}
		if got := roundFirst(t, d.abi, append(rest, d.open)...); len(got) > 0 {
			t.Errorf("%s: deny %s with all shut: %q", d.abi, d.guard, got)
		}
	}
	if len(all) < 150 {
		t.Errorf("only %d doors", len(all))
	}
}

// otherWidths returns a text about the calls that are those of a text with types of another width,
// each a way round what that is one round.
func otherWidths(t *testing.T, abi, text string) (out []string) {
	t.Helper()
	on, ok := linux.Lookup(abi)
	if !ok {
		t.Fatal(abi)
	}
	name := nameIn(text)
	for _, twin := range on.Twins(name) {
		if twin != name {
			out = append(out, strings.Replace(text, name, twin, 1))
		}
	}
	return out
}

// Some lines have what others would say too, less exactly: without each of them this test fails.
func TestLinesBesideOthers(t *testing.T) {
	t.Parallel()
	for rule, want := range map[string]string{
		"clone if flags & CLONE_NEWUSER": "clone3 is not stopped: it makes the user " +
			"namespace",
		"clone if flags & CLONE_NEWNS": "clone3 is not stopped: it makes the mount " +
			"namespace",
		"clone if flags & CLONE_NEWNET": "clone3 is not stopped: it makes the network " +
			"namespace",
		"clone if flags & CLONE_NEWPID": "clone3 is not stopped: it makes the PID " +
			"namespace",
		"clone if flags & CLONE_NEWIPC": "clone3 is not stopped: it makes the IPC " +
			"namespace",
		"clone if flags & CLONE_NEWUTS": "clone3 is not stopped: it makes the UTS " +
			"namespace",
		"clone if flags & CLONE_NEWCGROUP": "clone3 is not stopped: it makes the cgroup " +
			"namespace",
		"clone if flags & CLONE_VM": "clone3 is not stopped: it does what clone does",
		"ptrace": "process_vm_readv, process_vm_writev, " +
			"pidfd_getfd are not stopped",
		"fork, vfork": "clone if !(flags & CLONE_THREAD) is not stopped",
		"open if flags & O_ACCMODE == O_RDWR": "open if flags & O_ACCMODE == O_WRONLY is not " +
			"stopped",
		"open if flags & O_ACCMODE == O_WRONLY": "open if flags & O_ACCMODE == O_RDWR is not " +
			"stopped",
		"openat if flags & O_ACCMODE == O_RDWR": "openat if flags & O_ACCMODE == O_WRONLY is " +
			"not stopped",
		"openat if flags & O_ACCMODE == O_WRONLY": "openat if flags & O_ACCMODE == O_RDWR is not " +
			"stopped",
	} {
		text := "arch x86_64\ndefault allow\ndeny " + rule + "\n"
		says := func(n diag.Note) bool { return strings.HasPrefix(n.Text, want) }
		if !slices.ContainsFunc(find(t, text, resolve.Options{}), func(d diag.Finding) bool {
			return d.Code == codes.Bypass && slices.ContainsFunc(d.Notes, says)
		}) {
			t.Errorf("deny %s: no note %q", rule, want)
		}
	}
}
