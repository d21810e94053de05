package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// settings are what the new socket has from the worker's: the family, O_NONBLOCK, close-on-exec,
// the options below, and the sizes of buffers that were set. What it has not: a bound address (bind
// is refused), options that want privileges or name an interface, filters, IP options, and what
// hangs on the old socket by other ways, as its copies of dup and its place in an epoll instance. A
// worker that adds the socket to one before it connects has to do so behind it.
type settings struct {
	family   int
	nonblock bool
	patience time.Duration
	options  []option
	linger   *unix.Linger
	times    map[int]*unix.Timeval // by option
}

type option struct{ level, name, value int }

// copied are the options that are numbers. Those of another family are passed over.
var copied = []option{
	{level: unix.SOL_SOCKET, name: unix.SO_KEEPALIVE},
	{level: unix.SOL_SOCKET, name: unix.SO_OOBINLINE},
	{level: unix.SOL_SOCKET, name: unix.SO_RCVLOWAT},
	{level: unix.IPPROTO_TCP, name: unix.TCP_NODELAY},
	{level: unix.IPPROTO_TCP, name: unix.TCP_CORK},
	{level: unix.IPPROTO_TCP, name: unix.TCP_KEEPIDLE},
	{level: unix.IPPROTO_TCP, name: unix.TCP_KEEPINTVL},
	{level: unix.IPPROTO_TCP, name: unix.TCP_KEEPCNT},
	{level: unix.IPPROTO_TCP, name: unix.TCP_SYNCNT},
	{level: unix.IPPROTO_TCP, name: unix.TCP_USER_TIMEOUT},
	{level: unix.IPPROTO_TCP, name: unix.TCP_NOTSENT_LOWAT},
	{level: unix.IPPROTO_IP, name: unix.IP_TOS},
	{level: unix.IPPROTO_IP, name: unix.IP_TTL},
	{level: unix.IPPROTO_IPV6, name: unix.IPV6_V6ONLY},
	{level: unix.IPPROTO_IPV6, name: unix.IPV6_TCLASS},
	{level: unix.IPPROTO_IPV6, name: unix.IPV6_UNICAST_HOPS},
}

// look reads the settings of a socket of the worker's, which must be of TCP and not connected.
func look(f *os.File) (*settings, error) {
	conn, err := f.SyscallConn()
	if err != nil {
		return nil, err
	}
	var s *settings
	closed := conn.Control(func(fd uintptr) { s, err = read(int(fd)) })
	return s, errors.Join(closed, err)
}

func read(fd int) (*settings, error) {
	get := func(name int) (n int, err error) {
		return unix.GetsockoptInt(fd, unix.SOL_SOCKET, name)
	}
	family, err := get(unix.SO_DOMAIN)
	if err != nil {
		return nil, err // ENOTSOCK
	}
	kind, kindErr := get(unix.SO_TYPE)
	protocol, protocolErr := get(unix.SO_PROTOCOL)
	flags, flagsErr := unix.FcntlInt(uintptr(fd), unix.F_GETFL, 0)
	if err := errors.Join(kindErr, protocolErr, flagsErr); err != nil {
		return nil, err
	}
	if family != unix.AF_INET && family != unix.AF_INET6 || kind != unix.SOCK_STREAM ||
		protocol != unix.IPPROTO_TCP {
		return nil, unix.EACCES
	}
	if _, err := unix.Getpeername(fd); err == nil {
		return nil, unix.EISCONN
	}
	const synSent = 2 // TCP_SYN_SENT of include/net/tcp_states.h
	if info, err := unix.GetsockoptTCPInfo(fd, unix.IPPROTO_TCP, unix.TCP_INFO); err == nil &&
		info.State == synSent {
		return nil, unix.EALREADY
	}
	s := &settings{family: family, nonblock: flags&unix.O_NONBLOCK != 0, patience: patience,
		times: map[int]*unix.Timeval{}}
	s.readOptions(fd)
	return s, nil
}

func (s *settings) readOptions(fd int) {
	for _, o := range copied {
		if v, err := unix.GetsockoptInt(fd, o.level, o.name); err == nil {
			s.options = append(s.options, option{o.level, o.name, v})
		}
	}
	// SOCK_SNDBUF_LOCK and SOCK_RCVBUF_LOCK of include/uapi/linux/socket.h (5.14): the sizes that
	// were set, which the kernel has doubled (net/core/sock.c, sk_setsockopt).
	locks, _ := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_BUF_LOCK)
	for bit, name := range []int{unix.SO_SNDBUF, unix.SO_RCVBUF} {
		v, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, name)
		if err == nil && locks&(1<<bit) != 0 {
			s.options = append(s.options, option{unix.SOL_SOCKET, name, v / 2})
		}
	}
	s.linger, _ = unix.GetsockoptLinger(fd, unix.SOL_SOCKET, unix.SO_LINGER)
	for _, name := range []int{unix.SO_RCVTIMEO, unix.SO_SNDTIMEO} {
		if tv, err := unix.GetsockoptTimeval(fd, unix.SOL_SOCKET, name); err == nil {
			s.times[name] = tv
		}
	}
	// It is the limit of connect too (socket(7)).
	if tv := s.times[unix.SO_SNDTIMEO]; tv != nil && tv.Nano() > 0 {
		s.patience = time.Duration(tv.Nano())
	}
}

// apply gives a socket the settings. An option that has its value already is left alone: setting it
// may want privileges, or change what else is chosen.
func (s *settings) apply(fd int) error {
	for _, o := range s.options {
		if v, err := unix.GetsockoptInt(fd, o.level, o.name); err == nil && v == o.value {
			continue
		}
		if err := unix.SetsockoptInt(fd, o.level, o.name, o.value); err != nil {
			return err
		}
	}
	if s.linger != nil && s.linger.Onoff != 0 {
		if err := unix.SetsockoptLinger(fd, unix.SOL_SOCKET, unix.SO_LINGER, s.linger); err != nil {
			return err
		}
	}
	for name, tv := range s.times {
		if err := unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, name, tv); err != nil {
			return err
		}
	}
	return nil
}

// closesOnExec returns O_CLOEXEC where a descriptor of a thread's has it: proc_pid_fdinfo(5).
func closesOnExec(pid, fd int) (int, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/fdinfo/%d", pid, fd))
	if err != nil {
		return 0, err
	}
	_, rest, _ := bytes.Cut(text, []byte("flags:\t"))
	line, _, _ := bytes.Cut(rest, []byte("\n"))
	flags, err := strconv.ParseInt(string(line), 8, 64)
	return int(flags) & unix.O_CLOEXEC, err
}
