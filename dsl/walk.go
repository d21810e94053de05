package dsl

import "iter"

// Tests yields the comparisons of a condition, from left to right; none for nil.
func (c *Cond) Tests() iter.Seq[*Comparison] {
	return func(yield func(*Comparison) bool) { c.tests(yield) }
}

func (c *Cond) tests(yield func(*Comparison) bool) bool {
	if c == nil {
		return true
	}
	for _, and := range c.Or {
		for _, t := range and.And {
			if t.Paren != nil && !t.Paren.tests(yield) {
				return false
			}
			if t.Test != nil && !yield(t.Test) {
				return false
			}
		}
	}
	return true
}

// All yields the statements of a file and of its blocks, in the order of the text.
func (f *File) All() iter.Seq[Statement] {
	return func(yield func(Statement) bool) { all(f.Statements, yield) }
}

func all(statements []Statement, yield func(Statement) bool) bool {
	for _, s := range statements {
		if !yield(s) {
			return false
		}
		w, ok := s.(*When)
		if !ok {
			continue
		}
		for _, b := range w.Branches() {
			if !all(b.Statements, yield) {
				return false
			}
		}
	}
	return true
}
