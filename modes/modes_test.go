package modes

import (
	"strings"
	"testing"

	"github.com/seccompc/seccompc/compiler/resolve"
)

func TestEach(t *testing.T) {
	params := []resolve.Param{
		{Name: "network", Values: []string{"block", "proxy", "open"}},
		{Name: "limit", Value: "3"},
		{Name: "debug", Values: []string{"true", "false"}},
		{Name: "fixed", Values: []string{"false", "true"}, Given: true},
	}
	all, err := Each(params)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, m := range all {
		names = append(names, m.Name)
	}
	const want = "network=block,debug=true network=block,debug=false network=proxy,debug=true " +
		"network=proxy,debug=false network=open,debug=true network=open,debug=false"
	if got := strings.Join(names, " "); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if one, err := Each(params[1:2]); err != nil || len(one) != 1 || one[0].Name != "" {
		t.Errorf("no parameter to choose: %v, %v", one, err)
	}
}

// The work is bounded, and so is what is kept on the way to the bound.
func TestEachBounded(t *testing.T) {
	var params []resolve.Param
	for range 6 {
		params = append(params, resolve.Param{Name: "p", Values: []string{"false", "true"}})
	}
	if all, err := Each(params); err != nil || len(all) != Max {
		t.Errorf("%d configurations, %v", len(all), err)
	}
	many := resolve.Param{Name: "q", Values: make([]string, 1<<20)}
	if _, err := Each(append(params, many, many, many, many)); err == nil {
		t.Error("no error for too many configurations")
	}
}

func TestParse(t *testing.T) {
	m, err := Parse("Proxy=network=proxy,limit=1<<3")
	if err != nil || m.Name != "Proxy" || m.Params["network"] != "proxy" ||
		m.Params["limit"] != "1<<3" {
		t.Errorf("%v, %v", m, err)
	}
	if m, err := Parse("Plain"); err != nil || m.Name != "Plain" || len(m.Params) != 0 {
		t.Errorf("%v, %v", m, err)
	}
	for _, bad := range []string{"", "=a=b", "../x=a=b", "a/b", "-x", "A=b", "A=b=", "A=b=1,b=2",
		"A==1", "A=b=1,"} {
		if m, err := Parse(bad); err == nil {
			t.Errorf("%q is %v", bad, m)
		}
	}
}
