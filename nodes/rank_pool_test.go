package nodes_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/graph/graphtest"
	"github.com/thinnet/thinnet/nodes"
	"gorgonia.org/tensor"
)

var rankPoolCases = []graphtest.Case{
	{Node: "RankPool1D", In: distinct(2, 3, 8), Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node {
		return nodes.RankPool1D(in[0], 3, []float64{0.5, 0.3, -0.1}, nodes.Stride(2), nodes.Pad(1))
	}},
	{Node: "RankPool2D", In: distinct(2, 3, 4, 6), Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node {
		return nodes.RankPool2D(in[0], 2, []float64{0.5, 0.25, 0.125, 0.0625})
	}},
	{Node: "RankPool2D", Name: "all options", In: distinct(1, 2, 8, 7), Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node {
		return nodes.RankPool2D(in[0], 0, []float64{0.5, 0, 2}, nodes.KernelSize(3, 2), nodes.Stride(2, 1), nodes.Pad(1), nodes.Dilation(2), nodes.CeilMode())
	}},
}

// The weights of a maximum, of an average, and of a median of four.
func ExampleRankPool2D() {
	for _, weights := range [][]float64{{1}, {0.25, 0.25, 0.25, 0.25}, {0, 0.5, 0.5}} {
		count(graph.Shape{1, 1, 4, 4}, func(_ *graph.Scope, x *graph.Node) *graph.Node {
			return nodes.RankPool2D(x, 2, weights)
		})
	}
	// Output:
	// (1, 1, 2, 2) [6 8 14 16]
	// (1, 1, 2, 2) [3.5 5.5 11.5 13.5]
	// (1, 1, 2, 2) [3.5 5.5 11.5 13.5]
}

// The second largest of three.
func ExampleRankPool1D() {
	count(graph.Shape{1, 1, 6}, func(_ *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.RankPool1D(x, 3, []float64{0, 1})
	})
	// Output: (1, 1, 2) [2 5]
}

// The windows of an op that pools in a way of its own.
func ExampleMaxPoolWindows() {
	_, err := graph.Build(func(_ *graph.Scope, x *graph.Node) *graph.Node {
		w, err := nodes.MaxPoolWindows(x, 3, nodes.Stride(2), nodes.Pad(1))
		fmt.Println(w.Y, w.Kernel, w.Stride, w.Pad, err)
		_, err = nodes.MaxPoolWindows(x, 9)
		fmt.Println(err)
		return x
	}, graph.Shape{2, 4, 8, 8})
	fmt.Println(err)
	// Output:
	// (2, 4, 4, 4) [1 3 3] [1 2 2] [0 1 1] <nil>
	// a window spans [9 9] and x with its padding [8 8], want a window that fits
	// <nil>
}

// With the one weight 1 it is max pooling, padding, ties and all, and with equal
// ones the average.
func TestRankPoolOfKnownWeights(t *testing.T) {
	opts := []nodes.MaxPoolOption{nodes.Stride(2), nodes.Pad(1), nodes.CeilMode()}
	shape := graph.Shape{2, 3, 8, 9}
	x := make([]float32, shape.TotalSize())
	for i := range x {
		x[i] = float32(i*i%7) - 3
	}
	run := func(f graph.Func) []float32 {
		m, err := graph.Build(f, shape)
		if err != nil {
			t.Fatalf("%+v", err)
		}
		y, err := m.Predict(tensor.New(tensor.WithShape(shape...), tensor.WithBacking(slices.Clone(x))))
		if err != nil {
			t.Fatalf("%+v", err)
		}
		return y.Float32s()
	}
	want := run(func(_ *graph.Scope, x *graph.Node) *graph.Node { return nodes.MaxPool2D(x, 3, opts...) })
	got := run(func(_ *graph.Scope, x *graph.Node) *graph.Node { return nodes.RankPool2D(x, 3, []float64{1}, opts...) })
	if !slices.Equal(got, want) {
		t.Errorf("the largest of each window: got %v, want %v", got, want)
	}
	inside := nodes.KernelSize(2, 2) // without padding, all windows have four
	want = run(func(_ *graph.Scope, x *graph.Node) *graph.Node { return nodes.AvgPool2D(x, 0, inside) })
	got = run(func(_ *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.RankPool2D(x, 0, []float64{0.25, 0.25, 0.25, 0.25}, inside)
	})
	for i := range want {
		if d := got[i] - want[i]; d > 1e-6 || d < -1e-6 { // a last bit of 3
			t.Errorf("average %d: got %v, want %v", i, got[i], want[i])
		}
	}
}

// Of several NaN the first has the rank of the largest, where max pooling takes the last.
func TestPoolingGradientsOfNaN(t *testing.T) {
	nan := math.NaN()
	for name, c := range map[string]struct {
		pool func(x *graph.Node) *graph.Node
		want []float32
	}{
		"rank": {func(x *graph.Node) *graph.Node { return nodes.RankPool2D(x, 2, []float64{1}) }, []float32{0, 5, 0, 0}},
		"max":  {func(x *graph.Node) *graph.Node { return nodes.MaxPool2D(x, 2) }, []float32{0, 0, 5, 0}},
	} {
		m, err := graph.Build(func(s *graph.Scope, _ *graph.Node) *graph.Node {
			x := s.Param("x", graph.Shape{1, 1, 2, 2}, graph.Zeros())
			return nodes.Flatten(c.pool(x))
		}, graph.Shape{1, 1})
		if err != nil {
			t.Fatalf("%+v", err)
		}
		copy(m.Weights()[0].Value.Float32s(), []float32{1, float32(nan), float32(nan), 2})
		tr := m.Trainer(dotLoss)
		if _, err := tr.Step(matrix(1, 1, 0), tensor.New(tensor.WithShape(1, 1), tensor.WithBacking([]float32{5}))); err != nil {
			t.Fatalf("%+v", err)
		}
		if got := tr.Gradients()[0].Value.Float32s(); !slices.Equal(got, c.want) {
			t.Errorf("%s: the gradient is %v, want %v", name, got, c.want)
		}
	}
}
