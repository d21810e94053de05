// Package recording measures what it costs to record a program: by seccompc, and by strace.
package recording

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// jobs are what is recorded, as scripts of sh.
var jobs = []struct{ name, script string }{
	{"dd, 40,000 calls", "dd if=/dev/zero of=/dev/null bs=1 count=20000 status=none"},
	{"100 forks", "i=0; while [ $i -lt 100 ]; do /bin/true; i=$((i+1)); done"},
	{"python imports", "/usr/bin/python3 -c 'import json, ssl, http.client, asyncio'"},
	{"gcc", "echo 'int main(void) { return 0; }' > p.c && gcc p.c -o p"},
}

// Row is the wall time of a job: plain, recorded by seccompc, and under strace -f.
type Row struct {
	Job                   string
	Plain, Record, Strace time.Duration
}

// Measure runs each job some times in turn, all three ways, and keeps the fastest of each.
func Measure(times int) ([]Row, error) {
	dir, err := os.MkdirTemp("", "recording")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	seccompc := filepath.Join(dir, "seccompc")
	build := exec.Command("go", "build", "-o", seccompc, "./cmd/seccompc")
	build.Dir, build.Env = "..", append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off")
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("recording: build seccompc: %w\n%s", err, out)
	}
	var rows []Row
	for _, job := range jobs {
		row := Row{Job: job.name}
		for range times {
			for _, way := range []struct {
				best   *time.Duration
				prefix []string
			}{
				{&row.Plain, nil},
				{&row.Record, []string{seccompc, "record", "-o", "policy.scp", "--"}},
				{&row.Strace, []string{"strace", "-f", "-o", "strace.log", "--"}},
			} {
				d, err := wall(dir, append(way.prefix, "sh", "-c", job.script))
				if err != nil {
					return nil, err
				}
				if *way.best == 0 || d < *way.best {
					*way.best = d
				}
			}
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func wall(dir string, command []string) (time.Duration, error) {
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Dir = dir
	start := time.Now()
	if out, err := cmd.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("recording: %q: %w\n%s", command, err, out)
	}
	return time.Since(start), nil
}

// Markdown writes the rows as a section of a document.
func Markdown(w io.Writer, rows []Row) error {
	_, err := fmt.Fprint(w, "\n## Recording\n\nWall time of a program, plain, under `seccompc "+
		"record` and under `strace -f -o`, the fastest of several\nruns that take turns. The time "+
		"of record has in it that the policy is written, compiled and proved.\n\n"+
		"| program | plain | record | strace | record/plain | record/strace |\n"+
		"| --- | ---: | ---: | ---: | ---: | ---: |\n")
	for _, r := range rows {
		if err == nil {
			_, err = fmt.Fprintf(w, "| %s | %d ms | %d ms | %d ms | %.1f | %.2f |\n", r.Job,
				r.Plain.Milliseconds(), r.Record.Milliseconds(), r.Strace.Milliseconds(),
				float64(r.Record)/float64(r.Plain), float64(r.Record)/float64(r.Strace))
		}
	}
	return err
}
