package graph

import (
	"fmt"
	"math"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/thinnet/thinnet/internal/kernel"
	"gorgonia.org/gorgonia"
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

// total is a test op: the sum of all elements.
type total struct{}

func (total) String() string                        { return "Total" }
func (total) InferShape(in ...Shape) (Shape, error) { return Shape{}, nil }
func (op total) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return Run(op, y, in, totalForward[float32], totalForward[float64])
}
func totalForward[T kernel.Float](_ total, y []T, in [][]T) {
	y[0] = 0
	for _, v := range in[0] {
		y[0] += v
	}
}
func (op total) Backward(in []*Node, y, dy *Node) []*Node {
	return []*Node{y.Layer("Spread").Apply(spread{in[0].Shape()}, dy)}
}

type spread struct{ to Shape }

func (s spread) String() string                     { return fmt.Sprintf("Spread{%v}", s.to) }
func (s spread) InferShape(...Shape) (Shape, error) { return s.to.Clone(), nil }
func (s spread) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return Run(s, y, in, spreadForward[float32], spreadForward[float64])
}
func spreadForward[T kernel.Float](_ spread, y []T, in [][]T) {
	for i := range y {
		y[i] = in[0][0]
	}
}

func squareLoss(y, t *Node) *Node {
	s := y.Layer("SquareLoss")
	d := s.Apply(times{}, y, y)
	_ = t
	return s.Apply(total{}, d)
}

func vec(v ...float32) *tensor.Dense {
	return tensor.New(tensor.WithShape(1, len(v)), tensor.WithBacking(v))
}

func net(s *Scope, x *Node) *Node {
	w := s.In("a").Param("weight", Shape{1, 3}, Values([]float64{1, 2, 3}))
	y := s.In("a").Apply(times{}, x, w)
	return Lift(func(in ...*gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.Tanh(in[0]) }, y)
}

func TestStepAgainstHand(t *testing.T) {
	m, err := Build(net, Shape{1, 3})
	if err != nil {
		t.Fatal(err)
	}
	tr := m.Trainer(squareLoss)
	r, err := tr.Step(vec(.1, .2, .3), vec(0))
	if err != nil {
		t.Fatalf("%+v", err)
	}
	want := 0.0
	x := []float64{.1, .2, .3}
	g := tr.Gradients()[0].Value.Float32s()
	for i, w := range []float64{1, 2, 3} {
		h := math.Tanh(w * x[i])
		want += h * h
		if dw := 2 * h * (1 - h*h) * x[i]; math.Abs(dw-float64(g[i])) > 1e-6 {
			t.Errorf("gradient %d: got %v, want %v", i, g[i], dw)
		}
	}
	if math.Abs(r.Loss-want) > 1e-6 {
		t.Errorf("loss %v, want %v", r.Loss, want)
	}
	if err := tr.Update(gorgonia.NewVanillaSolver(gorgonia.WithLearnRate(0.1))); err != nil {
		t.Fatal(err)
	}
	if err := m.Summary(os.Stdout); err != nil {
		t.Fatal(err)
	}
	var dot strings.Builder
	if err := m.DOT(&dot); err != nil {
		t.Fatal(err)
	}
	t.Log(dot.String())
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 20 {
				if _, err := m.Predict(vec(1, 2, 3)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}
