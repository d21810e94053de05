package main

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/internal/short"
)

// command runs one command line in this process. It is for commands that install nothing.
func command(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(args, strings.NewReader(""), &out, &errs)
	return code, out.String(), errs.String()
}

// Whatever a blob holds, no command that reads it panics, and one that fails says why.
func TestBlobsOfAnyContent(t *testing.T) {
	dir := t.TempDir()
	file, kept := filepath.Join(dir, "blob"), filepath.Join(dir, "kept")
	code, _, text := command(t, policyFile("openshell-pr740"), "--arch", "x86_64", "-o", kept)
	if code != statusOK {
		t.Fatal(text)
	}
	good, err := os.ReadFile(kept)
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range short.Rounds(40) {
		blob := spoil(random, good)
		if err := os.WriteFile(file, blob, 0o600); err != nil {
			t.Fatal(err)
		}
		for _, args := range [][]string{
			{"disasm", file}, {"sim", file, "openat"}, {"explain", file}, {"decompile", file},
			{"diff", file, kept}, {"prove", policyFile("openshell-pr740"), file},
			{"build", file}, {"fmt", file}, {"asm", file},
		} {
			code, out, text := command(t, args...)
			if code == statusBug || code != statusOK && text == "" && out == "" {
				t.Fatalf("%v on %x: status %d: %s", args, blob, code, text)
			}
		}
	}
}

func policyFile(name string) string { return "../../testdata/policies/" + name + ".scp" }

// spoil returns a blob with bytes changed, cut off or added.
func spoil(random *rand.Rand, good []byte) []byte {
	blob := bytes.Clone(good)
	switch random.IntN(4) {
	case 0:
		return blob[:random.IntN(len(blob))]
	case 1:
		return append(blob, byte(random.Uint32()))
	}
	for range 1 + random.IntN(4) {
		blob[random.IntN(len(blob))] = byte(random.Uint32())
	}
	return blob
}

// A panic becomes a message and a file with the trace; the reader sees no stack.
func TestReportBug(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	var text bytes.Buffer
	code := reportBug(&text, "index out of range", []byte("goroutine 1 [running]"))
	if code != statusBug {
		t.Errorf("status %d, want %d", code, statusBug)
	}
	const start = "seccompc: this is a bug in seccompc: index out of range\n"
	if got := text.String(); !strings.HasPrefix(got, start) || strings.Contains(got, "goroutine") {
		t.Errorf("message %q", got)
	}
	traces, _ := filepath.Glob(os.Getenv("TMPDIR") + "/seccompc-trace-*.txt")
	if len(traces) != 1 || !strings.Contains(text.String(), traces[0]) {
		t.Fatalf("traces %q, message %q", traces, text.String())
	}
	trace, err := os.ReadFile(traces[0])
	if err != nil || !strings.Contains(string(trace), "goroutine 1") {
		t.Errorf("trace %q, %v", trace, err)
	}
}

// The bytes decide whether a file is a policy, not its name.
func TestIsPolicy(t *testing.T) {
	allow := asm.Program{{Op: asm.RetK, K: 0x7fff0000}}
	for _, c := range []struct {
		name string
		data []byte
		want bool
	}{
		{"empty", nil, true},
		{"policy", []byte("# a comment\r\ndefault allow\t# ünïcode\n"), true},
		{"little-endian filter", allow.Encode(binary.LittleEndian), false},
		{"big-endian filter", allow.Encode(binary.BigEndian), false},
		{"broken UTF-8", []byte("default \xff"), true},
		{"UTF-16", []byte("\xff\xfed\x00e\x00"), true},
		{"a program", []byte("\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00"), false},
		{"terminal control", []byte("default \x1b[2J"), true},
		{"NUL", []byte("default\x00"), true},
	} {
		if got := (input{name: c.name, data: c.data}).isPolicy(); got != c.want {
			t.Errorf("%s: text %v, want %v", c.name, got, c.want)
		}
	}
}

func TestDescriptor(t *testing.T) {
	for name, want := range map[string]int{
		"/dev/stdout": 1, "/dev/stderr": 2, "/dev/fd/7": 7, "/proc/self/fd/12": 12,
		"/dev/fd/": -1, "/dev/fd/x": -1, "/dev/fd/-1": -1, "/dev/null": -1, "filter": -1,
	} {
		got, ok := descriptor(name)
		if !ok {
			got = -1
		}
		if got != want {
			t.Errorf("%s: descriptor %d, want %d", name, got, want)
		}
	}
}
