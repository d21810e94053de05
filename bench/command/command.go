// Package command measures what a user waits for: the whole command, from its start to its end, as
// a multiple of a Go program that does nothing.
package command

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	policy = "testdata/policies/docker-default.scp"
	// nine are the ABIs of the row of several.
	nine = "x86_64,i386,x32,aarch64,arm,riscv64,loongarch64,ppc64le,mips64el"
)

// jobs are the command lines.
var jobs = []struct {
	name string
	args []string
	any  bool // the policy without its list of ABIs
}{
	{"build, one ABI", []string{"build", "--arch", "x86_64", "-o", os.DevNull}, false},
	{"check, one ABI", []string{"check", "--arch", "x86_64"}, false},
	{"test, one ABI", []string{"test", "--arch", "x86_64"}, false},
	{"build, nine ABIs", []string{"build", "--arch", nine, "-o", os.DevNull}, true},
}

// Row is what a command line takes.
type Row struct {
	Job    string
	Wall   time.Duration // the median
	Ratio  float64       // of wall time to an empty program's, the median over pairs
	CPU    float64       // the same of processor time
	Memory int           // KiB at most
}

// Measure runs each job of the project that lies in root some times, each time beside an empty
// program.
func Measure(root string, times int) ([]Row, error) {
	dir, err := os.MkdirTemp("", "command")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	seccompc, empty := filepath.Join(dir, "seccompc"), filepath.Join(dir, "empty")
	source := empty + ".go"
	err = errors.Join(os.WriteFile(source, []byte("package main\n\nfunc main() {}\n"), 0o666),
		build(root, seccompc, "./cmd/seccompc"), build(root, empty, source))
	if err != nil {
		return nil, err
	}
	var rows []Row
	for _, job := range jobs {
		file, err := policyFile(root, dir, job.any)
		if err != nil {
			return nil, err
		}
		row, err := measure(append([]string{seccompc, job.args[0], file}, job.args[1:]...), empty,
			times)
		if err != nil {
			return nil, fmt.Errorf("command: %s: %w", job.name, err)
		}
		row.Job = job.name
		rows = append(rows, row)
	}
	return rows, nil
}

func build(dir, out, what string) error {
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", out, what)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off")
	if text, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("command: build %s: %w\n%s", what, err, text)
	}
	return nil
}

// policyFile returns the policy, for any ABIs if that is asked for.
func policyFile(root, dir string, any bool) (string, error) {
	file := filepath.Join(root, policy)
	if !any {
		return file, nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	lines := slices.DeleteFunc(strings.SplitAfter(string(text), "\n"), func(line string) bool {
		return strings.HasPrefix(line, "arch ")
	})
	file = filepath.Join(dir, "any.scp")
	return file, os.WriteFile(file, []byte(strings.Join(lines, "")), 0o666)
}

// measure runs a command and an empty program in turn.
func measure(command []string, empty string, times int) (Row, error) {
	var walls, cpus []float64
	var took []time.Duration
	for range times {
		a, err := run(command)
		if err != nil {
			return Row{}, err
		}
		b, err := run([]string{empty})
		if err != nil {
			return Row{}, err
		}
		took = append(took, a.wall)
		walls = append(walls, float64(a.wall)/float64(b.wall))
		cpus = append(cpus, float64(a.cpu)/float64(b.cpu))
	}
	memory, err := memoryOf(command)
	return Row{Wall: median(took), Ratio: median(walls), CPU: median(cpus), Memory: memory}, err
}

type cost struct{ wall, cpu time.Duration }

func run(command []string) (cost, error) {
	cmd := exec.Command(command[0], command[1:]...)
	start := time.Now()
	if out, err := cmd.CombinedOutput(); err != nil {
		return cost{}, fmt.Errorf("%w\n%s", err, out)
	}
	p := cmd.ProcessState
	return cost{time.Since(start), p.UserTime() + p.SystemTime()}, nil
}

// memoryOf returns the KiB that a command holds at most. GNU time starts it: what a process that
// is started holds at most begins with what the one that starts it holds.
func memoryOf(command []string) (int, error) {
	out, err := exec.Command("time", append([]string{"-f", "%M"}, command...)...).CombinedOutput()
	if err != nil {
		return 0, fmt.Errorf("time: %w\n%s", err, out)
	}
	lines := strings.Fields(string(out))
	return strconv.Atoi(lines[len(lines)-1])
}

func median[T int | float64 | time.Duration](values []T) T {
	slices.Sort(values)
	return values[len(values)/2]
}

// Markdown writes the rows as a section of a document.
func Markdown(w io.Writer, rows []Row) error {
	_, err := fmt.Fprint(w,
		"\n## The command's own time\n\nThe whole command for Docker's default "+
			"profile (testdata/policies/docker-default.scp), with the parser,\nall lints and the "+
			"proof, in turn with a Go program that does nothing: the median over pairs. Memory is "+
			"the\nmost that is held, of which two thirds are the program's own file: "+
			"`/usr/bin/time -f %M seccompc …`. Of the\ntime for one ABI the parser takes a good "+
			"third: participle makes the grammar from the tags at each\nstart, and copies its "+
			"state for each alternative that it tries (`go test ./dsl -bench Parse`).\n\n"+
			"| command | wall ms | to an empty program | of CPU time | memory KiB |\n"+
			"| --- | ---: | ---: | ---: | ---: |\n")
	for _, r := range rows {
		if err == nil {
			_, err = fmt.Fprintf(w, "| %s | %.1f | %.1f | %.1f | %d |\n", r.Job,
				float64(r.Wall)/1e6, r.Ratio, r.CPU, r.Memory)
		}
	}
	return err
}
