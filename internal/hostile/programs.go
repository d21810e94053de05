package hostile

import (
	"math/rand/v2"

	"github.com/seccompc/seccompc/asm"
)

// ProgramKind is a kind of hostile filter, in little-endian byte order.
type ProgramKind struct {
	Name string
	Make func(seed uint64) asm.Program
}

// Programs are the kinds of hostile filters, each of which the kernel takes.
func Programs() []ProgramKind {
	return []ProgramKind{
		{"a chain of tests of one argument", func(seed uint64) asm.Program {
			return chain(seed,
				1)
		}},
		{"a chain of tests of six arguments",
			func(seed uint64) asm.Program { return chain(seed, 6) }},
		{"tests of an argument under masks", masked},
		{"an action of its own for each value", actions},
		{"no look at arch", numbersAlone},
		{"arguments compared with each other", compared},
	}
}

// code collects instructions, as many as the kernel takes.
type code asm.Program

func (c *code) add(op uint16, k uint32) { *c = append(*c, asm.Instruction{Op: op, K: k}) }

// answer returns an errno where the test holds.
func (c *code) answer(op uint16, k, errno uint32) {
	*c = append(*c, asm.Instruction{Op: op, K: k, Jf: 1})
	c.add(asm.RetK, 0x50000|errno)
}

func (c *code) full() bool { return len(*c) > asm.MaxLen-8 }

// begin looks for one system call of x86_64, and allows the others.
func begin() *code {
	c := &code{}
	c.add(asm.LdAbs, asm.OffArch)
	*c = append(*c, asm.Instruction{Op: asm.JeqK, K: 0xc000003e, Jt: 1})
	c.add(asm.RetK, 0x80000000)
	c.add(asm.LdAbs, asm.OffNr)
	*c = append(*c, asm.Instruction{Op: asm.JeqK, K: 500, Jt: 1})
	c.add(asm.RetK, 0x7fff0000)
	return c
}

func (c *code) end() asm.Program {
	c.add(asm.RetK, 0x7fff0000)
	return asm.Program(*c)
}

func chain(seed uint64, args uint32) asm.Program {
	r, c := random(seed), begin()
	c.add(asm.LdAbs, asm.OffArgs)
	for i := uint32(0); !c.full(); i++ {
		if args > 1 {
			c.add(asm.LdAbs, asm.OffArgs+8*r.Uint32N(args))
		}
		c.answer(asm.JeqK, r.Uint32(), 1+i%3)
	}
	return c.end()
}

func masked(seed uint64) asm.Program {
	r, c := random(seed), begin()
	for i := uint32(0); !c.full(); i++ {
		c.add(asm.LdAbs, asm.OffArgs+8*r.Uint32N(2))
		c.answer(asm.JsetK, 3<<r.IntN(30), 1+i%5)
	}
	return c.end()
}

func actions(seed uint64) asm.Program {
	r, c := random(seed), begin()
	c.add(asm.LdAbs, asm.OffArgs)
	for i := uint32(0); !c.full(); i++ {
		c.answer(asm.JeqK, r.Uint32(), i%4095)
	}
	return c.end()
}

func numbersAlone(seed uint64) asm.Program {
	r, c := rand.New(rand.NewPCG(seed, 2)), &code{}
	c.add(asm.LdAbs, asm.OffNr)
	for i := uint32(0); !c.full(); i++ {
		c.answer(asm.JeqK, r.Uint32N(1<<20), 1+i%100)
	}
	return c.end()
}

func compared(seed uint64) asm.Program {
	c := begin()
	for i := uint32(0); i < 200; i++ {
		c.add(asm.LdAbs, asm.OffArgs+8*(i%6))
		c.add(asm.Tax, 0)
		c.add(asm.LdAbs, asm.OffArgs+8*((i+1)%6))
		c.add(asm.AddK, i+uint32(seed))
		c.answer(asm.JeqX, 0, 1)
	}
	return c.end()
}
