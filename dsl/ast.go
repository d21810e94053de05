// Package dsl turns the text of a policy into a syntax tree and back.
//
// The tree is as the text: names are not resolved and numbers are not yet numbers. Every node has a
// field Span, its exact place as a [diag.Span]. The struct tags of the nodes are the grammar, in
// the notation of participle, which parses by them; [Grammar] prints it, and [Words] are its words.
// What the tags cannot say stands in scan.go (words), statement_ends.go and validate.go.
package dsl

import "github.com/seccompc/seccompc/diag"

// File is a policy, or what a policy includes.
type File struct {
	node
	Statements []Statement `parser:"(@@ End)*"`
	Allows     []Allow     // the lint comments, in the order of the text
	Directives []diag.Span // the comments that look like lines of C's preprocessor
	Faulty     []diag.Span // the statements that could not be read, in the order of the text
	Words      int         // how many words, numbers and signs the text has
}

// Statement is one of *Rule, *Fallback, *Arch, *AsOf, *Define, *Late, *Set, *Include, *When, *Hot
// and *Test.
type Statement interface {
	Range() diag.Span
	statement()
}

// Rule gives an action to system calls, all of Selectors but none of Remove, under a condition.
type Rule struct {
	node
	Action    Action      `parser:"@@"`
	Selectors []*Selector `parser:"@@ (',' @@)*"`
	Remove    []*Selector `parser:"('-' @@ (',' @@)*)?"`
	Cond      *Cond       `parser:"('if' @@)?"`
	Reason    string      // the comment above the rule, then the one behind it
}

// Fallback is the action of a call that no rule decides.
type Fallback struct {
	node
	Kind   string `parser:"@('default' | 'mismatch' | 'unknown')"`
	Action Action `parser:"@@"`
}

// Arch lists the ABIs that a policy serves.
type Arch struct {
	node
	ABIs []ABIName `parser:"'arch' @@ (',' @@)*"`
}

// AsOf says which release of the kernel the policy's tables and sets are those of.
type AsOf struct {
	node
	Release Release `parser:"'as' 'of' 'linux' @@"`
}

// Release is a release of the kernel: 6.12.
type Release struct {
	node
	Text string `parser:"@Release"`
}

// Define gives a name to a constant, or to a parameter and its default. A parameter may have
// Choices instead of a Value.
type Define struct {
	node
	Kind    string   `parser:"@('const' | 'param')"`
	Name    Name     `parser:"@@"`
	Choices *Choices `parser:"'=' ( @@ |"`
	Value   Expr     `parser:"@@ )"`
}

// Choices are the named values that a parameter can have, the default first.
type Choices struct {
	node
	Names []Name `parser:"'{' @@ ((?! ',' '}') ',' @@)* ','? '}'"`
}

// Late names a value that is known only when the filter is installed.
type Late struct {
	node
	Name Name     `parser:"'late' @@"`
	Type string   `parser:"':' @('u32' | 'i32' | 'u64' | 'i64')"`
	In   *Members `parser:"('in' @@)?"` // one range, or nil: any value of the type
}

// Set names a set of system calls: all of Add but none of Remove.
type Set struct {
	node
	Name   SetName     `parser:"'set' @@"`
	Add    []*Selector `parser:"'=' @@ (',' @@)*"`
	Remove []*Selector `parser:"('-' @@ (',' @@)*)?"`
}

// Include stands for the statements of another file.
type Include struct {
	node
	Path String `parser:"'include' @@"`
}

// When chooses a block while compiling: the first whose condition is true.
type When struct {
	node
	Cond     Expr       `parser:"'when' @@"`
	Then     Block      `parser:"@@"`
	ElseWhen []ElseWhen `parser:"((?= 'else' 'when') @@)*"`
	Else     *Block     `parser:"('else' @@)?"`
}

// ElseWhen is a further block of a [When].
type ElseWhen struct {
	node
	Cond Expr  `parser:"'else' 'when' @@"`
	Then Block `parser:"@@"`
}

// Branch is a block and its condition, nil for the last block of a [When].
type Branch struct {
	Cond *Expr
	*Block
}

// Branches returns the blocks in the order in which they are chosen among.
func (w *When) Branches() []Branch {
	out := make([]Branch, 0, 2+len(w.ElseWhen))
	out = append(out, Branch{&w.Cond, &w.Then})
	for i := range w.ElseWhen {
		out = append(out, Branch{&w.ElseWhen[i].Cond, &w.ElseWhen[i].Then})
	}
	if w.Else != nil {
		out = append(out, Branch{nil, w.Else})
	}
	return out
}

// Block is the statements between two braces.
type Block struct {
	node
	Statements []Statement `parser:"'{' (@@ End)* '}'"`
}

// Hot names calls that are frequent: all of Selectors but none of Remove.
type Hot struct {
	node
	Selectors []*Selector `parser:"'hot' @@ (',' @@)*"`
	Remove    []*Selector `parser:"('-' @@ (',' @@)*)?"`
}

// Test is a named list of claims about the policy.
type Test struct {
	node
	Name   String   `parser:"'test' @@"`
	Claims []*Claim `parser:"'{' (@@ End)* '}'"`
}

// Claim says that every system call that fits Call gets Action.
type Claim struct {
	node
	Call   Call   `parser:"@@"`
	Action Action `parser:"'=>' @@"`
}

// Call describes system calls: those of one name or number whose arguments fit.
type Call struct {
	node
	ABI  *ABIName `parser:"((?= (Ident | Number) ':') @@ ':')?"` // nil: every listed ABI
	Name CallName `parser:"@@"`
	Args []*Arg   `parser:"('(' (@@ (',' @@)*)? ')')?"`
	Cond *Cond    `parser:"('if' @@)?"`
}

// CallName is the name or the number of a system call; the other one is empty. With To it is all
// numbers from Number to To, and with All the call of a name and those that are the same with types
// of another width.
type CallName struct {
	node
	All    bool `parser:"Ident | All (Ident | Number) | Number ('..' Number)?"` // place sets the fields
	Name   string
	Number string
	To     string
}

// Arg is an argument of a [Call].
type Arg struct {
	node
	Any   bool  `parser:"  @'_' |"` // every value
	Value *Expr `parser:"@@"`
}

// Action is what happens to a call: allow, log, deny, trap, trace, notify, kill or kill_thread.
type Action struct {
	node
	Kind string `parser:"@('allow'|'log'|'deny'|'trap'|'trace'|'notify'|'kill_thread'|'kill')"`
	Data *Sum   `parser:"('(' @@ ')')?"` // errno of deny, data of trap and trace, or nil
}

// Selector names system calls: by name, by number, or by a set with its "@". One of the three is
// not empty. With To it is all numbers from Number to To. With All it is the call of a name and
// those that are the same with types of another width.
type Selector struct {
	node
	All    bool `parser:"Ident | All (Ident | SetName | Number) | SetName | Number ('..' Number)?"`
	Name   string
	Set    string
	Number string
	To     string
}

// Name is an identifier.
type Name struct {
	node
	Text string `parser:"@Ident"`
}

// ABIName is the name of an ABI; one of Go's names, 386, looks like a number.
type ABIName struct {
	node
	Text string `parser:"@(Ident | Number)"`
}

// SetName is the name of a set with its "@".
type SetName struct {
	node
	Text string `parser:"@SetName"`
}

// String is a quoted string.
type String struct {
	node
	Quoted string `parser:"@String"`
}

// Text returns the string without its quotes; there are no escapes.
func (s *String) Text() string { return s.Quoted[1 : len(s.Quoted)-1] }

func (*Rule) statement()     {}
func (*Fallback) statement() {}
func (*Arch) statement()     {}
func (*AsOf) statement()     {}
func (*Define) statement()   {}
func (*Late) statement()     {}
func (*Set) statement()      {}
func (*Include) statement()  {}
func (*When) statement()     {}
func (*Hot) statement()      {}
func (*Test) statement()     {}
