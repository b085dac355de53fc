package nodes

import (
	"fmt"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
	"gorgonia.org/tensor"
)

// SequenceLengths returns the length of each sample of x (N, T, ...), as numbers of
// the model's element type, (N): the number of steps up to the last one that is not
// pad throughout. pad may be NaN. It has no gradient, and is meant for [Lengths]
// and [KeyLengths].
func SequenceLengths(x *graph.Node, pad float64) *graph.Node {
	s := x.Layer("SequenceLengths")
	if s.Err() == nil && x.Dims() < 2 {
		return s.Errorf("x has shape %v, want (N, T, ...)", x.Shape())
	}
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

// checkedLengths is the second input, lengths (N) of any type, in that of the first
// one, a sequence (N, T, F).
type checkedLengths struct{}

func (checkedLengths) String() string { return "Lengths" }

func (checkedLengths) InferShape(in ...graph.Shape) (graph.Shape, error) {
	return in[1].Clone(), nil
}

func (op checkedLengths) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	steps := in[0].Shape()[1]
	for n := range y.Shape()[0] {
		v, ok := number(in[1], n)
		if !ok {
			return errors.Errorf("Lengths has element type %v, want whole numbers of type float32, float64, int, int32 or int64", in[1].Dtype())
		}
		if !(v >= 0 && v <= float64(steps)) || v != float64(int(v)) {
			return errors.Errorf("the length of sample %d is %v, want a whole number from 0 to %d, the steps of x", n, v, steps)
		}
		switch y.Dtype() {
		case tensor.Float32:
			y.Float32s()[n] = float32(v)
		case tensor.Float64:
			y.Float64s()[n] = v
		}
	}
	return nil
}

// number returns element i of d, false if d has a type that holds no such number.
func number(d *tensor.Dense, i int) (float64, bool) {
	switch d.Dtype() {
	case tensor.Float32:
		return float64(d.Float32s()[i]), true
	case tensor.Float64:
		return d.Float64s()[i], true
	case tensor.Int:
		return float64(d.Ints()[i]), true
	case tensor.Int32:
		return float64(d.Int32s()[i]), true
	case tensor.Int64:
		return float64(d.Int64s()[i]), true
	}
	return 0, false
}
