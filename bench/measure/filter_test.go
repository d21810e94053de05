package measure

import (
	"strings"
	"testing"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/bench/neutral"
	"github.com/seccompc/seccompc/policy"
)

// The policy: read only for fd 3 in 32 bits, write always, everything else denied.
var readThree = neutral.Policy{
	Name: "read-three", ABIs: []string{"x86_64"}, Default: neutral.Denies(1),
	Rules: []neutral.Rule{
		{Call: "read", When: fd(3), Action: policy.Allow},
		{Call: "write", Action: policy.Allow},
	},
}

func fd(n uint64) []neutral.Test {
	return []neutral.Test{{Arg: 0, Width: 32, Op: neutral.Eq, Value: n}}
}

// right is that policy by hand, with a head that tells x32 numbers from -1.
const right = `
	ld arch
	jeq #0xc000003e, next, kill
next:	ld nr
	jge #0x40000000, x32, native
x32:	jeq #0xffffffff, deny, kill
native:	jeq #0, read, other
other:	jeq #1, allow, deny
read:	ld [16]
	jeq #3, allow, deny
allow:	ret allow
deny:	ret errno(1)
kill:	ret kill_process
`

func parse(t *testing.T, text string) asm.Program {
	t.Helper()
	p, err := asm.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestFilter(t *testing.T) {
	got, err := Filter(&readThree, parse(t, right))
	if err != nil {
		t.Fatal(err)
	}
	// read executes 8 instructions either way, the 469 numbers after write 7, and write is in the
	// cache.
	if want := (8 + 469*7) / 470.0; got.Mean != want {
		t.Errorf("mean %v, want %v", got.Mean, want)
	}
	if got.Len != 12 || got.Worst != 8 || got.Path != 8 || got.Uncached != 0 ||
		len(got.Wrong) != 0 || got.Looser != 0 {
		t.Errorf("%+v", got)
	}
}

func TestFilterClassifiesWrongDecisions(t *testing.T) {
	ordered := readThree
	ordered.Rules = append([]neutral.Rule{
		{Call: "read", When: fd(4), Action: neutral.Denies(9)},
	}, readThree.Rules...)
	tests := []struct {
		name   string
		policy *neutral.Policy
		old    string // replaced in the right program
		new    string
		want   Class
		looser bool
	}{
		{"upper half compared", &readThree, "read:	ld [16]",
			"read:	ld [20]\n	jeq #0, low, deny\nlow:	ld [16]", Width, false},
		{"another value", &readThree, "jeq #3, allow", "jeq #4, allow", Condition, true},
		{"any arch", &readThree, "jeq #0xc000003e, next, kill", "ja next", ABI, true},
		{"-1 as x32", &readThree, "x32:	jeq #0xffffffff, deny, kill", "x32:	ja kill", ABI,
			false},
		{"a missing call", &readThree, "other:	jeq #1", "other:	jeq #5000", Table, false},
		{"another order", &ordered, "other", "other", Precedence, false},
	}
	for _, tt := range tests {
		got, err := Filter(tt.policy, parse(t, replace(t, tt.old, tt.new)))
		if err != nil {
			t.Fatal(err)
		}
		if len(got.Wrong) != 1 || got.Wrong[tt.want] == 0 || (got.Looser > 0) != tt.looser {
			t.Errorf("%s: wrong %v, %d looser", tt.name, got.Wrong, got.Looser)
		}
	}
}

func TestFilterFindsWhatTheCacheCannotHold(t *testing.T) {
	got, err := Filter(&readThree,
		parse(t, replace(t, "next:	ld nr", "next:	ld [16]\n	ld nr")))
	if err != nil || got.Uncached != 1 || len(got.Wrong) != 0 {
		t.Errorf("an argument loaded too early: %+v, error %v", got, err)
	}
}

func TestPath(t *testing.T) {
	tests := []struct {
		text string
		want int
	}{
		{"ret allow", 1},
		{"ld nr\njeq #1, yes, no\nno: ld arch\nret allow\nyes: ret allow", 4},
		{"ld nr\njeq #1, 2, 3\nld arch\nret allow", 4},
		{"ja end\nld nr\nld nr\nend: ret allow", 2},
		{"ld nr\nret a\nld nr\nret allow", 2},
	}
	for _, tt := range tests {
		if got := path(parse(t, tt.text)); got != tt.want {
			t.Errorf("%d, want %d, for\n%s", got, tt.want, tt.text)
		}
	}
}

func TestFilterReportsABrokenProgram(t *testing.T) {
	if _, err := Filter(&readThree, asm.Program{{Op: 0xffff}}); err == nil {
		t.Error("no error for a program that the kernel refuses")
	}
}

func replace(t *testing.T, old, new string) string {
	t.Helper()
	if !strings.Contains(right, old) {
		t.Fatalf("the program has no %q", old)
	}
	return strings.Replace(right, old, new, 1)
}
