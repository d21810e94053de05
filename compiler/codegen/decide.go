package codegen

import (
	"encoding/binary"
	"slices"

	"github.com/seccompc/seccompc/policy"
)

// decider turns the rules of one ABI into the code for each number.
type decider struct {
	*lowerer
	abi   *policy.ABI
	named []numberRules // by number, those still to come
	done  map[string]*node
}

// numberRules is the rules that name a number, in order, up to the first without a condition.
type numberRules struct {
	nr    uint32
	rules []int
}

func newDecider(l *lowerer, abi *policy.ABI) *decider {
	d := &decider{lowerer: l, abi: abi, done: map[string]*node{}}
	count := 0
	for _, r := range abi.Rules {
		count += len(r.Numbers)
	}
	pairs := make([]uint64, 0, count) // number and rule
	for i, r := range abi.Rules {
		for _, nr := range r.Numbers {
			pairs = append(pairs, uint64(nr)<<32|uint64(i))
		}
	}
	slices.Sort(pairs)
	pairs = slices.Compact(pairs)
	d.named = make([]numberRules, 0, len(pairs))
	rules := make([]int, len(pairs))
	final := false
	for i, p := range pairs {
		nr, rule := uint32(p>>32), int(uint32(p))
		if n := len(d.named); n == 0 || d.named[n-1].nr != nr {
			d.named = append(d.named, numberRules{nr, rules[i:i:len(rules)]})
			final = false
		}
		if last := &d.named[len(d.named)-1]; !final {
			last.rules = append(last.rules, rule)
		}
		final = final || abi.Rules[rule].Cond == nil
	}
	return d
}

// rules returns the rules that name a number, which is not below those asked for before.
func (d *decider) rules(nr uint32) []int {
	for len(d.named) > 0 && d.named[0].nr < nr {
		d.named = d.named[1:]
	}
	if len(d.named) == 0 || d.named[0].nr > nr {
		return nil
	}
	return d.named[0].rules
}

// code returns the code that decides the calls with number nr.
func (d *decider) code(nr uint32) *node {
	rest := d.abi.Unknown
	if policy.Contains(d.abi.Known, uint64(nr)) {
		rest = d.abi.Default
	}
	rules := d.rules(nr)
	switch {
	case len(rules) == 0:
		return d.graph.ret(rest)
	case d.abi.Rules[rules[0]].Cond == nil:
		return d.graph.ret(d.abi.Rules[rules[0]].Action)
	}
	key := binary.LittleEndian.AppendUint32(nil, uint32(rest))
	for _, i := range rules {
		key = binary.LittleEndian.AppendUint32(key, uint32(i))
	}
	n := d.done[string(key)]
	if n == nil {
		n = d.decide(rules, rest)
		d.done[string(key)] = n
	}
	return n
}

// decide returns the code for a list of rules. All of them become one function, and where that takes more code
// than one expects of test after test, they are tested one after the other as well.
func (d *decider) decide(rules []int, rest policy.Action) *node {
	d.source = d.abi.Rules[rules[0]].Source
	var n *node
	if d.passes.on(mergeValues) {
		n = attempt(func() *node { return d.merged(rules, rest) })
	}
	if n == nil {
		return d.plain(rules, rest)
	}
	if tests, expected := d.expected(rules); tests > 1 && d.graph.size(n) > expected {
		if p := attempt(func() *node { return d.plain(rules, rest) }); p != nil && d.cost(p) < d.cost(n) {
			n = p
		}
	}
	return n
}

// cost is the price of code, and of its longest path: to test after test is short, but long where nothing matches.
func (d *decider) cost(n *node) float64 {
	return d.graph.price(n) + float64(argumentSize*float64(d.graph.longest(n)))
}

// expected returns how many comparisons a list of rules has, and how many instructions they may take: for each a load
// and a test of each word, and a test more for each value more of a set; and two returns.
func (d *decider) expected(rules []int) (tests, instructions int) {
	instructions = 2
	for _, i := range rules {
		eachTest(d.abi.Rules[i].Cond, func(t policy.Test) {
			tests++
			instructions += t.Operand.Width/16 + max(1, len(t.Set)) - 1
		})
	}
	return tests, instructions
}

// merged returns the code for a list of rules as one function of the arguments.
func (d *decider) merged(rules []int, rest policy.Action) *node {
	var conds []policy.Cond
	for _, i := range rules {
		conds = append(conds, d.abi.Rules[i].Cond)
	}
	order, named := wordsOf(conds...)
	rulings := d.rulings(rules)
	d.graph.allow(maxNodes)
	otherwise := d.graph.ret(rest)
	best := d.decision(order, named)
	if n := best.byRuns(rulings, otherwise); n != nil {
		return n
	}
	d.diagrams.reset()
	_, expected := d.expected(rules)
	room := min(maxDiagram, maxPerExpected*expected)
	d.diagrams.allow(room)
	function := best.function(rulings, otherwise)
	if others := d.otherOrders(order); len(others) > 0 {
		least := d.diagrams.size(function)
		for _, order := range others {
			d.diagrams.allow(room)
			c := d.decision(order, named)
			f := c.function(rulings, otherwise)
			if size := d.diagrams.size(f); size < least {
				best, function, least = c, f, size
			}
		}
	}
	d.diagrams.allow(room)
	return best.lower(function)
}

// function returns what a list of rulings decides, with rest for the calls that none does.
func (c *decision) function(rulings []ruling, rest *node) ref {
	r := c.exit(rest)
	for _, x := range slices.Backward(rulings) {
		r = c.d.cond(x.conds, c.words, c.exit(x.to), r)
	}
	return r
}

// ruling is neighbouring rules with the same action: where one of the conditions holds, it goes to a node.
type ruling struct {
	to    *node
	conds policy.Or
}

// rulings joins the neighbours in a list of rules.
func (d *decider) rulings(rules []int) []ruling {
	var joined []ruling
	for _, i := range rules {
		rule := d.abi.Rules[i]
		to := d.graph.ret(rule.Action)
		if n := len(joined); n == 0 || joined[n-1].to != to {
			joined = append(joined, ruling{to: to})
		}
		cond := rule.Cond
		if cond == nil {
			cond = policy.And{}
		}
		last := &joined[len(joined)-1]
		last.conds = append(last.conds, cond)
	}
	return joined
}

// decision returns an empty decision, whose function shares the diagrams with those of others.
func (d *decider) decision(order words, named map[word]*constants) *decision {
	c := &decision{
		lowerer: d.lowerer, d: d.diagrams, words: order,
		done: map[ref]*node{}, tests: map[left]*node{}, trees: map[string]*node{},
	}
	for _, w := range order {
		if k := named[w]; k != nil {
			c.values = append(c.values, k.values)
			c.masks = append(c.masks, k.mask)
		}
	}
	return c
}

// plain returns the code for a list of rules, one after the other, test after test.
func (d *decider) plain(rules []int, rest policy.Action) *node {
	d.graph.allow(maxNodes)
	n := d.graph.ret(rest)
	for _, i := range slices.Backward(rules) {
		rule := d.abi.Rules[i]
		then := d.graph.ret(rule.Action)
		if rule.Cond == nil {
			n = then
			continue
		}
		n = d.branch(rule.Cond, then, n)
	}
	return n
}

// branch returns the code that goes to t where a condition holds and to f elsewhere.
func (d *decider) branch(cond policy.Cond, t, f *node) *node {
	switch cond := cond.(type) {
	case policy.And:
		for _, x := range slices.Backward(cond) {
			t = d.branch(x, t, f)
		}
		return t
	case policy.Or:
		for _, x := range slices.Backward(cond) {
			f = d.branch(x, t, f)
		}
		return f
	case policy.Not:
		return d.branch(cond.X, f, t)
	case policy.Test:
		order, named := wordsOf(cond)
		c := d.decision(order, named)
		if n := c.byRuns([]ruling{{t, policy.Or{cond}}}, f); n != nil {
			return n
		}
		d.diagrams.reset()
		d.diagrams.allow(maxDiagram)
		return c.lower(c.d.test(cond, order, c.exit(t), c.exit(f)))
	}
	panic("compiler: unknown condition")
}

// maxOrdered is the number of words of which several orders are tried.
const maxOrdered = 3

// otherOrders returns the orders of words to try beside that of the text: those that differ from it in the first word.
func (d *decider) otherOrders(text words) []words {
	if len(text) > maxOrdered || !d.passes.on(orderWords) {
		return nil
	}
	var orders []words
	for i, w := range text {
		if i > 0 && text[i-1] != (word{w.arg, true}) { // the high half of an argument comes before the low one
			orders = append(orders, slices.Insert(slices.Delete(slices.Clone(text), i, i+1), 0, w))
		}
	}
	return orders
}

// constants are what the conditions compare one word with.
type constants struct {
	values []policy.Range // not too many
	mask   uint32         // bits of masks
}

// wordsOf returns the words that conditions look at, in the order of the text, the high half of
// an argument before the low one, and the constants that each is compared with.
func wordsOf(conds ...policy.Cond) (words, map[word]*constants) {
	var order words
	named := map[word]*constants{}
	see := func(w word) {
		if named[w] != nil {
			return
		}
		at := len(order)
		if i := slices.Index(order, word{w.arg, false}); w.high && i >= 0 {
			at = i
		}
		order = slices.Insert(order, at, w)
		named[w] = &constants{}
	}
	for _, c := range conds {
		eachTest(c, func(t policy.Test) {
			low, high := word{t.Operand.Arg, false}, word{t.Operand.Arg, true}
			if t.Operand.Width == 64 {
				see(high)
				named[high].note(t, 32)
			}
			see(low)
			named[low].note(t, 0)
		})
	}
	return order, named
}

// note takes in the constants of a test, of the half of its operand that begins at bit shift.
func (c *constants) note(t policy.Test, shift int) {
	if t.Op >= policy.Any || t.Op == policy.In && t.Mask != policy.Ones(t.Operand.Width) {
		c.mask |= uint32(t.Mask >> shift)
		return
	}
	for _, r := range t.Set {
		v := policy.Range{Lo: r.Lo >> shift & 0xffffffff, Hi: r.Hi >> shift & 0xffffffff}
		if v.Lo <= v.Hi && len(c.values) < maxValues && !slices.Contains(c.values, v) {
			c.values = append(c.values, v)
		}
	}
}

// eachTest calls f for every comparison of a condition.
func eachTest(c policy.Cond, f func(policy.Test)) {
	switch c := c.(type) {
	case policy.And:
		for _, x := range c {
			eachTest(x, f)
		}
	case policy.Or:
		for _, x := range c {
			eachTest(x, f)
		}
	case policy.Not:
		eachTest(c.X, f)
	case policy.Test:
		f(c)
	}
}

// Decision is a run of numbers of an ABI that the same rules decide.
type Decision struct {
	Numbers policy.Range
	Rules   []int // indexes of the ABI's rules, in order; only the last may be without a condition
	Known   bool  // the ABI's table holds the numbers: what no rule decides gets the default
}

// Decisions returns what decides the numbers of an ABI, in their order.
func Decisions(abi *policy.ABI) []Decision {
	var out []Decision
	d := newDecider(&lowerer{}, abi)
	borders := bordersOf([]*decider{d})
	for i, lo := range borders {
		if !policy.Contains(abi.Numbers, uint64(lo)) {
			continue
		}
		next := Decision{
			Numbers: policy.Range{Lo: uint64(lo), Hi: 0xffffffff},
			Rules:   d.rules(lo),
			Known:   policy.Contains(abi.Known, uint64(lo)),
		}
		if i+1 < len(borders) {
			next.Numbers.Hi = uint64(borders[i+1]) - 1
		}
		if n := len(out); n > 0 && out[n-1].continues(next) {
			out[n-1].Numbers.Hi = next.Numbers.Hi
			continue
		}
		out = append(out, next)
	}
	return out
}

func (d Decision) continues(next Decision) bool {
	return d.Numbers.Hi+1 == next.Numbers.Lo && d.Known == next.Known && slices.Equal(d.Rules, next.Rules)
}
