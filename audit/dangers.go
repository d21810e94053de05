package audit

import (
	_ "embed"
	"slices"
	"strings"
	"sync"

	"github.com/seccompc/seccompc/compiler/resolve"
	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
)

//go:embed dangers.txt
var dangerText string

// danger is a line of dangers.txt.
type danger struct {
	code     string
	severity diag.Severity
	calls    []string // in the policy language
	what     string
}

// dangerLines reads the table.
var dangerLines = sync.OnceValue(func() []danger {
	levels := map[string]diag.Severity{
		"error": diag.Error, "warning": diag.Warning, "note": diag.Remark,
	}
	var out []danger
	for line := range strings.Lines(dangerText) {
		text, what, _ := strings.Cut(strings.TrimSpace(line), " # ")
		words := strings.SplitN(text, " ", 3)
		if len(words) < 3 || strings.HasPrefix(line, "#") {
			continue
		}
		out = append(out, danger{words[0], levels[words[1]], strings.Split(words[2], "; "), what})
	}
	return out
})

// dangers looks for dangerous calls that are let through.
func (a *auditor) dangers() {
	for _, d := range dangerLines() {
		var names, abis []string
		var first *policy.Data
		for _, abi := range a.ABIs {
			open, call := a.open(abi, d)
			if len(open) == 0 {
				continue
			}
			abis = append(abis, abi.Name)
			if first == nil {
				first = call
			}
			for _, name := range open {
				if !slices.Contains(names, name) {
					names = append(names, name)
				}
			}
		}
		if len(names) == 0 {
			continue
		}
		on := ""
		if len(abis) < len(a.ABIs) {
			on = " on " + strings.Join(abis, ", ")
		}
		verb, what := "are", d.what
		if len(names) == 1 {
			verb, what = "is", strings.Replace(what, "they ", "such calls ", 1)
		}
		a.add(d.code, first, remedy(names), "%s %s let through%s: %s", strings.Join(names, ", "),
			verb, on, what)
	}
}

// open returns which of some dangerous calls get through on an ABI, and one that does.
func (a *auditor) open(abi *linux.ABI, d danger) (open []string, call *policy.Data) {
	for _, text := range d.calls {
		name, _, _ := strings.Cut(text, " if ")
		if !abi.HasSyscall(name) {
			continue
		}
		calls, diags := resolve.Calls(abi, "audit", text)
		if diags.HasErrors() {
			continue // a constant that the ABI does not have
		}
		some, err := a.find(abi, calls, passes)
		if a.unjudged(err, text+" on "+abi.Name) || some == nil {
			continue
		}
		open = append(open, text)
		if call == nil {
			call = some
		}
	}
	return open, call
}

// remedy is the rules that stop calls; callers of clone3 and io_uring have another way where
// there is no such call.
func remedy(names []string) string {
	var eperm, enosys []string
	for _, n := range names {
		if n == "clone3" || strings.HasPrefix(n, "io_uring") {
			enosys = append(enosys, n)
		} else {
			eperm = append(eperm, n)
		}
	}
	var rules []string
	if len(enosys) > 0 {
		rules = append(rules, "deny(ENOSYS) "+strings.Join(enosys, ", "))
	}
	var plain []string
	for _, n := range eperm {
		if strings.Contains(n, " if ") {
			rules = append(rules, "deny "+n)
		} else {
			plain = append(plain, n)
		}
	}
	if len(plain) > 0 {
		rules = append(rules, "deny "+strings.Join(plain, ", "))
	}
	return "put above what allows it: " + strings.Join(rules, "; ")
}
