// Package hostile makes inputs that are meant to cost whoever reads them as much as can be: each
// kind is a text of a few kilobytes that a policy's author would never write, and that somebody who
// may hand in policies or filters would.
package hostile

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/seccompc/seccompc/linux"
)

// Kind is a kind of hostile input. Make returns one of about the given size, which each kind counts
// in its own way, and of a seed.
type Kind struct {
	Name string
	Size int // the one that the tests begin with
	Make func(size int, seed uint64) string
}

// Policies are the kinds of hostile policies.
func Policies() []Kind {
	return []Kind{
		{"masks and disjunctions over one word", 40, masks(1)},
		{"masks and disjunctions over two words", 30, masks(2)},
		{"masks and disjunctions over six words", 24, masks(6)},
		{"masked ranges of 64 bits", 24, maskedRanges},
		{"equalities of argument pairs", 60, pairs},
		{"conjunctions that interleave", 24, interleaved},
		{"many rules of one number", 3000, rules},
		{"many numbers, each with conditions", 300, numbers},
		{"every number of a large range", 30000, listed},
		{"deep nesting", 60, nested},
		{"a chain of negations", 4000, negations},
		{"wide sets", 20000, wideSet},
		{"wide sets under masks", 4000, wideMasks},
		{"constants of constants", 900, constants},
		{"a long sum", 20000, sum},
		{"shifts of shifts", 2000, shifts},
		{"many ABIs", 300, abis},
		{"sets of sets", 400, sets},
		{"many test blocks", 1500, claims},
		{"many unknown names", 3000, unknown},
		{"a long line", 100000, line},
		{"a long condition of many calls", 1100, everywhere("==", " || ")},
		{"a long condition of many calls, negated", 1100, everywhere("!=", " && ")},
		{"a long condition of many calls, half of it negated", 1100,
			everywhere("!=", " && ", ") || (")},
		{"a long condition of many calls, of pairs", 1100, everywhere("==", " && ", " || ")},
		{"brackets in brackets, often", 370, bracketed},
	}
}

const head = "arch x86_64\ndefault allow\n"

func random(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 1)) }

func masks(words int) func(int, uint64) string {
	return func(size int, seed uint64) string {
		r := random(seed)
		var b strings.Builder
		b.WriteString(head)
		for range 3 {
			b.WriteString("deny 500 if ")
			for i := range size {
				if i > 0 {
					b.WriteString([]string{" || ", " && "}[min(1, r.IntN(4))*r.IntN(2)])
				}
				fmt.Fprintf(&b, "arg%d & %#x %s %#x", r.IntN(words), r.Uint64(),
					[]string{"==", "!="}[r.IntN(12)/11], r.Uint64()&r.Uint64()&r.Uint64())
			}
			b.WriteString("\n")
		}
		return lie(b.String())
	}
}

// lie makes the values of "& MASK == VALUE" lie in their masks.
func lie(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		words := strings.Split(line, " ")
		for j := 2; j+2 < len(words); j++ {
			if words[j-1] != "&" || words[j+1] != "==" && words[j+1] != "!=" {
				continue
			}
			var m, v uint64
			fmt.Sscanf(words[j], "0x%x", &m)
			fmt.Sscanf(words[j+2], "0x%x", &v)
			words[j+2] = fmt.Sprintf("%#x", v&m)
		}
		lines[i] = strings.Join(words, " ")
	}
	return strings.Join(lines, "\n")
}

func maskedRanges(size int, seed uint64) string {
	r := random(seed)
	var b strings.Builder
	b.WriteString(head)
	for i := range size {
		m := r.Uint64()
		lo := r.Uint64() & m & r.Uint64()
		fmt.Fprintf(&b, "deny(%d) 500 if arg%d & %#x in {%#x..%#x}\n", 1+i%7, r.IntN(3), m, lo,
			lo|m&0xffff_ffff)
	}
	return b.String()
}

func pairs(size int, seed uint64) string {
	r := random(seed)
	var b strings.Builder
	b.WriteString(head)
	for i := range size {
		fmt.Fprintf(&b, "deny(%d) 500 if arg0 == %d && arg%d & %#x == 0\n", 1+i%3, r.IntN(1000),
			1+r.IntN(5), 1<<r.IntN(40))
	}
	return b.String()
}

// interleaved is the classic: (a0 & b0) || (a1 & b1) ... needs exponentially many nodes in the
// order a0 a1 … b0 b1 ….
func interleaved(size int, seed uint64) string {
	var parts []string
	for i := range size {
		parts = append(parts, fmt.Sprintf("(arg0 & %#x && arg1 & %#x)", 1<<i, 1<<i))
	}
	return head + "deny 500 if " + strings.Join(parts, " || ") + "\n"
}

func rules(size int, seed uint64) string {
	r := random(seed)
	var b strings.Builder
	b.WriteString(head)
	for i := range size {
		fmt.Fprintf(&b, "deny(%d) 500 if arg%d == %#x\n", 1+i%40, r.IntN(6), r.Uint64())
	}
	return b.String()
}

func numbers(size int, seed uint64) string {
	r := random(seed)
	var b strings.Builder
	b.WriteString(head)
	for i := range size {
		fmt.Fprintf(&b, "deny %d if arg0 & %#x in {%d, %d} || arg1 in {%d..%d}\n", 500+i,
			r.IntN(1<<16)|7,
			r.IntN(4), 4+r.IntN(4), i, i+r.IntN(1000))
	}
	return b.String()
}

func listed(size int, seed uint64) string {
	var b strings.Builder
	b.WriteString(head)
	for i := range size {
		fmt.Fprintf(&b, "deny(%d) %d\n", 1+(i*i+i/3)%97, 1000+2*i)
	}
	return b.String()
}

func nested(size int, seed uint64) string {
	return head + "deny 500 if " + strings.Repeat("(arg0 == 1 || (", size/2) + "arg1 == 2" +
		strings.Repeat("))", size/2) + "\n"
}

func negations(size int, seed uint64) string {
	return head + "deny 500 if " + strings.Repeat("!", size) + "(arg0 == 1)\n"
}

func wideSet(size int, seed uint64) string {
	r := random(seed)
	var values []string
	for range size {
		values = append(values, fmt.Sprint(r.Uint64()))
	}
	return head + "deny 500 if arg0 in {" + strings.Join(values, ", ") + "}\n"
}

func wideMasks(size int, seed uint64) string {
	r := random(seed)
	var values []string
	for range size {
		values = append(values, fmt.Sprint(r.Uint64()&0xffff0ffff0ff0f0f))
	}
	return head + "deny 500 if arg0 & 0xffff0ffff0ff0f0f in {" + strings.Join(values, ", ") + "}\n"
}

func constants(size int, seed uint64) string {
	var b strings.Builder
	b.WriteString("arch x86_64\ndefault allow\nconst c0 = 1\n")
	for i := range size {
		fmt.Fprintf(&b, "const c%d = c%d | c%d\n", i+1, i, i)
	}
	fmt.Fprintf(&b, "deny 500 if arg0 == c%d\n", size)
	return b.String()
}

func sum(size int, seed uint64) string {
	return head + "deny 500 if arg0 == " + strings.Repeat("1|", size) + "1\n"
}

func shifts(size int, seed uint64) string {
	return head + "deny 500 if arg0 == 1" + strings.Repeat(" << 1 >> 1", size) + "\n"
}

func abis(size int, seed uint64) string {
	r := random(seed)
	var b strings.Builder
	b.WriteString("arch x86_64, i386, x32, aarch64, arm, riscv64, loongarch64, ppc64le, mipsel, " +
		"mips64el\ndefault allow\n")
	for i := range size {
		fmt.Fprintf(&b, "deny(%d) @known if arg%d & %#x\n", 1+i%9, r.IntN(6), 1<<r.IntN(31))
	}
	return b.String()
}

func sets(size int, seed uint64) string {
	var b strings.Builder
	b.WriteString(head + "set @s0 = @known\n")
	for i := range size {
		fmt.Fprintf(&b, "set @s%d = @s%d, @s%d, @known\n", i+1, i, i/2)
	}
	fmt.Fprintf(&b, "deny @s%d\n", size)
	return b.String()
}

func claims(size int, seed uint64) string {
	r := random(seed)
	var b strings.Builder
	b.WriteString(head + "deny openat if flags & O_CREAT\ntest \"t\" {\n")
	for range size {
		fmt.Fprintf(&b, "    openat if flags & %#x && mode == %d => allow\n", r.IntN(1<<20)|1,
			r.IntN(512))
	}
	b.WriteString("}\n")
	return b.String()
}

func unknown(size int, seed uint64) string {
	var b strings.Builder
	b.WriteString(head)
	for i := range size {
		fmt.Fprintf(&b, "deny opennat%d if flagz%d & O_CREATT%d\n", i, i, i)
	}
	return b.String()
}

func line(size int, seed uint64) string {
	return head + "deny 500 if arg0 == 1" + strings.Repeat(" || arg0 == 1", size/13) + "\n"
}

// everywhere is one condition for each call of an ABI that has its own prototype, its tests joined
// in turn by some operators.
func everywhere(op string, joins ...string) func(int, uint64) string {
	return func(size int, seed uint64) string {
		r := random(seed)
		var cond strings.Builder
		for i := range size {
			if i > 0 {
				cond.WriteString(joins[i%len(joins)])
			}
			fmt.Fprintf(&cond, "arg%d %s %d", r.IntN(2), op, r.IntN(1<<15))
		}
		return "arch i386, aarch64\ndefault allow\ndeny " + strings.Join(calls(), ", ") + " if (" +
			cond.String() + ")\n"
	}
}

// calls are those of which every ABI has the first two arguments.
func calls() (list []string) {
	for _, name := range linux.SyscallNames() {
		known := true
		for _, abi := range []string{"i386", "aarch64"} {
			a, _ := linux.Lookup(abi)
			args, ok := a.Prototype(name)
			_, numbered := a.Number(name)
			known = known && ok && numbered && len(args) > 1 && args[0].Width >= 16 &&
				args[1].Width >= 16
		}
		if known {
			list = append(list, name)
		}
	}
	return list
}

func bracketed(size int, seed uint64) string {
	var parts []string
	for i := range size {
		parts = append(parts, strings.Repeat("(", 60)+fmt.Sprintf("arg0 == %d",
			i)+strings.Repeat(")", 60))
	}
	return head + "deny 500 if " + strings.Join(parts, " || ") + "\n"
}

// Tree is a kind of hostile policy of several files, of which main.scp is the first.
type Tree struct {
	Name string
	Size int
	Make func(size int) map[string]string
}

// Trees are the kinds of hostile policies of several files.
func Trees() []Tree {
	return []Tree{
		{"a chain of includes", 19, includes(1, "deny read\n")},
		{"a chain of includes, too long", 98, includes(1, "deny read\n")},
		{"each file included twice by the one before", 15, includes(2, "deny read\n")},
		{"each file included often, with little in it", 19, includes(40, "")},
		{"many long files", 98, many},
	}
}

// includes makes a chain of files, each of which includes the next one some times.
func includes(times int, last string) func(int) map[string]string {
	return func(size int) map[string]string {
		name := func(i int) string { return fmt.Sprintf("f%d.scp", i) }
		line := func(i int) string {
			return strings.Repeat(fmt.Sprintf("include %q\n", name(i)),
				times)
		}
		files := map[string]string{"main.scp": head + line(0), name(size): last}
		for i := range size {
			files[name(i)] = line(i + 1)
		}
		return files
	}
}

// many makes files of comments, as long as a file may be.
func many(size int) map[string]string {
	files := map[string]string{"main.scp": head}
	for i := range size {
		name := fmt.Sprintf("f%d.scp", i)
		files["main.scp"] += fmt.Sprintf("include %q\n", name)
		files[name] = strings.Repeat("# a comment\n", 40_000) + "deny read\n"
	}
	return files
}
