package main

import (
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// manual holds the parameter names of the man pages, by function.
type manual map[string][]string

// pageNames are the calls that the man pages describe under the C library's name.
var pageNames = map[string]string{
	"newfstatat": "fstatat", "fstatat64": "fstatat", "pread64": "pread", "pwrite64": "pwrite",
	"mmap2": "mmap", "_newselect": "select", "prlimit64": "prlimit", "umount": "umount2",
	"clock_gettime64": "clock_gettime", "futex_time64": "futex", "exit_group": "_exit",
	"exit":      "_exit",
	"fadvise64": "posix_fadvise", "fcntl64": "fcntl", "stat64": "stat", "lstat64": "lstat",
	"fstat64": "fstat", "eventfd2": "eventfd", "faccessat2": "faccessat", "fchmodat2": "fchmodat",

	"clone": "", "signalfd": "", // there the C library's function takes other parameters
}

// moreAliases are names that manuals and other policy languages use and the man pages of today do
// not. The key is "call.parameter", or "parameter" for every call.
var moreAliases = map[string][]string{
	"dfd":               {"dirfd", "fd"},
	"filename":          {"pathname"},
	"clone.clone_flags": {"flags"},
	"execveat.fd":       {"dirfd", "dfd"},
	"ioctl.cmd":         {"request"},

	"_llseek.offset_lo":       {"offset_low"},
	"_llseek.offset_hi":       {"offset_high"},
	"fadvise64_64.len_lo":     {"size_lo"},
	"fadvise64_64.len_hi":     {"size_hi"},
	"arm_fadvise64_64.len_lo": {"size_lo"},
	"arm_fadvise64_64.len_hi": {"size_hi"},
	"preadv.pos_lo":           {"pos_l"},
	"preadv.pos_hi":           {"pos_h"},
	"preadv2.pos_lo":          {"pos_l"},
	"preadv2.pos_hi":          {"pos_h"},
	"pwritev.pos_lo":          {"pos_l"},
	"pwritev.pos_hi":          {"pos_h"},
	"pwritev2.pos_lo":         {"pos_l"},
	"pwritev2.pos_hi":         {"pos_h"},
}

// readManual reads the synopses of section 2.
func readManual(root string) (manual, error) {
	files, err := filepath.Glob(filepath.Join(root, "usr/share/man/man2/*.2.gz"))
	if err != nil {
		return nil, err
	}
	man := manual{}
	for _, file := range files {
		text, err := gunzip(file)
		if err != nil {
			return nil, err
		}
		man.readPage(text)
	}
	return man, nil
}

func gunzip(file string) (string, error) {
	f, err := os.Open(file)
	if err != nil {
		return "", err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return "", err
	}
	text, err := io.ReadAll(z)
	return string(text), err
}

var (
	roffWord    = regexp.MustCompile(`"[^"]*"|\S+`)
	roffFont    = regexp.MustCompile(`\\f\[?\w*\]?`)
	cFunction   = regexp.MustCompile(`(?s)\b(\w+)\(([^()]*(?:\([^()]*\)[^()]*)*)\);`)
	cForward    = regexp.MustCompile(`^(?:[\w ]+ \x01?\w+\x02?;)\s*`)
	italicName  = regexp.MustCompile(`\x01(\w+)\x02`)
	rawCallName = regexp.MustCompile(`^\s*SYS_(\w+)\s*,?`)
)

// readPage takes the functions of one page's synopsis. There a macro such as .BI sets its words in
// bold and italics by turns, and what is in italics is the name of a parameter.
func (man manual) readPage(text string) {
	_, text, _ = strings.Cut(text, "\n.SH SYNOPSIS\n")
	text, _, _ = strings.Cut(text, "\n.SH ")
	var plain strings.Builder
	for line := range strings.Lines(strings.ReplaceAll(text, "\\\n", "")) {
		plain.WriteString(markItalics(line))
	}
	synopsis := strings.NewReplacer("/*", "", "*/", "").Replace(plain.String())
	for _, m := range cFunction.FindAllStringSubmatch(synopsis, -1) {
		name, params := m[1], cForward.ReplaceAllString(m[2], "")
		if raw := rawCallName.FindStringSubmatch(params); name == "syscall" && raw != nil {
			name, params = raw[1], params[len(raw[0]):]
		}
		if man[name] == nil {
			man[name] = parameterNames(params)
		}
	}
}

// markItalics sets \x01 and \x02 around the words of a .BI, .RI, .IB or .IR line that are in
// italics.
func markItalics(line string) string {
	macro, rest, ok := strings.Cut(strings.TrimRight(line, "\n"), " ")
	if !ok || !strings.HasPrefix(macro, ".") {
		return line
	}
	first := strings.IndexByte(macro, 'I') - 1
	var b strings.Builder
	for i, word := range roffWord.FindAllString(rest, -1) {
		word = roffFont.ReplaceAllString(strings.Trim(word, `"`), "")
		if first >= 0 && i%2 == first && regexp.MustCompile(`^\w+$`).MatchString(word) {
			word = "\x01" + word + "\x02"
		}
		b.WriteString(word)
	}
	return b.String() + "\n"
}

// parameterNames returns the names of a parameter list; "..." at its end stays.
func parameterNames(params string) []string {
	names := []string{}
	for p := range strings.SplitSeq(params, ",") {
		m := italicName.FindAllStringSubmatch(p, -1)
		switch {
		case len(m) > 0:
			names = append(names, m[0][1])
		case strings.Contains(p, "..."):
			names = append(names, "...")
		case strings.TrimSpace(p) != "void":
			names = append(names, "")
		}
	}
	return names
}

// names returns what the man pages call the parameters of a call, or nil where their function is
// another one than the kernel's. A list that ends in "..." says nothing about what follows.
func (man manual) names(call string, params int) []string {
	page, ok := pageNames[call]
	if !ok {
		page = call
	}
	names := man[page]
	if n := len(names); n > 0 && names[n-1] == "..." && n-1 <= params {
		return names[:n-1]
	}
	if len(names) != params {
		return nil
	}
	return names
}

// aliases returns the other names of each of a call's parameters. A name that another parameter of
// the call has already is no alias.
func (man manual) aliases(call string, params []param) map[string][]string {
	taken := map[string]bool{"": true, "...": true}
	for _, p := range params {
		taken[p.name] = true
	}
	aliases := map[string][]string{}
	add := func(name string, more ...string) {
		for _, alias := range more {
			if !taken[alias] {
				taken[alias] = true
				aliases[name] = append(aliases[name], alias)
			}
		}
	}
	names := man.names(call, len(params))
	for i, p := range params {
		if i < len(names) {
			add(p.name, names[i])
		}
		add(p.name, moreAliases[call+"."+p.name]...)
		add(p.name, moreAliases[p.name]...)
		add(p.name, strings.TrimLeft(p.name, "_"))
	}
	for name := range aliases {
		slices.Sort(aliases[name])
	}
	return aliases
}
