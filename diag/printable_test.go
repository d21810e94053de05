package diag

import "testing"

func TestPrintable(t *testing.T) {
	tests := []struct{ text, want string }{
		{"deny\tptrace # \u00fc", "deny ptrace # \u00fc"},
		{"\u009b2J \u202ex\x7f", "?2J ?x?"},
		{"a\r\n\x1b[31m", "a??\u003f[31m"},
		{"\xff\ufffd", "??"},
		{"\u2028", "?"},
	}
	for _, test := range tests {
		if got := Printable(test.text); got != test.want {
			t.Errorf("%q: got %q, want %q", test.text, got, test.want)
		}
	}
}
