package graph

import "slices"

// absorb lets ops take over the work of those that their inputs come from, until
// none can any more. The values to keep are read from outside.
func (p *plan) absorb(keep map[int]bool) {
	for again := true; again; {
		again = false
		for k := 0; k < len(p.instrs); k++ {
			if p.handOver(k, keep) {
				p.instrs = slices.Delete(p.instrs, k, k+1)
				again = true
				k--
			}
		}
	}
}

// handOver gives the work of instruction k to the readers of its output, provided
// that every one of them takes it. Two readers then do it twice, which they accept
// only where that saves more than it costs.
func (p *plan) handOver(k int, keep map[int]bool) bool {
	by := &p.instrs[k]
	if by.own == nil || keep[by.out] || p.slots[by.out].kind != arenaSlot {
		return false
	}
	readers := p.readers(by.out)
	ops := make([]Op, len(readers))
	for r, i := range readers {
		if ops[r] = absorbed(&p.instrs[i], by); ops[r] == nil {
			return false
		}
	}
	for r, i := range readers {
		to := &p.instrs[i]
		at := slices.Index(to.in, by.out)
		to.own = ops[r]
		to.in = slices.Concat(to.in[:at], by.in, to.in[at+1:])
	}
	return true
}

// absorbed returns the op that does the work of both, nil if there is none.
func absorbed(to, by *instr) Op {
	a, ok := to.own.(Absorber)
	if !ok {
		return nil
	}
	at := slices.Index(to.in, by.out)
	if slices.Contains(to.in[at+1:], by.out) {
		return nil // it reads the value twice
	}
	op, ok := a.Absorb(at, by.own)
	if !ok {
		return nil
	}
	return op
}

// readers returns the instructions that read a slot.
func (p *plan) readers(id int) (at []int) {
	for k := range p.instrs {
		if slices.Contains(p.instrs[k].in, id) {
			at = append(at, k)
		}
	}
	return at
}
