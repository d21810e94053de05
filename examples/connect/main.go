// Connect makes connections to one address for a worker that may make none. The worker attacks: one
// of its threads changes the address while another connects.
//
//	go run ./examples/connect
package main

import (
	"embed"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	goruntime "runtime"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/runtime"
	"github.com/seccompc/seccompc/runtime/notify"
)

//go:generate seccompc policy.scp --arch amd64 -o amd64.bpf
//go:generate seccompc policy.scp --arch arm64 -o arm64.bpf

//go:embed *.bpf
var blobs embed.FS

func main() {
	if len(os.Args) > 2 {
		work(os.Args[1], os.Args[2])
		return
	}
	if err := demonstrate(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// demonstrate has two servers, one of which the worker may reach.
func demonstrate() error {
	offered, err := serve("offered")
	if err != nil {
		return err
	}
	private, err := serve("private")
	if err != nil {
		return err
	}
	cmd := exec.Command("/proc/self/exe", offered.String(), private.String())
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	return supervise(cmd, broker{offered})
}

// serve says one word to everybody who connects.
func serve(word string) (netip.AddrPort, error) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return netip.AddrPort{}, err
	}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			fmt.Fprint(conn, word)
			conn.Close()
		}
	}()
	return l.Addr().(*net.TCPAddr).AddrPort(), nil
}

// filter reads the filter for this machine.
func filter() (asm.Program, error) {
	blob, err := blobs.ReadFile(goruntime.GOARCH + ".bpf")
	if err != nil {
		return nil, err
	}
	return runtime.Parse(blob)
}

// supervise runs the command to its end and has the broker answer it.
func supervise(cmd *exec.Cmd, b broker) error {
	filter, err := filter()
	if err != nil {
		return err
	}
	fd, err := runtime.StartListener(cmd, runtime.WaitKillable, filter)
	if err != nil {
		return err
	}
	listener, err := notify.New(fd)
	if err != nil {
		cmd.Process.Kill() // nobody would answer it
		cmd.Wait()
		return err
	}
	defer listener.Close()
	served := make(chan error, 1)
	go func() { served <- listener.Serve(4, b.connect) }()
	if err := cmd.Wait(); err != nil {
		return err
	}
	return <-served
}
