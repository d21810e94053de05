package smt

import (
	"bufio"
	"fmt"
	"io"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/seccompc/seccompc/policy"
)

// solver is a running z3 (Debian's package z3).
type solver struct {
	t     *testing.T
	stdin io.WriteCloser
	out   *bufio.Scanner
}

// verdict is what a solver answers: unsat, sat with a call, or that it gave up.
type verdict struct {
	sat, unknown bool
	call         policy.Data
	late         policy.LateValues
}

func newSolver(t *testing.T) *solver {
	t.Helper()
	path, err := exec.LookPath("z3")
	if err != nil {
		t.Fatal("z3 is missing; make test-oracles installs it: ", err)
	}
	cmd := exec.Command(path, "-in", "-memory:2000")
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stdin.Close()
		cmd.Wait()
	})
	return &solver{t, stdin, bufio.NewScanner(stdout)}
}

// solverTime is how long the solver may look for an answer, in milliseconds.
const solverTime = 10000

// ask has a question answered, which may be about late values.
func (s *solver) ask(question []byte, late ...*policy.Late) verdict {
	s.t.Helper()
	fmt.Fprintf(s.stdin, "(reset)\n(set-option :timeout %d)\n%s", solverTime, question)
	switch line := s.line(); line {
	case "unsat":
		return verdict{}
	case "unknown", "timeout":
		return verdict{unknown: true}
	case "sat":
		v := verdict{sat: true, call: s.model(), late: policy.LateValues{}}
		for _, l := range late {
			name := "late_" + l.Name
			if strings.Contains(string(question), "(declare-fun "+name+" ") {
				v.late[l.Name] = s.values(name)[name]
			}
		}
		return v
	default:
		s.t.Fatalf("z3 answers %s to\n%s", line, question)
		return verdict{}
	}
}

func (s *solver) line() string {
	s.t.Helper()
	if !s.out.Scan() {
		s.t.Fatal("z3 has ended: ", s.out.Err())
	}
	return s.out.Text()
}

var variables = []string{"nr", "arch", "ip", "arg0", "arg1", "arg2", "arg3", "arg4", "arg5"}

var assigned = regexp.MustCompile(`\((\w+) #x([0-9a-f]+)\)`)

// values returns what the solver has found for some variables.
func (s *solver) values(names ...string) map[string]uint64 {
	s.t.Helper()
	fmt.Fprintf(s.stdin, "(get-value (%s))\n(echo \"end\")\n", strings.Join(names, " "))
	values := map[string]uint64{}
	for line := s.line(); strings.Trim(line, `"`) != "end"; line = s.line() {
		for _, m := range assigned.FindAllStringSubmatch(line, -1) {
			values[m[1]], _ = strconv.ParseUint(m[2], 16, 64)
		}
	}
	if len(values) != len(names) {
		s.t.Fatalf("z3's model has %d of %d values: %v", len(values), len(names), values)
	}
	return values
}

// model returns the call that the solver has found.
func (s *solver) model() policy.Data {
	s.t.Helper()
	values := s.values(variables...)
	d := policy.Data{Nr: uint32(values["nr"]), Arch: uint32(values["arch"]), IP: values["ip"]}
	for i := range d.Args {
		d.Args[i] = values[fmt.Sprintf("arg%d", i)]
	}
	return d
}
