package asm

// Next returns the places of the instructions that may follow the one at pc: that where its comparison holds
// and that where it does not, twice the same where it compares nothing, and twice pc for a return. The
// program is one that [Program.Check] takes.
func (p Program) Next(pc int) (holds, fails int) {
	switch in := p[pc]; in.Op {
	case RetK, RetA:
		return pc, pc
	case Ja:
		return pc + 1 + int(in.K), pc + 1 + int(in.K)
	case JeqK, JgtK, JgeK, JsetK, JeqX, JgtX, JgeX, JsetX:
		return pc + 1 + int(in.Jt), pc + 1 + int(in.Jf)
	}
	return pc + 1, pc + 1
}
