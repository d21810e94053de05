package main

import (
	"bytes"
	"debug/elf"
	"errors"
	"fmt"
	"maps"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// compiler evaluates the kernel's headers for one target: an amd64 gcc with the target's headers,
// macros and type layout. Only constants come out of it, never code.
type compiler struct {
	target *target
	dir    string // for its files
	args   []string
}

// prelude declares what the headers expect a C library to declare.
const prelude = `#include <linux/types.h>
#include <linux/time.h>
#include <linux/socket.h>
#include <asm/signal.h>
#include <linux/in.h>
#include <linux/in6.h>
typedef unsigned short sa_family_t;
struct sockaddr { sa_family_t sa_family; char sa_data[14]; };
#define sockaddr_storage __kernel_sockaddr_storage
#define MSG_FIN 0x200
typedef __u8 uint8_t; typedef __u16 uint16_t; typedef __u32 uint32_t; typedef __u64 uint64_t;
typedef __s8 int8_t; typedef __s16 int16_t; typedef __s32 int32_t; typedef __s64 int64_t;
typedef __kernel_size_t size_t; typedef __kernel_pid_t pid_t; typedef __kernel_uid_t uid_t;
`

// libraryHeaders are headers of a C library that the kernel's include; they are empty here.
var libraryHeaders = []string{"arpa/inet.h", "errno.h", "fcntl.h", "limits.h", "net/if.h",
	"netinet/if_ether.h",
	"netinet/in.h", "stdbool.h", "stddef.h", "stdint.h", "stdio.h", "stdlib.h", "string.h",
	"sys/ioctl.h",
	"sys/socket.h", "sys/time.h", "sys/types.h", "time.h", "unistd.h"}

// skippedHeaders do not compile together with the others, and hold nothing that a system call
// takes.
var skippedHeaders = regexp.MustCompile(`linux/(a\.out|am437x-.*|atmbr2684|auto_fs4|btrfs_tree|` +
	`cec-funcs|coda|kernel-page-flags|netfilter_bridge|omap.*|patchkey|soundcard|string|sysctl|` +
	`wireless)\.h$`)

// needs are the headers that only compile where the architecture has one of its own.
var needs = map[string]string{"linux/kvm.h": "asm/kvm.h", "linux/kvm_para.h": "asm/kvm_para.h"}

// moreHeaders are beside linux/*.h.
var moreHeaders = []string{"asm/prctl.h", "asm/mman.h", "asm/ioctls.h", "asm/termbits.h",
	"asm/ldt.h",
	"asm/mtrr.h", "scsi/sg.h", "drm/drm.h", "mtd/mtd-abi.h"}

func newCompiler(s *sources, t *target, dir string) (*compiler, error) {
	emptyHeaders := filepath.Join(dir, "library")
	for _, h := range libraryHeaders {
		file := filepath.Join(emptyHeaders, h)
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755),
			os.WriteFile(file, nil, 0o644)); err != nil {
			return nil, err
		}
	}
	uapi := filepath.Join(s.headers, "usr/lib/linux/uapi", t.headers)
	c := &compiler{target: t, dir: dir, args: slices.Concat(t.layout, []string{
		"-w", "-O0", "-fmax-errors=0", "-ftrack-macro-expansion=0", "-nostdinc",
		"-isystem", emptyHeaders, "-isystem", uapi, "-isystem",
		filepath.Join(s.headers, "usr/include"),
	})}
	for macro := range strings.FieldsSeq(t.macros) {
		c.args = append(c.args, "-D"+macro)
	}
	headers, err := filepath.Glob(filepath.Join(s.headers, "usr/include/linux/*.h"))
	if err != nil || len(headers) == 0 {
		return nil, fmt.Errorf("no kernel headers in %s: %v", s.headers, err)
	}
	text := prelude
	for _, h := range headers {
		if !skippedHeaders.MatchString(h) {
			text += include("linux/" + filepath.Base(h))
		}
	}
	for _, h := range moreHeaders {
		text += include(h)
	}
	if err := os.WriteFile(c.file("headers.h"), []byte(text), 0o644); err != nil {
		return nil, err
	}
	_, messages, err := c.gcc("-fsyntax-only", c.file("headers.h"))
	if err != nil {
		return nil, fmt.Errorf("the kernel's headers for %s: %w\n%.2000s", t.abi, err, messages)
	}
	return c, nil
}

func include(header string) string {
	need, ok := needs[header]
	if !ok {
		need = header
	}
	return fmt.Sprintf("#if __has_include(<%s>)\n#include <%s>\n#endif\n", need, header)
}

func (c *compiler) file(name string) string { return filepath.Join(c.dir, c.target.abi+"-"+name) }

// gcc runs the compiler and returns its output and its messages.
func (c *compiler) gcc(args ...string) (out, messages string, err error) {
	cmd := exec.Command("gcc", append(slices.Clone(c.args), args...)...)
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err = cmd.Run()
	return stdout.String(), stderr.String(), err
}

var (
	objectMacro = regexp.MustCompile(`(?m)^#define (\w+) (.+)$`)
	enumBody    = regexp.MustCompile(`\benum\b[^{};()]*\{([^{}]*)\}`)
	enumerator  = regexp.MustCompile(`(?:^|,)\s*([A-Za-z_]\w*)`)
)

// macros returns the object-like macros of the headers with their bodies.
func (c *compiler) macros() (map[string]string, error) {
	out, messages, err := c.gcc("-E", "-dM", c.file("headers.h"))
	if err != nil {
		return nil, fmt.Errorf("gcc: %w\n%s", err, messages)
	}
	macros := map[string]string{}
	for _, m := range objectMacro.FindAllStringSubmatch(out, -1) {
		macros[m[1]] = m[2]
	}
	return macros, nil
}

// enumerators returns the names that the headers' enums define.
func (c *compiler) enumerators() ([]string, error) {
	out, messages, err := c.gcc("-E", "-P", c.file("headers.h"))
	if err != nil {
		return nil, fmt.Errorf("gcc: %w\n%s", err, messages)
	}
	var names []string
	for _, body := range enumBody.FindAllStringSubmatch(out, -1) {
		for _, m := range enumerator.FindAllStringSubmatch(body[1], -1) {
			names = append(names, m[1])
		}
	}
	return names, nil
}

// values evaluates the names that are integer constants, and leaves out the others: it compiles one
// function per name, since gcc reports an undeclared identifier once in each, and drops those that
// gcc refuses until none is left.
func (c *compiler) values(names []string) (map[string]string, error) {
	source, object := c.file("values.c"), c.file("values.o")
	refused := regexp.MustCompile(regexp.QuoteMeta(source) + `:(\d+):\d+: error`)
	for range 10 {
		var text bytes.Buffer
		fmt.Fprintf(&text, "#include %q\n", c.file("headers.h"))
		for _, n := range names {
			fmt.Fprintf(&text, "void f_%s(void) { _Static_assert(!__builtin_types_compatible_p("+
				"__typeof__(%[1]s), char[sizeof(%[1]s)]), \"a string\"); "+
				"static const struct { unsigned long long bits; int negative; } value_%[1]s "+
				"__attribute__((used)) = { (unsigned long long)(%[1]s), (%[1]s) < 0 }; }\n", n)
		}
		if err := os.WriteFile(source, text.Bytes(), 0o644); err != nil {
			return nil, err
		}
		_, messages, err := c.gcc("-c", "-o", object, source)
		if err == nil {
			return readValues(object)
		}
		bad := map[int]bool{}
		for _, m := range refused.FindAllStringSubmatch(messages, -1) {
			line, _ := strconv.Atoi(m[1])
			bad[line] = true
		}
		if len(bad) == 0 {
			return nil, fmt.Errorf("gcc: %w\n%.2000s", err, messages)
		}
		for _, line := range slices.Backward(slices.Sorted(maps.Keys(bad))) {
			names = slices.Delete(names, line-2, line-1) // line 1 is the include
		}
	}
	return nil, errors.New("gcc refuses ever more of the headers' constants")
}

// readValues reads the value_NAME symbols of an object file.
func readValues(object string) (map[string]string, error) {
	f, err := elf.Open(object)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	symbols, err := f.Symbols()
	if err != nil {
		return nil, err
	}
	contents := map[elf.SectionIndex][]byte{}
	values := map[string]string{}
	for _, s := range symbols {
		name, ok := strings.CutPrefix(s.Name, "value_")
		name, _, _ = strings.Cut(name, ".") // gcc numbers what is local to a function
		if !ok {
			continue
		}
		section := f.Sections[s.Section]
		data := contents[s.Section]
		if data == nil && section.Type != elf.SHT_NOBITS { // all zeros need no bits
			if data, err = section.Data(); err != nil {
				return nil, err
			}
			contents[s.Section] = data
		}
		values[name] = "0"
		if data != nil {
			bits := f.ByteOrder.Uint64(data[s.Value:])
			values[name] = number(bits, f.ByteOrder.Uint32(data[s.Value+8:]) != 0)
		}
	}
	return values, nil
}

// number writes a value as constants.txt holds it. The smallest int is what C makes of 1 << 31, a
// flag.
func number(bits uint64, negative bool) string {
	switch {
	case negative && int64(bits) == math.MinInt32:
		return "0x80000000"
	case negative:
		return "-" + number(-bits, false)
	case bits < 10:
		return strconv.FormatUint(bits, 10)
	}
	return "0x" + strconv.FormatUint(bits, 16)
}
