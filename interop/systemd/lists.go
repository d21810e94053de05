package systemd

import (
	"slices"
	"strconv"
	"strings"

	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
)

// callList is what the lines of SystemCallFilter or SystemCallLog make of each other.
type callList struct {
	given   bool // something was assigned since the last reset
	allow   bool // the calls listed pass, and no others; else all others
	calls   map[string]answer
	named   map[string]bool // by themselves, not by a set alone
	places  map[string]place
	words   []word
	place   place
	comment string
}

// answer is what a listed call gets: the list's own action unless it has one.
type answer struct {
	own    bool
	action policy.Action
}

// word is a name or a set as the author wrote it.
type word struct {
	name string
	out  bool // it takes calls out of the list
}

// assign takes one line (config_parse_syscall_filter of src/core/load-fragment.c): the first after
// a reset says which kind of list it is, a ~ turns the line's words round.
func (im *importer) assign(l *callList, s setting, log bool) {
	if s.value == "" {
		*l = callList{}
		return
	}
	invert := strings.HasPrefix(s.value, "~")
	if !l.given {
		*l = callList{given: true, allow: !invert, calls: map[string]answer{},
			named: map[string]bool{}, places: map[string]place{}, place: s.place}
		if l.allow && !log {
			im.put(l, located{s.place, "@default"}, false, answer{})
		}
	}
	if s.comment != "" {
		l.comment = strings.TrimSpace(l.comment + " " + s.comment)
	}
	for _, w := range s.words {
		name, number, ok := strings.Cut(w.text, ":")
		own := answer{}
		if ok && !log {
			if own, ok = im.answer(number); !ok || name == "" {
				im.warnOf(w.place, name,
					"%s: the number of an error, its name or kill was expected "+
						"behind the colon; systemd ignores the word", show(w.text))
				continue
			}
			if !invert {
				im.warnOf(w.place, name, "%s: an error number counts behind ~ alone; systemd "+
					"ignores the word", show(w.text))
				continue
			}
		} else if ok {
			name = w.text
		}
		im.put(l, located{w.place, name}, invert, own)
	}
}

// put adds a call or the members of a set, or takes them out.
func (im *importer) put(l *callList, w located, invert bool, own answer) {
	name := w.text
	names := []string{name}
	if strings.HasPrefix(name, "@") {
		var ok bool
		if names, ok = linux.SetIn(name, im.release); !ok {
			im.warn(w.place, "%s is no group of systemd %d, which ignores it", show(name),
				im.opts.Version)
			return
		}
	} else if strings.HasPrefix(name, "~") {
		im.warnOf(w.place, name[1:], "%s: a ~ counts at the beginning of the value alone, for all "+
			"of it; systemd ignores the word: give it a line of its own", show(name))
		return
	} else if !linux.HasSyscall(name) {
		im.warn(w.place, "no system call is called %s: systemd ignores it%s", show(name),
			im.meant(name))
		return
	} else if !im.inRelease(name) {
		im.warnOf(w.place, name,
			"%s is newer than Linux %s: a libseccomp of then does not know it, "+
				"and systemd ignores it; the policy has it", name, im.release)
	}
	if names[0] == name {
		l.named[name] = true
	}
	add := invert != l.allow || invert && l.allow && own.own
	l.words = append(l.words, word{name, !add})
	for _, n := range names {
		if !l.named[n] && !im.inRelease(n) {
			continue
		}
		if l.places[n] = w.place; add {
			l.calls[n] = own
		} else {
			delete(l.calls, n)
		}
	}
}

// answer reads what stands behind the colon, and SystemCallErrorNumber's value.
func (im *importer) answer(text string) (answer, bool) {
	if text == "kill" {
		return answer{true, policy.KillProcess}, true
	}
	if n, err := strconv.ParseUint(text, 10, 16); err == nil && n <= 4095 {
		return answer{true, policy.Errno | policy.Action(n)}, true
	}
	v, ok := im.host.Constant(text)
	if !ok || !strings.HasPrefix(text, "E") {
		return answer{}, false
	}
	n, err := strconv.ParseUint(v.ExactString(), 10, 16)
	return answer{true, policy.Errno | policy.Action(n)}, err == nil && n <= 4095
}

// inRelease reports whether one of the host's ABIs, or if it is none of theirs another one, had a
// call in the release whose sets count.
func (im *importer) inRelease(name string) bool {
	has := func(abi *linux.ABI) bool { return abi.HasSyscall(name) }
	abis := local(im.host)
	if !slices.ContainsFunc(abis, has) {
		abis = linux.ABIs()
	}
	return slices.ContainsFunc(abis, func(abi *linux.ABI) bool {
		return abi.HasSyscall(name) && abi.In(im.release, name)
	})
}

// meant is the call that is meant by a name that none has.
func (im *importer) meant(name string) string {
	if other, ok := linux.CallOf(name); ok {
		return "; " + other + " is the kernel's name of that call"
	}
	return ""
}

// show prints a word of the source.
func show(w string) string {
	if len(w) > 60 {
		w = w[:60] + "..."
	}
	return diag.Printable(w)
}

// names returns the calls of a list that are said to get an answer, sorted.
func (l *callList) names(which func(answer) bool) (out []string) {
	for n, a := range l.calls {
		if which(a) {
			out = append(out, n)
		}
	}
	slices.Sort(out)
	return out
}

// passes reports whether a filter with the list lets a call through.
func (l *callList) passes(call string) bool {
	a, listed := l.calls[call]
	if !l.given || !l.allow {
		return !listed
	}
	return listed && !a.own
}
