package asm

// Next returns where the instruction at pc leads: where its comparison holds and where it does not,
// twice the same where it compares nothing, and twice pc where it returns. What leads out of the
// program is at len(p), so that this may be asked of programs that [Program.Check] refuses.
func (p Program) Next(pc int) (holds, fails int) {
	to := func(skip uint32) int {
		return int(min(uint64(pc)+1+uint64(skip), uint64(len(p))))
	}
	switch in := p[pc]; in.Op {
	case RetK, RetA:
		return pc, pc
	case Ja:
		return to(in.K), to(in.K)
	case JeqK, JgtK, JgeK, JsetK, JeqX, JgtX, JgeX, JsetX, Waiting:
		return to(uint32(in.Jt)), to(uint32(in.Jf))
	}
	return to(0), to(0)
}
