package main

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/seccompc/seccompc/compiler"
	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/doc"
)

// page writes what a policy, or a stack, decides as a page for a browser. A page says of the claims
// that they are proved, so they are.
func (flags *docFlags) page(cmd *cobra.Command, name string) error {
	if flags.into != "" || flags.check || len(flags.configs) > 0 || len(flags.numbers) > 0 {
		return usageError(
			cmd,
			errors.New("--config, --numbers, --into and --check are for Markdown; "+
				"-D sets a parameter of a page's policy"),
		)
	}
	res, err := flags.paged(cmd, name)
	if err != nil {
		return err
	}
	page, err := doc.Page(diag.Printable(name), res)
	if err != nil {
		return unknown(err)
	}
	return writeOutput(cmd, flags.output, page)
}

// paged compiles what a page is about, and proves its claims.
func (flags *docFlags) paged(cmd *cobra.Command, name string) (*compiler.Result, error) {
	in, is, err := onePolicy(cmd, name)
	if err != nil {
		return nil, err
	}
	if !is {
		s, err := loadStack(cmd, &flags.policyFlags, name)
		if err != nil {
			return nil, err
		}
		return s.merged()
	}
	res, err := flags.compile(cmd, in)
	if err != nil {
		return nil, err
	}
	failed, err := checkClaims(res)
	if err != nil {
		return nil, err
	}
	if len(failed) > 0 {
		return nil, reportBad(cmd, failed)
	}
	return res, nil
}
