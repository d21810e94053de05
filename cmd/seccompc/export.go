package main

import (
	"errors"
	"slices"

	"github.com/spf13/cobra"

	"github.com/seccompc/seccompc/compiler/resolve"
	"github.com/seccompc/seccompc/interop"
	"github.com/seccompc/seccompc/policy"
)

func newExport() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "export FORMAT FILE",
		Short:   "Write a policy in another tool's format",
		Example: "  seccompc export oci policy.scp -o profile.json",
	}
	cmd.AddCommand(newExportOCI(), newExportSystemd())
	onlySubcommands(cmd)
	return cmd
}

// refused is the error of an exporter, with the line of the policy that it cannot write.
func refused(s *stacked, err error) error {
	place := s.name
	var r *interop.Refused
	if res := s.filters[0].policy; len(s.filters) == 1 && res != nil && errors.As(err, &r) {
		if by := aboutCall(res.Resolved, r.Call); by.Rule != nil {
			place = by.Place()
		}
	}
	return wrong("%s: %w", place, unknown(err))
}

// aboutCall returns the rule that decides a call, or else the first that would for other arguments.
func aboutCall(res *resolve.Resolved, call policy.Data) resolve.Decision {
	by, abi := res.Decide(call), res.Policy.Find(call)
	if by.Rule != nil || abi == nil {
		return by
	}
	for _, rule := range abi.Rules {
		if slices.Contains(rule.Numbers, call.Nr) {
			return resolve.Decision{Rule: &res.Rules[rule.Source]}
		}
	}
	return by
}
