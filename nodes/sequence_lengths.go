package nodes

import (
	"fmt"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
	"gorgonia.org/tensor"
)

// SequenceLengths returns the length of each sample of x (N, T, ...), (N): the number
// of steps up to the last one that is not pad throughout. pad may be NaN. x and the
// lengths are of the model's element type, and the lengths have no gradient. It is
// meant for [Lengths] and [KeyLengths]; PyTorch has no equivalent, its callers know the
// lengths.
//
// A step that is pad by right is taken for padding if nothing else follows: where 0 is
// a value like others, pad with NaN. Take the lengths of the data itself, before any
// dropout: a mask that makes the last steps 0 would shorten the sample. A model has one
// input, so lengths that are known cannot be given beside x.
func SequenceLengths(x *graph.Node, pad float64) *graph.Node {
	s := x.Layer("SequenceLengths")
	if s.Err() == nil && x.Dims() < 2 {
		return s.Errorf("x has shape %v, want (N, T, ...)", x.Shape())
	}
	wantModelType(s, "x", x)
	return s.Apply(sequenceLengths{pad}, x)
}

type sequenceLengths struct{ pad float64 }

func (op sequenceLengths) String() string { return fmt.Sprintf("SequenceLengths{%v}", op.pad) }

func (sequenceLengths) InferShape(in ...graph.Shape) (graph.Shape, error) {
	return graph.Shape{in[0][0]}, nil
}

func (op sequenceLengths) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	p := padded{op.pad, in[0].Shape()[1]}
	return graph.Run(p, y, in, sequenceLengthsForward[float32], sequenceLengthsForward[float64])
}

type padded struct {
	pad   float64
	steps int
}

func sequenceLengthsForward[T kernel.Float](p padded, y []T, in [][]T) {
	size := len(in[0]) / len(y)
	width := size / p.steps
	for n := range y {
		x := in[0][n*size:][:size]
		for len(x) > 0 {
			v := x[len(x)-1]
			if v != T(p.pad) && (v == v || p.pad == p.pad) {
				break
			}
			x = x[:len(x)-1]
		}
		y[n] = T((len(x) + width - 1) / width)
	}
}
