package oci

import (
	"encoding/json"
	"fmt"
	"math"

	"github.com/seccompc/seccompc/diag"
)

// Target is a program that reads profiles.
type Target string

// The targets. Podman's engine is crun, unless it is told otherwise; that of Docker and
// Kubernetes is runc.
const (
	RuncTarget   Target = "runc"
	CrunTarget   Target = "crun"
	DockerTarget Target = "docker"
	PodmanTarget Target = "podman"
	K8sTarget    Target = "k8s" // a SeccompProfile of the security profiles operator
)

// Targets returns all of them.
func Targets() []string { return []string{"runc", "crun", "docker", "podman", "k8s"} }

// engine is what makes the filter.
func (t Target) engine() Engine {
	if t == CrunTarget || t == PodmanTarget {
		return Crun
	}
	return Runc
}

// text writes the profile in the target's form.
func (e *exporter) text() ([]byte, error) {
	var v any = e.out
	if e.opts.For == K8sTarget {
		resource, err := e.resource()
		if err != nil {
			return nil, err
		}
		v = resource
	}
	text, err := json.MarshalIndent(v, "", "  ")
	return append(text, '\n'), err
}

// resource is the profile as an operator's resource: its errnos are strings, its values numbers
// of 63 bits, and it has no errno of the default.
func (e *exporter) resource() (any, error) {
	if d := e.out.DefaultErrnoRet; d != nil && *d != eperm {
		return nil, fmt.Errorf("the default is errno %d: a SeccompProfile has EPERM alone", *d)
	}
	type entry struct {
		Names    []string     `json:"names"`
		Action   string       `json:"action"`
		ErrnoRet string       `json:"errnoRet,omitempty"`
		Args     []writtenArg `json:"args,omitempty"`
	}
	syscalls := []entry{}
	for _, r := range e.out.Syscalls {
		for _, a := range r.Args {
			if a.Value > math.MaxInt64 || a.ValueTwo > math.MaxInt64 {
				return nil, fmt.Errorf("%s: a value of 64 bits, and a SeccompProfile has 63",
					r.Names[0])
			}
		}
		out := entry{Names: r.Names, Action: r.Action, Args: r.Args}
		if r.ErrnoRet != nil {
			out.ErrnoRet = fmt.Sprint(*r.ErrnoRet)
		}
		syscalls = append(syscalls, out)
	}
	return map[string]any{
		"apiVersion": "security-profiles-operator.x-k8s.io/v1beta1",
		"kind":       "SeccompProfile",
		"metadata":   map[string]string{"name": diag.Printable(e.opts.Name)},
		"spec": map[string]any{"defaultAction": e.out.DefaultAction,
			"architectures": e.out.Architectures, "syscalls": syscalls},
	}, nil
}
