package diag

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
)

// Names of files, and of programs that were run, become references that stand for them.
func TestSARIFReferences(t *testing.T) {
	for _, name := range []string{
		"policy.scp", "/etc/x y.scp", "exe:/usr/bin/man ls", "pid:7", "a.bpf+b.scp", "100%.scp",
		"ä\xff.scp", "what?.scp", "a#b.scp", "<stdin>", `a"b\c`,
	} {
		f := Finding{Severity: Error, Code: "x", Message: "m", Call: "read(0)", Gets: "allow",
			Span: (&Source{Name: name, Text: "t"}).Start()}
		data, err := json.Marshal(Tool{Name: "t"}.SARIF(List{f}))
		if err != nil {
			t.Fatal(err)
		}
		var log struct {
			Runs []struct {
				Results []struct {
					Message   struct{ Text string }
					Locations []struct {
						PhysicalLocation struct{ ArtifactLocation struct{ URI string } }
					}
				}
			}
		}
		if err := json.Unmarshal(data, &log); err != nil {
			t.Fatal(err)
		}
		result := log.Runs[0].Results[0]
		uri := result.Locations[0].PhysicalLocation.ArtifactLocation.URI
		back, err := url.PathUnescape(uri)
		if _, parsed := url.Parse(uri); err != nil || parsed != nil || back != name ||
			strings.ContainsAny(uri, " ?#<>\"\\^`{|}") {
			t.Errorf("%q becomes %q, %q, %v, %v", name, uri, back, err, parsed)
		}
		if result.Message.Text != "m, such as read(0), which gets allow" {
			t.Errorf("%q", result.Message.Text)
		}
	}
}
