package proof

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/seccompc/seccompc/policy"
)

func is(arg int, values ...uint64) policy.Cond {
	t := policy.Test{Operand: policy.Operand{Arg: arg, Width: 32}, Mask: 0xffffffff}
	for _, v := range values {
		t.Set = append(t.Set, point(v)...)
	}
	return t
}

func flags(arg int, op policy.Op, mask uint64) policy.Cond {
	return policy.Test{Operand: policy.Operand{Arg: arg, Width: 32}, Op: op, Mask: mask}
}

func TestRules(t *testing.T) {
	t.Parallel()
	everything := []policy.Range{{Lo: 0, Hi: 0xffffffff}}
	deny := policy.Errno | 1
	tests := []struct {
		name string
		rule policy.Rule // the last one; before it stand those of before
		want RuleReport  // Decides only by being nil or not
	}{
		{"free", policy.Rule{Numbers: []uint32{9}}, RuleReport{Decides: &policy.Data{}}},
		{"hidden whole", policy.Rule{Numbers: []uint32{1}}, RuleReport{HiddenBy: []int{0}}},
		{"hidden by two halves", policy.Rule{Numbers: []uint32{2}},
			RuleReport{HiddenBy: []int{1, 2}}},
		{"hidden by one half", policy.Rule{Numbers: []uint32{2}, Cond: flags(0, policy.All, 6)},
			RuleReport{HiddenBy: []int{1}}},
		{"one number of two free", policy.Rule{Numbers: []uint32{1, 9}},
			RuleReport{Decides: &policy.Data{}}},
		{"a rest beside a value", policy.Rule{Numbers: []uint32{3}, Cond: is(1, 5, 6)},
			RuleReport{Decides: &policy.Data{}}},
		{"a value", policy.Rule{Numbers: []uint32{3}, Cond: is(1, 5)},
			RuleReport{HiddenBy: []int{3}}},
		{"never", policy.Rule{Numbers: []uint32{9}, Cond: policy.And{is(0, 1), is(0, 2)}},
			RuleReport{Never: true}},
		{"always", policy.Rule{Numbers: []uint32{9}, Cond: policy.Or{is(0, 1), not(is(0, 1))}},
			RuleReport{Decides: &policy.Data{}, Always: true}},
		{"not this ABI's number", policy.Rule{Numbers: []uint32{1 << 31}}, RuleReport{}},
	}
	for _, test := range tests {
		before := []policy.Rule{
			{Numbers: []uint32{1}, Action: policy.Allow},
			{Numbers: []uint32{2}, Action: policy.Allow, Cond: flags(0, policy.Any, 4)},
			{Numbers: []uint32{2}, Action: deny, Cond: policy.Not{X: flags(0, policy.Any, 4)}},
			{Numbers: []uint32{3}, Action: deny, Cond: is(1, 5)},
		}
		p := withABIs(policy.ABI{Name: "other", Arch: archI386, Numbers: everything, Rules: before},
			policy.ABI{Name: "x86_64", Arch: archX86, Numbers: []policy.Range{{Lo: 0, Hi: 1 << 30}},
				Rules: append(before, test.rule)})
		reports, err := New().Rules(p)
		if err != nil || len(reports) != 9 {
			t.Fatalf("%s: %d reports, %v", test.name, len(reports), err)
		}
		got := reports[8]
		if (got.Decides == nil) != (test.want.Decides == nil) ||
			!slices.Equal(got.HiddenBy, test.want.HiddenBy) ||
			got.Always != test.want.Always || got.Never != test.want.Never ||
			got.ABI != 1 || got.Rule != 4 {
			t.Errorf("%s: %+v, want %+v", test.name, got, test.want)
		}
		if got.Decides != nil && p.ABIs[1].Decide(*got.Decides) != &p.ABIs[1].Rules[4] {
			t.Errorf("%s: the rule does not decide %+v", test.name, *got.Decides)
		}
	}
}

// TestRulesGiveUp: a budget that ends within a rule leaves the reports on those before, of all
// ABIs.
func TestRulesGiveUp(t *testing.T) {
	t.Parallel()
	rules := []policy.Rule{
		{Numbers: []uint32{1}, Action: policy.Allow},
		{Numbers: []uint32{1}, Action: policy.Errno},
		{Numbers: []uint32{2}, Cond: not(is(0, 1, 1<<10, 1<<20))},
	}
	everything := []policy.Range{{Lo: 0, Hi: 0xffffffff}}
	p := withABIs(policy.ABI{Name: "other", Arch: archI386, Numbers: everything, Rules: rules},
		policy.ABI{Name: "x86_64", Arch: archX86, Numbers: everything, Rules: rules})
	reports, err := newSpace(10, maxSteps).Rules(p)
	if !errors.Is(err, ErrTooComplex) || !strings.HasPrefix(err.Error(), "other, rule 2: ") {
		t.Errorf("%v, want rule 2 to be %v", err, ErrTooComplex)
	}
	var got []string
	for _, r := range reports {
		got = append(got, fmt.Sprint(r.ABI, r.Rule, r.Decides != nil, r.HiddenBy))
	}
	want := []string{"0 0 true []", "1 0 true []", "0 1 false [0]", "1 1 false [0]"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestSometimes: a condition of which sometimes tells a call holds for this one, and not for every
// call.
func TestSometimes(t *testing.T) {
	t.Parallel()
	told := 0
	for seed := range uint64(10_000) {
		g := newGenerator(seed)
		c := policy.Cond(policy.And{g.cond(0), g.cond(0)}[seed%2:])
		call, ok := sometimes(c)
		if !ok {
			continue
		}
		told++
		if _, constant, err := New().Constant(c); constant || err != nil || !c.Holds(call) {
			t.Errorf("seed %d: %+v: constant %t, error %v, %+v is said to be of it", seed, c,
				constant, err, call)
		}
	}
	if told < 100 {
		t.Errorf("it told something of %d conditions", told)
	}
	for _, c := range []policy.Cond{
		nil, policy.And{}, policy.And{nil}, not(is(0, 1)), policy.Or{is(0, 1)},
		flags(0, policy.Any, 1),
		policy.And{is(0, 1), is(0, 2)}, // of the same argument
		policy.Test{Operand: policy.Operand{Arg: 7, Width: 32}, Mask: 1, Set: point(1)},
		policy.Test{Operand: policy.Operand{Arg: -1, Width: 32}, Mask: 1, Set: point(1)},
		policy.Test{Operand: policy.Operand{Width: 65}, Mask: 1, Set: point(1)},
		policy.Test{Mask: 1, Set: point(1)},
		policy.Test{Operand: policy.Operand{Width: 32}, Mask: 0xffffffff},
		policy.Test{Operand: policy.Operand{Width: 32}, Mask: 1, Set: point(2)},
		policy.Test{Operand: policy.Operand{Width: 32}, Mask: 1,
			Set: []policy.Range{{Lo: 0, Hi: 1}}},
		policy.Test{Operand: policy.Operand{Width: 32}, Set: point(0)},
		policy.Test{Operand: policy.Operand{Width: 32}, Mask: 0xffffffff,
			Set: []policy.Range{{Lo: 2, Hi: 1}}},
		policy.Test{Operand: policy.Operand{Width: 16}, Mask: ^uint64(0), Set: point(1 << 16)},
		policy.Test{Operand: policy.Operand{Width: 64}, Mask: ^uint64(0),
			Set: []policy.Range{{Lo: 0, Hi: ^uint64(0)}}},
	} {
		if call, ok := sometimes(c); ok {
			t.Errorf("%+v: it tells %+v", c, call)
		}
	}
}

// TestRulesAgreeWithDecide holds the reports of random policies against the evaluator: no call is
// decided by a rule that is reported dead, and the calls named are decided by the rules that claim
// them.
func TestRulesAgreeWithDecide(t *testing.T) {
	t.Parallel()
	dead := 0
	for seed := range uint64(500) {
		g := newGenerator(seed)
		p := g.policy()
		reports, err := New().Rules(p)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		unused := map[*policy.Rule]bool{}
		for _, r := range reports {
			rule := &p.ABIs[r.ABI].Rules[r.Rule]
			if unused[rule] = r.Decides == nil; unused[rule] {
				dead++
			} else if p.Find(*r.Decides).Decide(*r.Decides) != rule {
				t.Fatalf("seed %d: rule %d does not decide %+v", seed, r.Rule, *r.Decides)
			}
		}
		for range 200 {
			d := g.call()
			if abi := p.Find(d); abi != nil && unused[abi.Decide(d)] {
				t.Fatalf("seed %d: a dead rule decides %+v", seed, d)
			}
		}
	}
	if dead < 50 {
		t.Errorf("only %d dead rules: the test shows little", dead)
	}
}

func TestConstant(t *testing.T) {
	t.Parallel()
	tests := []struct {
		cond            policy.Cond
		value, constant bool
	}{
		{nil, true, true},
		{policy.Or{}, false, true},
		{is(0, 1), false, false},
		{flags(0, policy.Any, 0), false, true},
		{flags(0, policy.Only, 0xffffffff), true, true},
		{policy.Not{X: policy.And{is(0, 1), flags(0, policy.Any, 2)}}, true, true},
	}
	for _, test := range tests {
		value, constant, err := New().Constant(test.cond)
		if value != test.value || constant != test.constant || err != nil {
			t.Errorf("%v: %v, %v, %v", test.cond, value, constant, err)
		}
	}
}

// TestManyHiddenRules: what hides a rule is found among many, within the budget.
func TestManyHiddenRules(t *testing.T) {
	const rules, apart = 4000, 2000 // rule 2000 is rule 0 again, and so on
	abi := policy.ABI{Name: "x86_64", Arch: 0xc000003e,
		Numbers: []policy.Range{{Lo: 0, Hi: 1 << 30}}}
	for i := range uint64(rules) {
		abi.Rules = append(abi.Rules, policy.Rule{Numbers: []uint32{101}, Cond: is(1, i%apart*977)})
	}
	reports, err := New().Rules(&policy.Policy{ABIs: []policy.ABI{abi}})
	if err != nil || len(reports) != rules {
		t.Fatalf("%d reports, %v", len(reports), err)
	}
	for i, r := range reports {
		if hidden := i >= apart; hidden != (r.Decides == nil) || hidden &&
			!slices.Equal(r.HiddenBy, []int{i - apart}) {
			t.Errorf("rule %d decides %v, hidden by %v", i, r.Decides, r.HiddenBy)
		}
	}
}
