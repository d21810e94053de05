package oci

import (
	"encoding/json"
	"fmt"
	"math"

	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/internal/lazy"
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

// kubernetesName is what the name of a resource may be (RFC 1123).
var kubernetesName = lazy.Regexp(`^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$`)

// resource is the profile as an operator's resource: its values are numbers of 63 bits, its errnos
// not 0, which is EPERM to it, and it has no errno of the default
// (security-profiles-operator, internal/pkg/util/seccomp_convert.go).
func (e *exporter) resource() (any, error) {
	if d := e.out.DefaultErrnoRet; d != nil && *d != eperm {
		return nil, fmt.Errorf("the default is errno %d: a SeccompProfile has EPERM alone", *d)
	}
	if !kubernetesName().MatchString(e.opts.Name) {
		return nil,
			fmt.Errorf("%s is no name of a resource: give one of lower-case letters, digits "+
				"and - by --name", diag.Printable(fmt.Sprintf("%.40q", e.opts.Name)))
	}
	for _, r := range e.out.Syscalls {
		for _, a := range r.Args {
			if a.Value > math.MaxInt64 || a.ValueTwo > math.MaxInt64 {
				return nil, fmt.Errorf("%s: a value of 64 bits, and a SeccompProfile has 63",
					r.Names[0])
			}
		}
		if r.ErrnoRet != nil && *r.ErrnoRet == 0 {
			return nil, fmt.Errorf("%s: errno 0, which is EPERM in a SeccompProfile", r.Names[0])
		}
	}
	spec := e.out
	spec.DefaultErrnoRet = nil
	return map[string]any{
		"apiVersion": "security-profiles-operator.x-k8s.io/v1beta1",
		"kind":       "SeccompProfile",
		"metadata":   map[string]string{"name": e.opts.Name},
		"spec":       spec,
	}, nil
}
