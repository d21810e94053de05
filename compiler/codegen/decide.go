package codegen

import (
	"encoding/binary"
	"slices"

	"github.com/seccompc/seccompc/policy"
)

// decider makes the code that decides the numbers of one ABI, upwards: rules with the same list are
// decided once.
type decider struct {
	walk
	g    *generator
	done map[string]*node // by the list of rules and the action for the rest

	flips map[*node]flipped // how code goes on that begins with a load and the test of a mask
}

func newDecider(g *generator, abi *policy.ABI) *decider {
	return &decider{newWalk(abi), g, map[string]*node{}, map[*node]flipped{}}
}

// code returns the code that decides the calls with the number at hand.
func (d *decider) code() (*node, error) {
	rest := d.abi.Unknown
	if d.inTable() {
		rest = d.abi.Default
	}
	rules := d.rules()
	switch {
	case len(rules) == 0:
		return d.g.graph.ret(rest), nil
	case d.abi.Rules[rules[0]].Cond == nil:
		return d.g.graph.ret(d.abi.Rules[rules[0]].Action), nil
	}
	key := binary.LittleEndian.AppendUint32(nil, uint32(rest))
	for _, i := range rules {
		key = binary.LittleEndian.AppendUint32(key, uint32(i))
	}
	n := d.done[string(key)]
	if n == nil {
		if n = d.decide(rules, rest); n == nil {
			return nil, &TooComplexError{d.abi.Rules[rules[0]].Source}
		}
		d.done[string(key)] = n
	}
	return n, nil
}

// decide returns the code for a list of rules, or nil where that would go on for too long. Rules
// that say the same are decided once, whatever their ABIs.
func (d *decider) decide(rules []int, rest policy.Action) *node {
	rulings := d.rulings(rules)
	said := binary.LittleEndian.AppendUint32(nil, uint32(rest))
	for _, x := range rulings {
		said = appendCond(binary.LittleEndian.AppendUint32(said, x.to.k), x.conds)
	}
	n := d.g.decided[string(said)]
	if n == nil {
		n = d.search(rulings, d.g.graph.ret(rest))
		d.g.decided[string(said)] = n
	}
	return n
}

// search makes one function of rulings, and where that takes more code than one expects of test
// after test, tests them one after the other as well.
func (d *decider) search(rulings []ruling, rest *node) *node {
	plain := func() *node { return d.plain(rulings, rest) }
	var n *node
	if d.g.passes.on(mergeValues) {
		d.g.diagrams.most = maxMerged
		if d.masksOnly(rulings) {
			d.g.diagrams.most = min(maxMerged, d.g.diagrams.work+maxMaskWork)
		}
		n = attempt(func() *node { return d.merged(rulings, rest) })
		d.g.diagrams.most = maxWork
	}
	if n == nil {
		return attempt(plain)
	}
	if tests, expected := expected(rulings); tests > 1 && d.g.graph.size(n) > expected {
		if p := attempt(plain); p != nil && d.cost(p) < d.cost(n) {
			n = p
		}
	}
	return n
}

// masksOnly reports whether all tests are of masks, which take a test each where they follow one
// another, and are so many that one function of them seldom comes to less.
func (d *decider) masksOnly(rulings []ruling) bool {
	tests := 0
	for _, x := range rulings {
		for c := range policy.Tests(x.conds) {
			t, ok := c.(policy.Test)
			if !ok {
				return false
			}
			if m, ok := masked(t); !ok || m.differ {
				return false
			}
			tests++
		}
	}
	return d.g.passes.on(invertWords) && tests >= manyMasks
}

// pathPrice is the price of the first instruction of the longest path through the code of a
// decision, of the second it is a half, of the third a third: two more count where there are six,
// and not where there are thirty.
const pathPrice = 6.0

// cost is the price of code, and of its longest path: to test after test is short, but long where
// nothing matches.
func (d *decider) cost(n *node) float64 {
	cost := d.g.graph.price(n)
	for i := range d.g.graph.longest(n) {
		cost += pathPrice / float64(i+1)
	}
	return cost
}

// expected returns how many comparisons rulings have, and how many instructions they may
// take: for each a load and a test of each word, a test more for each value more of a set, and two
// for a mask; and two returns.
func expected(rulings []ruling) (tests, instructions int) {
	instructions = 2
	for _, x := range rulings {
		for c := range policy.Tests(x.conds) {
			tests++
			switch t := c.(type) {
			case policy.Test:
				if _, ok := masked(t); ok {
					instructions += 2
					continue
				}
				instructions += t.Operand.Width/16 + max(1, len(t.Set)) - 1
			case policy.LateTest:
				instructions += t.Operand.Width / 16
			}
		}
	}
	return tests, instructions
}

// merged returns the code for rulings as one function of the arguments.
func (d *decider) merged(rulings []ruling, rest *node) *node {
	var conds []policy.Cond
	for _, x := range rulings {
		conds = append(conds, x.conds)
	}
	order, named := wordsOf(conds...)
	d.g.graph.allow(maxNodes)
	best := newLowering(d.g, order, named)
	if n := best.byIntervals(rulings, rest); n != nil {
		return n
	}
	d.g.diagrams.reset()
	_, expected := expected(rulings)
	room := min(maxDiagram, maxPerExpected*expected)
	d.g.diagrams.allow(room)
	function := best.function(rulings, rest)
	if others := d.otherOrders(order); len(others) > 0 {
		least := d.g.diagrams.size(function)
		for _, order := range others {
			d.g.diagrams.allow(room)
			c := newLowering(d.g, order, named)
			f := c.function(rulings, rest)
			if size := d.g.diagrams.size(f); size < least {
				best, function, least = c, f, size
			}
		}
	}
	d.g.diagrams.allow(room)
	return best.code(function)
}

// ruling is neighbouring rules with the same action: where one of the conditions holds, it goes to
// a node.
type ruling struct {
	to    *node
	conds policy.Or
}

// rulings joins the neighbours in a list of rules. Their conditions stand in one order, whatever
// that of the text: it makes no difference to what they say, and is to make none to the code.
func (d *decider) rulings(rules []int) []ruling {
	var joined []ruling
	for _, i := range rules {
		rule := d.abi.Rules[i]
		to := d.g.graph.ret(rule.Action)
		if n := len(joined); n == 0 || joined[n-1].to != to {
			joined = append(joined, ruling{to: to})
		}
		last := &joined[len(joined)-1]
		switch cond := rule.Cond.(type) {
		case nil:
			last.conds = append(last.conds, policy.And{})
		case policy.Or:
			last.conds = append(last.conds, cond...)
		default:
			last.conds = append(last.conds, cond)
		}
	}
	for i := range joined {
		if d.g.passes.on(mergeValues) {
			joined[i].conds = joinMasks(joined[i].conds).(policy.Or)
		}
		joined[i].conds = inOrder(joined[i].conds)
	}
	return joined
}

// plain returns the code for rulings, one after the other, test after test.
func (d *decider) plain(rulings []ruling, rest *node) *node {
	d.g.graph.allow(maxNodes)
	for _, x := range slices.Backward(rulings) {
		rest = d.branch(x.conds, x.to, rest)
	}
	return rest
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
		for _, x := range slices.Backward(d.byMasks(cond)) {
			f = d.branch(x, t, f)
		}
		return f
	case policy.Not:
		return d.branch(cond.X, f, t)
	case policy.Test:
		if m, ok := masked(cond); ok && d.g.passes.on(invertWords) {
			return d.inverted(m, t, f, func() *node { return d.test(cond, t, f) })
		}
		return d.test(cond, t, f)
	case policy.LateTest:
		order, named := wordsOf(cond)
		c := newLowering(d.g, order, named)
		d.g.diagrams.reset()
		d.g.diagrams.allow(maxDiagram)
		return c.code(c.d.late(cond, order, c.exit(t), c.exit(f)))
	}
	panic("codegen: unknown condition")
}

// test returns the code for one comparison.
func (d *decider) test(cond policy.Test, t, f *node) *node {
	order, named := wordsOf(cond)
	c := newLowering(d.g, order, named)
	if n := c.byIntervals([]ruling{{t, policy.Or{cond}}}, f); n != nil {
		return n
	}
	d.g.diagrams.reset()
	d.g.diagrams.allow(maxDiagram)
	return c.code(c.d.test(cond, order, c.exit(t), c.exit(f)))
}

// maxOrdered is the number of words of which several orders are tried.
const maxOrdered = 3

// otherOrders returns the orders of words to try beside a first one: those that begin with another
// word, behind which the low half of the same argument follows at once, or stays where it was.
func (d *decider) otherOrders(first words) []words {
	if len(first) > maxOrdered || !d.g.passes.on(orderWords) {
		return nil
	}
	var orders []words
	for i, w := range first {
		low := word{arg: w.arg}
		// The high half of an argument comes before the low one.
		behind := w == low && slices.Contains(first[:i], word{arg: w.arg, high: true})
		if i == 0 || behind {
			continue
		}
		others := slices.Delete(slices.Clone(first), i, i+1)
		orders = append(orders, slices.Insert(slices.Clone(others), 0, w))
		if k := slices.Index(others, low); k > 0 {
			orders = append(orders, slices.Insert(slices.Delete(others, k, k+1), 0, w, low))
		}
	}
	return orders
}
