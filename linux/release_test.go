package linux

import (
	"slices"
	"testing"
)

func TestParseRelease(t *testing.T) {
	for _, text := range []string{"6.12", "4.18", "7.0", "2.6.28"} {
		if r, err := ParseRelease(text); err != nil || r.String() != text {
			t.Errorf("%s: %v, %v", text, r, err)
		}
	}
	for _, text := range []string{"", "6", "6.", ".6", "6.x", "6.1.2.3", "-1.2", "6.99999"} {
		if r, err := ParseRelease(text); err == nil {
			t.Errorf("%q is %v", text, r)
		}
	}
}

// TestSince holds releases against what the kernel's history tells of them.
func TestSince(t *testing.T) {
	for _, test := range []struct{ abi, name, since string }{
		{"x86_64", "read", "1.0"},
		{"x86_64", "openat", "2.6.16"},
		{"x86_64", "clone3", "5.3"},
		{"aarch64", "clone3", "5.5"}, // wired later
		{"i386", "futex_time64", "5.1"},
		{"i386", "semget", "5.1"}, // behind ipc before
		{"x32", "openat2", "5.6"},
		{"s390", "futex_time64", "5.1"},
		{"x86_64", "faccessat2", "5.8"},
		{"riscv64", "memfd_secret", "5.19"},
		{"x86_64", "cachestat", "6.5"},
		{"arm", "fchmodat2", "6.6"},
		{"mips64el", "mseal", "6.10"},
	} {
		abi, _ := Lookup(test.abi)
		if r, ok := abi.Since(test.name); !ok || r.String() != test.since {
			t.Errorf("%s on %s: %v, want %s", test.name, test.abi, r, test.since)
		}
	}
}

// TestHistoryIsOfTheTables: every row is a call, and no release is newer than the tables.
func TestHistoryIsOfTheTables(t *testing.T) {
	rows := 0
	for name := range historyTable.from("") {
		rows++
		for _, abi := range ABIs() {
			if !abi.lists(name) {
				continue
			}
			if r, ok := abi.Since(name); !ok || r.Compare(Newest) > 0 {
				t.Errorf("%s on %s: %v, %v", name, abi.Name, r, ok)
			}
		}
	}
	if rows < 450 {
		t.Errorf("only %d rows", rows)
	}
}

func TestKnownIn(t *testing.T) {
	abi, _ := Lookup("x86_64")
	last := func(release string) uint32 {
		r, err := ParseRelease(release)
		if err != nil {
			t.Fatal(err)
		}
		known := abi.KnownIn(r)
		return known[len(known)-1].Hi
	}
	for release, want := range map[string]uint32{
		"5.10": 440, "6.1": 450, "6.6": 453, "6.12": 462, // what Debian's headers of these end with
	} {
		if got := last(release); got != want {
			t.Errorf("%s: the table ends with %d, want %d", release, got, want)
		}
	}
	if got, want := abi.KnownIn(Newest), abi.Known(); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// TestSetIn: what systemd says of a set, by release.
func TestSetIn(t *testing.T) {
	for _, test := range []struct {
		set, call, release string
		in                 bool
	}{
		{"@default", "read", "6.12", false},
		{"@mount", "open_tree", "6.12", true},
		{"@mount", "open_tree", "7.2", false},
		{"@default", "mseal", "6.11", false},
		{"@default", "mseal", "6.12", true},
		{"@io-event", "epoll_pwait2", "6.0", false},
		{"@io-event", "epoll_pwait2", "6.1", true},
		{"@system-service", "openat", "4.18", true},
		{"@runc-init", "faccessat2", "4.18", true}, // the first that is known
		{"@runc-init", "faccessat2", "6.1", true},
		{"@crun-init", "mmap", "6.12", false},
	} {
		r, _ := ParseRelease(test.release)
		members, ok := SetIn(test.set, r)
		if !ok || slices.Contains(members, test.call) != test.in {
			t.Errorf("%s of %s in %s: %v", test.call, test.release, test.set, !test.in)
		}
	}
}
