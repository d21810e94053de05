package main

import (
	"bufio"
	"fmt"
	"log"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// writeConstants writes constants.txt and errnos.txt. A value from the kernel's headers comes
// before one from x/sys, which has the C library's where the two differ, and knows nothing of x32
// and 31-bit s390.
func writeConstants(s *sources) error {
	dir, err := os.MkdirTemp("", "seccompc-gen")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	all, errnos := variants{}, map[string]bool{}
	for i := range targets {
		t := &targets[i]
		values, err := readXSys(s, t)
		if err != nil {
			return err
		}
		c, err := newCompiler(s, t, dir)
		if err != nil {
			return err
		}
		kernel, literal, err := c.constants()
		if err != nil {
			return fmt.Errorf("%s: %w", t.abi, err)
		}
		if err := addErrnos(s, t, literal, errnos); err != nil {
			return err
		}
		log.Printf("%s: %d constants from x/sys, %d from the kernel's headers",
			t.abi, len(values), len(kernel))
		maps.Copy(values, kernel)
		maps.Copy(values, unexported)
		if t.goarch == "" {
			maps.Copy(values, t.libraryNames(kernel))
		}
		maps.Copy(values, aligned[t.abi])
		for name, v := range values {
			all.add(name, t.abi, v)
		}
	}
	head := "# constants: name, the value, then ABIS=VALUE where it differs; - for none"
	if err := writeTable("constants.txt", head, all.constantLines()); err != nil {
		return err
	}
	return writeTable("errnos.txt", "# the names of error numbers, without synonyms",
		slices.Collect(maps.Keys(errnos)))
}

// constantLines writes the most common value first.
func (v variants) constantLines() []string {
	var lines []string
	for name := range v {
		for _, t := range targets {
			if _, ok := v[name][t.abi]; !ok {
				v.add(name, t.abi, "-")
			}
		}
		groups := v.groups(name)
		line := name + "\t" + groups[0].value
		for _, g := range groups[1:] {
			line += "\t" + strings.Join(g.abis, ",") + "=" + g.value
		}
		lines = append(lines, line)
	}
	return lines
}

// unexported are constants that the kernel takes and that only C libraries define: access(2),
// syslog(2) and swapon(2).
var unexported = map[string]string{
	"F_OK": "0", "R_OK": "4", "W_OK": "2", "X_OK": "1",

	"SYSLOG_ACTION_CLOSE": "0", "SYSLOG_ACTION_OPEN": "1", "SYSLOG_ACTION_READ": "2",
	"SYSLOG_ACTION_READ_ALL": "3", "SYSLOG_ACTION_READ_CLEAR": "4", "SYSLOG_ACTION_CLEAR": "5",
	"SYSLOG_ACTION_CONSOLE_OFF": "6", "SYSLOG_ACTION_CONSOLE_ON": "7",
	"SYSLOG_ACTION_CONSOLE_LEVEL": "8", "SYSLOG_ACTION_SIZE_UNREAD": "9",
	"SYSLOG_ACTION_SIZE_BUFFER": "0xa",

	"SWAP_FLAG_PREFER": "0x8000", "SWAP_FLAG_PRIO_MASK": "0x7fff", "SWAP_FLAG_DISCARD": "0x10000",
	"SWAP_FLAG_DISCARD_ONCE": "0x20000", "SWAP_FLAG_DISCARD_PAGES": "0x40000",
}

// aligned are ioctls with the sizes of structures in which a header aligns something further than
// the ABI does. -fpack-struct, by which an amd64 compiler lays out types as m68k's, goes before
// that; the values are what a compiler for m68k says.
var aligned = map[string]map[string]string{
	"m68k": {"KCOV_REMOTE_ENABLE": "0x40186366", "PPPIOCGL2TPSTATS": "0x80487436"},
}

// sameAs are names that C libraries define as another that the kernel's headers have.
var sameAs = map[string]string{
	"MAP_ANON": "MAP_ANONYMOUS", "O_ASYNC": "FASYNC", "O_FSYNC": "O_SYNC", "O_RSYNC": "O_SYNC",
	"SIGCLD": "SIGCHLD", "SO_RCVTIMEO": "SO_RCVTIMEO_OLD", "SO_SNDTIMEO": "SO_SNDTIMEO_OLD",
	"SO_TIMESTAMP": "SO_TIMESTAMP_OLD", "SO_TIMESTAMPING": "SO_TIMESTAMPING_OLD",
	"SO_TIMESTAMPNS": "SO_TIMESTAMPNS_OLD", "SOCK_CLOEXEC": "O_CLOEXEC",
	"SOCK_NONBLOCK": "O_NONBLOCK",
	"ENOTSUP":       "EOPNOTSUPP",
}

// libraryNames are the constants that C libraries define, for an ABI of which x/sys does not know
// them: include/linux/net.h has the types of sockets, and arch/parisc/include/asm/socket.h a flag
// of its own.
func (t *target) libraryNames(kernel map[string]string) map[string]string {
	out := map[string]string{"SOCK_STREAM": "1", "SOCK_DGRAM": "2"}
	for name, header := range sameAs {
		if v, ok := kernel[header]; ok && kernel[name] == "" {
			out[name] = v
		}
	}
	if t.arch == "parisc" {
		out["SOCK_NONBLOCK"] = "0x40000000"
	}
	return out
}

var xsysConstant = regexp.MustCompile(
	`^\t([A-Z]\w*)\s+= (?:syscall\.(?:Errno|Signal)\()?(-?\w+)\)?$`)

// readXSys reads the constants that x/sys has for all of Linux and for the target.
func readXSys(s *sources, t *target) (map[string]string, error) {
	values := map[string]string{}
	for _, file := range t.xsysErrors() {
		f, err := os.Open(filepath.Join(s.xsys, file))
		if err != nil {
			return nil, err
		}
		defer f.Close()
		lines := bufio.NewScanner(f)
		for lines.Scan() {
			m := xsysConstant.FindStringSubmatch(lines.Text())
			if m == nil {
				continue
			}
			digits, negative := strings.CutPrefix(m[2], "-")
			v, err := strconv.ParseUint(digits, 0, 64)
			if err != nil {
				continue // true and false, which are no numbers
			}
			if negative {
				v = -v
			}
			values[m[1]] = number(v, negative)
		}
		if err := lines.Err(); err != nil {
			return nil, err
		}
	}
	return values, nil
}

// xsysErrors returns the files of x/sys with constants that hold on the target. Those for all of
// its architectures hold on others too, where the kernel's headers do not say otherwise.
func (t *target) xsysErrors() []string {
	files := []string{"zerrors_linux.go"}
	if t.goarch != "" {
		files = append(files, "zerrors_linux_"+t.goarch+".go")
	}
	return files
}

// addErrnos adds the names of error numbers: what x/sys calls one and the headers define as a
// number, not as another name.
func addErrnos(s *sources, t *target, literal, errnos map[string]bool) error {
	var text string
	for _, file := range t.xsysErrors() {
		part, err := os.ReadFile(filepath.Join(s.xsys, file))
		if err != nil {
			return err
		}
		text += string(part)
	}
	for _, m := range xsysErrno.FindAllStringSubmatch(text, -1) {
		if literal[m[1]] {
			errnos[m[1]] = true
		}
	}
	return nil
}

// constants returns the constants of the kernel's headers that a system call may take, and the
// names that the headers define as a plain decimal number.
func (c *compiler) constants() (values map[string]string, literal map[string]bool, err error) {
	macros, err := c.macros()
	if err != nil {
		return nil, nil, err
	}
	enums, err := c.enumerators()
	if err != nil {
		return nil, nil, err
	}
	names, literal := map[string]bool{}, map[string]bool{}
	for name, body := range macros {
		if _, err := strconv.Atoi(body); err == nil {
			literal[name] = true
		}
		if constantName.MatchString(name) && constantBody(body) &&
			(ioctlBody.MatchString(body) || !dropped(name)) {
			names[name] = true
		}
	}
	for _, name := range enums {
		if keptEnums.MatchString(name) {
			names[name] = true
		}
	}
	values, err = c.values(slices.Sorted(maps.Keys(names)))
	return values, literal, err
}

var (
	constantName = regexp.MustCompile(`^[A-Z][A-Za-z0-9_]*$`)
	ioctlBody    = regexp.MustCompile(`\b(DRM)?_IO[RW]*\(`)
	notConstant  = regexp.MustCompile(`["{};]|__attribute__|` +
		`\b(extern|static|inline|do|if|else|for|goto|typedef)\b`)
	xsysErrno = regexp.MustCompile(`\t(E[A-Z0-9]+)\s+= syscall\.Errno\(`)
)

// constantBody reports whether the body of a macro may be an integer; the compiler has the last
// word.
func constantBody(body string) bool {
	return !notConstant.MatchString(body) && strings.Count(body, "(") == strings.Count(body, ")")
}

// keptEnums are the enumerators that system calls take; most of the headers' describe netlink
// messages.
var keptEnums = regexp.MustCompile(`^(BPF|FAN|FSCONFIG|FUTEX|IOPRIO|IORING|IPPROTO|ADDR|PER|` +
	`KCMP|LANDLOCK|LSM|MEMBARRIER|MPOL|NETLINK|NS|PERF|PIDFD|PR|PTRACE|P|RSEQ|` +
	`SECCOMP|SHUT|SOCK|UFFD|UFFDIO)_|` +
	`^(FDPIC_FUNCPTRS|MMAP_PAGE_ZERO|READ_IMPLIES_EXEC|SHORT_INODE|STICKY_TIMEOUTS|UNAME26|` +
	`WHOLE_SECONDS)$`)

// droppedPrefixes begin the names of what no system call takes: registers and bus identifiers, key
// codes, attributes of netlink messages, layouts of disks and of packets. Numbers of ioctls stay
// all the same.
var droppedPrefixes = strings.Fields(`
ABS ACPI ACRN ADVERTISED AMDKFD APM ARPHRD ASYNC ATM AUTOFS BC BOND BTN BTRFS BUS CEC CGW COFF
COMEDI
CP DCCP DLM DM DRBD DRM DT DVD EFX EM ETHTOOL EVMS EXT4 FB FD FDDI FF FLEXCOP FW GENWQE GFS2
GPCMD GSMMUX HIDIOC
HSA HSR I2C I2O ICMP ICMPV6 IDXD IFLA IFF_ING INPUT_PROP IPMI IPVS ISDN JFFS2 KEY_RESERVED K KFD
LED LIRC LLC LPA
MDIO MEDIA MII MISC MMC MPTCP MSHV MSC MT N NFC NFS NFS4 NF NFT NILFS NL80211 NN NT OMFS OVS
PARPORT PCI PCITEST PMU PORT
PPP PPS PSCI RDS REL RIO RKISP1 RTM RTN RTNLGRP SADB SC SCIF SCTP SDEI SERIAL SERIO SMC SNDRV SND
SONYPI SUPPORTED
SW SWITCHTEC TC TCA TEE TIPC TLS UART UBLK UDF UVC V4L2 VERR VFIO VHOST VIRTIO VIRTGPU VMADDR
VMCI VMMDEV VMCLOCK VIDEO
HWCAP HWCAP2 FUSE PSR PSW PT PPC PHN SONET GRE CRAMFS NE CX86 DEVLINK SDF TCODE CFM QNX4 EXCHGID4
NFS3 EDD EV
TUNNEL MACSEC BRIDGE TP ND SCSI AUDIT RTF ASYNCB SETFEATURES ADVERTISE WDIOF WIN WIPHY X86 XFRM
XDP ZORRO Z ETH_MDIO IP_SET IPSET IP6T EBT ARPT HDIO_DRIVE RFKILL DP CXL CAN_RAW_FILTER
`)

// keyNames are the codes of keyboards; keyctl's constants begin alike.
var keyNames = regexp.MustCompile(`^KEY_([^SR]|S[^P]|R[^E])`)

// kvmRegister are identifiers of virtual machines' registers, which lie in memory.
var kvmRegister = regexp.MustCompile(`^KVM_(REG|ARM64_SYS|SBI|RISCV_SBI|X86_|HYPERV|` +
	`XEN_HVM|MSR|GUESTDBG|FEATURE)`)

func dropped(name string) bool {
	prefix, _, more := strings.Cut(name, "_")
	return more && slices.Contains(droppedPrefixes, prefix) || keyNames.MatchString(name) ||
		kvmRegister.MatchString(name)
}
