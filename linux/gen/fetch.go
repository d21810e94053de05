package main

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/seccompc/seccompc/linux"
)

// sources are the places that the facts come from, each unpacked below the cache directory.
type sources struct {
	kernel    string // the C files with system calls, and the tables, of linux.KernelVersion
	oldKernel string // the same of the last kernel with 31-bit s390
	headers   string // the kernel's user interface, for every architecture
	manual    string
	systemd   string
	xsys      string // golang.org/x/sys/unix
	snapshots []snapshot
	cache     string
}

// tree returns the kernel source that the target is read from.
func (s *sources) tree(t *target) string {
	if t.old {
		return s.oldKernel
	}
	return s.kernel
}

// oldKernel is the newest packaged kernel whose s390 still runs 31-bit programs.
const oldKernel = "6.12"

// suites are the Debian suites that hold the packages, newest first.
var suites = []string{"sid", "trixie", "bookworm", "bullseye"}

// packages are what is downloaded. systemd-analyze runs with the C library of its own suite.
var packages = []string{
	"linux-source-" + linux.KernelVersion, "linux-source-" + oldKernel, "linux-libc-dev",
	"manpages-dev",
	"systemd", "libsystemd-shared", "libc6", "libseccomp2", "libmount1", "libblkid1", "libcap2",
	"libselinux1",
	"libpcre2-8-0", "libssl3t64", "libcrypt1", "libaudit1", "libcap-ng0",
}

// fetch fills the cache and returns what it holds.
func fetch(cache string, offline bool) (*sources, error) {
	debs := filepath.Join(cache, "debs")
	if !offline {
		if err := download(cache, debs, packages); err != nil {
			return nil, err
		}
		for _, d := range debians {
			if err := d.fetch(cache); err != nil {
				return nil, err
			}
		}
	}
	s := &sources{
		cache:   cache,
		headers: filepath.Join(cache, "headers"), manual: filepath.Join(cache, "manual"),
		systemd: filepath.Join(cache, "systemd"),
	}
	xsys, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "golang.org/x/sys").Output()
	if err != nil {
		return nil, fmt.Errorf("golang.org/x/sys: %w", err)
	}
	s.xsys = filepath.Join(strings.TrimSpace(string(xsys)), "unix")
	if s.snapshots, err = fetchSnapshots(offline, s.xsys); err != nil {
		return nil, err
	}
	if s.kernel, err = unpackKernel(cache, debs, linux.KernelVersion); err != nil {
		return nil, err
	}
	if s.oldKernel, err = unpackKernel(cache, debs, oldKernel); err != nil {
		return nil, err
	}
	return s, errors.Join(s.checkVersions(debs), s.unpackRest(debs))
}

// checkVersions fails unless headers and x/sys describe the kernel that the source is of.
func (s *sources) checkVersions(debs string) error {
	for _, prefix := range []string{
		"linux-libc-dev_" + linux.KernelVersion, "systemd_" + linux.SystemdVersion,
	} {
		if _, err := deb(debs, prefix); err != nil {
			return err
		}
	}
	file := filepath.Join(s.xsys, "linux/Dockerfile")
	text, err := os.ReadFile(file)
	if err == nil && !bytes.Contains(text, []byte("--branch v"+linux.KernelVersion+" ")) {
		err = fmt.Errorf("%s: not made from Linux %s", file, linux.KernelVersion)
	}
	return err
}

// unpackRest unpacks the small packages.
func (s *sources) unpackRest(debs string) error {
	err := errors.Join(unpackDeb(debs, "linux-libc-dev", s.headers),
		unpackDeb(debs, "manpages-dev", s.manual))
	for _, p := range packages[4:] {
		err = errors.Join(err, unpackDeb(debs, p, s.systemd))
	}
	return err
}

// download fetches the packages with an apt of its own state, which leaves the machine's alone.
// Debian's signatures are checked; their dates are not, so that a mirror of some past day will do.
func download(cache, debs string, packages []string) error {
	apt := filepath.Join(cache, "apt")
	for _, dir := range []string{"lists/partial", "archives/partial"} {
		if err := os.MkdirAll(filepath.Join(apt, dir), 0o755); err != nil {
			return err
		}
	}
	if err := os.RemoveAll(debs); err != nil { // an older version would be found first
		return err
	}
	var list strings.Builder
	for _, suite := range suites {
		fmt.Fprintf(&list, "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] %s "+
			"%s main\n",
			"http://deb.debian.org/debian", suite)
	}
	conf := strings.NewReplacer("APT", apt).Replace(`
Dir::State "APT"; Dir::State::status "APT/status"; Dir::Cache "APT";
Dir::Etc::sourcelist "APT/sources.list"; Dir::Etc::sourceparts "/dev/null";
Dir::Etc::parts "/dev/null";
Acquire::Check-Valid-Until "false"; Acquire::Languages "none"; Acquire::Retries "3";
`)
	err := errors.Join(os.WriteFile(filepath.Join(apt, "sources.list"), []byte(list.String()),
		0o644),
		os.WriteFile(filepath.Join(apt, "apt.conf"), []byte(conf), 0o644),
		os.WriteFile(filepath.Join(apt, "status"), nil, 0o644), os.MkdirAll(debs, 0o755))
	if err != nil {
		return err
	}
	env := "APT_CONFIG=" + filepath.Join(apt, "apt.conf")
	if err := run(cache, env, "apt-get", "update"); err != nil {
		return err
	}
	return run(debs, env, "apt-get", append([]string{"download"}, packages...)...)
}

func run(dir, env, name string, args ...string) error {
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", strings.Join(cmd.Args, " "), err, out)
	}
	return nil
}

// deb returns the one downloaded package whose file name starts with prefix.
func deb(debs, prefix string) (string, error) {
	files, _ := filepath.Glob(filepath.Join(debs, prefix+"*.deb"))
	if len(files) != 1 {
		return "", fmt.Errorf("%d packages %s* in %s, not one", len(files), prefix, debs)
	}
	return files[0], nil
}

func unpackDeb(debs, name, dir string) error {
	file, err := deb(debs, name+"_")
	if err != nil {
		return err
	}
	return run(debs, "", "dpkg-deb", "--extract", file, dir)
}

// unpackKernel keeps the files of a linux-source package that define system calls.
func unpackKernel(cache, debs, version string) (string, error) {
	name := "linux-source-" + version
	tree := filepath.Join(cache, name)
	file, err := deb(debs, name+"_"+version)
	if err != nil {
		return "", err
	}
	if _, err := os.Stat(filepath.Join(tree, filepath.Base(file))); err == nil {
		return tree, nil
	}
	if err := run(debs, "", "dpkg-deb", "--extract", file,
		filepath.Join(cache, "tar")); err != nil {
		return "", err
	}
	tarball := filepath.Join(cache, "tar/usr/src", name+".tar.xz")
	defer os.RemoveAll(filepath.Join(cache, "tar"))
	xz := exec.Command("xz", "--decompress", "--stdout", tarball)
	out, err := xz.StdoutPipe()
	if err != nil {
		return "", err
	}
	if err := xz.Start(); err != nil {
		return "", err
	}
	err = keepSyscalls(tar.NewReader(out), cache)
	if err := errors.Join(err, xz.Wait()); err != nil {
		return "", err
	}
	done := filepath.Join(tree, filepath.Base(file)) // says that it is all there
	return tree, os.WriteFile(done, nil, 0o644)
}

// keepSyscalls writes the members of a kernel archive that readCalls and readDefinitions want.
func keepSyscalls(r *tar.Reader, dir string) error {
	for {
		h, err := r.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		ext := filepath.Ext(h.Name)
		if ext != ".c" && ext != ".tbl" || strings.Contains(h.Name, "/tools/testing/") {
			continue
		}
		text, err := io.ReadAll(r)
		if err != nil {
			return err
		}
		if ext == ".c" && !bytes.Contains(text, []byte("SYSCALL")) &&
			!bytes.Contains(text, []byte("asmlinkage")) {
			continue
		}
		file := filepath.Join(dir, filepath.Clean("/"+h.Name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(file, text, 0o644); err != nil {
			return err
		}
	}
}
