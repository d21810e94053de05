package compiler

import (
	"math"
	"testing"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/linux"
)

func TestStats(t *testing.T) {
	r := compile(t, `arch x86_64
default allow
deny ptrace, bpf
deny unshare if arg0 & CLONE_NEWUSER
`, Options{})
	s := r.Stats()
	x := s.ABIs[0]
	if s.Length != len(r.Program) || s.KernelLen != r.Program.KernelLen() ||
		x.Checked.Numbers != 1 ||
		x.Denied.Numbers != 2 {
		t.Errorf("%+v", s)
	}
	if x.Cached != x.Allowed.Numbers || x.Cached < 300 {
		t.Errorf("%d of %d allowed calls are cached", x.Cached, x.Allowed.Numbers)
	}
	// The executed instructions of the denied calls are what the simulator counts.
	steps, worst := 0, 0
	for _, nr := range []uint32{101, 321} {
		got, err := r.Program.Run(asm.Data{Arch: x86_64, Nr: nr}, r.Order)
		if err != nil {
			t.Fatal(err)
		}
		steps += got.Steps
		worst = max(worst, got.Steps)
	}
	if x.Denied.Executed != float64(steps)/2 {
		t.Errorf("denied calls: %v instructions, want %v", x.Denied.Executed, float64(steps)/2)
	}
	if s.Worst < worst {
		t.Errorf("worst %d, but a call takes %d", s.Worst, worst)
	}
	uncached := 3.0
	mean := (x.Checked.Executed + 2*x.Denied.Executed) / uncached
	if x.LowerBound > mean || x.LeastLength > s.Length {
		t.Errorf("mean %v below %v, or length %d below %d", mean, x.LowerBound, s.Length,
			x.LeastLength)
	}
	if x.Denied.Nanos <= enterCost || x.Denied.Nanos > enterCost+20 {
		t.Errorf("modelled %v ns", x.Denied.Nanos)
	}
}

func TestEntropy(t *testing.T) {
	if h := entropy(map[int]float64{1: 1, 2: 1, 3: 2}); math.Abs(h-1.5) > 1e-9 {
		t.Errorf("%v", h)
	}
	if h := entropy(nil); h != 0 {
		t.Errorf("%v", h)
	}
}

// Cached is what the kernel's cache holds, on every ABI: ARM's private calls, x32 and MIPS are not
// in it.
func TestStatsCountWhatIsCached(t *testing.T) {
	for _, abi := range linux.ABIs() {
		r := compile(t, "arch "+abi.Name+"\ndefault allow\ndeny ptrace\n", Options{})
		want := 0
		for _, s := range abi.Syscalls() {
			if s.Name != "ptrace" && abi.IsCached(s.Nr) {
				want++
			}
		}
		if got := r.Stats().ABIs[0].Cached; got != want {
			t.Errorf("%s: %d calls are cached, want %d", abi.Name, got, want)
		}
		if private, ok := abi.Number("set_tls"); ok && want >= len(abi.Syscalls())-1 {
			t.Errorf("%s: set_tls, %#x, is counted", abi.Name, private)
		}
	}
}

// No filter goes below the bounds that are printed: not the one that they are printed for, whatever
// it need not test.
func TestStatsBounds(t *testing.T) {
	for _, text := range []string{
		"arch aarch64\ndefault allow\n",
		"arch x86_64\ndefault allow\nmismatch allow\n",
		"arch x86_64\ndefault deny\nmismatch deny\nunknown deny\n",
		"arch x86_64\ndefault allow\nmismatch deny\ndeny ptrace\n",
		"arch aarch64, riscv64\ndefault deny\nallow read, write, exit_group\n",
	} {
		r := compile(t, text, Options{})
		s := r.Stats()
		for _, x := range s.ABIs {
			n := x.Checked.Numbers + x.Denied.Numbers
			sum := float64(x.Checked.Numbers)*x.Checked.Executed +
				float64(x.Denied.Numbers)*x.Denied.Executed
			if x.LeastLength > s.Length || n > 0 && x.LowerBound > sum/float64(n) {
				t.Errorf("%s: length %d below %d, or mean %v below %v", text, s.Length,
					x.LeastLength, sum/float64(max(n, 1)), x.LowerBound)
			}
		}
	}
}
