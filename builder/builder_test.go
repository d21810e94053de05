package builder_test

import (
	"strings"
	"testing"

	"github.com/seccompc/seccompc/builder"
	"github.com/seccompc/seccompc/compiler"
	"github.com/seccompc/seccompc/policy"
)

// all is every form that a policy can have.
func all() *builder.Policy {
	p := builder.New(builder.Allow).ABIs("amd64", "aarch64").AsOf("6.12").
		Mismatch(builder.KillThread).Unknown(builder.Errno("ENOSYS"))
	p.Add(builder.Deny, "ptrace", "@mount", "435").Because("Other processes,\nand \r paths.")
	p.Add(builder.Errno(95), "socket").If(builder.And(
		builder.Arg("family").NotIn("AF_UNIX", builder.Interval{Lo: "AF_INET", Hi: 5}),
		builder.Or(builder.Arg("type").MaskedEq(0xf, "SOCK_STREAM"),
			builder.Not(builder.Arg("protocol").Eq(int8(-1))))))
	p.Add(builder.TrapWith(7), "clone").If(builder.Arg("flags").Any("CLONE_NEWUSER", 1<<17))
	p.Add(builder.Trace(9), "unshare").If(builder.Arg("arg0").Has("CLONE_NEWUSER"))
	p.Add(builder.Log, "openat").If(builder.Arg("flags").Only("O_RDWR", "O_CREAT"))
	p.Add(builder.Notify, "open").If(builder.Arg("flags").All("O_CREAT", "O_EXCL"))
	p.Add(builder.Trap, "read").If(builder.Arg("count").U64().Gt(uint64(1) << 63))
	p.Add(builder.Kill, "kill").If(builder.Arg("pid").I32().Lt(-1))
	p.Add(builder.KillThread, "lseek").If(builder.Arg("offset").I64().Le(5))
	p.Add(builder.Deny, "dup").If(builder.Arg("fildes").U32().Ge(3))
	p.Add(builder.Deny, "getppid").If(builder.IP().In(builder.Interval{Lo: 0x1000, Hi: 0x1fff}))
	p.Add(builder.Deny, "close").If(builder.Arg("fd").Ne(1))
	p.Add(builder.Deny, "all clock_settime")
	return p
}

const text = `arch amd64, aarch64
as of linux 6.12
default allow
mismatch kill_thread
unknown deny(ENOSYS)

# Other processes,
# and ? paths.
deny ptrace, @mount, 435

deny(95) socket if family not in {AF_UNIX, AF_INET..5} && (type & 15 == SOCK_STREAM || !(protocol == -1))

trap(7) clone if flags any CLONE_NEWUSER | 131072

trace(9) unshare if arg0 & CLONE_NEWUSER

log openat if flags only O_RDWR | O_CREAT

notify open if flags all O_CREAT | O_EXCL

trap read if u64(count) > 9223372036854775808

kill kill if i32(pid) < -1

kill_thread lseek if i64(offset) <= 5

deny dup if u32(fildes) >= 3

deny getppid if ip in {4096..8191}

deny close if fd != 1

deny all clock_settime
`

func TestEveryForm(t *testing.T) {
	p := all()
	if got := p.String(); got != text {
		t.Errorf("got\n%s", got)
	}
	filter, findings, err := p.Compile(compiler.Options{})
	if err != nil || len(filter.Program) == 0 {
		t.Errorf("%v, findings %v", err, findings)
	}
}

// No string of a program's user becomes more than the word that it stands for.
func TestNoStringAddsARule(t *testing.T) {
	evil := "read\nallow ptrace"
	policies := map[string]func(*builder.Policy){
		"system call": func(p *builder.Policy) { p.Add(builder.Deny, evil) },
		"set":         func(p *builder.Policy) { p.Add(builder.Deny, "@"+evil) },
		"ABI":         func(p *builder.Policy) { p.ABIs(evil) },
		"release":     func(p *builder.Policy) { p.AsOf("6.12\nallow ptrace") },
		"no release":  func(p *builder.Policy) { p.AsOf("") },
		"errno":       func(p *builder.Policy) { p.Add(builder.Errno(evil), "read") },
		"argument": func(p *builder.Policy) {
			p.Add(builder.Deny,
				"read").If(builder.Arg(evil).Eq(1))
		},
		"constant": func(p *builder.Policy) {
			p.Add(builder.Deny,
				"read").If(builder.Arg("fd").Eq(evil))
		},
		"mask": func(p *builder.Policy) {
			p.Add(builder.Deny,
				"read").If(builder.Arg("fd").MaskedEq(evil, 1))
		},
		"member": func(p *builder.Policy) {
			p.Add(builder.Deny,
				"read").If(builder.Arg("fd").In(1, evil))
		},
		"interval": func(p *builder.Policy) {
			p.Add(builder.Deny, "read").If(builder.Arg("fd").In(builder.Interval{Lo: 1, Hi: evil}))
		},
		"float": func(p *builder.Policy) {
			p.Add(builder.Deny, "read").If(builder.Arg("fd").Eq(1.5))
		},
		"nothing": func(p *builder.Policy) {
			p.Add(builder.Deny,
				"read").If(builder.Arg("fd").Eq(nil))
		},
		"no values": func(p *builder.Policy) {
			p.Add(builder.Deny,
				"read").If(builder.Arg("fd").In())
		},
		"no conditions": func(p *builder.Policy) { p.Add(builder.Deny, "read").If(builder.And()) },
		"no calls":      func(p *builder.Policy) { p.Add(builder.Deny) },
		"no action":     func(p *builder.Policy) { p.Add(builder.Action{}, "read") },
		"two conditions": func(p *builder.Policy) {
			p.Add(builder.Deny, "read").If(builder.Arg("fd").Eq(1)).If(builder.Arg("fd").Eq(2))
		},
		"empty word": func(p *builder.Policy) { p.Add(builder.Deny, "") },
		"keyword":    func(p *builder.Policy) { p.Add(builder.Deny, "if") },
	}
	for name, add := range policies {
		p := builder.New(builder.Kill)
		p.Add(builder.Allow, "exit_group")
		add(p)
		if filter, _, err := p.Compile(compiler.Options{}); err == nil || filter != nil {
			t.Errorf("%s: compiled:\n%s", name, p)
		}
		if strings.Contains(p.String(), "allow ptrace") {
			t.Errorf("%s: a rule was added:\n%s", name, p)
		}
	}
}

// TestAsOf: a number that is newer than the release is unknown.
func TestAsOf(t *testing.T) {
	for release, want := range map[string]policy.Action{
		"6.6": policy.Errno | 38, "6.12": policy.Errno | 1,
	} {
		p := builder.New(builder.Deny).ABIs("x86_64").AsOf(release).Unknown(builder.Errno(38))
		p.Add(builder.Allow, "exit_group")
		filter, _, err := p.Compile(compiler.Options{})
		if err != nil {
			t.Fatal(err)
		}
		const mseal = 462 // since 6.10
		call := policy.Data{Nr: mseal, Arch: filter.ABIs[0].Arch}
		if got := filter.Policy.Eval(call); got != want {
			t.Errorf("as of linux %s: %v, want %v", release, got, want)
		}
	}
}

// A reason ends with its line, whatever ends a line.
func TestAReasonIsAComment(t *testing.T) {
	p := builder.New(builder.Kill)
	p.Add(builder.Deny, "read").Because("one\rallow ptrace\u2028allow ptrace\nallow ptrace\x00")
	filter, _, err := p.Compile(compiler.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(filter.Rules); n != 1 {
		t.Errorf("%d rules:\n%s", n, p)
	}
}
