package peers

/*
#cgo LDFLAGS: -lseccomp
#include <errno.h>
#include <stdlib.h>
#include <seccomp.h>

static uint32_t badarch_action(void) { return SCMP_ACT_KILL_PROCESS; }
*/
import "C"

import (
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/bench/neutral"
	"github.com/seccompc/seccompc/policy"
)

// libseccomp compiles with Debian's libseccomp at an optimisation level: 1 is its default, 2 a
// binary tree over the numbers. Its input is the calls that add the rules. Names are resolved by
// the library's own table; one that it lacks is left out, as its users do. Equality in 32 bits is
// its masked equality; its other comparisons are of 64 bits.
func libseccomp(level int) func(*neutral.Policy) (Compile, error) {
	return func(p *neutral.Policy) (Compile, error) {
		return unproved(func() (asm.Program, error) { return buildFilter(p, level) }), nil
	}
}

func buildFilter(p *neutral.Policy, level int) (asm.Program, error) {
	ctx := C.seccomp_init(C.uint32_t(p.Default))
	if ctx == nil {
		return nil, fmt.Errorf("seccomp_init refuses the default %s", p.Default)
	}
	defer C.seccomp_release(ctx)
	f := filter{ctx: ctx, policy: p}
	for _, step := range []func() error{
		f.attribute(C.SCMP_FLTATR_CTL_OPTIMIZE, C.uint32_t(level)),
		f.attribute(C.SCMP_FLTATR_ACT_BADARCH, C.badarch_action()),
		f.addABIs,
		f.addRules,
	} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return f.export()
}

func libseccompVersion() string {
	v := C.seccomp_version()
	return fmt.Sprintf("%d.%d.%d", v.major, v.minor, v.micro)
}

type filter struct {
	ctx    C.scmp_filter_ctx
	policy *neutral.Policy
}

func (f filter) attribute(a C.enum_scmp_filter_attr, v C.uint32_t) func() error {
	return func() error { return failed("seccomp_attr_set", C.seccomp_attr_set(f.ctx, a, v)) }
}

// addABIs adds what the filter serves beside x86_64, which a new one has.
func (f filter) addABIs() error {
	tokens := map[string]C.uint32_t{"i386": C.SCMP_ARCH_X86, "x32": C.SCMP_ARCH_X32}
	for _, name := range f.policy.ABIs {
		if name == "x86_64" {
			continue
		}
		if err := failed("seccomp_arch_add", C.seccomp_arch_add(f.ctx, tokens[name])); err != nil {
			return err
		}
	}
	return nil
}

func (f filter) addRules() error {
	for _, r := range f.policy.Rules {
		if r.Action == f.policy.Default {
			continue // the library refuses a rule that says what the default says
		}
		nr, ok := f.number(r)
		if !ok {
			continue
		}
		if err := f.addRule(nr, r); err != nil {
			return fmt.Errorf("%s: %w", r.Call, err)
		}
	}
	return nil
}

// number prefers the number of x86_64, which the library takes whether its table holds it or not. A
// call of other ABIs alone has a number that only the library knows.
func (f filter) number(r neutral.Rule) (C.int, bool) {
	if nr, ok := r.Number(neutral.ABIs["x86_64"]); ok && len(f.policy.ABIs) == 1 {
		return C.int(nr), true
	}
	name := C.CString(r.Call)
	defer C.free(unsafe.Pointer(name))
	nr := C.seccomp_syscall_resolve_name(name)
	return nr, nr != C.__NR_SCMP_ERROR
}

func (f filter) addRule(nr C.int, r neutral.Rule) error {
	var args []C.struct_scmp_arg_cmp
	for _, t := range r.When {
		args = append(args, libseccompTest(t))
	}
	rc := C.seccomp_rule_add_array(f.ctx, C.uint32_t(libseccompAction(r.Action)), nr,
		C.uint(len(args)), unsafe.SliceData(args))
	return failed("seccomp_rule_add_array", rc)
}

// libseccompAction is the identity: the library's SCMP_ACT_* are the kernel's values.
func libseccompAction(a policy.Action) uint32 { return uint32(a) }

func libseccompTest(t neutral.Test) C.struct_scmp_arg_cmp {
	c := C.struct_scmp_arg_cmp{arg: C.uint(t.Arg), datum_a: C.scmp_datum_t(t.Value)}
	switch {
	case t.Op == neutral.Masked:
		c.op, c.datum_a, c.datum_b = C.SCMP_CMP_MASKED_EQ, C.scmp_datum_t(t.Mask),
			C.scmp_datum_t(t.Value)
	case t.Op == neutral.Eq && t.Width == 32:
		c.op, c.datum_a, c.datum_b = C.SCMP_CMP_MASKED_EQ, 0xffffffff, C.scmp_datum_t(t.Value)
	default:
		c.op = [...]C.enum_scmp_compare{
			neutral.Eq: C.SCMP_CMP_EQ, neutral.Ne: C.SCMP_CMP_NE, neutral.Lt: C.SCMP_CMP_LT,
			neutral.Le: C.SCMP_CMP_LE, neutral.Gt: C.SCMP_CMP_GT, neutral.Ge: C.SCMP_CMP_GE,
		}[t.Op]
	}
	return c
}

// export reads the filter back through a file in memory: this release of the library writes to a
// descriptor only.
func (f filter) export() (asm.Program, error) {
	fd, err := unix.MemfdCreate("filter", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("memfd_create: %w", err)
	}
	file := os.NewFile(uintptr(fd), "filter")
	defer file.Close()
	if err := failed("seccomp_export_bpf", C.seccomp_export_bpf(f.ctx, C.int(fd))); err != nil {
		return nil, err
	}
	blob, err := io.ReadAll(io.NewSectionReader(file, 0, 1<<20))
	if err != nil {
		return nil, err
	}
	return asm.Decode(blob, binary.LittleEndian)
}

func failed(call string, rc C.int) error {
	if rc < 0 {
		return fmt.Errorf("%s: %w", call, unix.Errno(-rc))
	}
	return nil
}
