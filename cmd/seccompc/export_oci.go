package main

import (
	"encoding/base64"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seccompc/seccompc/interop/oci"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/proof"
)

// exportFlags are the flags of export oci.
type exportFlags struct {
	policyFlags
	target       *choice
	annotation   bool
	name, output string
}

func newExportOCI() *cobra.Command {
	flags := exportFlags{target: newChoice("runc", oci.Targets()...)}
	cmd := &cobra.Command{
		Use:   "oci FILE",
		Short: "Write a container's seccomp profile",
		Long: `Oci writes a profile that is read back and proved to answer every call as FILE does.
It is for the ABIs of --arch, the host's first; without it for this machine's own and those that FILE
serves beside it. What a profile cannot say is an error. What no profile avoids is listed with a
call of each kind.

With --annotation it prints an annotation for crun in place of a profile, with the filter itself: no
library's rules stand between. Crun takes it in place of the profile.`,
		Example: "  seccompc export oci policy.scp --for podman -o profile.json\n" +
			"  podman run --annotation \"$(seccompc export oci policy.scp --annotation)\" …",
		Args: usageArgs(cobra.ExactArgs(1)),
	}
	flags.register(cmd)
	f := cmd.Flags()
	f.Var(flags.target, "for", "what is to read the profile")
	f.BoolVar(&flags.annotation, "annotation", false, "print crun's annotation with the filter")
	f.StringVar(&flags.name, "name", "", "call the Kubernetes resource `NAME`; else as FILE")
	f.StringVarP(&flags.output, "output", "o", "-", "write the profile to `FILE`")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		s, err := loadStack(cmd, &flags.policyFlags, args[0])
		if err != nil {
			return err
		}
		text, err := flags.export(cmd, s)
		if err != nil {
			return err
		}
		return writeOutput(cmd, flags.output, text)
	}
	return cmd
}

// export returns what is written for filters.
func (flags *exportFlags) export(cmd *cobra.Command, s *stacked) ([]byte, error) {
	if flags.annotation {
		return annotation(cmd, flags, s)
	}
	if err := s.ready(); err != nil {
		return nil, err
	}
	abis, err := flags.abis(s)
	if err != nil {
		return nil, err
	}
	space := proof.New(linux.Arches()...)
	f, err := s.function(space)
	if err != nil {
		return nil, unknown(err)
	}
	name := flags.name
	if name == "" {
		name = resourceName(strings.TrimSuffix(filepath.Base(s.name), filepath.Ext(s.name)))
	}
	out, err := oci.Export(space, f, oci.ExportOptions{
		ABIs: abis, For: oci.Target(flags.target.String()), Name: name,
	})
	if err != nil {
		return nil, refused(s, err)
	}
	say(cmd, "%s: for %s on %s, proved for every call of %s", s.name, flags.target, abis[0].Name,
		names(abis))
	for _, d := range out.Differences {
		text := d.Why
		if d.Call != "" {
			text = fmt.Sprintf("%s gets %s, not %s: %s", d.Call, d.Gets, d.Want, d.Why)
		}
		say(cmd, "%s: warning: %s", s.name, text)
	}
	return out.Text, nil
}

// resourceName makes a name of Kubernetes' of a file's.
func resourceName(file string) string {
	name := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '.' {
			return r
		}
		return '-'
	}, strings.ToLower(file))
	return strings.Trim(name, "-.")
}

// annotation returns the annotation by which crun takes a filter.
func annotation(cmd *cobra.Command, flags *exportFlags, s *stacked) ([]byte, error) {
	f, err := s.one("an annotation")
	if err != nil {
		return nil, err
	}
	if err := f.ready(); err != nil {
		return nil, err
	}
	if given := cmd.Flag("for"); given.Changed && flags.target.String() != string(oci.CrunTarget) &&
		flags.target.String() != string(oci.PodmanTarget) {
		return nil, usageError(cmd, errors.New("--annotation is for crun, or for podman with crun"))
	}
	blob, err := f.blob().Encode("raw")
	if err != nil {
		return nil, err
	}
	return []byte("run.oci.seccomp_bpf_data=" + base64.StdEncoding.EncodeToString(blob) + "\n"), nil
}

// abis returns the ABIs of --arch, or the host's own and those that are served beside it.
func (flags *exportFlags) abis(s *stacked) ([]*linux.ABI, error) {
	out, err := s.chooseAll(flags.arch)
	if err != nil || len(out) > 0 {
		return out, err
	}
	host, err := s.choose("")
	if err != nil {
		return nil, err
	}
	out = []*linux.ABI{host}
	for _, abi := range s.abis() {
		if !slices.Contains(out, abi) && abi.Machine == host.Machine {
			out = append(out, abi)
		}
	}
	return out, nil
}
