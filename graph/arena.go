package graph

import (
	"sort"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Buffers start at multiples of a cache line, counted in elements of 4 bytes.
const align = 16

// place gives every arena slot an offset, so that values whose lifetimes do not
// overlap share memory. A value lives from the instruction that writes it to
// the last one that reads it or a view of it; outputs live for ever.
func (p *plan) place(outputs []*gorgonia.Node) {
	last := p.lastUses(outputs)
	heaps := map[tensor.Dtype]*heap{}
	for at, i := range p.instrs {
		s := &p.slots[i.out]
		if s.kind == arenaSlot {
			dt := s.node.Dtype()
			if heaps[dt] == nil {
				heaps[dt] = &heap{}
			}
			s.offset = heaps[dt].take(s.node.Shape().TotalSize(), i.out)
			p.arena[dt] = heaps[dt].top
		}
		for id, end := range last {
			if end == at && p.slots[id].kind == arenaSlot {
				heaps[p.slots[id].node.Dtype()].free(id)
			}
		}
	}
}

// lastUses returns for every root slot the instruction after which its memory
// is free, len(instrs) for outputs.
func (p *plan) lastUses(outputs []*gorgonia.Node) map[int]int {
	// A stock op may return a value that shares memory with any input.
	shares := make(map[int][]int)
	roots := func(id int) []int { return append(shares[id], p.slots[id].root) }
	last := map[int]int{}
	use := func(id, at int) {
		for _, r := range roots(id) {
			last[r] = max(last[r], at)
		}
	}
	for at, i := range p.instrs {
		last[i.out] = max(last[i.out], at)
		for _, in := range i.in {
			use(in, at)
			switch p.slots[i.out].kind {
			case stockSlot:
				shares[i.out] = append(shares[i.out], roots(in)...)
			case viewSlot:
				shares[i.out] = append(shares[i.out], shares[in]...)
			}
		}
	}
	for _, n := range outputs {
		use(p.index[n], len(p.instrs))
	}
	return last
}

// heap is first fit over a growing range.
type heap struct {
	blocks []block // in use, by offset
	top    int
}

type block struct{ id, offset, size int }

func (h *heap) take(size, id int) int {
	size = (max(size, 1) + align - 1) / align * align
	at, end := 0, 0
	for at < len(h.blocks) && h.blocks[at].offset-end < size {
		end = h.blocks[at].offset + h.blocks[at].size
		at++
	}
	h.blocks = append(h.blocks, block{id, end, size})
	sort.Slice(h.blocks, func(i, j int) bool { return h.blocks[i].offset < h.blocks[j].offset })
	h.top = max(h.top, end+size)
	return end
}

func (h *heap) free(id int) {
	for i, b := range h.blocks {
		if b.id == id {
			h.blocks = append(h.blocks[:i], h.blocks[i+1:]...)
			return
		}
	}
}

// bytes returns the size of all arenas.
func (p *plan) bytes() int {
	n := 0
	for dt, elements := range p.arena {
		n += elements * int(dt.Size())
	}
	return n
}
