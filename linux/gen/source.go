package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// definition is the head of a system call in the kernel's C.
type definition struct {
	name      string // "sys_read", "compat_sys_ioctl"
	file      string // within the tree
	condition string // the preprocessor line that it stands under, or ""
	params    []param
}

type param struct {
	ctype, name string
	order       [2]string // the halves of a 64-bit operand that is declared as two: see join
}

// unusedFiles define calls a second time for machines without an MMU, without POSIX timers, or for
// a kernel that runs as a process.
var unusedFiles = []string{"mm/nommu.c", "kernel/time/posix-stubs.c", "arch/x86/um/"}

var (
	comment   = regexp.MustCompile(`(?s)/\*.*?\*/|//[^\n]*`)
	defineEnd = regexp.MustCompile(
		`^(COMPAT_|PPC32_|)SYSCALL(32|)_DEFINE[0-6]\((\w+)(?:,\s*|)(.*)\)$`)
	asmlinked = regexp.MustCompile(`^asmlinkage (?:notrace )?(?:unsigned )?(?:long|int|ssize_t) ` +
		`((?:sys|parisc|old)_\w+) ?\((.*)\)$`)
)

// readDefinitions finds every definition of a system call in the tree, by name.
func readDefinitions(tree string) (map[string][]definition, error) {
	defs := map[string][]definition{}
	err := filepath.WalkDir(tree, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".c" {
			return err
		}
		file, _ := filepath.Rel(tree, path)
		if slices.ContainsFunc(unusedFiles, func(u string) bool {
			return strings.HasPrefix(file,
				u)
		}) {
			return nil
		}
		text, err := os.ReadFile(path)
		for _, d := range parseC(comment.ReplaceAllString(string(text), "")) {
			d.file = file
			defs[d.name] = append(defs[d.name], d)
		}
		return err
	})
	return defs, err
}

// parseC finds the definitions in a C file without comments.
func parseC(text string) []definition {
	var defs []definition
	conditions := []string{""}
	for len(text) > 0 {
		line, rest, _ := strings.Cut(text, "\n")
		switch directive := strings.TrimSpace(strings.TrimPrefix(line, "#")); {
		case !strings.HasPrefix(line, "#"):
			if head := definitionHead(text); head != "" {
				defs = append(defs, parseHead(head, conditions[len(conditions)-1])...)
			}
		case strings.HasPrefix(directive, "if"):
			conditions = append(conditions, directive)
		case strings.HasPrefix(directive, "el"):
			conditions[len(conditions)-1] = directive
		case strings.HasPrefix(directive, "endif"):
			conditions = conditions[:max(1, len(conditions)-1)]
		}
		text = rest
	}
	return defs
}

// definitionHead returns the text up to the closing parenthesis if a definition starts here, on one
// line.
func definitionHead(text string) string {
	if !strings.HasPrefix(text, "asmlinkage ") && !strings.HasPrefix(text, "SYSCALL") &&
		!strings.HasPrefix(text, "COMPAT_SYSCALL") && !strings.HasPrefix(text, "PPC32_SYSCALL") {
		return ""
	}
	depth := 0
	for i, c := range text {
		switch c {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return strings.Join(strings.Fields(text[:i+1]), " ")
			}
		case '{', ';':
			return ""
		}
	}
	return ""
}

// parseHead reads "SYSCALL_DEFINE2(name, type, arg, type, arg)" or "asmlinkage long sys_name(type
// arg, …)". SYSCALL32_DEFINE is compat's: where a native one is compiled from it, it has the same
// parameters.
func parseHead(head, condition string) []definition {
	if m := defineEnd.FindStringSubmatch(head); m != nil {
		def := definition{name: "sys_" + m[3], condition: condition, params: macroParams(m[4])}
		if m[1] == "COMPAT_" || m[2] != "" {
			def.name = "compat_" + def.name
		}
		return []definition{def}
	}
	if m := asmlinked.FindStringSubmatch(head); m != nil {
		def := definition{name: m[1], condition: condition}
		for p := range strings.SplitSeq(m[2], ",") {
			if i := strings.LastIndexAny(p, " *"); i >= 0 && !strings.Contains(p, "pt_regs") {
				def.params = append(def.params,
					param{ctype: strings.TrimSpace(p[:i+1]), name: p[i+1:]})
			}
		}
		return []definition{def}
	}
	return nil
}

// splitParam is a 64-bit parameter that a 32-bit call takes in two, include/linux/syscalls.h.
var splitParam = regexp.MustCompile(`^SC_ARG64\((\w+)\)$`)

// macroParams reads "type, name, type, name".
func macroParams(list string) []param {
	var params []param
	for list != "" {
		var ctype, name string
		ctype, list, _ = strings.Cut(list, ",")
		ctype = strings.TrimSpace(ctype)
		if m := splitParam.FindStringSubmatch(ctype); m != nil {
			params = append(params, param{ctype: "u64", name: m[1]})
			continue
		}
		name, list, _ = strings.Cut(list, ",")
		params = append(params, param{ctype: ctype, name: strings.TrimSpace(name)})
	}
	return params
}
