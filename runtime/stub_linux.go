package runtime

import (
	"encoding/binary"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// stub is the program that a child is started with: it does nothing of its own. Stopped before its
// first instruction it is made to do what is needed, at last to execute what the caller wants to
// start. If it is not stopped, because a filter has feigned ptrace(2), it ends at once.
type stub struct {
	file  *os.File
	entry uint64
	code  uint64   // the address of an instruction that enters the kernel
	data  []uint64 // the addresses of what it carries
}

// newStub writes a stub for this program's ABI into memory, with data that the child will need. Its
// descriptor is higher than above, so that what os/exec does to descriptors in the child spares it.
func newStub(a abi, above int, data ...[]byte) (*stub, error) {
	const base = 0x5ecc << 16 // where no linker puts a program; a multiple of all page sizes
	s := &stub{}
	image := make([]byte, elfHead(a.word))
	put := func(b []byte) uint64 {
		image = append(image, make([]byte, -len(image)&15)...)
		at := base + uint64(len(image))
		image = append(image, b...)
		return at
	}
	for _, b := range data {
		s.data = append(s.data, put(b))
	}
	s.code = put(a.instruction)
	// From here to the end of the page there are zeros: on some ABIs no instruction, on the others
	// one that does nothing, and behind them is nothing.
	s.entry = put(make([]byte, 16))
	writeElfHead(image, a, base, s.entry)
	file, err := memoryFile(image, above)
	if err != nil {
		return nil, err
	}
	s.file = file
	return s, nil
}

// elfHead returns the length of a file header and two program headers.
func elfHead(word int) int {
	if word == 4 {
		return 52 + 2*32
	}
	return 64 + 2*56
}

// writeElfHead makes an executable of the image: struct elf32_hdr or elf64_hdr, and struct
// elf32_phdr or elf64_phdr, of include/uapi/linux/elf.h.
func writeElfHead(image []byte, a abi, base, entry uint64) {
	const (
		executable = 2 // ET_EXEC
		load       = 1 // PT_LOAD
		stack      = 0x6474e551
		read       = 4 // PF_R
		write      = 2
		execute    = 1
	)
	put := func(width int, values ...uint64) {
		for _, v := range values {
			switch width {
			case 2:
				binary.NativeEndian.PutUint16(image, uint16(v))
			case 4:
				binary.NativeEndian.PutUint32(image, uint32(v))
			case 8:
				binary.NativeEndian.PutUint64(image, v)
			}
			image = image[width:]
		}
	}
	fileHead, segmentHead := uint64(64), uint64(56)
	if a.word == 4 {
		fileHead, segmentHead = 52, 32
	}
	size := uint64(len(image))
	copy(image, "\x7fELF")
	image[4], image[5], image[6] = byte(a.word/4), byteOrder(), 1
	image = image[16:]
	put(2, executable, uint64(a.machine))
	put(4, 1)
	put(a.word, entry, fileHead, 0)
	put(4, uint64(a.elfFlags))
	put(2, fileHead, segmentHead, 2, 0, 0, 0)
	for _, s := range []struct{ kind, flags, addr, size, align uint64 }{
		{load, read | execute, base, size, 1 << 16},
		{stack, read | write, 0, 0, 16},
	} {
		put(4, s.kind)
		if a.word == 8 {
			put(4, s.flags)
		}
		put(a.word, 0, s.addr, s.addr, s.size, s.size)
		if a.word == 4 {
			put(4, s.flags)
		}
		put(a.word, s.align)
	}
}

// byteOrder returns ELFDATA2LSB or ELFDATA2MSB.
func byteOrder() byte {
	if native(binary.LittleEndian) {
		return 1
	}
	return 2
}

// memoryFile returns a file that is in no directory and can be executed. A filter that feigns
// memfd_create gives 0, which may be some file of the caller's: no other kind of file has seals.
func memoryFile(content []byte, above int) (*os.File, error) {
	const seal = unix.F_SEAL_SHRINK
	const flags = unix.MFD_CLOEXEC | unix.MFD_ALLOW_SEALING
	fd, err := unix.MemfdCreate("seccompc", flags|unix.MFD_EXEC)
	if err == unix.EINVAL { // before Linux 6.3
		fd, err = unix.MemfdCreate("seccompc", flags)
	}
	if err != nil {
		return nil, &Error{"make a file in memory", err, fileHelp(err)}
	}
	unix.FcntlInt(uintptr(fd), unix.F_ADD_SEALS, seal)
	if seals, err := unix.FcntlInt(uintptr(fd), unix.F_GET_SEALS, 0); err != nil || seals != seal {
		if fd != 0 {
			unix.Close(fd)
		}
		return nil, &Error{"make a file in memory", errFeigned, feignedHelp}
	}
	fd = moveAbove(fd, max(fd, above))
	file := os.NewFile(uintptr(fd), "seccompc")
	if n, err := file.Write(content); err != nil || n != len(content) {
		file.Close()
		return nil, fmt.Errorf("runtime: write the file in memory: %d bytes of %d: %w", n,
			len(content), err)
	}
	return file, nil
}

// moveAbove gives a file another descriptor. In the child, os/exec uses numbers above the highest
// of those that it passes on, of which some are not open yet: these will be the lowest that are
// free. Where there is no room, so be it: the child is killed if it does not run the stub.
func moveAbove(fd, highest int) int {
	for _, room := range []int{128, 32, 8} {
		high, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, highest+room)
		if err == nil && high > highest {
			unix.Close(fd)
			return high
		}
	}
	return fd
}

func fileHelp(err error) string {
	switch err {
	case unix.EMFILE, unix.ENFILE:
		return "no file descriptor is free; close some, or raise the limit (ulimit -n)"
	case unix.EACCES:
		return "Start needs one that can be executed: vm.memfd_noexec must be less than 2"
	}
	return "a filter of this process must allow memfd_create"
}
