package main

import (
	"bytes"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	goruntime "runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/seccompc/seccompc/relocation"
	"github.com/seccompc/seccompc/runtime"
)

// waitingPolicy has late values of all types, whose names are words of C, Go and Rust.
const waitingPolicy = `arch x86_64, aarch64
default allow
param mode = {closed, open}
late type: i32
late errno: u32 in {3..0xffffffff}
late filter0: u64
late values: i64 in {-9223372036854775808..-2}
late unused: u32
deny kill if pid in {0, type} && sig != errno
deny execve if u64(arg0) != filter0
deny lseek if u64(arg1) in {values, filter0, errno}
when mode == closed {
    deny mmap if u64(arg0) == values
}
`

// A program of each language: it takes a configuration, 0 or 1, and the values, and prints the
// bytes of the filter, or "refused".
const (
	fillerC = `#include <stdio.h>
#include <stdlib.h>
#include "sample.h"
int main(int argc, char **a)
{
	struct sock_filter filter[SAMPLE_LEN];
	int len = sample_fill(filter, argc == 7 && a[1][0] == '1' ? SAMPLE_OPEN : SAMPLE_CLOSED,
			      (int32_t)atol(a[2]), (uint32_t)strtoul(a[3], 0, 0),
			      strtoull(a[4], 0, 0), strtoll(a[5], 0, 0), (uint32_t)strtoul(a[6], 0, 0));
	if (len < 0)
		return puts("refused") < 0;
	for (size_t i = 0; i < (size_t)len * 8; i++)
		printf("%02x", ((uint8_t *)filter)[i]);
	return puts("") < 0;
}
`
	fillerGo = `package main

import ("bytes"; "encoding/binary"; "fmt"; "os"; "strconv"; "sample/sample")

func main() {
	var v [5]int64
	for i := range v {
		u, _ := strconv.ParseUint(os.Args[i+2], 0, 64)
		v[i] = int64(u)
		if os.Args[i+2][0] == '-' { v[i], _ = strconv.ParseInt(os.Args[i+2], 0, 64) }
	}
	c := sample.Closed
	if os.Args[1] == "1" { c = sample.Open }
	f, err := sample.Filter(c, int32(v[0]), uint32(v[1]), uint64(v[2]), v[3], uint32(v[4]))
	if err != nil { fmt.Println("refused"); return }
	var b bytes.Buffer
	binary.Write(&b, binary.NativeEndian, f)
	fmt.Printf("%x\n", b.Bytes())
}
`
	fillerRust = `//! Prints a filter.
mod sample;
use sample::{sample, SampleConfiguration as C};
fn main() {
    let a: Vec<String> = std::env::args().skip(1).collect();
    let c = if a[0] == "1" { C::Open } else { C::Closed };
    let (kind, errno) = (a[1].parse().unwrap(), a[2].parse().unwrap());
    let (hook, far, unused) = (a[3].parse().unwrap(), a[4].parse().unwrap(), a[5].parse().unwrap());
    match sample(c, kind, errno, hook, far, unused) {
        Err(_) => println!("refused"),
        Ok(filter) => {
            for i in filter.iter() {
                let (code, k) = (i.code.to_ne_bytes(), i.k.to_ne_bytes());
                for b in [&code[..], &[i.jt, i.jf], &k].concat() {
                    print!("{b:02x}");
                }
            }
            println!();
        }
    }
}
`
)

// fillers builds a program of each language that is here, from what build writes.
func fillers(t *testing.T, dir string) map[string]string {
	build := func(format, file string) {
		mustRun(t, "build", filepath.Join(dir, "p.scp"), "--format", format, "--name", "sample",
			"--config", "closed", "--config", "open=mode=open", "-W", "bypass=off", "-o",
			filepath.Join(dir, file))
	}
	ours, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	sums, err := os.ReadFile(filepath.Join(ours, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	mod, err := os.ReadFile(filepath.Join(ours, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, dir, map[string]string{
		"c/main.c": fillerC, "main.go": fillerGo, "go.sum": string(sums),
		"go.mod": strings.Replace(string(mod), "module github.com/seccompc/seccompc",
			"module sample", 1),
		"src/main.rs": fillerRust, "Cargo.toml": strings.Replace(crate, "CRATE", ours+"/rust", 1),
	})
	if err := os.Mkdir(filepath.Join(dir, "sample"), 0o755); err != nil {
		t.Fatal(err)
	}
	build("c", "c/sample.h")
	build("go", "sample/sample.go")
	build("rust", "src/sample.rs")
	programs := map[string]string{"c": "./of-c", "go": "./of-go"}
	commands := []string{
		"gcc -std=gnu11 -Wall -Wextra -Wpedantic -Werror -I" + ours + "/c c/main.c -o of-c",
		"go build -o of-go .",
	}
	if *rust {
		programs["rust"] = "target/debug/generated"
		commands = append(commands, "rustfmt --check --edition 2021 src/sample.rs",
			"cargo build -q --offline",
			"cargo clippy -q --offline -- -W clippy::pedantic -W clippy::nursery -D warnings")
	}
	for _, command := range commands {
		cmd := exec.Command("sh", "-c", command)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", command, err, out)
		}
	}
	return programs
}

// TestFillers: fill, runtime.Fill and what is generated for C, Go and, with -rust, Rust make the
// same bytes of the same values, and refuse the same.
func TestFillers(t *testing.T) {
	if testing.Short() {
		t.Skip("builds programs")
	}
	if goruntime.GOARCH != "amd64" && goruntime.GOARCH != "arm64" {
		t.Skip("the policy is for amd64 and arm64")
	}
	dir := t.TempDir()
	write(t, dir, map[string]string{"p.scp": waitingPolicy})
	programs := fillers(t, dir)
	names := []string{"type", "errno", "filter0", "values", "unused"}
	for _, config := range []string{"0", "1"} {
		mode := map[string]string{"0": "closed", "1": "open"}[config]
		at := func(name string) string { return filepath.Join(dir, name) }
		mustRun(t, "build", at("p.scp"), "--arch", goruntime.GOARCH, "-D", "mode="+mode, "-o",
			at("p.bpf"), "--relocations", at("p.json"))
		for i, values := range [][]string{
			{"-1", "3", "0", "-2", "0"},
			{"-2147483648", "4294967295", "18446744073709551615", "-9223372036854775808", "1"},
			{"2147483647", "65536", "140733193392692", "-4294967296", "4294967295"},
			{"1234", "1234", "1234", "-1234", "1234"},
			{"1", "2", "1", "-2", "1"},
			{"1", "3", "1", "-1", "1"},
		} {
			args := []string{"fill", at("p.bpf"), "--relocations", at("p.json"), "-o", at("f.bpf")}
			for j, name := range names {
				args = append(args, "-D", name+"="+values[j])
			}
			want := "refused"
			var out bytes.Buffer
			if run(args, strings.NewReader(""), &out, &out) == 0 {
				want = hex.EncodeToString(read(t, at("f.bpf")))
			}
			if wrong := i > 3; wrong != (want == "refused") {
				t.Errorf("fill, %v: %s", values, &out)
			}
			got := filledInPlace(t, read(t, at("p.bpf")), read(t, at("p.json")), values)
			if got != want {
				t.Errorf("runtime.Fill, %v:\n%s, want\n%s", values, got, want)
			}
			for language, program := range programs {
				cmd := exec.Command(program, append([]string{config}, values...)...)
				cmd.Dir = dir
				got, err := cmd.Output()
				if err != nil || strings.TrimSpace(string(got)) != want {
					t.Errorf("%s, %s, %v: %v\n%s, want\n%s", language, mode, values, err, got, want)
				}
			}
		}
	}
}

// filledInPlace returns what runtime.Fill makes of a filter.
func filledInPlace(t *testing.T, filter, text []byte, values []string) string {
	list, err := relocation.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	var given []uint64
	for _, v := range values {
		n, err := strconv.ParseUint(v, 10, 64)
		if v[0] == '-' {
			var signed int64
			signed, err = strconv.ParseInt(v, 10, 64)
			n = uint64(signed)
		}
		if err != nil {
			t.Fatal(err)
		}
		given = append(given, n)
	}
	if err := runtime.Fill(filter, list, given...); err != nil {
		return "refused"
	}
	return hex.EncodeToString(filter)
}

func mustRun(t *testing.T, args ...string) {
	t.Helper()
	var out bytes.Buffer
	if code := run(args, strings.NewReader(""), &out, &out); code != 0 {
		t.Fatalf("seccompc %s: %d\n%s", strings.Join(args, " "), code, &out)
	}
}

func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		file := filepath.Join(dir, name)
		err := os.MkdirAll(filepath.Dir(file), 0o755)
		if err == nil {
			err = os.WriteFile(file, []byte(text), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
