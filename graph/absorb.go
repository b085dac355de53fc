package graph

import "slices"

// absorb lets ops take over the work of those that their inputs come from. An op
// goes if every reader of its output takes it over; two readers then do its work
// twice, which they accept only where it saves more than it costs. The values to
// keep are read from outside.
func (p *plan) absorb(keep map[int]bool) {
	for k := 0; k < len(p.instrs); k++ {
		by := &p.instrs[k]
		if by.own == nil || keep[by.out] || p.slots[by.out].kind != arenaSlot {
			continue
		}
		readers := p.readers(by.out)
		ops := make([]Op, len(readers))
		for r, i := range readers {
			if ops[r] = absorbed(&p.instrs[i], by); ops[r] == nil {
				readers = nil
				break
			}
		}
		for r, i := range readers {
			to := &p.instrs[i]
			at := slices.Index(to.in, by.out)
			to.own = ops[r]
			to.in = slices.Concat(to.in[:at], by.in, to.in[at+1:])
		}
		if len(readers) > 0 {
			p.instrs = slices.Delete(p.instrs, k, k+1)
			k--
		}
	}
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
