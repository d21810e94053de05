package oci

import "testing"

func TestSubset(t *testing.T) {
	eq := func(v string) string {
		return profile(`{"names": ["socket"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": ` + v +
			`, "op": "SCMP_CMP_LT"}]}`)
	}
	opts := Options{Host: hostX86(), Engine: Crun}
	if d, err := Subset([]byte(eq("3")), []byte(eq("2")), opts); d != nil || err != nil {
		t.Errorf("the smaller one is no subset: %v, %v", d, err)
	}
	d, err := Subset([]byte(eq("2")), []byte(eq("3")), opts)
	if err != nil || d == nil || d.Call.Args[0] != 2 {
		t.Errorf("the larger one: %v, %v; want a call with family 2", d, err)
	}
	if _, err := Subset([]byte(eq("2")), []byte("{"), opts); err == nil {
		t.Error("a profile that is cut off is compared")
	}
}
