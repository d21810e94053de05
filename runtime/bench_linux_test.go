package runtime

import (
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/seccompc/seccompc/asm"
)

// hundred is a filter of 101 instructions in the shape that a compiler gives it: a tree over 25
// numbers of no consequence that are denied.
func hundred() asm.Program {
	head := filter(0, allow)[:4]
	return append(head, tree(1000, 25)...)
}

// tree denies the count numbers from first on that are even.
func tree(first, count uint32) asm.Program {
	if count == 1 {
		return asm.Program{
			{Op: asm.JeqK, Jf: 1, K: 2 * first},
			{Op: asm.RetK, K: errno(1)},
			{Op: asm.RetK, K: allow},
		}
	}
	left, right := tree(first, count/2), tree(first+count/2, count-count/2)
	root := asm.Program{{Op: asm.JgeK, Jt: uint8(len(left)), K: 2 * (first + count/2)}}
	return slices.Concat(root, left, right)
}

func BenchmarkParse(b *testing.B) {
	blob := hundred().Encode(binary.NativeEndian)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(blob); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkDecode is the part of Parse that nobody can do without: the program itself.
func BenchmarkDecode(b *testing.B) {
	blob := hundred().Encode(binary.NativeEndian)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := asm.Decode(blob, binary.NativeEndian); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSyscall is a system call that does nothing.
func BenchmarkSyscall(b *testing.B) {
	for b.Loop() {
		unix.Getuid()
	}
}

func BenchmarkPreflight(b *testing.B) {
	p := hundred()
	b.ReportAllocs()
	for b.Loop() {
		if err := goSurvives(p); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkInstall measures Install for the process beside the bare system call with the same
// flags, by turns, in children. It reports the medians and their ratio, which is what counts; ns/op
// is the time of a child.
func BenchmarkInstall(b *testing.B) {
	var bare, all []time.Duration
	for b.Loop() {
		out, err := command(installTimesChild).Output()
		if err != nil {
			b.Fatalf("%v\n%s", err, out)
		}
		for line := range strings.Lines(string(out)) {
			var x, y time.Duration
			if _, err := fmt.Sscan(line, &x, &y); err != nil {
				b.Fatal(err)
			}
			bare, all = append(bare, x), append(all, y)
		}
	}
	slices.Sort(bare)
	slices.Sort(all)
	x, y := bare[len(bare)/2], all[len(all)/2]
	b.ReportMetric(float64(x), "ns/seccomp")
	b.ReportMetric(float64(y), "ns/Install")
	b.ReportMetric(float64(y)/float64(x), "Install/seccomp")
}

// installTimesChild installs as many filters as a process can have.
var installTimesChild = inChild("install times", func() {
	runtime.GOMAXPROCS(1)
	p := hundred()
	const tsync = unix.SECCOMP_FILTER_FLAG_TSYNC | unix.SECCOMP_FILTER_FLAG_TSYNC_ESRCH
	if err := Install(p, Process); err != nil {
		bad("%v", err)
	}
	bare := func() {
		if n, e := setFilter(p, tsync); n != 0 || e != 0 {
			bad("%d %v", n, e)
		}
	}
	own := func() {
		if err := Install(p, Process); err != nil {
			bad("%v", err)
		}
	}
	for i := range 50 {
		var x, y time.Duration
		if i%2 == 0 { // neither always has the shorter chain
			x, y = timed(bare), timed(own)
		} else {
			y, x = timed(own), timed(bare)
		}
		fmt.Println(int64(x), int64(y))
	}
})

func timed(f func()) time.Duration {
	start := time.Now()
	f()
	return time.Since(start)
}

// BenchmarkStart is a child from fork to its end, under a filter and without.
func BenchmarkStart(b *testing.B) {
	for name, start := range map[string]func(*exec.Cmd) error{
		"exec":  (*exec.Cmd).Start,
		"Start": func(cmd *exec.Cmd) error { return Start(cmd, 0, hundred()) },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				cmd := exec.Command("/proc/self/exe")
				cmd.Env = append(os.Environ(), childEnv+"="+endsChild)
				if err := start(cmd); err != nil {
					b.Fatal(err)
				}
				if err := cmd.Wait(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

var endsChild = inChild("ends", func() {})
