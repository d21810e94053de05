package lint

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/seccompc/seccompc/compiler/resolve"
	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/diag/codes"
	"github.com/seccompc/seccompc/linux"
)

// TestRelations: every line has calls that some ABI has both, and a source.
func TestRelations(t *testing.T) {
	for _, r := range relations() {
		for _, older := range r.older {
			both := func(abi *linux.ABI) bool {
				return abi.HasSyscall(older) &&
					abi.HasSyscall(r.newer)
			}
			if !slices.ContainsFunc(linux.ABIs(), both) {
				t.Errorf("no ABI has both %s and %s", older, r.newer)
			}
		}
		if !strings.ContainsAny(r.why, "./:(") {
			t.Errorf("%s: no source: %s", r.newer, r.why)
		}
	}
	if n := len(relations()); n < 60 {
		t.Errorf("%d relations", n)
	}
}

// TestReadRelations refuses lines that would be lost.
func TestReadRelations(t *testing.T) {
	for text, want := range map[string]string{
		"# a comment\n\nfork <- clone # glibc: fork.c\n": "",
		"fork <- clone\n":                  "want OLDER SIGN NEWER # SOURCE",
		"\nfork clone # glibc: fork.c\n":   "line 2: want",
		"fork <! clone # glibc: fork.c\n":  "no such sign",
		"fork <- # glibc: fork.c, clone\n": "want OLDER",
	} {
		_, err := readRelations(text)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

// siblings are what a policy that allows the first call of a line on an ABI lacks: what C libraries
// make in its place.
const siblings = `
x86_64 semop semtimedop
x86_64 pipe pipe2
x86_64 utime utimensat
x86_64 utimes utimensat
x86_64 futimesat utimensat
x86_64 settimeofday clock_settime
x86_64 adjtimex clock_adjtime
i386 umount umount2
i386 stat fstatat64
i386 getuid getuid32
i386 geteuid geteuid32
i386 getgid getgid32
i386 getegid getegid32
i386 getresuid getresuid32
i386 getresgid getresgid32
arm getgroups getgroups32
arm setgroups setgroups32
arm setuid setuid32
arm setgid setgid32
arm setreuid setreuid32
arm setregid setregid32
i386 setresuid setresuid32
i386 setresgid setresgid32
i386 setfsuid setfsuid32
i386 setfsgid setfsgid32
i386 chown chown32
arm lchown lchown32
arm fchown fchown32
i386 mmap mmap2
i386 lseek _llseek
arm lseek _llseek
i386 fcntl fcntl64
i386 statfs statfs64
i386 fstatfs fstatfs64
arm truncate truncate64
arm ftruncate ftruncate64
i386 sendfile sendfile64
i386 fadvise64 fadvise64_64
i386 select _newselect
i386 sigsuspend rt_sigsuspend
arm sigpending rt_sigpending
i386 socketcall connect
i386 socketcall accept4
m68k socketcall sendmmsg
i386 ipc shmat
`

// TestSiblings: each is found, and nothing is said of it where both are allowed.
func TestSiblings(t *testing.T) {
	for line := range strings.Lines(strings.TrimSpace(siblings)) {
		w := strings.Fields(line)
		says := func(allowed string) bool {
			text := "arch " + w[0] + "\ndefault deny\nallow exit_group\nallow " + allowed + "\n"
			for _, d := range find(t, text, resolve.Options{}) {
				if d.Code == codes.Sibling && slices.Contains(strings.FieldsFunc(d.Message,
					func(r rune) bool { return r == ' ' || r == ',' }), w[2]) {
					return true
				}
			}
			return false
		}
		if !says(w[1]) || says(w[1]+", "+w[2]) {
			t.Errorf("%s: allow %s without %s: %v, with it %v", w[0], w[1], w[2], says(w[1]),
				says(w[1]+", "+w[2]))
		}
	}
}

// TestFallbacks: who refuses the first of these calls where the second is allowed should answer
// ENOSYS.
func TestFallbacks(t *testing.T) {
	for newer, older := range map[string]string{
		"pipe2": "pipe", "eventfd2": "eventfd",
	} {
		text := "arch x86_64\ndefault allow\ndeny " + newer + "\n"
		want := newer + " is refused, but not with ENOSYS, on which callers take " + older
		if !slices.ContainsFunc(find(t, text, resolve.Options{}), func(d diag.Finding) bool {
			return d.Code == codes.NoFallback && d.Message == want
		}) {
			t.Errorf("%s: want %q", text, want)
		}
		for _, d := range find(t, strings.Replace(text, "deny", "deny(ENOSYS)", 1),
			resolve.Options{}) {
			if d.Code == codes.NoFallback {
				t.Errorf("%s: ENOSYS: %v", text, d)
			}
		}
	}
}

// TestRealPolicies: no finding without a reason in the file.
func TestRealPolicies(t *testing.T) {
	files, err := filepath.Glob("../../testdata/policies/*.scp")
	if err != nil || len(files) < 8 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range find(t, string(text), resolve.Options{}) {
			t.Errorf("%s: %v", file, d)
		}
	}
}
