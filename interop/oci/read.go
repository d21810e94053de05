package oci

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/internal/lazy"
	"github.com/seccompc/seccompc/interop/tree"
)

// Read reads a profile in any of its forms. The name chooses one of several resources in a file of
// YAML; "" is for a file with one. Errors and warnings have lines.
func Read(text []byte, name string) (*Profile, error) {
	docs, err := tree.Parse(text)
	if err != nil {
		return nil, err
	}
	n, err := choose(docs, name)
	if err != nil {
		return nil, err
	}
	r := reader{p: &Profile{}, resource: slices.ContainsFunc(docs, isResource),
		wrapped: !slices.Contains(docs, n)}
	r.profile(r.ofSpec(n))
	if r.err != nil {
		return nil, r.err
	}
	return r.p, nil
}

// isResource reports whether a document is a resource of Kubernetes, whose values are signed.
func isResource(d *tree.Node) bool { return d.Kind == tree.Map && d.Find("kind") != nil }

// Is reports whether a text has the form of a profile, right or wrong.
func Is(text []byte) bool {
	if tree.IsJSON(text) {
		return jsonProfile().Match(text)
	}
	if policyLine().Match(text) {
		return false
	}
	for _, key := range []string{"kind:", "defaultAction:", "apiVersion"} {
		if bytes.Contains(text, []byte(key)) {
			return yamlProfile().Match(text)
		}
	}
	return false
}

// The keys of which a file that holds a profile has one, and the lines that only a policy has.
var (
	jsonProfile = lazy.Regexp(`"(defaultAction|linux|kind|apiVersion|syscalls)"`)
	policyLine  = lazy.Regexp(`(?m)^(arch|default|mismatch|unknown|allow|deny|kill)[ \t]+[\w@]`)
)

var yamlProfile = lazy.Regexp(`(?m)^(kind: *"?SeccompProfile|defaultAction:|"?apiVersion"?:)`)

// choose finds the profile in the documents of a file.
func choose(docs []*tree.Node, name string) (*tree.Node, error) {
	var found []*tree.Node
	var ids, names []string // of what is found, and of all that have a name
	for _, d := range docs {
		n, id, err := unwrap(d, name)
		if err != nil {
			return nil, err
		}
		if n != nil && (name == "" || name == id) {
			found, ids = append(found, n), append(ids, id)
		}
		if n != nil && id != "" {
			names = append(names, id)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		if name != "" {
			others := "none here has a name: leave --name out, or write metadata.name"
			if len(names) > 0 {
				others = "there are: " + listed(names)
			}
			return nil, tree.Errorf(docs[0].Line, "there is no profile called %s; %s",
				diag.Printable(fmt.Sprintf("%.40q", name)), others)
		}
		return nil, tree.Errorf(docs[0].Line,
			"there is no seccomp profile here: expected an object "+
				"with defaultAction, a config.json with linux.seccomp, or a SeccompProfile")
	}
	return nil, several(found, ids, name)
}

// several is the error for more than one profile. It tells the first lines of those without a name.
func several(found []*tree.Node, ids []string, name string) error {
	var list []string
	choose := "choose one by --name"
	for i, n := range found {
		if ids[i] == "" || name != "" || slices.Contains(ids[:i], ids[i]) {
			choose = "give each a metadata.name of its own, or a file"
		}
		if list = append(list, ids[i]); ids[i] == "" {
			list[i] = fmt.Sprintf("one in line %d", n.Line)
		}
	}
	return tree.Errorf(found[1].Line, "there are several profiles, %s: %s", listed(list), choose)
}

// listed shows some names.
func listed(names []string) string {
	if len(names) > 20 {
		names = append(slices.Clone(names[:20]), "...")
	}
	return diag.Printable(fmt.Sprintf("%.400s", strings.Join(names, ", ")))
}

// unwrap takes a profile out of what it lies in; the node is nil where there is none. Where another
// one is wanted, by its name, nothing is wrong with this one.
func unwrap(d *tree.Node, wanted string) (n *tree.Node, name string, err error) {
	if d.Kind != tree.Map {
		return nil, "", tree.Errorf(d.Line, "expected a seccomp profile, found %s", d.Kind)
	}
	kind := d.Find("kind")
	switch {
	case kind != nil && d.Find("spec") != nil:
		if kind.Text != "SeccompProfile" {
			return nil, kind.Text, nil
		}
		if m := d.Find("metadata"); m != nil && m.Find("name") != nil {
			name = m.Find("name").Text
		}
		if base := d.Find("spec").Find("baseProfileName"); base != nil && base.Text != "" &&
			(wanted == "" || wanted == name) {
			return nil, name,
				tree.Errorf(base.Line, "the operator merges the calls of %s into this "+
					"profile, by rules of its own: import the whole that it writes on a node, "+
					"the file "+
					"below /var/lib/kubelet/seccomp that the resource's status.localhostProfile "+
					"names",
					diag.Printable(fmt.Sprintf("%.80q", base.Text)))
		}
		return d.Find("spec"), name, nil
	case d.Find("linux") != nil && d.Find("defaultAction") == nil:
		s := d.Find("linux").Find("seccomp")
		if s == nil {
			return nil, "", tree.Errorf(d.Find("linux").Line,
				"this config.json has no linux.seccomp: "+
					"its container runs without a filter")
		}
		return s, "", nil
	case d.Find("defaultAction") == nil && d.Find("default_action") == nil:
		return nil, "", nil
	}
	return d, "", nil
}

// reader fills a profile. After an error it does nothing.
type reader struct {
	p        *Profile
	err      error
	resource bool // it is one of Kubernetes'
	wrapped  bool // it is one of Kubernetes', or in a config.json
}

// engineKeys are the keys that Docker and Podman read when they make a config.json of a profile of
// theirs. The runtimes, and Kubernetes' operator, do not.
var engineKeys = []string{"archMap", "includes", "excludes", "name", "errno", "defaultErrno",
	"default_action"}

// ofSpec returns an object of a profile without the keys that nobody reads there.
func (r *reader) ofSpec(n *tree.Node) *tree.Node {
	if !r.wrapped {
		return n
	}
	out := *n
	out.Pairs = slices.DeleteFunc(slices.Clone(n.Pairs), func(p tree.Pair) bool {
		ignored := slices.ContainsFunc(engineKeys, func(k string) bool {
			return strings.EqualFold(k, p.Key)
		})
		if ignored {
			r.meaningless(p, ": Docker and Podman alone read it, in files of their own")
		}
		return ignored
	})
	return &out
}

func (r *reader) meaningless(p tree.Pair, why string) {
	r.p.warnings.Add(p.Line, "the key %s means nothing to the engines%s",
		diag.Printable(fmt.Sprintf("%.40q", p.Key)), why)
}

func (r *reader) fail(n *tree.Node, format string, args ...any) {
	if r.err == nil {
		r.err = tree.Errorf(n.Line, format, args...)
	}
}

// known warns of keys that mean nothing.
func (r *reader) known(n *tree.Node, keys ...string) bool {
	if n.Kind != tree.Map {
		r.fail(n, "expected an object, found %s", n.Kind)
		return false
	}
	for _, p := range n.Pairs {
		if !slices.ContainsFunc(keys, func(k string) bool { return strings.EqualFold(k, p.Key) }) {
			r.meaningless(p, similar(p.Key, keys))
		}
	}
	return true
}

func similar(word string, words []string) string {
	if near := diag.Similar(word, slices.Values(words)); near != "" {
		return "; " + near
	}
	return ""
}

// list returns what a list holds; an absent one holds nothing.
func (r *reader) list(n *tree.Node) []*tree.Node {
	if n != nil && n.Kind != tree.List {
		r.fail(n, "expected a list, found %s", n.Kind)
		return nil
	}
	if n == nil {
		return nil
	}
	return n.Items
}

func (r *reader) text(n *tree.Node) string {
	if n == nil {
		return ""
	}
	if n.Kind != tree.String {
		r.fail(n, "expected a string, found %s", n.Kind)
	}
	return n.Text
}

func (r *reader) texts(n *tree.Node) (out []string) {
	for _, item := range r.list(n) {
		out = append(out, r.text(item))
	}
	return out
}

// either returns the value of one of two keys.
func either(n *tree.Node, a, b string) *tree.Node {
	if v := n.Find(a); v != nil {
		return v
	}
	return n.Find(b)
}

func (r *reader) profile(n *tree.Node) {
	if !r.known(n, "defaultAction", "default_action", "defaultErrnoRet", "defaultErrno",
		"architectures", "archMap", "syscalls", "flags", "listenerPath", "listenerMetadata",
		"baseProfileName", "disabled", "state") {
		return
	}
	for _, key := range []string{"disabled", "state"} {
		if off := n.Find(key); off != nil && (off.Text == "true" || off.Text == "Disabled") {
			r.fail(off, "the profile is disabled: nothing is installed for it")
		}
	}
	act := either(n, "defaultAction", "default_action")
	if act == nil {
		r.fail(n, "defaultAction is missing")
		return
	}
	r.p.Line, r.p.arches = act.Line, act.Line
	r.p.Default = r.action(nil, act, n.Find("defaultErrnoRet"), n.Find("defaultErrno"))
	if r.p.Default.Kind() == notify {
		r.fail(act, "SCMP_ACT_NOTIFY cannot be the default: the engine itself would wait for ever")
	}
	r.arches(n)
	r.p.Listener = r.text(n.Find("listenerPath"))
	r.p.Flags = r.texts(n.Find("flags"))
	r.p.NoFlags = n.Find("flags") == nil
	for _, f := range r.p.Flags {
		if !slices.Contains(filterFlags, f) {
			r.p.warnings.Add(n.Find("flags").Line, "runtimes refuse a profile with the flag %s%s",
				diag.Printable(fmt.Sprintf("%.40q", f)), similar(f, filterFlags))
		}
	}
	for _, e := range r.list(n.Find("syscalls")) {
		r.entry(r.ofSpec(e))
	}
}

// filterFlags are those of the runtime-spec (config-linux.md).
var filterFlags = []string{"SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_LOG",
	"SECCOMP_FILTER_FLAG_SPEC_ALLOW", "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"}

func (r *reader) arches(n *tree.Node) {
	r.p.Arches = r.texts(n.Find("architectures"))
	m := n.Find("archMap")
	if given := either(n, "architectures", "archMap"); given != nil {
		r.p.arches = given.Line
	}
	for _, item := range r.list(m) {
		if r.known(item, "architecture", "subArchitectures") && item.Find("architecture") != nil {
			r.p.ArchMap = append(r.p.ArchMap, SubArches{r.text(item.Find("architecture")),
				r.texts(item.Find("subArchitectures"))})
		}
	}
	if len(r.p.Arches) > 0 && len(r.p.ArchMap) > 0 {
		r.fail(m, "both architectures and archMap are given: keep one of them")
	}
	r.architectures(n.Find("architectures"), r.p.Arches)
	for _, sub := range r.p.ArchMap {
		r.architectures(m, append([]string{sub.Host}, sub.Sub...))
	}
}

// architectures fails for words that libseccomp does not have.
func (r *reader) architectures(n *tree.Node, words []string) {
	for _, a := range words {
		if _, ok := archNames[archName(a)]; !ok {
			r.fail(n, "%s is no architecture%s", diag.Printable(fmt.Sprintf("%.40q", a)),
				similar(a, slices.Collect(maps.Keys(archNames))))
		}
	}
}
