// Package broker measures how many calls a second a supervisor answers: by package runtime/notify,
// and by one written in C.
package broker

import (
	"bytes"
	"embed"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/runtime"
	"github.com/seccompc/seccompc/runtime/notify"
)

//go:embed helper/*.c
var helpers embed.FS

// callers are how many threads of a program ask at the same time.
var callers = []int{1, 8, 64}

// Row is what the ways answer with some callers, in calls a second: the median of several runs.
type Row struct {
	Callers             int
	Loop, Serve, Helper float64
}

// Measure has each way answer that many calls some times, by turns in random order.
func Measure(rounds, calls int) ([]Row, error) {
	dir, err := os.MkdirTemp("", "bench-broker")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	p, err := prepare(dir)
	if err != nil {
		return nil, err
	}
	var rows []Row
	for _, n := range callers {
		took := make([][]time.Duration, len(ways))
		for range rounds {
			for _, i := range rand.Perm(len(ways)) {
				d, err := p.run(ways[i], n, calls)
				if err != nil {
					return nil, fmt.Errorf("broker: %d callers: %w", n, err)
				}
				took[i] = append(took[i], d)
			}
		}
		rate := func(i int) float64 {
			slices.Sort(took[i])
			return float64(calls/n*n) / took[i][rounds/2].Seconds()
		}
		rows = append(rows, Row{n, rate(0), rate(1), rate(2)})
	}
	return rows, nil
}

// programs are what takes part in a run.
type programs struct {
	caller, helper string
	filter         asm.Program
	file           string // of the filter
}

func prepare(dir string) (*programs, error) {
	p := &programs{caller: filepath.Join(dir, "caller"), helper: filepath.Join(dir, "broker"),
		filter: asking(), file: filepath.Join(dir, "filter.bpf")}
	for _, out := range []string{p.caller, p.helper} {
		source, err := helpers.ReadFile("helper/" + filepath.Base(out) + ".c")
		if err == nil {
			err = os.WriteFile(out+".c", source, 0o600)
		}
		if err != nil {
			return nil, err
		}
		text, err := exec.Command("gcc", "-O2", "-pthread", "-o", out, out+".c").CombinedOutput()
		if err != nil {
			return nil, fmt.Errorf("broker: gcc: %w\n%s", err, text)
		}
	}
	return p, os.WriteFile(p.file, p.filter.Encode(binary.NativeEndian), 0o600)
}

// asking is a filter for x86_64 that leaves getpgid to its supervisor.
func asking() asm.Program {
	return asm.Program{
		{Op: asm.LdAbs, K: asm.OffArch}, {Op: asm.JeqK, K: unix.AUDIT_ARCH_X86_64, Jt: 1},
		{Op: asm.RetK, K: unix.SECCOMP_RET_KILL_PROCESS}, {Op: asm.LdAbs, K: asm.OffNr},
		{Op: asm.JeqK, K: unix.SYS_GETPGID, Jf: 1}, {Op: asm.RetK, K: unix.SECCOMP_RET_USER_NOTIF},
		{Op: asm.RetK, K: unix.SECCOMP_RET_ALLOW},
	}
}

// ways serve a listener of a command that has been started; the last one, nil, is the helper.
var ways = []func(*notify.Listener) error{loop, serve, nil}

// loop answers one call after the other, as package record does.
func loop(l *notify.Listener) error {
	l.SyncWakeUp() // the kernel may not know it
	for {
		c, err := l.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := c.Answer(notify.Return(7)); err != nil {
			return err
		}
	}
}

func serve(l *notify.Listener) error {
	const atOnce = 16
	return l.Serve(atOnce, func(*notify.Call) notify.Answer { return notify.Return(7) })
}

// run returns how long the calls of a run took.
func (p *programs) run(way func(*notify.Listener) error, callers, calls int) (
	time.Duration, error,
) {
	arguments := []string{strconv.Itoa(callers), strconv.Itoa(calls)}
	var out bytes.Buffer
	if way == nil {
		cmd := exec.Command(p.helper, append([]string{p.file, p.caller}, arguments...)...)
		cmd.Stdout, cmd.Stderr = &out, os.Stderr
		if err := cmd.Run(); err != nil {
			return 0, err
		}
		return nanoseconds(&out)
	}
	cmd := exec.Command(p.caller, arguments...)
	cmd.Stdout, cmd.Stderr = &out, os.Stderr
	fd, err := runtime.StartListener(cmd, 0, p.filter)
	if err != nil {
		return 0, err
	}
	l, err := notify.New(fd)
	if err != nil {
		return 0, err
	}
	defer l.Close()
	served := make(chan error, 1)
	go func() { served <- way(l) }()
	if err := cmd.Wait(); err != nil {
		return 0, err
	}
	if err := <-served; err != nil {
		return 0, err
	}
	return nanoseconds(&out)
}

func nanoseconds(out *bytes.Buffer) (time.Duration, error) {
	n, err := strconv.ParseInt(string(bytes.TrimSpace(out.Bytes())), 10, 64)
	return time.Duration(n), err
}

// Markdown writes the rows as a section of a document.
func Markdown(w io.Writer, rows []Row) error {
	_, err := fmt.Fprint(w, "\n## Answers of a supervisor\n\nThousands of calls a second that a "+
		"supervisor answers without looking at them, by the number of threads that ask:\nthe "+
		"median "+
		"of several runs that take turns. The one in C is a loop of two ioctls. `Next` is the "+
		"same loop "+
		"in Go, as `record`\nhas it, which also asks before each call whether anybody is left; "+
		"`Serve` "+
		"is 16 such loops, so that an answer that takes\nits time holds nobody else.\n\n"+
		"| callers | C | Next | to C | Serve | to C |\n| ---: | ---: | ---: | ---: | ---: | ---: "+
		"|\n")
	for _, r := range rows {
		if err == nil {
			_, err = fmt.Fprintf(w, "| %d | %.1f | %.1f | %.2f | %.1f | %.2f |\n", r.Callers,
				r.Helper/1000, r.Loop/1000, r.Loop/r.Helper, r.Serve/1000, r.Serve/r.Helper)
		}
	}
	return err
}
