package compiler

import (
	"slices"
	"testing"
)

func TestEffect(t *testing.T) {
	const text = `arch x86_64, i386
default allow
deny ptrace, bpf
deny socket if family == AF_INET
deny(ENOSYS) socket, kill
allow socket
`
	r, diags := Compile("p.scp", []byte(text), Options{})
	if r == nil {
		t.Fatal(diags)
	}
	for i, want := range [][]string{{"bpf", "ptrace"}, {"socket"}, {"kill", "socket"}, nil} {
		e, err := r.Effect(i)
		if err != nil || !slices.Equal(e.Calls, want) || (e.Instructions > 0) != (want != nil) {
			t.Errorf("rule %d: %+v, %v; want %v and more than no instructions", i, e, err, want)
		}
	}
}
