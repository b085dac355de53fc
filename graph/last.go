package graph

import (
	"slices"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/kernel"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// chooseLayouts gives values of shape (N, C, ...) the order of memory that suits
// the ops around them: channels innermost from the first op that wants it on, to
// the first that cannot take it. Only at these borders is anything rearranged.
func (p *plan) chooseLayouts(outputs []*gorgonia.Node) error {
	c := converter{p: p, other: map[int]int{}}
	for _, i := range p.instrs {
		to, err := p.lastLayout(&i)
		if err != nil {
			return err
		}
		if to.Op != nil {
			i.own = to.Op
			p.slots[i.out].last = to.Out && !indifferent(p.slots[i.out].shape)
		}
		i.in = slices.Clone(i.in)
		for k, in := range i.in {
			i.in[k] = c.in(in, to.Op != nil && to.In[k])
		}
		c.instrs = append(c.instrs, i)
	}
	for _, n := range outputs {
		p.index[n] = c.in(p.index[n], false)
	}
	p.instrs = c.instrs
	return nil
}

// lastLayout returns how to compute i on channels-last memory, without an op if it
// should not be.
func (p *plan) lastLayout(i *instr) (to LastLayout, err error) {
	op, ok := i.own.(ChannelsLast)
	if !ok {
		return to, nil
	}
	for _, s := range append([]int{i.out}, i.in...) {
		if dt := p.slots[s].dtype; dt == tensor.Float64 {
			return to, nil
		}
	}
	if err := i.ask("ChannelsLast", func() { to = op.ChannelsLast(p.shapes(i)...) }); err != nil || to.Op == nil {
		return LastLayout{}, err
	}
	if len(to.In) != len(i.in) {
		return to, i.at(errors.Errorf("ChannelsLast says how to take %d inputs, want %d", len(to.In), len(i.in)))
	}
	if !to.Follow {
		return to, nil
	}
	for k, in := range i.in {
		if to.In[k] && p.slots[in].last {
			return to, nil
		}
	}
	return LastLayout{}, nil
}

// indifferent says whether both orders are the same for a shape.
func indifferent(s Shape) bool {
	return len(s) < 3 || s[1] == 1 || Shape(s[2:]).TotalSize() == 1
}

// A converter adds what rearranges values, once for each.
type converter struct {
	p      *plan
	instrs []instr
	other  map[int]int // slot to the one that holds it in the other order
}

// in returns the slot that holds a value in the order asked for.
func (c *converter) in(id int, last bool) int {
	s := c.p.slots[id]
	if s.last == last || indifferent(s.shape) {
		return id
	}
	if other, done := c.other[id]; done {
		return other
	}
	i := instr{own: toFirst{}, kind: "ToFirst", in: []int{id}}
	if last {
		i.own, i.kind = toLast{}, "ToLast"
	}
	i.out = c.p.newSlot(slot{shape: s.shape, dtype: s.dtype, kind: arenaSlot, last: last})
	c.instrs = append(c.instrs, i)
	c.other[id], c.other[i.out] = i.out, id
	return i.out
}

// toLast rearranges (N, C, ...) in memory to (N, ..., C).
type toLast struct{}

func (toLast) String() string { return "ToLast" }

func (toLast) InferShape(in ...Shape) (Shape, error) { return in[0].Clone(), nil }

func (toLast) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	s := in[0].Shape()
	kernel.ToLast(y.Float32s(), in[0].Float32s(), s[0], s[1], spatialSize(s))
	return nil
}

// toFirst is the inverse of toLast.
type toFirst struct{}

func (toFirst) String() string { return "ToFirst" }

func (toFirst) InferShape(in ...Shape) (Shape, error) { return in[0].Clone(), nil }

func (toFirst) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	s := in[0].Shape()
	kernel.ToFirst(y.Float32s(), in[0].Float32s(), s[0], s[1], spatialSize(s))
	return nil
}

func spatialSize(s Shape) int {
	n := 1
	for _, d := range s[2:] {
		n *= d
	}
	return n
}
