package graph

import (
	"reflect"
	"strings"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/kernel"
	"gorgonia.org/tensor"
)

// sum adds tensors of one shape, in order. Gorgonia adds up the gradients of a
// node that is used more than once by an operation of its own, which makes a new
// tensor each time; a program runs this in its place.
type sum struct{}

func (sum) String() string { return "Sum" }

func (sum) InferShape(in ...Shape) (Shape, error) {
	for k, s := range in[1:] {
		if !sameShape(s, in[0]) {
			return nil, errors.Errorf("term %d has shape %v, want %v as the first", k+1, s, in[0])
		}
	}
	return in[0].Clone(), nil
}

func (op sum) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return Run(op, y, in, sumForward[float32], sumForward[float64])
}

func sumForward[T Float](_ sum, y []T, in [][]T) { kernel.AddAll(y, in...) }

// Absorb implements [Absorber]: the terms of a sum that comes first. Of one that
// comes later the bits would change with the order.
func (op sum) Absorb(i int, by Op) (Op, bool) {
	_, ok := by.(sum)
	return op, ok && i == 0
}

// ChannelsLast implements [ChannelsLast].
func (op sum) ChannelsLast(in ...Shape) LastLayout {
	l := LastLayout{Op: op, In: make([]bool, len(in)), Out: true, Follow: true}
	for k := range l.In {
		l.In[k] = true
	}
	return l
}

// adoptSums puts sum in the place of Gorgonia's addition.
func (p *plan) adoptSums() {
	for k := range p.instrs {
		i := &p.instrs[k]
		if i.stock == nil || !isAddition(i.stock) || !p.ownTerms(i) {
			continue
		}
		i.own, i.stock, i.turn, i.kind = sum{}, nil, nil, "Sum"
		p.slots[i.out].kind = arenaSlot
	}
}

// isAddition recognises the operation by its name, for its type is not exported.
func isAddition(op any) bool {
	s, named := op.(interface{ String() string })
	return named && reflect.TypeOf(op).String() == "gorgonia.elemBinOp" && strings.HasPrefix(s.String(), "+ ")
}

// ownTerms says whether all inputs of i have the shape and type of its output for
// sure: a stock operation may return a value of another shape than it infers. A
// view, even of such a value, has the shape that it says.
func (p *plan) ownTerms(i *instr) bool {
	out := p.slots[i.out]
	if out.dtype != tensor.Float32 && out.dtype != tensor.Float64 {
		return false
	}
	for _, in := range i.in {
		s := p.slots[in]
		if s.kind == stockSlot || s.dtype != out.dtype || !sameShape(s.shape, out.shape) {
			return false
		}
	}
	return true
}
