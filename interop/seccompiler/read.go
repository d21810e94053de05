package seccompiler

import (
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/interop"
	"github.com/seccompc/seccompc/interop/tree"
	"github.com/seccompc/seccompc/policy"
)

// thread is one filter of a file.
type thread struct {
	name     string
	node     *tree.Node
	rest     policy.Action // what calls get that no rule is about
	restLine int
	matching policy.Action
	rules    []rule
	newer    bool // the keys are Firecracker's
}

// rule is about one call.
type rule struct {
	line    int
	call    string
	comment string
	args    []condition
	given   bool // there is a list of conditions
}

// condition is a test of an argument, as it is written.
type condition struct {
	line    int
	index   int
	dword   bool
	op      interop.Op
	value   uint64
	mask    uint64
	outside uint64 // the bits of the value that are not of the mask
	comment string
}

// choose reads the filter that the options name.
func (im *importer) choose(text []byte) (*thread, error) {
	if !tree.IsJSON(text) {
		return nil, tree.Errorf(1, "expected a JSON object of filters")
	}
	docs, err := tree.Parse(text)
	if err != nil {
		return nil, err
	}
	root := docs[0]
	var names []string
	for _, p := range root.Pairs {
		if p.Value.Kind != tree.Map {
			return nil, tree.Errorf(p.Line, "expected a filter, found %s", p.Value.Kind)
		}
		names = append(names, p.Key)
	}
	i := 0
	switch {
	case len(names) == 0:
		return nil, tree.Errorf(root.Line, "there is no filter in it")
	case im.opts.Thread != "":
		if i = slices.Index(names, im.opts.Thread); i < 0 {
			return nil, fmt.Errorf("there is no filter called %s; they are %s",
				show(im.opts.Thread), list(names))
		}
	case len(names) > 1:
		return nil, fmt.Errorf("there are several filters: choose one by --thread: %s", list(names))
	}
	return im.thread(names[i], root.Pairs[i].Value)
}

func list(names []string) string {
	if len(names) > 20 {
		names = append(slices.Clone(names[:20]), "...")
	}
	return diag.Printable(strings.Join(names, ", "))
}

func show(s string) string { return diag.Printable(fmt.Sprintf("%.60s", s)) }

// keys are those of each object.
var (
	filterKeys = []string{"mismatch_action", "match_action", "default_action", "filter_action",
		"filter"}
	ruleKeys      = []string{"syscall", "comment", "args"}
	conditionKeys = []string{"index", "type", "op", "val", "comment"}
)

// known refuses keys that rust-vmm's compiler refuses, and warns of them for Firecracker.
func (im *importer) known(n *tree.Node, keys []string, newer bool) error {
	for _, p := range n.Pairs {
		switch {
		case slices.Contains(keys, p.Key):
		case im.opts.Engine == RustVMM, im.opts.Engine == "" && !newer:
			return tree.Errorf(p.Line,
				"%s is no key, and the compiler refuses the file for it; the "+
					"keys are %s", show(p.Key), strings.Join(keys, ", "))
		default:
			im.warn(p.Line, "%s is no key that is known: it says nothing", show(p.Key))
		}
	}
	return nil
}

func (im *importer) thread(name string, n *tree.Node) (t *thread, err error) {
	t = &thread{name: name, node: n, newer: n.Exact("default_action") != nil}
	if err := im.known(n, filterKeys, t.newer); err != nil {
		return nil, err
	}
	if err := oneKind(n); err != nil {
		return nil, err
	}
	if t.rest, err = action(n, "mismatch_action", "default_action"); err != nil {
		return nil, err
	}
	t.restLine = n.Line
	for _, key := range []string{"default_action", "mismatch_action"} {
		if at := n.Exact(key); at != nil {
			t.restLine = at.Line
		}
	}
	if t.matching, err = action(n, "match_action", "filter_action"); err != nil {
		return nil, err
	}
	if t.rest == t.matching {
		return nil, tree.Errorf(n.Line, "both actions are the same: the compilers refuse such a "+
			"filter")
	}
	rules := n.Exact("filter")
	if rules == nil || rules.Kind != tree.List {
		return nil, tree.Errorf(n.Line, "there is no list called filter")
	}
	if len(rules.Items) > interop.MaxEntries {
		return nil, tree.Errorf(rules.Line, "there are more than %d rules", interop.MaxEntries)
	}
	for _, item := range rules.Items {
		r, err := im.rule(item, t.newer)
		if err != nil {
			return nil, err
		}
		t.rules = append(t.rules, r)
	}
	return t, nil
}

// oneKind refuses a filter with the keys of both compilers.
func oneKind(n *tree.Node) error {
	for _, own := range []string{"mismatch_action", "match_action"} {
		for _, newer := range []string{"default_action", "filter_action"} {
			if n.Exact(own) != nil && n.Exact(newer) != nil {
				return tree.Errorf(n.Exact(newer).Line, "%s is rust-vmm's, and %s Firecracker's: "+
					"no compiler reads both; keep the keys of one", own, newer)
			}
		}
	}
	return nil
}

// simple are the actions without a number.
var simple = map[string]policy.Action{"allow": policy.Allow, "kill_thread": policy.KillThread,
	"kill_process": policy.KillProcess, "log": policy.Log, "trap": policy.Trap}

// action reads an action, by either of its names.
func action(n *tree.Node, names ...string) (policy.Action, error) {
	v := n.Exact(names[0])
	if v == nil {
		v = n.Exact(names[1])
	}
	if v == nil {
		return 0, tree.Errorf(n.Line, "there is no %s", strings.Join(names, " or "))
	}
	if a, ok := simple[v.Text]; ok && v.Kind == tree.String {
		return a, nil
	}
	if v.Kind == tree.Map && len(v.Pairs) == 1 {
		p := v.Pairs[0]
		most, kind := int64(4095), policy.Errno
		if p.Key == "trace" {
			most, kind = 0xffff, policy.Trace
		}
		if p.Key == "errno" || p.Key == "trace" {
			data, err := p.Value.Int(new(big.Int), big.NewInt(most))
			if err != nil {
				return 0, err
			}
			return kind | policy.Action(data.Uint64()), nil
		}
	}
	return 0, tree.Errorf(v.Line, "expected allow, log, trap, kill_thread, kill_process, "+
		"{\"errno\": N} or "+
		"{\"trace\": N}, found %s", show(v.Found()))
}

func (im *importer) rule(n *tree.Node, newer bool) (r rule, err error) {
	if n.Kind != tree.Map {
		return r, tree.Errorf(n.Line, "expected a rule, found %s", n.Kind)
	}
	if err := im.known(n, ruleKeys, newer); err != nil {
		return r, err
	}
	name := n.Exact("syscall")
	if name == nil || name.Kind != tree.String || name.Text == "" {
		return r, tree.Errorf(n.Line, "the rule has no syscall")
	}
	r = rule{line: n.Line, call: name.Text, comment: text(n.Exact("comment"))}
	args := n.Exact("args")
	if args == nil {
		return r, nil
	}
	if args.Kind != tree.List || len(args.Items) > 64 {
		return r, tree.Errorf(args.Line, "args has to be a list of at most 64 conditions")
	}
	r.given = true
	for _, item := range args.Items {
		c, err := im.condition(item, newer)
		if err != nil {
			return r, err
		}
		r.args = append(r.args, c)
	}
	return r, nil
}

func text(n *tree.Node) string {
	if n == nil {
		return ""
	}
	return n.Text
}

var operators = map[string]interop.Op{"eq": interop.Equal, "ne": interop.NotEqual,
	"lt": interop.Less,
	"le": interop.LessEqual, "gt": interop.Greater, "ge": interop.GreaterEqual}

var most = new(big.Int).SetUint64(1<<64 - 1)

func (im *importer) condition(n *tree.Node, newer bool) (c condition, err error) {
	if n.Kind != tree.Map {
		return c, tree.Errorf(n.Line, "expected a condition, found %s", n.Kind)
	}
	if err := im.known(n, conditionKeys, newer); err != nil {
		return c, err
	}
	for _, key := range conditionKeys[:4] {
		if n.Exact(key) == nil {
			return c, tree.Errorf(n.Line, "the condition has no %s", key)
		}
	}
	c = condition{line: n.Line, comment: text(n.Exact("comment"))}
	index, err := n.Exact("index").Int(new(big.Int), big.NewInt(5))
	if err != nil {
		return c, err
	}
	v, err := n.Exact("val").Int(new(big.Int), most)
	if err != nil {
		return c, err
	}
	c.index, c.value = int(index.Int64()), v.Uint64()
	switch t := n.Exact("type"); t.Text {
	case "dword":
		c.dword = true
	case "qword":
	default:
		return c, tree.Errorf(t.Line, "expected dword or qword, found %s", show(t.Found()))
	}
	op := n.Exact("op")
	var ok bool
	if c.op, ok = operators[op.Text]; ok && op.Kind == tree.String {
		return c, nil
	}
	if op.Kind != tree.Map || len(op.Pairs) != 1 || op.Pairs[0].Key != "masked_eq" {
		return c, tree.Errorf(op.Line, "expected eq, ne, lt, le, gt, ge or {\"masked_eq\": "+
			"MASK}, found %s",
			show(op.Found()))
	}
	mask, err := op.Pairs[0].Value.Int(new(big.Int), most)
	if err != nil {
		return c, err
	}
	c.op, c.mask = interop.Masked, mask.Uint64()
	c.outside = c.value &^ c.mask // into_masked_eq_bpf of src/backend/condition.rs drops them
	c.value &= c.mask
	return c, nil
}
