package record

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/explain"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
)

// Options say how a policy is written.
type Options struct {
	Origin    string   // what was recorded, for the header: a command line
	Unseen    []string // calls that the recording could not see, and that are allowed
	Container bool     // the calls of a container runtime on its way to the program are among them
	Twins     bool     // allow the twins of what was seen, instead of naming them in a comment
}

// Policy writes the record as a policy that allows what was seen and denies the rest: what a
// careful author would write, and read on. It is the same for the same record.
func (r *Record) Policy(o Options) ([]byte, error) {
	abis := r.abis()
	if len(abis) == 0 {
		return nil, fmt.Errorf("no call was recorded: there is no policy to write")
	}
	var out bytes.Buffer
	r.header(&out, o)
	var names []string
	for _, abi := range abis {
		names = append(names, abi.Name)
	}
	fmt.Fprintf(&out, "\narch %s\nas of linux %s\ndefault deny\n", strings.Join(names, ", "),
		linux.KernelVersion)
	fmt.Fprintf(&out, "unknown deny(ENOSYS)  # calls that are younger\n")
	for _, abi := range abis {
		guarded(&out, abi, len(abis) > 1, r.section(abi, o))
	}
	r.strangers(&out)
	text, err := layOut(out.Bytes())
	if err != nil {
		return nil, err
	}
	return finish(text)
}

// Base is a policy that a record goes beyond.
type Base struct {
	ABIs []*linux.ABI
	// Lacks reports whether nothing but the policy's default decides a call.
	Lacks func(policy.Data) bool
}

func (o *Base) lacks(abi *linux.ABI, name string) bool {
	nr, has := abi.Number(name)
	return has && o.Lacks(policy.Data{Arch: abi.Arch, Nr: nr})
}

// Rules writes the rules alone that allow what was seen, for a policy that lacks them, and nothing
// where there are none.
func (r *Record) Rules(o *Base) ([]byte, error) {
	return o.write(func(abi *linux.ABI) string {
		var text strings.Builder
		for _, u := range r.sorted(abi) {
			if u.name != "" {
				text.WriteString(u.rule() + "\n")
			}
		}
		return text.String()
	})
}

// write lays out what there is for each ABI.
func (o *Base) write(section func(*linux.ABI) string) ([]byte, error) {
	var out bytes.Buffer
	for _, abi := range o.ABIs {
		if text := section(abi); text != "" {
			guarded(&out, abi, len(o.ABIs) > 1, text)
		}
	}
	return layOut(bytes.TrimLeft(out.Bytes(), "\n"))
}

// guarded writes statements that are for one ABI, of several or alone.
func guarded(out *bytes.Buffer, abi *linux.ABI, several bool, text string) {
	if several {
		fmt.Fprintf(out, "\nwhen arch == %s {\n%s}\n", abi.Name, text)
		return
	}
	out.WriteString("\n" + text)
}

// header says where the policy comes from, and what it cannot know.
func (r *Record) header(out *bytes.Buffer, o Options) {
	origin := "a recording"
	if o.Origin != "" {
		origin = diag.Printable(o.Origin)
	}
	comment(out, "Recorded from: "+origin)
	comment(out, fmt.Sprintf("%d calls of %d kinds%s.", r.Calls, r.Kinds(), by(r.Programs)))
	if len(r.executed) > 0 {
		comment(out, "Programs that were executed: "+diag.Printable(strings.Join(r.executed, ", ")))
	}
	comment(out, "")
	comment(out, "A recording knows what this run did, and nothing else: not what the program "+
		"does after an error "+
		"or a signal, with other input, on another machine or with another C library. It ran "+
		"with no_new_privs: "+
		"a program with the set-user-ID bit gained nothing. Calls that no filter is asked "+
		"about, as those "+
		"of the vDSO, are not here. Run the program's tests under it with \"seccompc run "+
		"--report\", "+
		"and widen it with \"seccompc record --merge\".")
	if r.listens {
		comment(out, "")
		comment(out, "A program asked for a supervisor of its own "+
			"(SECCOMP_FILTER_FLAG_NEW_LISTENER). "+
			"Under a recorder the kernel refuses that (EBUSY): what it does with one is not here.")
	}
}

// comment writes a paragraph of comment lines.
func comment(out *bytes.Buffer, text string) {
	const columns = 98
	line := "#"
	for _, word := range strings.Fields(text) {
		if len(line)+1+len(word) > columns {
			fmt.Fprintln(out, line)
			line = "#"
		}
		line += " " + word
	}
	fmt.Fprintln(out, line)
}

// by lists who made calls.
func by(programs []string) string {
	const most = 12
	if len(programs) == 0 {
		return ""
	}
	more := ""
	if len(programs) > most {
		more = fmt.Sprintf(" and %d more", len(programs)-most)
	}
	return ", by " + diag.Printable(strings.Join(programs[:min(len(programs), most)], ", ")) + more
}

// section writes the rules of an ABI by what calls are for, and the twins behind them.
func (r *Record) section(abi *linux.ABI, o Options) string {
	paragraphs := map[string][]string{}
	add := func(name, line string) {
		p := purposeOf(name)
		paragraphs[p] = append(paragraphs[p], line)
	}
	seen := map[string]*use{}
	for _, u := range r.sorted(abi) {
		seen[u.name] = u
	}
	covered := map[string]bool{} // by a set
	for _, set := range r.sets(abi, seen, o) {
		paragraphs[set.heading] = append(paragraphs[set.heading],
			"allow "+set.name+"  # "+set.count())
		for _, name := range set.names {
			covered[name] = true
		}
	}
	for _, u := range r.sorted(abi) {
		if u.name != "" && !covered[u.name] {
			add(u.name, u.rule())
		}
	}
	remark := func(names []string, why string) {
		for _, name := range names {
			if _, has := abi.Number(name); has && seen[name] == nil && !covered[name] {
				covered[name] = true
				add(name, "allow "+name+"  # "+why)
			}
		}
	}
	remark(o.Unseen, "the recording could not see it")
	remark(always, "not seen, and always needed")
	if seen["clone"] != nil && seen["clone3"] == nil && abi.HasSyscall("clone3") {
		add("clone3", cloneAgain)
	}
	return write(paragraphs) + twinsOfSeen(abi, seen, o.Twins, func(name string) bool {
		return seen[name] == nil
	})
}

const (
	startHeading = "What the container runtime calls on its way to the program, with any arguments"
	wholeHeading = "Sets of which every call was made"
	cloneAgain   = "deny(ENOSYS) clone3  # its flags lie in memory; libc then calls clone"
)

// write puts paragraphs under their headings.
func write(paragraphs map[string][]string) string {
	var out strings.Builder
	headings := []string{startHeading, wholeHeading}
	for _, p := range purposes {
		headings = append(headings, p.heading)
	}
	for _, h := range append(headings, otherPurpose) {
		lines := paragraphs[h]
		if len(lines) == 0 {
			continue
		}
		slices.SortFunc(lines, func(a, b string) int {
			return strings.Compare(subject(a),
				subject(b))
		})
		if out.Len() > 0 {
			out.WriteByte('\n')
		}
		fmt.Fprintf(&out, "# %s\n%s\n", h, strings.Join(lines, "\n"))
	}
	return out.String()
}

// subject is what a rule is about, to sort by.
func subject(rule string) string {
	_, name, _ := strings.Cut(rule, " ")
	return name
}

// rule is the rule that allows what was seen, with the numbers behind it.
func (u *use) rule() string {
	remark := u.seen()
	if u.name == "clone3" && u.any == "" {
		return cloneAgain + "; " + remark
	}
	text := "allow " + u.name
	if c := u.condition(); c != nil {
		text += " if " + u.say(c)
	} else if u.any != "" {
		remark += "; any arguments: " + u.any
	}
	return explain.Wrap(text) + "  # " + remark
}

// seen says how often a call was made, and by whom first.
func (u *use) seen() string {
	times := fmt.Sprintf("%d ×", u.count)
	first := "first by "
	if u.count == 1 {
		times, first = "once", "by "
	}
	if u.first == "" {
		return times
	}
	return times + ", " + first + diag.Printable(u.first)
}

// strangers tells in comments of what the tables do not hold, so that no rule can name it.
func (r *Record) strangers(out *bytes.Buffer) {
	var lines []string
	for _, u := range r.uses {
		if u.name != "" {
			continue
		}
		where := fmt.Sprintf("an ABI that the tables do not hold: number %d", u.nr)
		if u.abi != nil {
			where = fmt.Sprintf("%s: number %d", u.abi.Name, u.nr)
		}
		lines = append(lines, fmt.Sprintf("# %s, %s\n", where, u.seen()))
	}
	if len(lines) == 0 {
		return
	}
	slices.Sort(lines)
	fmt.Fprintf(out, "\n# Not in the tables of Linux %s, and not allowed:\n%s", linux.KernelVersion,
		strings.Join(lines, ""))
}
