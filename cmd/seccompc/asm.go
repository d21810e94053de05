package main

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/blob"
	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/diag/codes"
)

func newDisasm() *cobra.Command {
	var output, relocations string
	var pseudo bool
	cmd := &cobra.Command{
		Use:   "disasm FILE",
		Short: "Print a filter as assembler text",
		Long: `Disasm prints the instructions of a filter, with absolute targets and the names of
system calls, arguments, constants and errnos as comments. asm reads the text back.

With --pseudo they are statements for people who know no BPF, such as "if (nr != mkdir) goto 9";
asm does not read those.

Instructions that wait for late values say so: by name for a policy, and for a filter with
--relocations.`,
		Example: "  seccompc disasm filter.bpf",
		Args:    usageArgs(cobra.ExactArgs(1)),
	}
	var flags policyFlags
	flags.register(cmd)
	cmd.Flags().StringVarP(&output, "output", "o", "-", "write the text to `FILE`")
	cmd.Flags().StringVar(&relocations, "relocations", "",
		"the list of the filter's places, a `FILE`")
	cmd.Flags().BoolVar(&pseudo, "pseudo", false, "print statements with if and goto")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		s, err := loadUnchecked(cmd, &flags, args[0])
		if err != nil {
			return err
		}
		f, err := s.one("disasm")
		if err != nil {
			return err
		}
		if relocations != "" {
			if f.list, err = readRelocations(cmd, relocations); err != nil {
				return err
			}
			if err := f.list.Check(f.program.Encode(f.order)); err != nil {
				return wrong("%s: %w", f.name, err)
			}
		}
		if pseudo {
			err = writeOutput(cmd, output, f.blob().Pseudo())
		} else {
			err = f.write(cmd, output, "asm")
		}
		if err != nil {
			return err
		}
		return f.check()
	}
	return cmd
}

func newAsm() *cobra.Command {
	var output, arch string
	var names naming
	format := newChoice("raw", blob.Formats()...)
	cmd := &cobra.Command{
		Use:   "asm FILE",
		Short: "Turn assembler text into a filter",
		Long: `Asm reads the text that disasm prints and writes the filter, if the kernel would
accept it. The byte order is that of the ABIs that the program looks at; --arch chooses another.`,
		Example: "  seccompc disasm filter.bpf | seccompc asm - -o same.bpf",
		Args:    usageArgs(cobra.ExactArgs(1)),
	}
	cmd.Flags().StringVarP(&output, "output", "o", "-", "write the filter to `FILE`")
	cmd.Flags().StringVar(&arch, "arch", "", "write it in the byte order of this `ABI`")
	cmd.Flags().Var(format, "format", "of the filter")
	names.register(cmd)
	completeFlag(cmd, "arch", abiNames)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := refuseTerminal(cmd, output, format.value); err != nil {
			return err
		}
		if err := names.check(cmd, format.value); err != nil {
			return err
		}
		in, err := readInput(cmd, args[0])
		if err != nil {
			return err
		}
		f, err := assemble(cmd, in, arch)
		if err != nil {
			return err
		}
		if !isModule(format.value) {
			return f.write(cmd, output, format.value)
		}
		one := []blob.Variant{{Machines: []*blob.Filter{f.blob()}}}
		data, err := names.encode(cmd, format.value, in.name,
			fmt.Sprintf("%x", sha256.Sum256(in.data)), one)
		if err != nil {
			return err
		}
		return writeOutput(cmd, output, data)
	}
	return cmd
}

func assemble(cmd *cobra.Command, in input, arch string) (*filter, error) {
	if form := blob.Form(in.data); form != "" && form != "asm" {
		return nil, wrong("%s: this is a filter already, but no assembler text (%s); disasm "+
			"prints it so",
			in.name, form)
	}
	program, err := asm.Parse(string(in.data))
	if err != nil {
		return nil, notRead(cmd, in, err)
	}
	order, err := blob.OrderOf(program)
	if arch != "" {
		order, err = orderOf(arch)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", in.name, err)
	}
	f := &filter{name: in.name, program: program, order: order}
	return f, f.check()
}

// notRead reports why a filter's text cannot be read.
func notRead(cmd *cobra.Command, in input, err error) error {
	var syntax *asm.SyntaxError
	if !errors.As(err, &syntax) {
		return wrong("%s: %w", in.name, err)
	}
	src := &diag.Source{Name: in.path, Text: string(in.data)}
	at := src.Word(syntax.Line, syntax.Col)
	return reportBad(cmd, diag.List{diag.Errorf(at, codes.Syntax, "%s", syntax.Text)})
}

// orderOf returns the byte order of an ABI.
func orderOf(name string) (binary.ByteOrder, error) {
	abi, err := lookupABI(name)
	if err == nil && abi.BigEndian {
		return binary.BigEndian, nil
	}
	return binary.LittleEndian, err
}
