package dsl

// Cond is a condition over the arguments of a call: it holds when one of its parts does.
type Cond struct {
	node
	Or []CondAnd `parser:"@@ ('||' @@)*"`
}

// CondAnd holds when all of its parts do.
type CondAnd struct {
	node
	And []CondTerm `parser:"@@ ('&&' @@)*"`
}

// CondTerm is a test or a condition in parentheses, behind any number of "!".
type CondTerm struct {
	node
	Not   []string    `parser:"@'!'*"`
	Paren *Cond       `parser:"( '(' @@ ')' |"`
	Test  *Comparison `parser:"@@ )"`
}

// Comparison compares one operand. Without Op and In it asks for X to be not zero, or, with Mask,
// for the one bit of Mask to be set.
type Comparison struct {
	node
	X     Operand  `parser:"@@"`
	Mask  *Unary   `parser:"('&' @@)?"`
	Op    string   `parser:"( @(CompareSign | 'any' | 'all' | 'only')"`
	Value *Sum     `parser:"  @@ |"`
	Not   bool     `parser:"@'not'?"`
	In    *Members `parser:"  'in' @@ )?"`
}

// Operand is an argument of the call or the instruction pointer, under an optional cast.
type Operand struct {
	node
	Cast string `parser:"( @('u32' | 'i32' | 'u64' | 'i64')"`
	Name Name   `parser:"  '(' @@ ')' | @@ )"`
}

// Members are the values and ranges between the braces of "in".
type Members struct {
	node
	Ranges []*Range `parser:"'{' @@ ((?! ',' '}') ',' @@)* ','? '}'"`
}

// Range is one value, or with Hi all from Lo to Hi.
type Range struct {
	node
	Lo Sum  `parser:"@@"`
	Hi *Sum `parser:"('..' @@)?"`
}

// Expr is an expression that the compiler evaluates: true when one of its parts is, or just the
// value of its only part.
type Expr struct {
	node
	Or []ExprAnd `parser:"@@ ('||' @@)*"`
}

// ExprAnd is true when all of its parts are, or the value of its only part.
type ExprAnd struct {
	node
	And []Compare `parser:"@@ ('&&' @@)*"`
}

// Compare compares X with Y, or looks for it in In; without Op and In it is the value of X.
type Compare struct {
	node
	X   Sum      `parser:"@@"`
	Op  string   `parser:"( @CompareSign"`
	Y   *Sum     `parser:"  @@ |"`
	Not bool     `parser:"@'not'?"`
	In  *Members `parser:"  'in' @@ )?"`
}

// Sum is one or more products, combined from left to right: Ops[i] stands before Rest[i].
type Sum struct {
	node
	X    Product   `parser:"@@"`
	Ops  []string  `parser:"( @SumSign"`
	Rest []Product `parser:"@@ )*"`
}

// Product is one or more operands, combined from left to right: Ops[i] stands before Rest[i]. As in
// Go, "&" and shifts bind like "*".
type Product struct {
	node
	X    Unary    `parser:"@@"`
	Ops  []string `parser:"( @ProductSign"`
	Rest []Unary  `parser:"@@ )*"`
}

// Unary is a name, a number or an expression in parentheses behind any number of prefix operators,
// of which the last applies first. One of Name, Number and Paren is set.
type Unary struct {
	node
	Ops    []string `parser:"@('-' | '~' | '!')*"`
	Name   string   `parser:"( @Ident |"`
	Number string   `parser:"@Number |"`
	Paren  *Expr    `parser:"'(' @@ ')' )"`
}
