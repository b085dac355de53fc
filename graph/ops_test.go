package graph

import (
	"fmt"
	"testing"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/kernel"
	"github.com/thinnet/thinnet/internal/philox"
	"gorgonia.org/tensor"
)

// times is a test op: y = a·b element by element.
type times struct{}

func (times) String() string { return "Times" }
func (times) InferShape(in ...Shape) (Shape, error) {
	return in[0].Clone(), nil
}
func (op times) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return Run(op, y, in, timesForward[float32], timesForward[float64])
}
func timesForward[T kernel.Float](_ times, y []T, in [][]T) {
	for i := range y {
		y[i] = in[0][i] * in[1][i]
	}
}
func (op times) Backward(in []*Node, y, dy *Node) []*Node {
	s := y.Layer("Times")
	return []*Node{s.Apply(op, in[1], dy), s.Apply(op, in[0], dy)}
}

// noise is a test op: x plus uniform numbers of (key, step, element).
type noise struct{ key philox.Key }

func (op noise) String() string                     { return fmt.Sprintf("Noise{%x}", op.key) }
func (noise) InferShape(in ...Shape) (Shape, error) { return in[0].Clone(), nil }
func (op noise) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	step := uint64(in[1].Ints()[0])
	for i, x := range in[0].Float32s() {
		y.Float32s()[i] = x + float32(philox.Block(philox.At(step, uint64(i)), op.key)[0])/(1<<32)
	}
	return nil
}

func drawn(s *Scope, x *Node) *Node {
	if !s.Mode().Draws() {
		return x
	}
	return s.Apply(noise{philox.KeyOf(s.Seed(), s.Path())}, x, s.Step())
}

// faulty is a test op that panics or fails when it runs.
type faulty struct{ panics bool }

func (op faulty) String() string                     { return fmt.Sprintf("Faulty{%v}", op.panics) }
func (faulty) InferShape(in ...Shape) (Shape, error) { return in[0].Clone(), nil }
func (op faulty) Forward(*tensor.Dense, ...*tensor.Dense) error {
	if op.panics {
		var none []int
		none[0] = 1
	}
	return errors.New("out of luck")
}

// bump is a test op: x + 1, for floats and counters.
type bump struct{}

func (bump) String() string                        { return "Bump" }
func (bump) InferShape(in ...Shape) (Shape, error) { return in[0].Clone(), nil }
func (bump) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	if y.Dtype() == tensor.Int64 {
		y.Int64s()[0] = in[0].Int64s()[0] + 1
		return nil
	}
	for i, x := range in[0].Float32s() {
		y.Float32s()[i] = x + 1
	}
	return nil
}

// flat is a test op: x as one row.
type flat struct{}

func (flat) String() string                        { return "Flat" }
func (flat) InferShape(in ...Shape) (Shape, error) { return Shape{1, in[0].TotalSize()}, nil }
func (flat) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return tensor.Copy(y, in[0])
}
func (flat) View() {}

func squareLoss(y, _ *Node) *Node {
	s := y.Layer("SquareLoss")
	return s.Apply(total{}, s.Apply(times{}, y, y))
}

func vec(v ...float32) *tensor.Dense {
	return tensor.New(tensor.WithShape(1, len(v)), tensor.WithBacking(v))
}

func build(t testing.TB, f Func, shape Shape, opts ...Option) *Model {
	t.Helper()
	m, err := Build(f, shape, opts...)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	return m
}

func mustPredict(t testing.TB, m *Model, x *tensor.Dense) []float32 {
	t.Helper()
	y, err := m.Predict(x)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	return y.Float32s()
}
