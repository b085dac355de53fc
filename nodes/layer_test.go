package nodes_test

import (
	"math"
	"slices"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"gorgonia.org/tensor"
)

// In ceil mode a window may be larger than the input. The sizes are those of
// PyTorch's pooling_output_shape, worked out by hand.
func TestPoolingSizes(t *testing.T) {
	for _, c := range []struct {
		in   int
		k    int
		opts []nodes.PoolOption
		want int
	}{
		{in: 2, k: 3, opts: []nodes.PoolOption{nodes.CeilMode()}, want: 1},
		{in: 1, k: 3, opts: []nodes.PoolOption{nodes.CeilMode(), nodes.Stride(4)}, want: 1},
		{in: 5, k: 2, want: 2},
		{in: 5, k: 2, opts: []nodes.PoolOption{nodes.CeilMode()}, want: 3},
		{in: 6, k: 2, opts: []nodes.PoolOption{nodes.CeilMode()}, want: 3},
		{in: 5, k: 2, opts: []nodes.PoolOption{nodes.CeilMode(), nodes.Pad(1)}, want: 3},
		{in: 4, k: 2, opts: []nodes.PoolOption{nodes.CeilMode(), nodes.Pad(1), nodes.Stride(3)}, want: 2},
		{in: 8, k: 3, opts: []nodes.PoolOption{nodes.Stride(1), nodes.KernelSize(5)}, want: 4},
	} {
		for name, net := range map[string]graph.Func{
			"MaxPool1D": func(_ *graph.Scope, x *graph.Node) *graph.Node {
				opts := make([]nodes.MaxPoolOption, len(c.opts))
				for i, o := range c.opts {
					opts[i] = o
				}
				return nodes.MaxPool1D(x, c.k, opts...)
			},
			"AvgPool1D": func(_ *graph.Scope, x *graph.Node) *graph.Node {
				opts := make([]nodes.AvgPoolOption, len(c.opts))
				for i, o := range c.opts {
					opts[i] = o
				}
				return nodes.AvgPool1D(x, c.k, opts...)
			},
		} {
			m, err := graph.Build(net, graph.Shape{1, 1, c.in})
			if err != nil {
				t.Errorf("%s of %d by %d with %v: %v", name, c.in, c.k, c.opts, err)
				continue
			}
			if got := m.OutputShape()[2]; got != c.want {
				t.Errorf("%s of %d by %d with %v: got %d outputs, want %d", name, c.in, c.k, c.opts, got, c.want)
			}
		}
	}
}

// The default is U(-b, b) with b = 1/√fan_in for weight and bias, where PyTorch
// takes fan_in from axis 1 of the weight, also for a transposed convolution.
func TestDefaultInit(t *testing.T) {
	for _, c := range []struct {
		name  string
		net   graph.Func
		fanIn float64
	}{
		{"Linear", func(s *graph.Scope, x *graph.Node) *graph.Node {
			return nodes.Linear(s, nodes.Flatten(x), 200)
		}, 8 * 6 * 5},
		{"Conv2D", func(s *graph.Scope, x *graph.Node) *graph.Node {
			return nodes.Conv2D(s, x, 200, 0, nodes.KernelSize(3, 2), nodes.Groups(2))
		}, 4 * 3 * 2},
		{"ConvTranspose2D", func(s *graph.Scope, x *graph.Node) *graph.Node {
			return nodes.ConvTranspose2D(s, x, 200, 3, nodes.Groups(4))
		}, 50 * 3 * 3},
	} {
		m, err := graph.Build(c.net, graph.Shape{1, 8, 6, 5}, graph.Seed(3))
		if err != nil {
			t.Fatal(err)
		}
		bound := 1 / math.Sqrt(c.fanIn)
		for _, w := range m.Weights() {
			v := w.Value.Float32s()
			var squares float64
			for _, e := range v {
				if math.Abs(float64(e)) > bound*(1+1e-6) { // rounded to float32
					t.Errorf("%s: %s has %v, want at most %v", c.name, w.Name, e, bound)
				}
				squares += float64(e) * float64(e)
			}
			// The variance of U(-b, b) is b²/3; that of the mean of n squares is
			// 4b⁴/45n, and 5 of its deviations are as good as never.
			n := float64(len(v))
			got, want, tolerance := squares/n, bound*bound/3, 5*bound*bound*math.Sqrt(4/45./n)
			if math.Abs(got-want) > tolerance {
				t.Errorf("%s: %s has variance %v, want %v, tolerance %v", c.name, w.Name, got, want, tolerance)
			}
		}
	}
}

// What a sample gives does not depend on the others in its batch, whatever batch
// size the model was built for.
func TestBatchSizes(t *testing.T) {
	net := func(s *graph.Scope, x *graph.Node) *graph.Node {
		x = nodes.Conv2D(s.In("conv"), x, 4, 3, nodes.Same())
		x = nodes.Residual(s.In("block"), x, func(s *graph.Scope, x *graph.Node) *graph.Node {
			return nodes.Conv2D(s.In("conv"), x, 4, 3, nodes.Pad(1), nodes.Groups(2))
		})
		x = nodes.Concat(1, nodes.MaxPool2D(x, 2), nodes.AvgPool2D(x, 2))
		x = nodes.ConvTranspose2D(s.In("up"), x, 4, 2, nodes.Stride(2))
		a := nodes.Linear(s.In("rows"), nodes.Transpose(nodes.Reshape(x, 0, 4, -1), 0, 2, 1), 3)
		b := nodes.GlobalAvgPool(nodes.AdaptiveAvgPool2D(x, 3, 2))
		return nodes.Linear(s.In("fc"), nodes.Concat(1, nodes.Flatten(a), nodes.Mul(b, b)), 5)
	}
	m, err := graph.Build(net, graph.Shape{2, 3, 6, 8}, graph.Seed(1), graph.Float64())
	if err != nil {
		t.Fatal(err)
	}
	const batch, size = 3, 3 * 6 * 8
	x := make([]float64, batch*size)
	for i := range x {
		x[i] = math.Sin(float64(i))
	}
	all, err := m.Predict(tensor.New(tensor.WithShape(batch, 3, 6, 8), tensor.WithBacking(x)))
	if err != nil {
		t.Fatal(err)
	}
	for i := range batch {
		one, err := m.Predict(tensor.New(tensor.WithShape(1, 3, 6, 8), tensor.WithBacking(slices.Clone(x[i*size:][:size]))))
		if err != nil {
			t.Fatal(err)
		}
		for k, want := range one.Float64s() {
			// A few hundred terms, perhaps in another order.
			if got := all.Float64s()[i*5+k]; math.Abs(got-want) > 1e-13 {
				t.Errorf("output %d of sample %d: got %v in a batch of 3 and %v alone, tolerance 1e-13", k, i, got, want)
			}
		}
	}
}
