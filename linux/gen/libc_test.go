package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seccompc/seccompc/linux"
)

// notInHeaders are defined by the kernel alone, or by a library's headers that are not installed.
var notInHeaders = map[string]bool{
	// include/linux/socket.h; bits/socket.h has the value of SOL_BLUETOOTH alone
	"SOL_SCTP": true, "SOL_UDPLITE": true, "SOL_IPX": true, "SOL_AX25": true, "SOL_ATALK": true,
	"SOL_NETROM": true, "SOL_ROSE": true,
	// include/net/bluetooth/bluetooth.h
	"SOL_HCI": true, "SOL_L2CAP": true, "SOL_SCO": true, "SOL_RFCOMM": true, "BTPROTO_BNEP": true,
	"BTPROTO_HCI": true, "BTPROTO_HIDP": true, "BTPROTO_ISO": true, "BTPROTO_L2CAP": true,
	"BTPROTO_RFCOMM": true, "BTPROTO_SCO": true,
}

// TestLibcHeaders compiles the table of libc's constants for x86_64 with the machine's C library.
func TestLibcHeaders(t *testing.T) {
	if *headers == "" {
		t.Skip("make test-headers runs this: it needs gcc and libc6-dev")
	}
	text, err := os.ReadFile("../libc.txt")
	if err != nil {
		t.Fatal(err)
	}
	abi, _ := linux.Lookup("x86_64")
	var c strings.Builder
	c.WriteString(libcIncludes)
	n := 0
	for line := range strings.Lines(string(text)) {
		name, _, ok := strings.Cut(line, "\t")
		if !ok || strings.HasPrefix(line, "#") || notInHeaders[name] {
			continue
		}
		v, _, ok := abi.LibcConstant(name)
		if !ok {
			t.Errorf("%s has no value on x86_64", name)
			continue
		}
		fmt.Fprintf(&c,
			"_Static_assert((unsigned long long)(%s) == (unsigned long long)(%s), \"%s\");\n",
			name, cText(v.ExactString()), name)
		n++
	}
	file := filepath.Join(t.TempDir(), "libc.c")
	if err := os.WriteFile(file, []byte(c.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("gcc", "-w", "-fsyntax-only", file).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	if n < 80 {
		t.Errorf("%d constants are too few", n)
	}
}

// cText returns a number as C reads it.
func cText(number string) string {
	if strings.HasPrefix(number, "-") {
		return number + "LL"
	}
	return number + "ULL"
}

const libcIncludes = `#define _GNU_SOURCE
#include <limits.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <stdio.h>
#include <sys/param.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <scsi/sg.h>
#include <scsi/scsi_ioctl.h>
#undef SIGRTMAX // a function call
#define SIGRTMAX __SIGRTMAX
`
