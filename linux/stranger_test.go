package linux

import "testing"

func TestStranger(t *testing.T) {
	s := Stranger(7, true)
	if s.Name != "arch 0x7" || s.Arch != 7 || !s.BigEndian || !s.Strange() || s.Bits != 64 {
		t.Errorf("%+v", s)
	}
	if name, ok := s.SyscallName(0); ok || len(s.Syscalls()) > 0 || len(s.Known()) > 0 {
		t.Errorf("it has a call %q", name)
	}
	if _, ok := s.Number("read"); ok {
		t.Error("it knows read")
	}
	if _, ok := s.Prototype("read"); ok {
		t.Error("it knows read's arguments")
	}
	if n := s.Numbers(); len(n) != 1 || n[0] != (NumberRange{0, 0xffffffff}) || !s.Owns(5000) {
		t.Errorf("its numbers are %v", n)
	}
	if len(s.Cached()) > 0 || s.IsCached(0) || s.Exempt("uprobe") {
		t.Error("nothing is known of its kernel")
	}
	if abi, _ := Lookup("mips"); abi.Strange() {
		t.Error("mips stands in the tables")
	}
}
