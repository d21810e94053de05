# packages: go:golang-go curl
prepare() {
	cat >server.go <<'G'
package main

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"sync"
	"time"
)

func main() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	go http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		out, err := os.ReadFile("/proc/version")
		fmt.Fprint(w, string(out), err)
	}))
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			r, err := http.Get("http://" + l.Addr().String() + "/there")
			if err != nil {
				panic(err)
			}
			r.Body.Close()
		})
	}
	all.Wait()
	time.Sleep(100 * time.Millisecond)
	fmt.Println(os.WriteFile("f", []byte("text"), 0o600), "served")
}
G
	CGO_ENABLED=0 go build -o server server.go
}
work() { $run ./server; }
refused=unshare
other() { $run unshare --user true; }
