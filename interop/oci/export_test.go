package oci

import (
	"encoding/binary"
	"os"
	"strings"
	"testing"

	"github.com/seccompc/seccompc/compiler/resolve"
	"github.com/seccompc/seccompc/explain"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/proof"
)

// exported writes the profile of a policy.
func exported(t *testing.T, text []byte) ([]byte, error) {
	t.Helper()
	res, diags := resolve.Text("policy", text, resolve.Options{ABIs: []string{"x86_64"}})
	if res == nil {
		t.Fatal(diags)
	}
	s := proof.New(linux.Arches()...)
	f, err := s.Policy(res.Policy)
	if err != nil {
		t.Fatal(err)
	}
	return Export(s, f, hostX86(), Crun)
}

// TestExport: real policies are written, and the filter that the installed libseccomp makes of a
// profile answers every call as the policy does.
func TestExport(t *testing.T) {
	o := startOracle(t)
	for name, text := range map[string][]byte{
		"openshell": file(t, "openshell"), "unix-sockets-only": file(t, "unix-sockets-only"),
		"own": []byte("arch x86_64\nmismatch kill_thread\ndefault allow\ndeny(ENOSYS) clone3\n" +
			"kill socket if family not in {AF_UNIX, AF_INET}\n" +
			"deny unshare if arg0 any CLONE_NEWUSER | CLONE_NEWNET\n" +
			"deny kill if sig in {3..9} && pid < 0\nlog clone if flags & 0x7e020000 != 0\n"),
	} {
		profile, err := exported(t, text)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		p, err := Read(profile, "")
		if err != nil {
			t.Fatal(err)
		}
		if name != "own" {
			continue // an old libseccomp knows fewer calls
		}
		program := o.filter(t, p, hostX86())
		if program == nil {
			t.Fatalf("%s: libseccomp refuses the profile", name)
		}
		if d := differ(t, hostX86(), text, program); d != nil {
			t.Errorf("%s: %s: policy %v, libseccomp %v", name,
				explain.Call(d.Call, binary.LittleEndian), d.A, d.B)
		}
	}
}

func file(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile("../../testdata/policies/" + name + ".scp")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestExportRefuses: what a profile cannot say is an error.
func TestExportRefuses(t *testing.T) {
	for _, c := range []struct{ policy, want string }{
		{"default allow\ndeny read if ip > 5\n", "instruction pointer"},
		{"default allow\ndeny 400\n", "a number without a name"},
		{"default allow\ntrap(3) read\n", "no data"},
	} {
		_, err := exported(t, []byte("arch x86_64\n"+c.policy))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: error %v, want %q", c.policy, err, c.want)
		}
	}
}
