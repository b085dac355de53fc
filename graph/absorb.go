package graph

import "slices"

// absorb lets ops take over the work of those that their inputs come from, until
// none can any more. The values to keep are read from outside.
func (p *plan) absorb(keep map[int]bool) error {
	for again := true; again; {
		again = false
		for k := 0; k < len(p.instrs); k++ {
			done, err := p.handOver(k, keep)
			if err != nil {
				return err
			}
			if done {
				p.slots[p.instrs[k].out].kind = absorbedSlot
				p.instrs = slices.Delete(p.instrs, k, k+1)
				again = true
				k--
			}
		}
	}
	return nil
}

// handOver gives the work of instruction k to the readers of its output, provided
// that every one of them takes it. Two readers then do it twice, so work that is
// more than to go through memory stays where it is.
func (p *plan) handOver(k int, keep map[int]bool) (done bool, err error) {
	by := &p.instrs[k]
	if by.own == nil || keep[by.out] || p.slots[by.out].kind != arenaSlot {
		return false, nil
	}
	readers := p.readers(by.out)
	if _, costly := by.own.(Counter); costly && len(readers) > 1 {
		return false, nil
	}
	ops := make([]Op, len(readers))
	for r, i := range readers {
		if ops[r], err = absorbed(&p.instrs[i], by); ops[r] == nil || err != nil {
			return false, err
		}
	}
	for r, i := range readers {
		to := &p.instrs[i]
		at := slices.Index(to.in, by.out)
		to.own = ops[r]
		to.in = slices.Concat(to.in[:at], by.in, to.in[at+1:])
		if at == 0 && by.path != "" { // a layer and what follows: it is the layer that users look for
			to.path, to.kind = by.path, by.kind
		}
	}
	return true, nil
}

// absorbed returns the op that does the work of both, nil if there is none.
func absorbed(to, by *instr) (op Op, err error) {
	a, ok := to.own.(Absorber)
	if !ok {
		return nil, nil
	}
	at := slices.Index(to.in, by.out)
	if slices.Contains(to.in[at+1:], by.out) {
		return nil, nil // it reads the value twice
	}
	err = to.ask("Absorb", func() { op, ok = a.Absorb(at, by.own) })
	if !ok {
		return nil, err
	}
	return op, err
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
