package record

import (
	"encoding/binary"
	"testing"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/compiler"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
)

// Whatever a filter does not let pass becomes a question, for callers of every ABI.
func TestAsking(t *testing.T) {
	t.Parallel()
	res, diags := compiler.Compile("p.scp", []byte(`arch x86_64, i386
default allow
kill ptrace
kill_thread reboot
trap(1) mount
trace(2) umount2
deny chroot
notify openat
log mkdir
`), compiler.Options{})
	if res == nil {
		t.Fatal(diags)
	}
	asking, err := Asking(res.Program)
	if err != nil {
		t.Fatal(err)
	}
	if err := asking.Check(); err != nil {
		t.Fatal(err)
	}
	for _, abi := range linux.ABIs() {
		for _, call := range abi.Syscalls() {
			d := asm.Data{Arch: abi.Arch, Nr: call.Nr}
			was, err := res.Program.Run(d, binary.LittleEndian)
			if err != nil {
				t.Fatal(err)
			}
			is, err := asking.Run(d, binary.LittleEndian)
			if err != nil {
				t.Fatal(err)
			}
			want := policy.Notify
			if kind := policy.Action(was.Ret).Kind(); kind == policy.Allow || kind == policy.Log {
				want = policy.Action(was.Ret)
			}
			if got := policy.Action(is.Ret); got != want {
				t.Errorf("%s %s: %v, want %v", abi.Name, call.Name, got, want)
			}
		}
		if !asking.Serves(abi.Arch) {
			t.Errorf("a loader would not take it for %s", abi.Name)
		}
	}
	if _, err := Asking(asm.Program{{Op: asm.LdAbs}, {Op: asm.RetA}}); err == nil {
		t.Error("a computed action: no error")
	}
}

// A call is what a policy can say about it: no address, no bit that the kernel does not read.
func TestOf(t *testing.T) {
	t.Parallel()
	const (
		x86, arm64 = 0xc000003e, 0xc00000b7
		high       = 0xdeadbeef_00000000
	)
	for _, test := range []struct {
		call policy.Data
		want string
	}{
		{policy.Data{Arch: x86, Nr: 257, IP: 7,
			Args: [6]uint64{0xffffffff_ffffff9c, 0x7ffe0000, high | 0o102}},
			"x86_64: openat(AT_FDCWD, _, O_RDWR | O_CREAT, 0)"},
		{policy.Data{Arch: x86, Nr: 3, Args: [6]uint64{high | 5, 6, 7, 8, 9, 10}},
			"x86_64: close(5)"},
		{policy.Data{Arch: x86, Nr: 16, Args: [6]uint64{1, 0x5401, 0x7ffe0000}},
			"x86_64: ioctl(1, TCGETS, _)"},
		{policy.Data{Arch: x86, Nr: 72, Args: [6]uint64{1, 2, 1}},
			"x86_64: fcntl(1, F_SETFD, FD_CLOEXEC)"},
		{policy.Data{Arch: x86, Nr: 72, Args: [6]uint64{1, 5, 0x7ffe0000}},
			"x86_64: fcntl(1, F_GETLK, _)"},
		{policy.Data{Arch: x86, Nr: 12, Args: [6]uint64{0x55550000}}, "x86_64: brk(_)"},
		{policy.Data{Arch: x86, Nr: 12}, "x86_64: brk(0)"},
		{policy.Data{Arch: x86, Nr: 9, Args: [6]uint64{0, 0x40000, 3, 0x22, 0xffffffff_ffffffff}},
			"x86_64: mmap(0, 0x40000, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)"},
		{policy.Data{Arch: arm64, Nr: 220, Args: [6]uint64{0x3d0f00, 0x7ffe0000, 0x7ffe0000,
			0x7ffe0000}},
			"aarch64: clone(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | " +
				"CLONE_SYSVSEM | CLONE_SETTLS | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID, _, " +
				"_, _, _)"},
		{policy.Data{Arch: x86, Nr: 5000, Args: [6]uint64{1}}, "x86_64: 5000(1)"},
		{policy.Data{Arch: 0x1234, Nr: 5, IP: 9, Args: [6]uint64{0, 9}}, "arch 0x1234: 5(0, 9)"},
	} {
		if got := Of(test.call).String(); got != test.want {
			t.Errorf("%+v: %s, want %s", test.call, got, test.want)
		}
	}
}

func TestSeen(t *testing.T) {
	t.Parallel()
	var s Seen
	add := func(nr uint32, arg uint64, note string) News {
		return s.Add(Kind{Of(policy.Data{Arch: 0xc000003e, Nr: nr, Args: [6]uint64{arg}}), note})
	}
	for _, test := range []struct {
		nr   uint32
		arg  uint64
		note string
		want News
	}{
		{95, 1, "", New}, {95, 1, "", Old}, {95, 2, "", New}, {95, 2, "other", New},
		{95, 1, "", Old},
		{3, 1, "", New},
	} {
		if got := add(test.nr, test.arg, test.note); got != test.want {
			t.Errorf("%+v gives %d", test, got)
		}
	}
	for i := range uint64(maxKinds) {
		if got := add(60, i, ""); got != New {
			t.Fatalf("kind %d gives %d", i, got)
		}
	}
	for i, want := range []News{Many, Old, Old} {
		if got := add(60, maxKinds+uint64(i), ""); got != want {
			t.Errorf("kind %d gives %d, want %d", maxKinds+i, got, want)
		}
	}
	if got := add(60, 0, ""); got != Old {
		t.Errorf("a kind that is known gives %d", got)
	}
	if got := add(3, 2, ""); got != New {
		t.Errorf("a kind of another call gives %d", got)
	}
}
