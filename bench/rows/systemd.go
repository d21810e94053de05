package rows

import (
	_ "embed"
	"strings"

	"github.com/seccompc/seccompc/bench/neutral"
	"github.com/seccompc/seccompc/policy"
)

//go:generate sh -c "./system-service.sh >system-service.txt"

//go:embed system-service.txt
var systemServiceList string

// systemService is systemd's set of that name as an allow list: what
// SystemCallFilter=@system-service with SystemCallErrorNumber=EPERM asks for, on one ABI.
func systemService() Row {
	var calls []string
	for line := range strings.Lines(systemServiceList) {
		call := strings.TrimSpace(line)
		if strings.HasPrefix(call, "#") || !exists(call, []string{"x86_64"}) {
			continue
		}
		calls = append(calls, call)
	}
	return Row{
		Policy: neutral.Policy{
			Name:    "system-service",
			Title:   "systemd's @system-service as an allow list",
			ABIs:    []string{"x86_64"},
			Default: eperm,
			Rules:   on(policy.Allow, calls),
		},
		Probes: Probes{Denied: Probe{Call: "mount"}, Cached: getppid},
	}
}
