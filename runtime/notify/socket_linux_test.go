package notify

import (
	"fmt"
	"net"
	"os"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	scruntime "github.com/seccompc/seccompc/runtime"
)

// pair returns a connection and the file of its other end.
func pair(t *testing.T) (*net.UnixConn, *os.File) {
	t.Helper()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	theirs := os.NewFile(uintptr(fds[1]), "theirs")
	t.Cleanup(func() { theirs.Close() })
	conn, err := connect(fds[0])
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn, theirs
}

func connect(fd int) (*net.UnixConn, error) {
	f := os.NewFile(uintptr(fd), "socket")
	defer f.Close()
	conn, err := net.FileConn(f)
	if err != nil {
		return nil, err
	}
	return conn.(*net.UnixConn), nil
}

// sendsChild confines one of its threads and sends the listener to its parent, over descriptor 3.
func sendsChild() {
	conn, err := connect(3)
	if err != nil {
		fmt.Println(err)
		return
	}
	end := make(chan bool)
	go func() {
		defer close(end)
		runtime.LockOSThread()
		fd, err := scruntime.InstallListener(notifier(getpgid), scruntime.Thread)
		if err != nil {
			fmt.Println(err)
			return
		}
		l, err := New(fd)
		if err != nil {
			fmt.Println(err)
			return
		}
		if err := l.Send(conn); err != nil {
			fmt.Println(err)
			return
		}
		if err := l.Close(); err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(call(getpgid, 0))
	}()
	<-end
}

func TestSocket(t *testing.T) {
	conn, theirs := pair(t)
	cmd := command("sends")
	cmd.ExtraFiles = []*os.File{theirs}
	var out strings.Builder
	cmd.Stdout, cmd.Stderr = &out, os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	theirs.Close()
	l, err := Receive(conn)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	served := make(chan error)
	go func() { served <- l.Serve(1, func(*Call) Answer { return Return(77) }) }()
	if err := cmd.Wait(); err != nil || out.String() != "77\n" {
		t.Errorf("%v: %s", err, &out)
	}
	if err := <-served; err != nil {
		t.Error(err)
	}
}

func TestReceiveRefuses(t *testing.T) {
	null, err := os.Open("/dev/null")
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	fd := int(null.Fd())
	for want, rights := range map[string][]byte{
		"0 descriptors": nil,
		"2 descriptors": unix.UnixRights(fd, fd),
		"no listener":   unix.UnixRights(fd),
	} {
		conn, theirs := pair(t)
		before := descriptors(t)
		if err := unix.Sendmsg(int(theirs.Fd()), []byte{0}, rights, nil, 0); err != nil {
			t.Fatal(err)
		}
		if _, err := Receive(conn); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Receive gives %v, want %q", err, want)
		}
		if after := descriptors(t); after != before {
			t.Errorf("%s: %d descriptors before, %d after", want, before, after)
		}
	}
}

// A container runtime sends a state that names what comes with it, the listener among it.
func TestReceiveOCI(t *testing.T) {
	l := start(t, "forever", 0, getpgid).Listener
	if err := l.SyncWakeUp(); err != nil {
		t.Log(err)
	}
	null, err := os.Open("/dev/null")
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	for _, test := range []struct {
		state string
		fds   []int
		want  string // of the error
	}{
		{
			`{"ociVersion":"1.0.2","fds":["other","seccompFd"],"pid":7,"metadata":"m","state":{"id":"c1"}}`,
			[]int{int(null.Fd()), int(l.file.Fd())}, ""},
		{`{"fds":["seccompFd"]}`, nil, "carries 0 descriptors, and should carry 1"},
		{`{"fds":["x"]}`, []int{int(null.Fd())}, "none of the descriptors"},
		{`{"fds":["seccompFd"]}`, []int{int(null.Fd())}, "no listener"},
		{`{`, []int{int(null.Fd())}, "the state that comes with it"},
		{`{"fds":[]}`, []int{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, "more than 8"},
	} {
		conn, theirs := pair(t)
		before := descriptors(t)
		if err := unix.Sendmsg(int(theirs.Fd()), []byte(test.state), unix.UnixRights(test.fds...),
			nil,
			0); err != nil {
			t.Fatal(err)
		}
		got, state, err := ReceiveOCI(conn)
		if test.want == "" {
			if err != nil || state.PID != 7 || state.Metadata != "m" || state.State.ID != "c1" {
				t.Errorf("%s gives %+v, %v", test.state, state, err)
				continue
			}
			got.Close()
		} else if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s gives %v, want %q", test.state, err, test.want)
		}
		if after := descriptors(t); after != before {
			t.Errorf("%s: %d descriptors before, %d after", test.state, before, after)
		}
	}
}

func descriptors(t *testing.T) int {
	t.Helper()
	fds, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(fds)
}
