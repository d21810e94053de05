package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/constant"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seccompc/seccompc/linux"
)

// lookup is a command that shows part of the tables.
type lookup struct {
	use, short, long string
	args             cobra.PositionalArgs
	names            func() []string // for completion
	list             string          // what JSON calls the list
	// find returns what the tables have for the arguments on the ABIs, for people and as JSON.
	find func(abis []*linux.ABI, args []string) (shown, error)
}

// shown is a piece of the tables.
type shown interface{ print(w io.Writer) }

func (l lookup) command() *cobra.Command {
	var arch []string
	var asJSON bool
	cmd := &cobra.Command{Use: l.use, Short: l.short, Long: l.long, Args: usageArgs(l.args)}
	cmd.Flags().Var(commaList(&arch), "arch", "on these ABIs, `A,B`")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	completeFlag(cmd, "arch", abiNames)
	completeArg(cmd, l.names)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		var abis []*linux.ABI
		for _, name := range arch {
			abi, err := lookupABI(name)
			if err != nil {
				return err
			}
			abis = append(abis, abi)
		}
		found, err := l.find(abis, args)
		if err != nil {
			return err
		}
		if asJSON {
			_, err = cmd.OutOrStdout().Write(document(fields{l.list: found}))
			return err
		}
		found.print(cmd.OutOrStdout())
		return nil
	}
	return cmd
}

func newSyscalls() *cobra.Command {
	return lookup{
		use:   "syscalls [NAME|NUMBER]",
		short: "Look up system calls: numbers and prototypes",
		long:  "Syscalls lists an ABI's table of system calls, or shows one call on every ABI.",
		args:  cobra.MaximumNArgs(1),
		names: linux.SyscallNames,
		list:  "syscalls",
		find: func(abis []*linux.ABI, args []string) (shown, error) {
			if len(args) == 0 {
				return listSyscalls(orNative(abis))
			}
			return findSyscall(orAll(abis), args[0])
		},
	}.command()
}

// orNative returns the machine's own ABI where none is asked for.
func orNative(abis []*linux.ABI) []*linux.ABI {
	if native, ok := linux.Native(); len(abis) == 0 && ok {
		return []*linux.ABI{native}
	}
	return abis
}

func orAll(abis []*linux.ABI) []*linux.ABI {
	if len(abis) == 0 {
		return linux.ABIs()
	}
	return abis
}

// syscallRow is a system call on one ABI.
type syscallRow struct {
	ABI  string `json:"abi"`
	Name string `json:"name"`
	Nr   uint32 `json:"nr"`
	// Since is the kernel release from which on the ABI has it, where that is known.
	Since string   `json:"since,omitempty"`
	Via   string   `json:"via,omitempty"` // the multiplexer before it; Nr is the number there
	Args  []argRow `json:"args"`
	// Known tells a call without arguments from one whose arguments the tables do not know.
	Known bool `json:"args_known"`
}

type argRow struct {
	Name    string   `json:"name"`
	Aliases []string `json:"aliases,omitempty"`
	Type    string   `json:"type"`
	Width   int      `json:"width"`                    // the bits that the kernel looks at
	Ignored uint64   `json:"ignored,omitempty,string"` // but these
	Signed  bool     `json:"signed"`
	Pointer bool     `json:"pointer"`

	arg linux.Arg
}

type syscallRows []syscallRow

func (rows syscallRows) print(w io.Writer) {
	for _, r := range rows {
		nr := fmt.Sprint(r.Nr)
		if r.Nr >= 1<<20 { // no table comes near
			nr = fmt.Sprintf("%#x", r.Nr)
		}
		fmt.Fprintf(w, "%-11s %10s  %s%s", r.ABI, nr, r.Name, r.signature())
		if r.Via != "" {
			fmt.Fprintf(w, "  behind %s", r.Via)
		}
		if r.Since != "" {
			fmt.Fprintf(w, "  since %s", r.Since)
		}
		fmt.Fprintln(w)
	}
}

// signature lists the arguments with the width that the kernel looks at.
func (r syscallRow) signature() string {
	if !r.Known {
		return ""
	}
	var out []string
	for _, a := range r.Args {
		out = append(out, a.arg.String())
	}
	return "(" + strings.Join(out, ", ") + ")"
}

func rowOf(abi *linux.ABI, name string, nr uint32) syscallRow {
	row := syscallRow{ABI: abi.Name, Name: name, Nr: nr, Args: []argRow{}}
	if since, ok := abi.Since(name); ok {
		row.Since = since.String()
	}
	args, known := abi.Prototype(name)
	row.Known = known
	for _, a := range args {
		row.Args = append(row.Args, argRow{a.Name, a.Aliases, a.Type, a.Width, a.Ignored, a.Signed,
			a.Pointer, a})
	}
	return row
}

func listSyscalls(abis []*linux.ABI) (shown, error) {
	if len(abis) == 0 {
		return nil, errors.New("this machine is none of the tables' ABIs; choose one with --arch")
	}
	var rows syscallRows
	for _, abi := range abis {
		for _, s := range abi.Syscalls() {
			rows = append(rows, rowOf(abi, s.Name, s.Nr))
		}
	}
	return rows, nil
}

func findSyscall(abis []*linux.ABI, what string) (shown, error) {
	var rows syscallRows
	number, err := strconv.ParseUint(what, 0, 32)
	for _, abi := range abis {
		if err == nil {
			if name, ok := abi.SyscallName(uint32(number)); ok {
				rows = append(rows, rowOf(abi, name, uint32(number)))
			}
			continue
		}
		if nr, ok := abi.Number(what); ok {
			rows = append(rows, rowOf(abi, what, nr))
		}
		if mux, sub, ok := abi.Multiplexed(what); ok {
			row := syscallRow{ABI: abi.Name, Name: what, Nr: sub, Via: mux, Args: []argRow{}}
			rows = append(rows, row)
		}
	}
	if len(rows) == 0 {
		return nil, notFound("system call", what, linux.SyscallNames())
	}
	return rows, nil
}

// notFound is the error for a name that the tables do not have.
func notFound(kind, what string, names []string) error {
	text := fmt.Sprintf("there is no %s %q in the tables of Linux %s, on these ABIs", kind, what,
		linux.KernelVersion)
	return wrong("%s", withNear(text, what, slices.Values(names)))
}

func newSets() *cobra.Command {
	return lookup{
		use:   "sets [NAME]",
		short: "Look up built-in sets of system calls",
		long: "Sets lists the built-in sets, or the members of one: those that some ABI has, or\n" +
			"those of --arch.",
		args:  cobra.MaximumNArgs(1),
		names: linux.SetNames,
		list:  "names",
		find: func(abis []*linux.ABI, args []string) (shown, error) {
			if len(args) == 0 {
				return setRows{linux.SetNames(), "sets of systemd " + linux.SystemdVersion}, nil
			}
			return findSet(abis, "@"+strings.TrimPrefix(args[0], "@"))
		},
	}.command()
}

// nameRows prints one name a line.
type nameRows []string

func (rows nameRows) print(w io.Writer) {
	for _, name := range rows {
		fmt.Fprintln(w, name)
	}
}

// setRows prints one name a line, below a comment that says whose sets they are.
type setRows struct {
	names nameRows
	of    string
}

func (rows setRows) MarshalJSON() ([]byte, error) { return json.Marshal(rows.names) }

func (rows setRows) print(w io.Writer) {
	fmt.Fprintf(w, "# %s, system calls of Linux %s\n", rows.of, linux.KernelVersion)
	rows.names.print(w)
}

func findSet(abis []*linux.ABI, name string) (shown, error) {
	members, ok := linux.Set(name)
	if !ok {
		return nil, notFound("set", name, linux.SetNames())
	}
	if len(abis) > 0 {
		members = nil
	}
	for _, abi := range abis {
		own, _ := abi.Set(name)
		members = append(members, own...)
	}
	slices.Sort(members)
	of := "sets of systemd " + linux.SystemdVersion
	if slices.Contains(linux.ContainerSets(), name) {
		of = "of " + linux.ContainerRuntime(name, linux.Newest)
	}
	return setRows{slices.Compact(members), of}, nil
}

func newConstants() *cobra.Command {
	return lookup{
		use:   "constants NAME|PREFIX_",
		short: "Look up constants of the kernel's user interface",
		long: "Constants shows the value of a constant on every ABI, or all constants that\n" +
			"start with a prefix such as AF_.",
		args:  cobra.ExactArgs(1),
		names: linux.ConstantNames,
		list:  "constants",
		find: func(abis []*linux.ABI, args []string) (shown, error) {
			return findConstants(abis, args[0])
		},
	}.command()
}

// constantRow is a constant with the value that it has on some ABIs.
type constantRow struct {
	Name  string   `json:"name"`
	Value string   `json:"value"` // decimal; hexadecimal from 10 on
	ABIs  []string `json:"abis"`
}

type constantRows []constantRow

func (rows constantRows) print(w io.Writer) {
	for _, r := range rows {
		fmt.Fprintf(w, "%-32s %-12s %s\n", r.Name, r.Value, strings.Join(r.ABIs, " "))
	}
}

func findConstants(abis []*linux.ABI, what string) (shown, error) {
	if strings.HasSuffix(what, "_") {
		var rows constantRows
		for _, abi := range orNative(abis) {
			for _, name := range abi.ConstantNames(what) {
				rows = append(rows, valuesOf([]*linux.ABI{abi}, name)...)
			}
		}
		if len(rows) == 0 {
			return nil, notFound("constant with the prefix", what, nil)
		}
		return rows, nil
	}
	rows := valuesOf(orAll(abis), what)
	if len(rows) == 0 {
		return nil, notFound("constant", what, linux.ConstantNames())
	}
	return rows, nil
}

// valuesOf returns a row for each value that the constant has.
func valuesOf(abis []*linux.ABI, name string) constantRows {
	var rows constantRows
	for _, abi := range abis {
		v, ok := abi.Constant(name)
		if !ok {
			v, _, ok = abi.LibcConstant(name)
		}
		if !ok {
			continue
		}
		text := constantText(v)
		i := slices.IndexFunc(rows, func(r constantRow) bool { return r.Value == text })
		if i < 0 {
			i = len(rows)
			rows = append(rows, constantRow{Name: name, Value: text})
		}
		rows[i].ABIs = append(rows[i].ABIs, abi.Name)
	}
	return rows
}

func constantText(v constant.Value) string {
	if n, exact := constant.Uint64Val(v); exact && n >= 10 {
		return fmt.Sprintf("%#x", n)
	}
	return v.ExactString()
}
