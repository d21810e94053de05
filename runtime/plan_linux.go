package runtime

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// plan says what a child does between fork and its program.
type plan struct {
	stub    *stub
	program *os.File // where the child could not find it under its name; else nil
	first   int      // the child's descriptor for the program; others are below
	path    string   // of the program, as the caller calls it
	argc    int
	death   syscall.Signal
	calls   []stubCall // what the stub does in the place of os/exec
	attr    syscall.SysProcAttr
}

// newPlan says how cmd is to be started.
//
// The stub is executed by way of /proc, which another root directory need not have. So where the
// caller wants one, it is the stub that changes to it, and does what os/exec does afterwards.
func newPlan(cmd *exec.Cmd) (*plan, error) {
	p := &plan{path: cmd.Path, argc: max(1, len(cmd.Args)), first: 3 + len(cmd.ExtraFiles)}
	if cmd.SysProcAttr != nil {
		p.attr = *cmd.SysProcAttr
		p.death = p.attr.Pdeathsig
	}
	path := cmd.Path
	if p.mine(path) {
		path = p.takeProgram(path)
	}
	data := [][]byte{cString(path)}
	root, credential := p.attr.Chroot, p.attr.Credential
	if root != "" {
		if len(p.attr.AmbientCaps) > 0 {
			return nil, errors.New("runtime: Start cannot have both Chroot and AmbientCaps")
		}
		p.attr.Chroot, p.attr.Credential = "", nil
		data = append(data, cString(root), cString(cmd.Dir))
		if credential != nil {
			data = append(data, words(credential.Groups))
		}
	}
	p.attr.Ptrace = true
	p.attr.Pdeathsig = syscall.SIGKILL
	var err error
	if p.stub, err = newStub(abis()[0], highest(cmd), data...); err != nil {
		if p.program != nil {
			p.program.Close()
		}
		return nil, err
	}
	if root == "" {
		return p, nil
	}
	p.call("chroot", unix.SYS_CHROOT, p.stub.data[1], 0)
	if c := credential; c != nil {
		if !c.NoSetGroups {
			p.call("setgroups", setgroupsNr, uint64(len(c.Groups)), p.stub.data[3])
		}
		p.call("setgid", setgidNr, uint64(c.Gid), 0)
		p.call("setuid", setuidNr, uint64(c.Uid), 0)
	}
	if cmd.Dir != "" {
		p.call("chdir", unix.SYS_CHDIR, p.stub.data[2], 0)
	}
	return p, nil
}

// stubCall is a system call that the stub makes, and that must return 0.
type stubCall struct {
	name   string
	nr     uint64
	first  uint64
	second uint64
}

func (p *plan) call(name string, nr, first, second uint64) {
	p.calls = append(p.calls, stubCall{name, nr, first, second})
}

// mine reports whether a name may mean something else to the stub than to this process, whose copy
// os/exec's child is: /proc/self/exe would be the stub. What the child inherits under the same
// number stays as it is.
func (p *plan) mine(path string) bool {
	path = filepath.Clean(path)
	for fd := range p.first {
		n := strconv.Itoa(fd)
		if path == "/proc/self/fd/"+n || path == "/proc/thread-self/fd/"+n || path == "/dev/fd/"+n {
			return false
		}
	}
	return strings.HasPrefix(path, "/proc/") || strings.HasPrefix(path, "/dev/fd/")
}

// takeProgram opens a program for the child and returns the name that it has there. Where the child
// inherits something else under the number, the program has to have a name of its own. Where there
// is no such file, exec will say so.
func (p *plan) takeProgram(path string) string {
	flags, err := unix.FcntlInt(uintptr(p.first), unix.F_GETFD, 0)
	if err == nil && flags&unix.FD_CLOEXEC == 0 {
		if name, err := os.Readlink(path); err == nil {
			return name
		}
		return path
	}
	fd, err := unix.Open(path, unix.O_PATH|unix.O_CLOEXEC, 0)
	if err != nil {
		return path
	}
	flags, err = unix.FcntlInt(uintptr(fd), unix.F_GETFL, 0)
	if err != nil || flags&unix.O_PATH == 0 { // a filter has feigned descriptor 0
		return path
	}
	p.program = os.NewFile(uintptr(fd), path)
	return selfFile(p.first)
}

// highest returns the highest number of a descriptor that os/exec moves about in the child.
func highest(cmd *exec.Cmd) int {
	n := 2 + len(cmd.ExtraFiles)
	files := slices.Clone(cmd.ExtraFiles)
	for _, stream := range []any{cmd.Stdin, cmd.Stdout, cmd.Stderr} {
		if f, ok := stream.(*os.File); ok {
			files = append(files, f)
		}
	}
	for _, f := range files {
		if f != nil {
			n = max(n, fdOf(f))
		}
	}
	return n
}

// fdOf is f.Fd, which would make it block.
func fdOf(f *os.File) (n int) {
	if c, err := f.SyscallConn(); err == nil {
		c.Control(func(fd uintptr) { n = int(fd) })
	}
	return n
}

func selfFile(fd int) string { return "/proc/self/fd/" + strconv.Itoa(fd) }

// close closes what only the child needs.
func (p *plan) close() {
	p.stub.file.Close()
	if p.program != nil {
		p.program.Close()
	}
}

// startStub starts the command with the stub in the place of its program, so that it stops, traced,
// when the stub is loaded. Until then it dies with this thread, and no signal but SIGTRAP, the sign
// of the stop, gets through: one that came between would stop the child where nobody waits for it.
// It returns the signal mask that the child is to have.
func (p *plan) startStub(cmd *exec.Cmd) (mask unix.Sigset_t, err error) {
	block := allSignals()
	block.Val[0] &^= 1 << (unix.SIGTRAP - 1)
	if err := unix.PthreadSigmask(unix.SIG_SETMASK, &block, &mask); err != nil {
		return mask, &Error{"start the command", err,
			"a filter installed before must allow rt_sigprocmask"}
	}
	back := p.disguise(cmd)
	err = cmd.Start()
	back()
	if err := unix.PthreadSigmask(unix.SIG_SETMASK, &mask, nil); err != nil {
		panic("runtime: cannot restore the signal mask: " + err.Error())
	}
	if err != nil {
		p.killStub()
	}
	return mask, p.explain(err)
}

// killStub kills what os/exec leaves where it cannot read what the child has to say: it waits for
// the child to end, and takes the stop of the stub for that.
func (p *plan) killStub() {
	pids, _ := os.ReadFile("/proc/thread-self/children")
	for _, field := range strings.Fields(string(pids)) {
		pid, _ := strconv.Atoi(field)
		t := tracee{pid: pid, abi: abis()[0]}
		var regs registers
		if s, err := t.look(); err != nil || s.kind != atSignal {
			continue
		}
		_, err := t.registers(unix.PTRACE_GETREGSET, &regs)
		if err == nil && t.abi.get(&regs, t.abi.pc) == p.stub.entry {
			unix.Kill(pid, unix.SIGKILL)
			unix.Wait4(pid, nil, unix.WALL, nil)
		}
	}
}

// disguise puts the stub into cmd and returns what puts everything back. An empty path is left for
// os/exec to refuse.
func (p *plan) disguise(cmd *exec.Cmd) (back func()) {
	path, args, env, dir := cmd.Path, cmd.Args, cmd.Env, cmd.Dir
	files, attr := cmd.ExtraFiles, cmd.SysProcAttr
	if cmd.Path != "" {
		cmd.Path = selfFile(int(p.stub.file.Fd()))
	}
	if len(args) == 0 {
		cmd.Args = []string{path}
	}
	if len(p.calls) > 0 {
		cmd.Env = cmd.Environ() // names the directory
		cmd.Dir = ""
	}
	if p.program != nil {
		cmd.ExtraFiles = append(slices.Clip(files), p.program)
	}
	cmd.SysProcAttr = &p.attr
	return func() {
		cmd.Path, cmd.Args, cmd.Env, cmd.Dir = path, args, env, dir
		cmd.ExtraFiles, cmd.SysProcAttr = files, attr
	}
}

// explain puts the program's name into an error of os/exec, and says what may be the matter.
func (p *plan) explain(err error) error {
	failed, ok := err.(*fs.PathError)
	if !ok {
		return err
	}
	if failed.Op == "fork/exec" {
		failed.Path = p.path
	}
	help := ""
	switch {
	case errors.Is(err, unix.EPERM):
		help = "if not the program itself, then tracing it was refused: by a filter of this " +
			"process, a debugger that traces the child already, or Yama's ptrace_scope"
	case errors.Is(err, unix.EACCES):
		help = "Start needs a file in memory that can be executed: vm.memfd_noexec must be less " +
			"than 2"
	case errors.Is(err, unix.EMFILE), errors.Is(err, unix.EBADF):
		help = "the child needs more file descriptors than it may have; raise the limit (ulimit -n)"
	case errors.Is(err, unix.ENOENT):
		if _, missing := os.Stat("/proc/self/fd"); missing != nil {
			help = "Start needs /proc; mount it"
		}
	}
	if help == "" {
		return err
	}
	return &Error{"start the command", err, help}
}

func cString(s string) []byte { return append([]byte(s), 0) }

// words returns an array of gid_t.
func words(ids []uint32) []byte {
	b := make([]byte, 4*max(1, len(ids)))
	for i, id := range ids {
		*(*uint32)(unsafe.Pointer(&b[4*i])) = id
	}
	return b
}

// refusePrivileged refuses programs that gain privileges by being executed, so that their user
// learns why they do not. Nothing depends on it: with no_new_privs the kernel gives no privileges,
// to what this cannot see either, as the interpreter of a script.
func refusePrivileged(cmd *exec.Cmd) error {
	path := cmd.Path
	uid, gid := unix.Geteuid(), unix.Getegid()
	if a := cmd.SysProcAttr; a != nil {
		if a.Chroot != "" || a.Cloneflags&unix.CLONE_NEWUSER != 0 {
			return nil
		}
		if c := a.Credential; c != nil {
			uid, gid = int(c.Uid), int(c.Gid)
		}
	}
	if cmd.Dir != "" && path != "" && path[0] != '/' {
		path = cmd.Dir + "/" + path
	}
	var st unix.Stat_t
	var volume unix.Statfs_t
	if unix.Stat(path, &st) != nil || unix.Statfs(path, &volume) != nil {
		return nil // it is for exec to say why
	}
	capabilities, err := unix.Getxattr(path, "security.capability", nil)
	setuid := st.Mode&unix.S_ISUID != 0 && int(st.Uid) != uid
	setgid := st.Mode&(unix.S_ISGID|unix.S_IXGRP) == unix.S_ISGID|unix.S_IXGRP && int(st.Gid) != gid
	capable := err == nil && capabilities > 0 && uid != 0
	if volume.Flags&unix.ST_NOSUID != 0 || !setuid && !setgid && !capable {
		return nil
	}
	return errors.New("runtime: the program gains privileges by being executed (setuid, setgid " +
		"or file capabilities), which no_new_privs forbids; start one that does not")
}
