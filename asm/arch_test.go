package asm

import (
	"math/rand/v2"
	"slices"
	"testing"
)

const (
	x86_64  = 0xc000003e
	i386    = 0x40000003
	aarch64 = 0xc00000b7
)

func TestArches(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []uint32
		serves     []uint32 // of x86_64, i386, aarch64
	}{
		{"no look at arch", "ld nr\n jeq #59, 2, 3\n ret errno(1)\n ret allow", nil, nil},
		{"a number that looks like an arch",
			"ld nr\n jeq #0xc000003e, 2, 3\n ret errno(1)\n ret allow", nil, nil},
		{"one ABI", "ld arch\n jeq #0xc000003e, 3, 2\n ret kill_process\n ret allow",
			[]uint32{x86_64}, []uint32{x86_64}},
		{"arch compared after nr was loaded over it",
			"ld arch\n ld nr\n jeq #0xc000003e, 4, 3\n ret kill_process\n ret allow", nil, nil},
		{"two ABIs", `ld arch
			jeq #0xc000003e, x86, 2
			jeq #0x40000003, i386, bad
			x86: ld nr
			jeq #59, ok, bad
			i386: ld nr
			jeq #11, ok, bad
			ok: ret allow
			bad: ret kill_process`, []uint32{i386, x86_64}, []uint32{x86_64, i386}},
		{"arch on one path only", `ld nr
			jeq #59, 2, 3
			ld arch
			jeq #0xc000003e, 4, 5
			ret allow
			ret errno(1)`, nil, nil},
		{"arch on every path through a join", `ld nr
			jeq #59, 2, 4
			ld arch
			ja 5
			ld arch
			jeq #0xc000003e, 7, 6
			ret kill_process
			ret allow`, []uint32{x86_64}, []uint32{x86_64}},
		{"by range", `ld arch
			jge #0xc000003e, 2, 4
			jgt #0xc000003e, 4, 3
			ret allow
			ret kill_process`, nil, []uint32{x86_64}},
		{"by mask", `ld arch
			and #0x7fffffff
			jeq #0x4000003e, 3, 4
			ret allow
			ret kill_process`, nil, []uint32{x86_64}},
		{"from x", `ld arch
			ldx #0xc000003e
			jeq x, 3, 4
			ret allow
			ret kill_process`, []uint32{x86_64}, []uint32{x86_64}},
		{"in x", `ld arch
			tax
			ld #0xc000003e
			jeq x, 4, 5
			ret allow
			ret kill_process`, []uint32{x86_64}, []uint32{x86_64}},
		{"through scratch memory, not followed", `ld arch
			st M[0]
			ld M[0]
			jeq #0xc000003e, 4, 5
			ret allow
			ret kill_process`, nil, nil},
		{"one target", "ld arch\n jeq #0xc000003e, 2, 2\n ret allow", nil, nil},
		{"dead code",
			"ret allow\n ld arch\n jeq #0xc000003e, 4, 3\n ret log\n ret allow", nil, nil},
		{"named, but treated as any other",
			"ld arch\n jeq #0xc000003e, 2, 3\n ret kill_process\n ret kill_process",
			[]uint32{x86_64}, nil},
		{"wrong byte order", "ld arch\n jeq #0x3e0000c0, 3, 2\n ret kill_process\n ret allow",
			[]uint32{0x3e0000c0}, nil},
		{"returned value computed from arch",
			"ld arch\n and #1\n or #0x50000\n ret a", nil, []uint32{i386, aarch64}},
		{"division by the number on the path of one ABI",
			"ld arch\n jeq #0xc000003e, 2, 5\n ld nr\n tax\n div x\n ret allow",
			[]uint32{x86_64}, []uint32{x86_64}},
		{"division by the arch",
			"ld arch\n sub #0xc000003e\n tax\n ld #1\n div x\n ret allow", nil, []uint32{x86_64}},
	} {
		p := mustParse(c.text)
		if err := p.Check(); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if got := p.Arches(); !slices.Equal(got, c.want) {
			t.Errorf("%s: names %#x, want %#x", c.name, got, c.want)
		}
		for _, arch := range []uint32{x86_64, i386, aarch64} {
			if got, want := p.Serves(arch), slices.Contains(c.serves, arch); got != want {
				t.Errorf("%s: serves %#x: %v, want %v", c.name, arch, got, want)
			}
		}
	}
}

// What flow says of A and X at an instruction holds in every execution that comes there.
func TestFlowIsSound(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	known := 0
	for range 20000 {
		p := randomProgram(r, 2+r.IntN(20))
		if p.Check() != nil {
			continue
		}
		d := randomData(r)
		states := p.flow(value{constant, d.Arch})
		words := p.flow(value{kind: archWord})
		agrees := func(v value, reg uint32) bool {
			switch v.kind {
			case constant:
				known++
				return reg == v.v
			case archWord:
				known++
				return reg == d.Arch
			}
			return true
		}
		_, err := p.Trace(d, orders[r.IntN(2)], func(s Step) {
			for _, f := range []state{states[s.PC], words[s.PC]} {
				if !f.reached || !agrees(f.a, s.A) || !agrees(f.x, s.X) {
					t.Fatalf("%+v, flow says %+v, for %+v and\n%s", s, f, d, p)
				}
			}
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if known < 10000 {
		t.Errorf("flow knew a register only %d times", known)
	}
}
