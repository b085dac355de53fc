package graph

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Some stock operations write to themselves as they run. Run with -race.
func TestConcurrentPredictionsByAStockOperationWithState(t *testing.T) {
	m := build(t, func(s *Scope, x *Node) *Node {
		return Lift(func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
			return gorgonia.MaxPool2D(in[0], tensor.Shape{2, 2}, []int{0, 0}, []int{2, 2})
		}, x)
	}, Shape{4, 1, 8, 8})
	var wg sync.WaitGroup
	for k := range 4 {
		x := random(uint64(k), 4, 1, 8, 8)
		want := mustPredict(t, m, x)
		wg.Go(func() {
			for range 50 {
				y, err := m.Predict(x)
				if err != nil {
					t.Error(err)
					return
				}
				if !slices.Equal(y.Float32s(), want) {
					t.Errorf("got %v, want %v", y.Float32s(), want)
					return
				}
			}
		})
	}
	wg.Wait()
}

// Global average pooling of Gorgonia v0.9.18 has no gradient. A parameter that
// is seen through it alone would stay as it is without a word.
func TestStockOperationWithoutAGradient(t *testing.T) {
	pool := func(in ...*gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.GlobalAveragePool2D(in[0]) }
	m := build(t, func(s *Scope, x *Node) *Node {
		return Lift(pool, s.In("a").Apply(times{}, x, s.In("a").Param("weight", Shape{1, 2, 3, 3}, Ones())))
	}, Shape{1, 2, 3, 3})
	x := random(1, 1, 2, 3, 3)
	_, err := m.Trainer(squareLoss).Step(x, x)
	if want := "stock operation GlobalAveragePool, which the loss depends on, has no gradient"; err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("got %v, want an error that starts with %q", err, want)
	}
}

// A leaf made by the lifted function would be drawn anew for every program.
func TestLiftRefusesLeaves(t *testing.T) {
	_, err := Build(func(_ *Scope, x *Node) *Node {
		return Lift(func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
			w := gorgonia.NewMatrix(in[0].Graph(), gorgonia.Float32, gorgonia.WithName("w"), gorgonia.WithShape(3, 2), gorgonia.WithInit(gorgonia.Ones()))
			return gorgonia.Mul(in[0], w)
		}, x)
	}, Shape{2, 3})
	wantError(t, err, `lift#1: Lift: the function made the leaf "w"; only constants may be made in it: declare weights with Scope.Param and pass them in`)

	build(t, func(_ *Scope, x *Node) *Node { // constants and random nodes are none
		return Lift(func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
			y, err := gorgonia.Add(in[0], gorgonia.GaussianRandomNode(in[0].Graph(), gorgonia.Float32, 0, 1, 2, 3))
			if err != nil {
				return nil, err
			}
			return gorgonia.Mul(y, gorgonia.NewConstant(float32(2)))
		}, x)
	}, Shape{2, 3})
}
