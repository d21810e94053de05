package dsl_test

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/seccompc/seccompc/dsl"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func TestFormatGolden(t *testing.T) {
	src, err := os.ReadFile("testdata/layout.scp")
	if err != nil {
		t.Fatal(err)
	}
	got := checkFormat(t, string(src))
	const golden = "testdata/layout.golden"
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s\nrun go test ./dsl -run FormatGolden -update", diff)
	}
}

func TestFormat(t *testing.T) {
	tests := []struct{ src, want string }{
		{"", ""},
		{"\n\n# c\n\n\n", "# c\n"},
		{"deny   a ,b\r\n\r\n\r\n\r\ndeny c", "deny a, b\n\ndeny c\n"},
		{"deny a if(b)&&!( c== - 1)", "deny a if (b) && !(c == -1)\n"},
		{"deny ( EPERM ) a", "deny(EPERM) a\n"},
		{"deny a if flags any(A|B)", "deny a if flags any (A | B)\n"},
		{"deny a if u32 (x) in{1 .. 2}", "deny a if u32(x) in {1..2}\n"},
		{"const A=1- -2-~3", "const A = 1 - -2 - ~3\n"},
		{"set @a=@b -c", "set @a = @b - c\n"},
		{"when a{}", "when a {\n}\n"},
		{"when a{deny b}\nelse{deny c}", "when a {\n    deny b\n} else {\n    deny c\n}\n"},
		{"when a { # x\n\n deny b\n\n}", "when a {  # x\n    deny b\n}\n"},
		{"deny a,\n\n# in\nb\ndeny c", "deny a,\n    # in\n    b\ndeny c\n"},
		{"deny a if b in {\n1,\n2\n}", "deny a if b in {\n    1,\n    2\n}\n"},
		{"deny a # x\ndeny bcd # y", "deny a    # x\ndeny bcd  # y\n"},
		{"test \"t\"{a=>deny\nbcd=>allow}", "test \"t\" {\n    a   => deny\n    bcd => allow\n}\n"},
		{"test \"t\"{arm:a( _ ,1 ) =>\ndeny}",
			"test \"t\" {\n    arm: a(_, 1) =>\n        deny\n}\n"},
		{"\ufeffdeny a", "deny a\n"},
	}
	for _, test := range tests {
		if got := checkFormat(t, test.src); got != test.want {
			t.Errorf("%q:\ngot  %q\nwant %q", test.src, got, test.want)
		}
	}
}

func TestFormatKeepsLongLinesApart(t *testing.T) {
	long := "deny a if b == " + strings.Repeat("9", 60)
	got := checkFormat(t, "deny a # x\n"+long+" # y\n")
	if want := "deny a  # x\n" + long + "  # y\n"; got != want {
		t.Errorf("got %q", got)
	}
}

func TestFormatRefusesErrors(t *testing.T) {
	out, diags := dsl.Format("x", []byte("deny a b"))
	if out != nil || !diags.HasErrors() {
		t.Errorf("got %q, %v", out, diags)
	}
}

// TestFormatNearLimit: a text whose canonical layout Parse would refuse for its size is refused.
func TestFormatNearLimit(t *testing.T) {
	const short, laidOut = "hot a,b#", "hot a, b  #\n"
	fill := strings.Repeat("x", dsl.MaxSize-len(laidOut))
	tests := []struct{ name, src, message string }{
		{"fits", short + fill, ""},
		{"blanks", short + fill + "x", "the formatted text has 524289 bytes; at most 524288 are " +
			"allowed"},
		{"indentation", strings.Repeat("when a {", 60) + strings.Repeat("\nhot b", 3000) +
			strings.Repeat("}", 60),
			"the formatted text has 752820 bytes; at most 524288 are allowed"},
	}
	for _, test := range tests {
		out, diags := dsl.Format("x", []byte(test.src))
		message := ""
		if len(diags) > 0 {
			message = diags[0].Message
		}
		if message != test.message || (out == nil) != (message != "") {
			t.Errorf("%s: %d bytes, %v", test.name, len(out), diags)
		}
	}
}

// checkFormat formats a valid text and checks that its meaning stays and that the result is final.
func checkFormat(t *testing.T, src string) string {
	t.Helper()
	out, diags := dsl.Format("x", []byte(src))
	if len(diags) > 0 {
		t.Fatalf("%q: %v", src, diags)
	}
	if diff := cmp.Diff(mustParse(t, src), mustParse(t, string(out)),
		dsl.IgnorePlaces); diff != "" {
		t.Errorf("the meaning of %q changes:\n%s", src, diff)
	}
	again, _ := dsl.Format("x", out)
	if diff := cmp.Diff(string(out), string(again)); diff != "" {
		t.Errorf("%q: formatting again changes:\n%s", src, diff)
	}
	return string(out)
}
