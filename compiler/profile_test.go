package compiler

import (
	"reflect"
	"strings"
	"testing"

	"github.com/seccompc/seccompc/asm"
)

func TestParseProfile(t *testing.T) {
	strace := `% time     seconds  usecs/call     calls    errors syscall
------ ----------- ----------- --------- --------- ----------------
 45.12    0.000123           3        41         2 openat
 30.00    0.000100           1       100           read
------ ----------- ----------- --------- --------- ----------------
100.00    0.000223                   141         2 total
`
	perf := ` Summary of events:

 sh (1234), 88 events, 97.8%

   syscall            calls  errors  total       min       avg       max       stddev
                                     (msec)    (msec)    (msec)    (msec)        (%)
   --------------- --------  ------ -------- --------- --------- ---------     ------
   execve                 1      0     0.500     0.500     0.500     0.500      0.00%
   read                  12      0     0.100     0.001     0.008     0.020     10.00%
`
	for _, c := range []struct {
		text string
		want Profile
	}{
		{"read 12\n3 openat\n# a comment\nread 1\n", Profile{"read": 13, "openat": 3}},
		{strace, Profile{"openat": 41, "read": 100}},
		{perf, Profile{"execve": 1, "read": 12}},
	} {
		got, findings := ParseProfile("p", []byte(c.text))
		if len(findings) > 0 || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%v, %v, want %v", got, findings, c.want)
		}
	}
	for text, want := range map[string]string{
		"":                   "p:1:1: error: the profile is empty",
		"\n# nothing\n":      "p:1:1: error: the profile is empty",
		"\n  hello world\n":  "p:2:3: error: a profile has lines of another form",
		"\x00\x01\xff 1 2 3": "p:1:1: error: a profile has lines of another form",
	} {
		p, findings := ParseProfile("p", []byte(text))
		if p != nil || len(findings) != 1 || !strings.HasPrefix(findings[0].String(), want) {
			t.Errorf("%q: %v, %v, want %s", text, p, findings, want)
		}
	}
	if got := (Profile{"read": 1, "raed": 2}).Unknown(); !reflect.DeepEqual(got, []string{"raed"}) {
		t.Errorf("unknown: %v", got)
	}
}

// TestFrequentCallsComeFirst compares how many instructions a call costs with and without word of
// its frequency, from a profile and from the policy.
func TestFrequentCallsComeFirst(t *testing.T) {
	text := "default allow\n" +
		"deny 3, 9, 17, 23, 40, 41, 66, 70, 88, 101, 120, 133, 150, 171, 200, 230 if arg0 == 1\n"
	steps := func(text string, opts Options) int {
		r := compile(t, text, opts)
		got, err := r.Program.Run(asm.Data{Arch: x86_64, Nr: 101, Args: [6]uint64{1}}, r.Order)
		if err != nil {
			t.Fatal(err)
		}
		return got.Steps
	}
	plain := steps(text, Options{})
	if hot := steps(text+"hot ptrace\n", Options{}); hot >= plain {
		t.Errorf("hot: %d instructions, without: %d", hot, plain)
	}
	if measured := steps(text,
		Options{Profile: Profile{"ptrace": 100000, "close": 1}}); measured >= plain {
		t.Errorf("profile: %d instructions, without: %d", measured, plain)
	}
}

// TestProfileOverridesWeights: with a profile a long check stands no nearer than its count says.
func TestProfileOverridesWeights(t *testing.T) {
	text := `default allow
deny 3, 9, 17, 23, 40, 41, 66, 70, 88, 101, 120, 133, 150, 171, 200, 230
deny 16 if u32(arg1) all 7 || u32(arg1) all 0x38 || u32(arg1) all 0x1c0 || u32(arg1) all 0xe00
`
	steps := func(profile Profile) int {
		r := compile(t, text, Options{Profile: profile})
		got, err := r.Program.Run(asm.Data{Arch: x86_64, Nr: 101}, r.Order)
		if err != nil {
			t.Fatal(err)
		}
		return got.Steps
	}
	alone, beside := steps(Profile{"ptrace": 1000}), steps(Profile{"ptrace": 1000, "ioctl": 100})
	if beside > alone {
		t.Errorf("%d instructions for the most frequent call, %d beside a long check", alone,
			beside)
	}
}
