package graph

import (
	"fmt"
	"math"
	"testing"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// at is y[i] = x[0, index[i]].
type at struct{}

func (at) String() string { return "At" }

func (at) InferShape(in ...Shape) (Shape, error) { return in[1].Clone(), nil }

func (at) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	for i, k := range in[1].Ints() {
		if k >= in[0].Shape()[1] {
			return errors.Errorf("index %d is %d, want less than %d", i, k, in[0].Shape()[1])
		}
		y.Float32s()[i] = in[0].Float32s()[k]
	}
	return nil
}

// Gorgonia prints a long tensor without its middle, and would take these for
// one constant.
func TestIntsKeepsConstantsApart(t *testing.T) {
	a, b := make([]int, 100), make([]int, 100)
	a[50], b[50] = 1, 2
	m, err := Build(func(s *Scope, x *Node) *Node {
		s = s.Layer("At")
		return s.Apply(times{}, s.Apply(at{}, x, s.Ints(Shape{100}, a)), s.Apply(at{}, x, s.Ints(Shape{100}, b)))
	}, Shape{1, 3})
	if err != nil {
		t.Fatal(err)
	}
	a[50] = 0 // the constant is a copy
	y, err := m.Predict(vec(1, 10, 100))
	if err != nil {
		t.Fatal(err)
	}
	if got := y.Float32s(); got[49] != 1 || got[50] != 1000 {
		t.Errorf("got %v and %v at 49 and 50, want 1 and 1000", got[49], got[50])
	}
}

func TestIntsChecksItsArguments(t *testing.T) {
	for _, c := range []struct {
		shape  Shape
		values []int
		want   string
	}{
		{Shape{2}, []int{1}, "got 1 values for a constant of shape (2), want 2"},
		{Shape{2, 0}, nil, "a constant has shape (2, 0); axis 1 must be positive"},
	} {
		_, err := Build(func(s *Scope, x *Node) *Node { return s.Ints(c.shape, c.values) }, Shape{1, 3})
		if want := "graph.Build: " + c.want; fmt.Sprint(err) != want {
			t.Errorf("Ints(%v, %v): got %v, want %s", c.shape, c.values, err, want)
		}
	}
}

func TestFloats(t *testing.T) {
	values := []float64{0.5, math.Inf(-1), math.Inf(1)}
	for _, opts := range [][]Option{nil, {Float64()}} {
		m, err := Build(func(s *Scope, x *Node) *Node {
			return s.Layer("Times").Apply(times{}, x, s.In("mask").Floats(Shape{1, 3}, values))
		}, Shape{1, 3}, opts...)
		if err != nil {
			t.Fatal(err)
		}
		y, err := m.Predict(vec(2, 2, 2))
		if err != nil {
			t.Fatal(err)
		}
		if y, err = convert(y, tensor.Float64); err != nil {
			t.Fatal(err)
		}
		if got := y.Float64s(); got[0] != 1 || !math.IsInf(got[1], -1) || !math.IsInf(got[2], 1) {
			t.Errorf("got %v, want [1 -Inf +Inf]", got)
		}
		if w := m.Weights(); len(w) > 0 {
			t.Errorf("the constant is saved: %v", w)
		}
	}
	for _, c := range []struct {
		shape  Shape
		values []float64
		want   string
	}{
		{Shape{2}, []float64{1}, "got 1 values for a constant of shape (2), want 2"},
		{Shape{0}, nil, "a constant has shape (0); axis 0 must be positive"},
		{Shape{2}, []float64{0, math.NaN()}, "element 1 of a constant is NaN"},
		{Shape{1}, []float64{1e300}, "element 0 of a constant is 1e+300, too large for float32"},
	} {
		_, err := Build(func(s *Scope, x *Node) *Node { return s.Floats(c.shape, c.values) }, Shape{1, 3})
		wantError(t, err, "graph.Build: "+c.want)
	}
}
