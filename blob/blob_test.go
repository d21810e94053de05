package blob

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/linux"
)

func filter(t *testing.T, abi string) *Filter {
	t.Helper()
	a, ok := linux.Lookup(abi)
	if !ok {
		t.Fatalf("no ABI %s", abi)
	}
	f := &Filter{ABIs: []*linux.ABI{a}, Order: binary.LittleEndian, Origin: "policy.scp"}
	if a.BigEndian {
		f.Order = binary.BigEndian
	}
	f.Program = asm.Program{
		{Op: asm.LdAbs, K: asm.OffArch},
		{Op: asm.JeqK, K: a.Arch, Jf: 1},
		{Op: asm.RetK, K: 0x7fff0000},
		{Op: asm.RetK, K: 0x00050001},
	}
	return f
}

func encode(t *testing.T, f *Filter, format string) string {
	t.Helper()
	data, err := f.Encode(format)
	if err != nil {
		t.Fatalf("%s: %v", format, err)
	}
	return string(data)
}

// Every format holds the same instructions.
func TestEncode(t *testing.T) {
	t.Parallel()
	for _, abi := range []string{"x86_64", "s390x"} {
		f := filter(t, abi)
		raw := f.Program.Encode(f.Order)
		for _, format := range Formats() {
			text := encode(t, f, format)
			var got []byte
			switch format {
			case "raw":
				got = []byte(text)
			case "hex":
				got, _ = hex.DecodeString(strings.ReplaceAll(text, "\n", ""))
			case "base64":
				got, _ = base64.StdEncoding.DecodeString(strings.TrimSpace(text))
			case "asm":
				p, err := asm.Parse(text)
				if err != nil {
					t.Errorf("%s: %v", abi, err)
				}
				got = p.Encode(f.Order)
			case "json":
				var read filterJSON
				if err := json.Unmarshal([]byte(text), &read); err != nil {
					t.Error(err)
				}
				var p asm.Program
				for _, in := range read.Instructions {
					p = append(p, asm.Instruction{Op: in.Code, Jt: in.Jt, Jf: in.Jf, K: in.K})
				}
				got = p.Encode(f.Order)
			default:
				got = readSource(t, text).Encode(f.Order)
			}
			if !bytes.Equal(got, raw) {
				t.Errorf("%s of %s: %x, want %x\n%s", format, abi, got, raw, text)
			}
		}
	}
	if _, err := filter(t, "x86_64").Encode("elf"); err == nil {
		t.Error("a format that there is not: no error")
	}
}

var row = regexp.MustCompile(
	`(?m)^\s+(?:\{|op\()\D*(0x[0-9a-f]+)\D+(\d+)\D+(\d+)\D+(0x[0-9a-f_]+)`)

// readSource reads the numbers of an array.
func readSource(t *testing.T, text string) asm.Program {
	t.Helper()
	var p asm.Program
	for _, m := range row.FindAllStringSubmatch(text, -1) {
		var v [4]uint64
		for i := range v {
			var err error
			if v[i], err = strconv.ParseUint(m[i+1], 0, 32); err != nil {
				t.Fatal(err)
			}
		}
		p = append(p, asm.Instruction{
			Op: uint16(v[0]), Jt: uint8(v[1]), Jf: uint8(v[2]), K: uint32(v[3]),
		})
	}
	return p
}

// hostile are names of files that would leave a comment, or turn the order of its letters round.
var hostile = []string{
	"a*/int x;/*b", "a\nint x", "a\rb", "a\u2028b", "a\u202eb\u2066c", "a\x1b[2Jb", "a\x00b",
	"a\xffb",
	"a\\", "a?\x3f/", "*\u202e/",
}

// Whatever the policy's file is called, the source stays the source that it is.
func TestHostileNames(t *testing.T) {
	t.Parallel()
	f := filter(t, "x86_64")
	for _, format := range []string{"c", "go", "rust"} {
		f.Origin = "policy"
		want := encode(t, f, format)
		for _, name := range hostile {
			f.Origin = name
			got := encode(t, f, format)
			_, wantBody, _ := strings.Cut(want, "\n")
			heading, body, _ := strings.Cut(got, "\n")
			if body != wantBody {
				t.Errorf("%s with %q: %s", format, name, got)
			}
			for _, r := range heading {
				if r < ' ' || r > '~' {
					t.Errorf("%s with %q: %q in the heading", format, name, r)
				}
			}
			if format == "c" && (strings.Count(heading, "*/") != 1 ||
				strings.Count(heading, "/*") != 1) {
				t.Errorf("c with %q: %s", name, heading)
			}
		}
	}
}

// The arrays are what a Go parser and a C compiler take.
func TestSourceCompiles(t *testing.T) {
	t.Parallel()
	f := filter(t, "x86_64")
	for _, name := range append(hostile, "policy.scp") {
		f.Origin = name
		src := encode(t, f, "go")
		if _, err := parser.ParseFile(token.NewFileSet(), "filter.go", src, 0); err != nil {
			t.Errorf("go with %q: %v", name, err)
		}
	}
	file := filepath.Join(t.TempDir(), "filter.c")
	for _, name := range append(hostile, "policy.scp") {
		f.Origin = name
		src := encode(t, f, "c") + "_Static_assert(sizeof filter == 4 * sizeof *filter, " +
			"\"length\");\n" +
			"int main(void) { return filter[0].k != 4; }\n"
		if err := os.WriteFile(file, []byte(src), 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command("gcc", "-trigraphs", "-Wall", "-Werror", "-fsyntax-only",
			file).CombinedOutput()
		if err != nil {
			t.Errorf("c with %q: %v\n%s", name, err, out)
		}
	}
}
