package systemd

import (
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/seccompc/seccompc/compiler"
	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/internal/short"
	"github.com/seccompc/seccompc/interop"
	"github.com/seccompc/seccompc/linux"
)

func amd64() *linux.ABI {
	abi, _ := linux.Lookup("x86_64")
	return abi
}

// imported imports settings for a machine of x86_64 and returns the policy and the warnings.
func imported(t *testing.T, text string, opts Options) (policy, warnings string) {
	t.Helper()
	if opts.Host == nil {
		opts.Host = amd64()
	}
	p, err := Import([]Source{{"foo.service", []byte("[Service]\n" + text + "\n")}}, opts)
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	var w strings.Builder
	for _, n := range p.Warnings {
		w.WriteString(n.String() + "\n")
	}
	return string(p.Text), w.String()
}

// TestSettings: what settings mean, and what is said of them.
func TestSettings(t *testing.T) {
	for _, c := range []struct {
		text    string
		version int
		want    []string // of the policy
		warned  []string
	}{
		{"SystemCallFilter=~@swap", 0, []string{"default allow", "kill @swap", "mismatch allow"},
			nil},
		{"SystemCallFilter=~@swap\nSystemCallErrorNumber=EACCES", 0,
			[]string{"deny(EACCES) @swap"}, nil},
		{"SystemCallFilter=~@swap:EINVAL " +
			"ptrace:kill\nSystemCallErrorNumber=EPERM\nSystemCallArchitectures=native", 0,
			[]string{"kill ptrace", "deny(EINVAL) swapoff, swapon", "mismatch kill_thread",
				"arch x86_64\n"}, nil},
		{
			"SystemCallFilter=@system-service\nSystemCallFilter=~@resources\nSystemCallErrorNumber=EPERM", 0,
			[]string{"default deny(EPERM)", "unknown deny(ENOSYS)",
				"allow @default, @system-service - @resources"},
			[]string{"systemd answers ENOSYS to obsolete calls"}},
		{"SystemCallFilter=@system-service", 252, []string{"default kill\n\n", "as of linux 6.1"},
			nil},
		{"SystemCallFilter=~@mount\nSystemCallFilter=\nSystemCallFilter=~bpf", 0,
			[]string{"kill bpf"}, nil},
		{"SystemCallFilter=~@mount \\\n# between\n   @swap", 0, []string{"kill @mount, @swap"},
			nil},
		{"SystemCallFilter=~@mount\nSystemCallFilter=mount", 0, []string{"kill @mount - mount"},
			nil},
		{"SystemCallFilter=~bpf\nSystemCallFilter=bpf:EPERM", 0, []string{"kill bpf"},
			[]string{"line 3: bpf:EPERM: an error number counts behind ~ alone"}},
		{"SystemCallFilter=read ~write", 0, []string{"allow @default, read"},
			[]string{"~write: a ~ counts at the beginning of the value alone"}},
		{"SystemCallFilter=~no_such_call ptrace @nothing", 0, []string{"kill ptrace"},
			[]string{"no system call is called no_such_call", "@nothing is no group"}},
		{"SystemCallFilter=read\nSystemCallFilter=~ptrace:ENOSYS", 0,
			[]string{"deny(ENOSYS) ptrace"},
			[]string{"the service does not start", "ptrace"}},
		{"SystemCallFilter=~mseal", 252, []string{"kill mseal"}, []string{"mseal is newer than " +
			"Linux 6.1"}},
		{"SystemCallFilter=~write", 252, []string{"kill write"}, nil},
		{"SystemCallFilter=~write bpf", 257, []string{"kill bpf"}, []string{"systemd adds write"}},
		{"SystemCallFilter=~bpf\nSystemCallLog=@swap bpf", 0, []string{"kill bpf",
			"log swapoff, swapon\n"}, nil},
		{"SystemCallLog=~read", 0, []string{"default log", "allow read"}, nil},
		{"RestrictAddressFamilies=AF_UNIX AF_INET", 0, []string{"when arch in {x86_64, x32} {",
			"deny(EAFNOSUPPORT) socket if family not in {AF_UNIX, AF_INET}"},
			[]string{"installs nothing for i386", "repaired: systemd compares 64 bits of family"}},
		{"RestrictAddressFamilies=none", 0, []string{"deny(EAFNOSUPPORT) socket\n"}, nil},
		{"RestrictAddressFamilies=AF_UNIX AF_NOSUCH", 0, nil, []string{"AF_NOSUCH is no address " +
			"family"}},
		{"RestrictNamespaces=~user", 257, []string{"deny(EPERM) setns if flags == 0",
			"unshare if flags any CLONE_NEWTIME | CLONE_NEWUSER"}, nil},
		{"RestrictNamespaces=yes", 0, []string{"deny(EPERM) setns\n", "deny(ENOSYS) clone3"}, nil},
		{"RestrictRealtime=yes", 0, []string{"sched_setattr"}, []string{"bits of policy of " +
			"sched_setscheduler"}},
		{"DynamicUser=yes", 0, []string{"deny(ENOSYS) openat2"}, []string{"DynamicUser implies"}},
		{"MemoryDenyWriteExecute=on", 0, []string{"mprotect, pkey_mprotect if prot & PROT_EXEC"},
			[]string{"PR_SET_MDWE", "does not look at shmat on i386"}},
		{"LockPersonality=1\nPersonality=x86", 0, []string{"personality if personality != " +
			"PER_LINUX32"}, nil},
		{"ProtectHostname=private", 262, nil, nil},
		{"ProtectClock=yes\nProtectKernelModules=yes\nProtectKernelLogs=yes\nPrivateDevices=yes\n" +
			"ProtectKernelTunables=yes\nProtectHostname=yes", 0,
			[]string{"@clock", "@module", "syslog", "@raw-io", "_sysctl",
				"sethostname, setdomainname"}, nil},
		{"# because of the disks\nSystemCallFilter=~@swap", 0, []string{"because of the disks"},
			nil},
		{"# lint: allow bypass nothing to see\nSystemCallFilter=~ptrace", 0,
			[]string{": lint allow bypass"}, nil},
		{"ProtectClock=yes\n[Install]\nSystemCallFilter=read", 0, nil,
			[]string{"SystemCallFilter stands outside of the sections Service"}},
	} {
		if c.want == nil && c.warned == nil {
			for _, abis := range [][]*linux.ABI{nil, {amd64()}} {
				if _, err := Import([]Source{{"u", []byte("[Service]\n" + c.text)}},
					Options{Host: amd64(), ABIs: abis}); err == nil {
					t.Errorf("%q installs nothing, and is taken", c.text)
				}
			}
			continue
		}
		text, warned := imported(t, c.text, Options{Version: c.version})
		for _, want := range c.want {
			if !strings.Contains(text, want) {
				t.Errorf("%q: no %q in\n%s", c.text, want, text)
			}
		}
		for _, want := range c.warned {
			if !strings.Contains(warned, want) {
				t.Errorf("%q: no warning %q in\n%s", c.text, want, warned)
			}
		}
		if c.warned == nil && c.version == 252 && warned != "" {
			t.Errorf("%q: warned of\n%s", c.text, warned)
		}
	}
}

// TestDropIns: drop-ins go on where the unit ends, and are named in warnings.
func TestDropIns(t *testing.T) {
	p, err := Import([]Source{{"foo.service",
		[]byte("[Unit]\nX=1\n[Service]\nSystemCallFilter=~ptrace\n")},
		{"a.conf", []byte("[Service]\nSystemCallFilter=\nSystemCallFilter=~bpf nonsense\n")}},
		Options{Host: amd64()})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(p.Text), "kill bpf") || strings.Contains(string(p.Text), "ptrace") {
		t.Errorf("the drop-in does not count:\n%s", p.Text)
	}
	if len(p.Warnings) != 1 || !strings.HasPrefix(p.Warnings[0].String(), "a.conf:3: ") {
		t.Errorf("warnings %v", p.Warnings)
	}
}

// TestOtherABIs: what is served without and with a choice of ABIs.
func TestOtherABIs(t *testing.T) {
	aarch64, _ := linux.Lookup("aarch64")
	text, _ := imported(t, "RestrictSUIDSGID=yes", Options{Host: aarch64})
	if !strings.Contains(text, "arch aarch64, arm\n") || !strings.Contains(text, "mismatch allow") {
		t.Errorf("aarch64:\n%s", text)
	}
	text, warned := imported(t, "RestrictSUIDSGID=yes", Options{ABIs: []*linux.ABI{amd64()}})
	if !strings.Contains(text, "mismatch kill_thread") || !strings.Contains(warned,
		"i386, x32: left out") {
		t.Errorf("x86_64 alone:\n%s%s", text, warned)
	}
	for _, abi := range linux.ABIs() {
		imported(t,
			"SystemCallFilter=@system-service\nSystemCallFilter=~@privileged\nRestrictNamespaces=yes\n"+
				"RestrictSUIDSGID=yes\nMemoryDenyWriteExecute=yes\nRestrictAddressFamilies=AF_UNIX\n"+
				"LockPersonality=yes\nRestrictRealtime=yes", Options{Host: abi})
	}
}

// TestErrors: what is no unit, or installs nothing, or is too much.
func TestErrors(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", "no setting"},
		{"[Unit]\nSystemCallFilter=~ptrace\n", "no setting"},
		{"[Service]\nRestrictRealtime=maybe\n", "line 2: RestrictRealtime=maybe is neither yes nor no"},
		{"[Service]\nsystemcallfilter=~bpf\n",
			"systemcallfilter is no setting: systemd ignores the line; write SystemCallFilter"},
		{"[Service]\nSystemCallFilter=\x00\n", "NUL"},
		{"[Service\nSystemCallFilter=~bpf\n", "line 1: the section's name has no ]"},
		{"[Service]\nSystemCallFilter=~" + strings.Repeat("@known ", 6000), "more than 5000 words"},
		{"[Service]\nSystemCallFilter=~" + strings.Repeat("x", 1<<17),
			"line 2: the line has more than"},
		{strings.Repeat("#\n", 1<<20), "bytes"},
	} {
		_, err := Import([]Source{{"u", []byte(c.text)}}, Options{Host: amd64()})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.60q: error %v, want %q", c.text, err, c.want)
		}
	}
	_, err := Import([]Source{{"u", []byte("[Service]\nSystemCallFilter=~bpf\n")}},
		Options{Version: 240})
	if err == nil || !strings.Contains(err.Error(), "from 247 to 262") {
		t.Errorf("systemd 240: %v", err)
	}
}

// TestRandomDefaults: whatever settings are drawn, the policy is proved, and compiles without
// errors.
func TestRandomDefaults(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for i := range short.Rounds(25) {
		text := randomUnit(rng)
		opts := Options{Host: amd64(), Version: []int{247, 252, 257, 262}[i%4]}
		p, err := Import([]Source{{"u", []byte(text)}}, opts)
		if err != nil {
			if !strings.Contains(err.Error(), "no setting") {
				t.Errorf("%v in\n%s", err, text)
			}
			continue
		}
		if res, diags := compiler.Compile("u.scp", p.Text, compiler.Options{}); res == nil {
			t.Errorf("%v\n%s\nfrom\n%s", diag.List(diags).Err(), p.Text, text)
		}
	}
}

func FuzzImport(f *testing.F) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 20 {
		f.Add([]byte(randomUnit(rng)))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		Import([]Source{{"u", text}}, Options{Host: amd64()})
	})
}

// TestQuotes: what stands in quotes is one word, as systemd reads it.
func TestQuotes(t *testing.T) {
	p, err := Import([]Source{{"a.service", []byte("[Service]\n" +
		`RestrictAddressFamilies="AF_UNIX AF_INET" "AF_INET6"` + "\n")}}, Options{Host: amd64()})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(p.Text), "if family != AF_INET6\n") {
		t.Errorf("\n%s", p.Text)
	}
}

// TestPlaces: a warning has the line of its word, which may be one that goes on another, and a call
// with what it gets.
func TestPlaces(t *testing.T) {
	x86, _ := linux.Lookup("x86_64")
	p, err := Import([]Source{{"a.service", []byte(`[Service]
SystemCallFilter=@system-service \
   mount:EPERM \
# a comment within
   frobnicate
SystemCallFilter=~openat:ENOSYS
SystemCallFilter=~ @mount \
   ~ptrace
RestrictNamespaces=net \
   foo
`)}, {"b.conf", []byte("[Service]\nRestrictAddressFamilies=AF_UNIX \\\n\n  AF_FOO\n" +
		"SystemCallFilter=~readv:38\n")}}, Options{Host: x86})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"line 3: mount:EPERM: .*: x86_64: mount\\(0, 0, 0, 0, 0\\) gets kill",
		"line 5: no system call is called frobnicate",
		"line 6: openat: the service does not start: .*: x86_64: openat\\(.*\\) gets " +
			"deny\\(ENOSYS\\)",
		"line 8: ~ptrace: .*: x86_64: ptrace\\(.*\\) gets kill",
		"line 10: foo is no kind",
		"b.conf:2: RestrictAddressFamilies installs nothing for i386.*: i386: socket\\(AF_INET.* " +
			"gets allow",
		"b.conf:5: readv: the service does not start: ",
	} {
		if !slices.ContainsFunc(p.Warnings, func(w interop.Warning) bool {
			return regexp.MustCompile("^" + want).MatchString(w.String())
		}) {
			t.Errorf("no warning %s in %q", want, p.Warnings)
		}
	}
}
