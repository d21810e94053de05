// Package smt writes what is to be proved of filters as a question for an SMT solver of anybody's
// choice, in SMT-LIB 2 with the logic QF_BV: bit vectors without quantifiers.
//
// It is a second reading of what programs and policies mean, written from struct seccomp_data, from
// the instructions and from the comparisons of package policy, and shares no code with the prover.
// Each has one variable for every field of a call: nr and arch of 32 bits, ip and arg0 to arg5 of
// 64; and one for each late value, of 64 bits, so that an answer is for all values.
//
//	question, err := smt.Differ(resolved, program)    // unsat: the program is the policy
package smt

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/policy"
)

// Script is a question under way: definitions, each of what went before.
type Script struct {
	text  bytes.Buffer
	count int
	late  map[string]*policy.Late // that are declared
}

// Term is an expression of a script: a bit vector, or for [Script.Calls] a truth value.
type Term string

// New returns a script that declares a call.
func New() *Script {
	s := &Script{}
	s.text.WriteString("(set-option :produce-models true)\n(set-logic QF_BV)\n")
	for _, v := range []struct {
		name  string
		width int
	}{{"nr", 32}, {"arch", 32}, {"ip", 64}} {
		fmt.Fprintf(&s.text, "(declare-fun %s () (_ BitVec %d))\n", v.name, v.width)
	}
	for i := range 6 {
		fmt.Fprintf(&s.text, "(declare-fun arg%d () (_ BitVec 64))\n", i)
	}
	return s
}

// Differ asks for a call that the program answers otherwise than the policy, in any of the 32 bits:
// the solver says unsat where there is none, so that the program is the policy.
func Differ(p *policy.Policy, program asm.Program) ([]byte, error) {
	if len(p.ABIs) == 0 {
		return nil, errors.New("a policy without an ABI: the byte order of its filter is not known")
	}
	s := New()
	s.Comment("What the policy answers.")
	want, err := s.Policy(p)
	if err != nil {
		return nil, err
	}
	s.Comment(fmt.Sprintf("What the program answers, of %d instructions.", len(program)))
	got, err := s.Program(program, p.ABIs[0].BigEndian, p.Late...)
	if err != nil {
		return nil, err
	}
	s.Comment("Is there a call that they answer differently? unsat: there is none.")
	return s.Ask(s.apply("distinct", want, got)), nil
}

// Comment writes a line for people to read.
func (s *Script) Comment(text string) { fmt.Fprintf(&s.text, "; %s\n", text) }

// Ask returns the script with the question whether some call fulfils a condition.
func (s *Script) Ask(condition Term) []byte {
	return fmt.Appendf(nil, "%s(assert %s)\n(check-sat)\n", s.text.Bytes(), condition)
}

// define gives an expression a name, so that it is written only once.
func (s *Script) define(sort string, value Term) Term {
	s.count++
	name := Term(fmt.Sprintf("t%d", s.count))
	fmt.Fprintf(&s.text, "(define-fun %s () %s %s)\n", name, sort, value)
	return name
}

// truth and word give a name to a truth value and to a word of 32 bits.
func (s *Script) truth(value Term) Term { return s.define("Bool", value) }
func (s *Script) word(value Term) Term  { return s.define("(_ BitVec 32)", value) }

// apply writes an operation.
func (s *Script) apply(operation string, operands ...Term) Term {
	var text strings.Builder
	text.WriteString("(" + operation)
	for _, o := range operands {
		text.WriteString(" " + string(o))
	}
	text.WriteByte(')')
	return Term(text.String())
}

// all and some join truth values.
func (s *Script) all(parts []Term) Term {
	if len(parts) == 0 {
		return "true"
	}
	return s.apply("and", append(parts, "true")...)
}

func (s *Script) some(parts []Term) Term {
	if len(parts) == 0 {
		return "false"
	}
	return s.apply("or", append(parts, "false")...)
}

// number writes a constant of a width.
func number(value uint64, width int) Term {
	return Term(fmt.Sprintf("(_ bv%d %d)", value&(^uint64(0)>>(64-width)), width))
}
