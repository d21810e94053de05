package lint

import (
	"fmt"
	"strings"

	"github.com/seccompc/seccompc/internal/lazy"
)

// costs says what programs lose where the rule is put that shuts a way round, by the call's name.
var costs = map[string]string{
	"clone":            "no program makes a process, then; threads are made by it, too",
	"clone3":           "nothing is lost by ENOSYS: C libraries fall back on clone",
	"openat2":          "nothing is lost by ENOSYS: callers resolve the path themselves",
	"execveat":         "fexecve, and programs that are started from a descriptor",
	"io_uring_setup":   "programs that use rings; most of them wait by epoll instead",
	"sendmsg":          "descriptors are passed by it, and most datagrams sent",
	"sendmmsg":         "C libraries ask name servers by it",
	"sendto":           "send is made of it on most ABIs",
	"adjtimex":         "programs that only read the state of the clock",
	"clock_adjtime":    "programs that only read the state of the clock",
	"prlimit64":        "C libraries read limits by it",
	"process_vm_readv": "debuggers and crash reporters",
}

// cost says what the rule that shuts a way costs, or "".
func (w openWay) cost() string {
	name := nameIn(w.open)
	if !w.throughMux() {
		if cost := costs[name]; cost != "" && name == w.open {
			return "what the rule on " + name + " costs: " + cost
		}
		return ""
	}
	abis := strings.Join(w.abis, ", ")
	lost := "semaphores, queues and shared memory of that kind are lost"
	if name == "socketcall" {
		lost = "every call of that kind is lost, whatever its arguments"
	}
	return fmt.Sprintf("what the rule costs: on %s programs with an older C library have no "+
		"other way than %s: "+
		"%s to them; to leave the ABI out of arch refuses its programs plainly", abis, name, lost)
}

// remedy returns the lines of a policy that shut ways round a rule: the calls that one action is
// for whatever their arguments stand in one of them, and those of one ABI in a block.
func remedy(ways []openWay) []string {
	type place struct{ abi, action string }
	whole := map[place]int{}
	var lines []string
	seen := map[wayRound]bool{}
	for _, w := range ways {
		same := wayRound{action: w.action, open: w.open}
		if seen[same] {
			continue
		}
		seen[same] = true
		abi, call, ok := strings.Cut(w.open, ": ")
		if !ok {
			abi, call = "", w.open
		}
		at := place{abi, w.action}
		line := w.action + call
		i, merges := whole[at]
		switch {
		case merges && nameIn(call) == call:
			lines[i] = addCall(lines[i], call)
			continue
		case nameIn(call) == call:
			whole[at] = len(lines)
		}
		if abi != "" {
			line = "when arch == " + abi + " {\n    " + line + "\n}"
		}
		lines = append(lines, line)
	}
	return joinBits(lines)
}

var bitRule = lazy.Regexp(`^(\w+(?:\(\w+\))? \w+ if \w+) & (\w+)$`)

// joinBits returns rules with one in the place of those that ask one argument for one bit each.
func joinBits(rules []string) []string {
	bits, at := map[string][]string{}, map[string]int{}
	var out []string
	for _, rule := range rules {
		m := bitRule().FindStringSubmatch(rule)
		if m == nil {
			out = append(out, rule)
			continue
		}
		bits[m[1]] = append(bits[m[1]], m[2])
		if len(bits[m[1]]) == 1 {
			at[m[1]] = len(out)
			out = append(out, rule)
		} else {
			out[at[m[1]]] = m[1] + " any " + strings.Join(bits[m[1]], " | ")
		}
	}
	return out
}

// addCall returns a rule, which may stand in a block, with one more call.
func addCall(rule, call string) string {
	text, end, inBlock := strings.Cut(rule, "\n}")
	if inBlock {
		end = "\n}" + end
	}
	return text + ", " + call + end
}
