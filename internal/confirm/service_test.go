//go:build linux

package confirm

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/seccompc/seccompc/compiler"
	"github.com/seccompc/seccompc/runtime"
)

// The service confines itself when it listens.
func TestServiceConfinesItself(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	filter := write(t, compile(t, "go-service.scp", compiler.Options{}).Program)
	cmd := exec.Command(build(t, "server", ""), filter)
	exercise(t, cmd, cmd.Start)
}

// A launcher confines the service before its first instruction.
func TestServiceIsLaunched(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	launcher := compiler.Options{Params: map[string]string{"launcher": "true"}}
	filter := compile(t, "go-service.scp", launcher).Program
	cmd := exec.Command(build(t, "server", ""))
	exercise(t, cmd, func() error { return runtime.Start(cmd, 0, filter) })
}

// The policies that are not made for it let a service do its work as well.
func TestServiceUnderOtherPolicies(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	inet := compiler.Options{Params: map[string]string{"allow_inet": "true"}}
	for name, opts := range map[string]compiler.Options{
		"openshell-pr740.scp": inet,
		"openshell.scp":       inet,
		"supervisor.scp":      {},
		"docker-default.scp":  {},
		"w-xor-x.scp":         {},
	} {
		t.Run(name, func(t *testing.T) {
			filter := compile(t, name, opts).Program
			cmd := exec.Command(build(t, "server", ""))
			exercise(t, cmd, func() error { return runtime.Start(cmd, 0, filter) })
		})
	}
}

// exercise starts the server, keeps it busy with requests, and stops it gracefully.
func exercise(t *testing.T, cmd *exec.Cmd, start func() error) {
	t.Helper()
	var errs strings.Builder
	cmd.Stderr = &errs
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	lines.Scan()
	addr := lines.Text()
	if err := load(addr); err != nil {
		t.Error(err)
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Error(err)
	}
	lines.Scan()
	last := lines.Text()
	if err := cmd.Wait(); err != nil || last != "stopped" {
		t.Errorf("the server ended with %v after printing %q and %q, want a graceful stop\n%s",
			err, addr, last, errs.String())
	}
}

// load makes many requests at once, on connections of their own and on kept ones.
func load(addr string) error {
	// A connection that is open but was never used holds up the server's graceful stop.
	defer http.DefaultClient.CloseIdleConnections()
	errs := make([]error, 60)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() {
			path, want := fmt.Sprintf("/hello?name=%d", i), fmt.Sprintf("hello %d\n", i)
			if i%10 == 0 {
				path, want = "/work", "true\n"
			}
			errs[i] = get("http://"+addr+path, want, i%3 == 0)
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

func get(url, want string, last bool) error {
	req, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	req.Close = last
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err == nil && string(body) != want {
		err = fmt.Errorf("GET %s: %s %q, want %q", url, res.Status, body, want)
	}
	return err
}
