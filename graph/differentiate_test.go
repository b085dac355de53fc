package graph

import (
	"testing"

	"gorgonia.org/tensor"
)

// lossy is a test op without a gradient.
type lossy struct{}

func (lossy) String() string                        { return "Lossy{1}" }
func (lossy) InferShape(in ...Shape) (Shape, error) { return in[0].Clone(), nil }
func (lossy) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return tensor.Copy(y, in[0])
}

func TestALossWithoutParametersIsRefused(t *testing.T) {
	cut := func(s *Scope, x *Node) *Node {
		y := scale(s, x)
		return y.Layer("Lossy").Apply(lossy{}, y)
	}
	for _, c := range []struct {
		f    Func
		want string
	}{
		{func(_ *Scope, x *Node) *Node { return x }, "the loss depends on no parameter"},
		{cut, "the loss depends on no parameter; Lossy at lossy#1 has no gradient"},
	} {
		tr := build(t, c.f, Shape{1, 3}).Trainer(squareLoss)
		if _, err := tr.Step(vec(1, 2, 3), vec(0)); err == nil || err.Error() != c.want {
			t.Errorf("got %v, want %q", err, c.want)
		}
		if _, err := tr.Evaluate(vec(1, 2, 3), vec(0)); err != nil {
			t.Errorf("an evaluation: %v", err)
		}
	}

	partly := build(t, func(s *Scope, x *Node) *Node {
		return s.Apply(times{}, cut(s, x), s.Param("w", Shape{1, 3}, Ones()))
	}, Shape{1, 3})
	if _, err := partly.Trainer(squareLoss).Step(vec(1, 2, 3), vec(0)); err != nil {
		t.Errorf("a graph that is cut in part: %v", err)
	}
}

func TestIntegerTargetsConvert(t *testing.T) {
	m := build(t, func(s *Scope, x *Node) *Node { return s.Apply(times{}, x, x) }, Shape{2, 3})
	tr := m.Trainer(func(y, target *Node) *Node { return y.Layer("Total").Apply(sumOfInts{}, y, target) })
	x := newDense(tensor.Float32, Shape{2, 3})
	for _, backing := range []any{[]int{3, 4}, []int64{3, 4}, []int32{3, 4}, []uint8{3, 4}} {
		r, err := tr.Evaluate(x, tensor.New(tensor.WithShape(2), tensor.WithBacking(backing)))
		if err != nil || r.Loss != 7 {
			t.Errorf("%T: got %v, %v, want 3 + 4", backing, r.Loss, err)
		}
	}
}
