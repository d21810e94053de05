package interop_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/seccompc/seccompc/compiler"
	"github.com/seccompc/seccompc/internal/short"
	"github.com/seccompc/seccompc/interop/kafel"
	"github.com/seccompc/seccompc/interop/lxc"
	"github.com/seccompc/seccompc/interop/minijail"
	"github.com/seccompc/seccompc/interop/oci"
	"github.com/seccompc/seccompc/interop/seccompiler"
	"github.com/seccompc/seccompc/interop/systemd"
	"github.com/seccompc/seccompc/linux"
)

// format is one of other tools' with a writer of random texts.
type format struct {
	name   string
	text   func(r *rand.Rand) string
	policy func(text []byte, exact bool) ([]byte, error)
}

// formats are all formats, each with everything that makes filters of it.
func formats() (out []format) {
	x86, _ := linux.Lookup("x86_64")
	i386, _ := linux.Lookup("i386")
	abis := []*linux.ABI{x86, i386}
	for _, engine := range oci.Engines() {
		out = append(out, format{"oci " + engine, profile,
			func(text []byte, exact bool) ([]byte, error) {
				p, err := oci.Import(text, oci.Options{Host: x86, Engine: oci.Engine(engine),
					Exact: exact})
				if err != nil {
					return nil, err
				}
				return p.Text, nil
			}})
	}
	for _, engine := range []seccompiler.Engine{seccompiler.RustVMM, seccompiler.Firecracker} {
		out = append(out, format{"seccompiler " + string(engine), rustFilter,
			func(text []byte, exact bool) ([]byte, error) {
				p, err := seccompiler.Import(text, seccompiler.Options{ABI: x86, Engine: engine,
					Exact: exact})
				if err != nil {
					return nil, err
				}
				return p.Text, nil
			}})
	}
	for _, dialect := range []minijail.Dialect{minijail.C, minijail.Python} {
		write := jailOf
		if dialect == minijail.Python {
			write = jailPy
		}
		out = append(out, format{"minijail " + string(dialect), write,
			func(text []byte, exact bool) ([]byte, error) {
				p, err := minijail.Import(text, minijail.Options{ABIs: abis, Dialect: dialect,
					Exact: exact})
				if err != nil {
					return nil, err
				}
				return p.Text, nil
			}})
	}
	out = append(out, format{"lxc", lxcPolicy, func(text []byte, exact bool) ([]byte, error) {
		p, err := lxc.Import(text, lxc.Options{Host: x86, Exact: exact})
		if err != nil {
			return nil, err
		}
		return p.Text, nil
	}})
	return append(out, format{"kafel", kafelPolicy,
		func(text []byte, exact bool) ([]byte, error) {
			p, err := kafel.Import(text, kafel.Options{ABIs: abis, Exact: exact})
			if err != nil {
				return nil, err
			}
			return p.Text, nil
		}}, format{"systemd", serviceUnit,
		func(text []byte, exact bool) ([]byte, error) {
			p, err := systemd.Import([]systemd.Source{{Name: "a.service", Text: text}},
				systemd.Options{Host: x86, Exact: exact})
			if err != nil {
				return nil, err
			}
			return p.Text, nil
		}})
}

// TestImportsCompile makes policies of random texts, in which what stands first often decides all
// that follows: each text is refused for what it says, or its policy compiles.
func TestImportsCompile(t *testing.T) {
	for _, f := range formats() {
		t.Run(f.name, func(t *testing.T) {
			compiled, tries := 0, uint64(short.Rounds(100))
			for seed := range tries {
				text := f.text(rand.New(rand.NewPCG(seed, 7)))
				got, err := f.policy([]byte(text), seed%2 == 0)
				if err != nil {
					if strings.Contains(err.Error(), "no policy was found") {
						t.Fatalf("seed %d: %v\n%s", seed, err, text)
					}
					continue
				}
				if res, diags := compiler.Compile("imported.scp", got,
					compiler.Options{}); res == nil {
					t.Fatalf("seed %d: %v\n%s\n%s", seed, diags.Err(), text, got)
				}
				compiled++
			}
			if t.Logf("%d of %d texts were policies", compiled, tries); compiled < int(tries)/5 {
				t.Error("too few of them")
			}
		})
	}
}

// pick returns one of a list.
func pick[T any](r *rand.Rand, list ...T) T { return list[r.IntN(len(list))] }

func aCall(r *rand.Rand) string { return pick(r, "prctl", "prctl", "socket", "kill", "clone") }

func aValue(r *rand.Rand) uint64 {
	return pick[uint64](r, 0, 1, 2, 3, 9, 1<<31, 1<<32-1, 1<<32, 1<<32+1, 1<<64-1)
}

// profile is a container's profile.
func profile(r *rand.Rand) string {
	ops := []string{"SCMP_CMP_EQ", "SCMP_CMP_EQ", "SCMP_CMP_NE", "SCMP_CMP_LT", "SCMP_CMP_GE",
		"SCMP_CMP_MASKED_EQ"}
	type object map[string]any
	var entries []object
	for range 1 + r.IntN(6) {
		e := object{"names": []string{aCall(r), aCall(r)}, "action": pick(r, "SCMP_ACT_ALLOW",
			"SCMP_ACT_ERRNO", "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_LOG")}
		var args []object
		for range r.IntN(3) {
			args = append(args, object{"index": r.IntN(3), "value": aValue(r),
				"valueTwo": aValue(r), "op": pick(r, ops...)})
		}
		e["args"] = args
		if r.IntN(3) == 0 {
			e[pick(r, "includes", "excludes")] = object{"caps": []string{pick(r, "CAP_SYS_ADMIN",
				"CAP_BPF")}}
		}
		entries = append(entries, e)
	}
	text, err := json.Marshal(object{"defaultAction": pick(r, "SCMP_ACT_ERRNO", "SCMP_ACT_ALLOW",
		"SCMP_ACT_TRAP"), "syscalls": entries})
	if err != nil {
		panic(err)
	}
	return string(text)
}

// rustFilter is a filter of seccompiler's.
func rustFilter(r *rand.Rand) string {
	var rules []string
	for range 1 + r.IntN(6) {
		rule := fmt.Sprintf(`{"syscall": %q`, aCall(r))
		var args []string
		for range r.IntN(3) {
			op := pick(r, `"eq"`, `"eq"`, `"ne"`, `"le"`, `"gt"`, fmt.Sprintf(`{"masked_eq": %d}`,
				aValue(r)))
			args = append(args, fmt.Sprintf(`{"index": %d, "type": %q, "op": %s, "val": %d}`,
				r.IntN(3), pick(r, "dword", "qword"), op, aValue(r)))
		}
		if args != nil {
			rule += `, "args": [` + strings.Join(args, ", ") + "]"
		}
		rules = append(rules, rule+"}")
	}
	return `{"main": {"default_action": "trap", "filter_action": "allow", "filter": [` +
		strings.Join(rules, ",\n") + "]}}"
}

// jailOf is a policy of minijail for its compiler in C, which takes each call once.
func jailOf(r *rand.Rand) string {
	var out strings.Builder
	for _, i := range r.Perm(4)[:1+r.IntN(4)] {
		fmt.Fprintf(&out, "%s: %s\n", []string{"prctl", "socketpair", "kill", "clone"}[i],
			jailFilter(r, "return 7", ""))
	}
	return out.String()
}

// jailPy is one for that in Python.
func jailPy(r *rand.Rand) string {
	var out strings.Builder
	for range 1 + r.IntN(4) {
		var filters []string
		for range 1 + r.IntN(3) {
			filters = append(filters, jailFilter(r, "return 7", "trap", "kill"))
		}
		fmt.Fprintf(&out, "%s: {%s}\n", pick(r, "prctl", "socketpair", "kill", "clone"),
			strings.Join(filters, ", "))
	}
	return out.String()
}

func jailFilter(r *rand.Rand, actions ...string) string {
	if r.IntN(5) == 0 {
		return pick(r, "1", "return 5")
	}
	var parts []string
	for range 1 + r.IntN(3) {
		parts = append(parts, fmt.Sprintf("arg%d %s %d", r.IntN(3), pick(r, "==", "==", "!=", "<=",
			">", "&", "in"), 1+r.IntN(9)))
	}
	out := strings.Join(parts, pick(r, " && ", " || "))
	if a := pick(r, actions...); a != "" {
		out += "; " + a
	}
	return out
}

// kafelPolicy is a policy of kafel's.
func kafelPolicy(r *rand.Rand) string {
	var out strings.Builder
	for range 1 + r.IntN(5) {
		fmt.Fprintf(&out, "%s { prctl(a, b, c)", pick(r, "ALLOW", "ERRNO(7)", "KILL", "LOG"))
		if r.IntN(5) > 0 {
			fmt.Fprintf(&out, " { %s %s %d %s %s %s %d }", pick(r, "a", "b", "c"), pick(r, "==",
				"!=", "<=", ">"), aValue(r)>>1, pick(r, "&&", "||"), pick(r, "a", "b", "c & 6"),
				pick(r, "==", "!=", ">="), r.IntN(9))
		}
		fmt.Fprintf(&out, " }\n")
	}
	return out.String() + "DEFAULT " + pick(r, "KILL", "ALLOW", "ERRNO(1)") + "\n"
}

// lxcPolicy is a policy of LXC's.
func lxcPolicy(r *rand.Rand) string {
	out := "2\n" + pick(r, "allowlist errno 38", "denylist", "denylist trap") + "\n"
	for range 1 + r.IntN(6) {
		out += pick(r, "", "[all]\n", "[x86]\n", "[arm]\n") + aCall(r) + pick(r, " errno 5",
			" errno 5", " kill", " errno 7")
		for i := range r.IntN(3) {
			out += fmt.Sprintf("[%d,%d,%s,0xff]", i, aValue(r), pick(r, "==", "==", "!=", "<=", ">",
				"&="))
		}
		out += "\n"
	}
	return out
}

// serviceUnit is a unit of systemd's with the settings that install filters.
func serviceUnit(r *rand.Rand) string {
	out := "[Service]\n"
	for range 1 + r.IntN(6) {
		word := func() string {
			return pick(r, "@system-service", "@mount", "mount", "@clock", "prctl", "socket",
				"sched_setscheduler", "@privileged", "personality", "open", "openat2", "clone3")
		}
		out += pick(r, "SystemCallFilter=", "SystemCallFilter=~", "SystemCallFilter=~",
			"SystemCallLog=", "SystemCallLog=~") + word() + " " + word() + "\n"
	}
	for _, s := range []string{"SystemCallFilter=~mount:ENOENT", "SystemCallErrorNumber=EPERM",
		"RestrictAddressFamilies=AF_UNIX AF_INET", "RestrictAddressFamilies=~AF_PACKET",
		"RestrictAddressFamilies=none", "RestrictNamespaces=yes", "RestrictNamespaces=~user",
		"RestrictRealtime=yes", "RestrictSUIDSGID=yes", "MemoryDenyWriteExecute=yes",
		"LockPersonality=yes", "ProtectClock=yes", "ProtectKernelModules=yes",
		"ProtectKernelLogs=yes", "ProtectKernelTunables=yes", "ProtectHostname=yes",
		"PrivateDevices=yes", "SystemCallArchitectures=native"} {
		if r.IntN(4) == 0 {
			out += s + "\n"
		}
	}
	return out
}
