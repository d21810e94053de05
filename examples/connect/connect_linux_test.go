package main

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/seccompc/seccompc/runtime"
	"github.com/seccompc/seccompc/runtime/notify"
)

// workers are what the test binary does when it is executed again, with two addresses.
var workers = map[string]func(offered, private string){
	"attack":   attack,
	"settings": keepsSettings,
	"errors":   meetsErrors,
	"waits":    func(offered, _ string) { fmt.Println(readFrom(ptr(sockaddrOf(offered)))) },
	"inside":   func(offered, _ string) { fmt.Println(dial(offered)) },
	"again":    connectsAgain,
}

func TestMain(m *testing.M) {
	if len(os.Args) == 4 && workers[os.Args[1]] != nil {
		workers[os.Args[1]](os.Args[2], os.Args[3])
		return
	}
	os.Exit(m.Run())
}

func ptr[T any](v T) *T { return &v }

// servers are an address that is offered and one that is not.
func servers(t *testing.T) (offered, private netip.AddrPort) {
	t.Helper()
	offered, err := serve("offered")
	if err != nil {
		t.Fatal(err)
	}
	if private, err = serve("private"); err != nil {
		t.Fatal(err)
	}
	return offered, private
}

func worker(name string, offered, private netip.AddrPort) (*exec.Cmd, *strings.Builder) {
	cmd := exec.Command("/proc/self/exe", name, offered.String(), private.String())
	var out strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &out
	return cmd, &out
}

func expect(t *testing.T, name, want string) {
	t.Helper()
	offered, private := servers(t)
	cmd, out := worker(name, offered, private)
	if err := supervise(cmd, broker{offered}); err != nil || out.String() != want {
		t.Errorf("%v\n%s\nwant\n%s", err, out, want)
	}
}

func attack(offered, private string) {
	f := flip(offered, private)
	seen := map[string]int{}
	for range 3000 {
		seen[readFrom(&f.addr)]++
	}
	fmt.Println("offered", seen["offered"] > 0, "private", seen["private"] > 0)
}

// A thread changes the address between the check and the use.
func TestAttack(t *testing.T) { expect(t, "attack", "offered true private false\n") }

// The attack is one: a broker that has the kernel read the address again lets it through, sooner or
// later.
func TestAttackOnContinue(t *testing.T) {
	for range 50 {
		if strings.HasSuffix(continued(t), "private true\n") {
			return
		}
	}
	t.Error("the attack does nothing")
}

func continued(t *testing.T) string {
	t.Helper()
	offered, private := servers(t)
	cmd, out := worker("attack", offered, private)
	program, err := filter()
	if err != nil {
		t.Fatal(err)
	}
	fd, err := runtime.StartListener(cmd, runtime.WaitKillable, program)
	if err != nil {
		t.Fatal(err)
	}
	l, err := notify.New(fd)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	done := make(chan error, 1)
	go func() {
		done <- l.Serve(1, func(c *notify.Call) notify.Answer {
			if to, err := address(c); err != nil || to != offered {
				return notify.Errno(unix.EACCES)
			}
			return notify.Continue()
		})
	}()
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
	return out.String()
}

func keepsSettings(offered, _ string) {
	to := sockaddrOf(offered)
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	copies, _ := unix.Dup(fd)
	set := []option{
		{unix.SOL_SOCKET, unix.SO_KEEPALIVE, 1}, {unix.SOL_SOCKET, unix.SO_RCVBUF, 9000},
		{unix.SOL_SOCKET, unix.SO_SNDTIMEO, 0}, {unix.IPPROTO_TCP, unix.TCP_NODELAY, 1},
		{unix.IPPROTO_TCP, unix.TCP_KEEPIDLE, 77}, {unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, 5000},
		{unix.IPPROTO_IP, unix.IP_TOS, 0x10}, {unix.IPPROTO_IP, unix.IP_TTL, 44},
	}
	for _, o := range set {
		if o.name == unix.SO_SNDTIMEO {
			unix.SetsockoptTimeval(fd, o.level, o.name, &unix.Timeval{Sec: 9})
		} else if err := unix.SetsockoptInt(fd, o.level, o.name, o.value); err != nil {
			fmt.Println(o, err)
		}
	}
	unix.SetsockoptLinger(fd, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1, Linger: 3})
	fmt.Println("connect", connect(fd, &to))
	for _, o := range set {
		v, err := unix.GetsockoptInt(fd, o.level, o.name)
		fmt.Print(v, " ", err, " ")
	}
	linger, _ := unix.GetsockoptLinger(fd, unix.SOL_SOCKET, unix.SO_LINGER)
	tv, _ := unix.GetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_SNDTIMEO)
	flags, _ := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0)
	status, _ := unix.FcntlInt(uintptr(fd), unix.F_GETFL, 0)
	fmt.Println(*linger, *tv, flags, status&unix.O_NONBLOCK)
	_, peer := unix.Getpeername(fd)
	_, other := unix.Getpeername(copies)
	fmt.Println("connected", peer, "and its copy", other)
	nonblocking(&to)
}

// nonblocking connects without waiting, with a descriptor that exec leaves open.
func nonblocking(to *sockaddr) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_NONBLOCK, 0)
	errno := connect(fd, to)
	unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLOUT}}, -1)
	flags, _ := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0)
	status, _ := unix.FcntlInt(uintptr(fd), unix.F_GETFL, 0)
	_, peer := unix.Getpeername(fd)
	begun := errno == 0 || errno == unix.EINPROGRESS
	fmt.Println(err, begun, flags, status&unix.O_NONBLOCK != 0, peer)
}

// The new socket is as the old one, as far as settings.go says.
func TestSettings(t *testing.T) {
	expect(t, "settings", "connect errno 0\n"+
		"1 <nil> 18000 <nil> 9 <nil> 1 <nil> 77 <nil> 5000 <nil> 16 <nil> 44 <nil> "+
		"{1 3} {9 0} 1 0\n"+
		"connected <nil> and its copy transport endpoint is not connected\n"+
		"<nil> true 0 true <nil>\n")
}

// meetsErrors makes calls that the kernel refuses, that the policy refuses, and that the broker
// does.
func meetsErrors(offered, private string) {
	good, bad := sockaddrOf(offered), sockaddrOf(private)
	stream := func() int {
		fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
		if err != nil {
			fmt.Println(err)
		}
		return fd
	}
	raw := func(fd int, addr unsafe.Pointer, size uintptr) unix.Errno {
		_, _, errno := unix.Syscall(unix.SYS_CONNECT, uintptr(fd), uintptr(addr), size)
		return errno
	}
	unspec, local := [2]uint64{}, [14]uint64{unix.AF_UNIX}
	file, _ := os.Open("/proc/self/exe")
	connected := stream()
	fmt.Println("the first", connect(connected, &good))
	say := func(what string, errno error) { fmt.Println(what+":", errno) }
	say("no descriptor", connect(999, &good))
	say("a file", connect(int(file.Fd()), &good))
	say("no memory", raw(stream(), nil, 16))
	say("no length", raw(stream(), unsafe.Pointer(&good), 0))
	say("a great length", raw(stream(), unsafe.Pointer(&good), 1<<20))
	say("a negative length", raw(stream(), unsafe.Pointer(&good), ^uintptr(0)))
	say("connected already", connect(connected, &good))
	say("disconnect", raw(connected, unsafe.Pointer(&unspec), 16))
	say("a socket of a file", raw(stream(), unsafe.Pointer(&local), 110))
	say("another address", connect(stream(), &bad))
	_, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
	say("datagrams", err)
	_, err = unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	say("sockets of files", err)
	_, err = unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 262) // IPPROTO_MPTCP
	say("several paths", err)
	_, _, errno := unix.Syscall6(unix.SYS_SENDTO, uintptr(stream()),
		uintptr(unsafe.Pointer(&bad)), 1, unix.MSG_FASTOPEN, uintptr(unsafe.Pointer(&bad)), 16)
	say("sendto that connects", errno)
	say("bind", unix.Bind(stream(), &unix.SockaddrInet4{}))
	say("listen", unix.Listen(stream(), 1))
	_, err = unix.PidfdGetfd(connected, 0, 0)
	say("the broker's descriptors", err)
	say("the broker's memory", unix.PtraceAttach(os.Getppid()))
}

func TestErrors(t *testing.T) {
	const denied, refused = "permission denied\n", "operation not permitted\n"
	expect(t, "errors", "the first errno 0\nno descriptor: bad file descriptor\n"+
		"a file: socket operation on non-socket\nno memory: bad address\n"+
		"no length: invalid argument\na great length: invalid argument\n"+
		"a negative length: invalid argument\n"+
		"connected already: transport endpoint is already connected\ndisconnect: "+denied+
		"a socket of a file: "+denied+"another address: "+denied+"datagrams: "+denied+
		"sockets of files: "+denied+"several paths: "+denied+"sendto that connects: "+denied+
		"bind: "+denied+"listen: "+denied+"the broker's descriptors: "+refused+
		"the broker's memory: "+refused)
}

// The worker is in a network namespace in which there is nothing, the broker outside.
func TestOtherNetwork(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("a network namespace wants root")
	}
	offered, private := servers(t)
	cmd, out := worker("inside", offered, private)
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET}
	if err := supervise(cmd, broker{offered}); err != nil || out.String() != "offered <nil>\n" {
		t.Errorf("%v: %s", err, out)
	}
}

// A worker that is killed while it waits for its connection keeps nobody.
func TestKilledWhileConnecting(t *testing.T) {
	l, full := fullServer(t)
	cmd, _ := worker("waits", full, full)
	ended := make(chan error, 1)
	go func() { ended <- supervise(cmd, broker{full}) }()
	for waiting(full) == 0 { // its SYN is not answered
		select {
		case err := <-ended:
			t.Fatal("the worker does not wait:", err)
		case <-time.After(time.Millisecond):
		}
	}
	cmd.Process.Kill()
	if err := <-ended; err == nil || !strings.Contains(err.Error(), "killed") {
		t.Errorf("it ends with %v", err)
	}
	unix.Close(l)
}

// fullServer listens, has as many connections as it takes, and accepts none.
func fullServer(t *testing.T) (int, netip.AddrPort) {
	t.Helper()
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err == nil {
		err = unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}})
	}
	if err == nil {
		err = unix.Listen(fd, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	at, err := unix.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	to := netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}),
		uint16(at.(*unix.SockaddrInet4).Port))
	conn, err := net.Dial("tcp", to.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return fd, to
}

// waiting counts sockets on their way to an address: state 02 of proc_net_tcp(5).
func waiting(to netip.AddrPort) int {
	text, _ := os.ReadFile("/proc/net/tcp")
	return strings.Count(string(text), fmt.Sprintf("0100007F:%04X 02", to.Port()))
}

// connectsAgain asks a second time, as some do to learn how far it is.
func connectsAgain(offered, _ string) {
	to := sockaddrOf(offered)
	fd, _ := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_NONBLOCK, 0)
	fmt.Println(connect(fd, &to), connect(fd, &to))
}

func TestAgain(t *testing.T) {
	l, full := fullServer(t)
	defer unix.Close(l)
	cmd, out := worker("again", full, full)
	err := supervise(cmd, broker{full})
	if want := "operation now in progress operation already in progress\n"; err != nil ||
		out.String() != want {
		t.Errorf("%v: %s", err, out)
	}
}
