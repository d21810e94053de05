// Command server is the Go service that the policy go-service.scp is made for: a static HTTP server
// on one address, which stops gracefully on SIGTERM.
//
//	server [FILTER]
//
// It listens on a free port of 127.0.0.1, puts itself under the filter in the file FILTER, prints
// its address and serves.
package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	goruntime "runtime"
	"sync"
	"syscall"
	"time"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/runtime"
)

func main() {
	if err := serve(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "server:", err)
		os.Exit(1)
	}
}

func serve(args []string) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	if len(args) > 0 {
		if err := confine(args[0]); err != nil {
			return err
		}
	}
	fmt.Println(l.Addr())
	mux := http.NewServeMux()
	mux.HandleFunc("/hello", hello)
	mux.HandleFunc("/work", work)
	srv := &http.Server{Handler: mux, ReadTimeout: 10 * time.Second}
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(l) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := srv.Shutdown(ctx); err != nil {
		return err
	}
	fmt.Println("stopped")
	return nil
}

// confine comes after net.Listen: the filter need not allow what listening takes.
func confine(file string) error {
	blob, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	filter, err := asm.Decode(blob, binary.NativeEndian)
	if err != nil {
		return err
	}
	return runtime.Install(filter, runtime.Process)
}

func hello(w http.ResponseWriter, r *http.Request) {
	fmt.Fprintln(w, "hello", r.URL.Query().Get("name"))
}

// work makes the runtime busy: many goroutines, some of them on threads of their own, garbage, and
// collections.
func work(w http.ResponseWriter, r *http.Request) {
	var wg sync.WaitGroup
	for i := range 200 {
		wg.Go(func() {
			if i%20 == 0 {
				goruntime.LockOSThread()
				defer goruntime.UnlockOSThread()
			}
			b := make([]byte, 1<<20)
			time.Sleep(time.Millisecond)
			b[len(b)-1] = 1
		})
	}
	wg.Wait()
	goruntime.GC()
	var m goruntime.MemStats
	goruntime.ReadMemStats(&m)
	fmt.Fprintln(w, m.NumGC > 0)
}
