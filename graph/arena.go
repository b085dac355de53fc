package graph

import (
	"slices"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Buffers start at multiples of a cache line, counted in elements of 4 bytes.
const align = 16

// place gives every arena slot an offset, so that values whose lifetimes do not
// overlap share memory. A value lives from the instruction that writes it to
// the last one that reads it or a view of it; outputs live for ever.
func (p *plan) place(outputs []*gorgonia.Node) {
	ending := make([][]int, len(p.instrs)+1) // the slots whose last use is there
	for id, at := range p.lastUses(outputs) {
		if at >= 0 {
			ending[at] = append(ending[at], id)
		}
	}
	heaps := map[tensor.Dtype]*heap{}
	for at, i := range p.instrs {
		s := &p.slots[i.out]
		if s.kind == arenaSlot {
			if heaps[s.dtype] == nil {
				heaps[s.dtype] = &heap{}
			}
			s.offset = heaps[s.dtype].take(s.shape.TotalSize(), i.out)
			p.arena[s.dtype] = heaps[s.dtype].top
		}
		for _, id := range ending[at] {
			if s := p.slots[id]; s.kind == arenaSlot {
				heaps[s.dtype].free(id)
			}
		}
	}
}

// lastUses returns for every slot the instruction after which its memory is
// free, len(instrs) for outputs, -1 for what no run uses.
func (p *plan) lastUses(outputs []*gorgonia.Node) []int {
	last := slices.Repeat([]int{-1}, len(p.slots))
	for _, n := range outputs {
		last[p.index[n]] = len(p.instrs)
	}
	// Backwards, so that the end of a value is known when its inputs' are asked.
	for at, i := range slices.Backward(p.instrs) {
		last[i.out] = max(last[i.out], at)
		end := at
		if kind := p.slots[i.out].kind; kind == viewSlot || kind == stockSlot {
			end = last[i.out] // the value shares memory with its inputs, or may
		}
		for _, in := range i.in {
			last[in] = max(last[in], end)
		}
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
	h.blocks = slices.Insert(h.blocks, at, block{id, end, size})
	h.top = max(h.top, end+size)
	return end
}

func (h *heap) free(id int) {
	h.blocks = slices.DeleteFunc(h.blocks, func(b block) bool { return b.id == id })
}

// bytes returns the size of all arenas, or of what a plan takes on its device.
func (p *plan) bytes() int {
	if p.device != nil {
		return p.device.bytes
	}
	n := 0
	for dt, elements := range p.arena {
		n += elements * int(dt.Size())
	}
	return n
}

// preparedBytes returns the size of what is made of the weights and kept.
func (p *plan) preparedBytes() int {
	n := 0
	for _, w := range p.wanted {
		n += p.slots[w.slot].bytes()
	}
	return n
}

func (s *slot) bytes() int { return s.shape.TotalSize() * int(s.dtype.Size()) }
