package record

import (
	"slices"
	"strings"

	"github.com/seccompc/seccompc/explain"
	"github.com/seccompc/seccompc/policy"
	"github.com/seccompc/seccompc/runtime/notify"
)

// pathNames are the parameters that hold the path of a file, as the kernel's prototypes and the man
// pages call them.
var pathNames = strings.Fields("filename path pathname oldname newname oldpath newpath " +
	"from_pathname to_pathname dir_name new_root put_old specialfile target linkpath")

// Paths reads the paths that a call has among its arguments from the caller's memory. What cannot
// be read is left out. Another thread of the caller may change it meanwhile.
func Paths(c *notify.Call) []string {
	d := policy.Data(c.Data)
	abi := explain.ABIOf(d)
	if abi == nil {
		return nil
	}
	name, _ := abi.SyscallName(d.Nr)
	args, _ := abi.Prototype(name)
	var out []string
	for i, a := range args {
		isPath := func(name string) bool { return slices.Contains(pathNames, name) }
		if !strings.Contains(a.Type, "char") || !isPath(a.Name) &&
			!slices.ContainsFunc(a.Aliases, isPath) {
			continue
		}
		const longest = 4096 // PATH_MAX
		if path, err := c.String(d.Args[i]&policy.Ones(a.Width), longest); err == nil &&
			path != "" {
			out = append(out, path)
		}
	}
	return out
}
