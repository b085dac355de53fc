package nodes

import (
	"math/rand/v2"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"gorgonia.org/tensor"
)

// networks are blocks between two convolutions, in which a program in float32 changes
// the order of memory, merges ops and prepares weights, and in float64 does not.
var networks = map[string]struct {
	shape graph.Shape
	net   graph.Func
}{
	"1d": {graph.Shape{4, 3, 16}, func(s *graph.Scope, x *graph.Node) *graph.Node {
		x = ReLU(BatchNorm1D(s.In("bn"), Conv1D(s.In("a"), x, 6, 3, Pad(1))))
		return GlobalAvgPool(Conv1D(s.In("b"), MaxPool1D(x, 2), 3, 3))
	}},
	"3d": {graph.Shape{2, 3, 4, 6, 5}, func(s *graph.Scope, x *graph.Node) *graph.Node {
		x = ReLU(BatchNorm3D(s.In("bn"), Conv3D(s.In("a"), x, 6, 3, Pad(1))))
		return GlobalAvgPool(ReLU(Conv3D(s.In("b"), x, 3, 3, Stride(2), Pad(1))))
	}},
	"one image": {graph.Shape{1, 3, 8, 8}, func(s *graph.Scope, x *graph.Node) *graph.Node {
		x = ReLU(BatchNorm2D(s.In("bn"), Conv2D(s.In("a"), x, 6, 3, Pad(1))))
		return GlobalAvgPool(Conv2D(s.In("b"), MaxPool2D(x, 2), 3, 3, Pad(1)))
	}},
	"Winograd": {graph.Shape{4, 3, 16, 16}, func(s *graph.Scope, x *graph.Node) *graph.Node {
		x = ReLU(Conv2D(s.In("a"), x, 16, 3, Pad(1)))
		x = ReLU(BatchNorm2D(s.In("bn"), Conv2D(s.In("b"), x, 16, 3, Pad(1))))
		return GlobalAvgPool(Conv2D(s.In("c"), x, 3, 3))
	}},
	"concat": {graph.Shape{4, 3, 8, 8}, func(s *graph.Scope, x *graph.Node) *graph.Node {
		a := ReLU(Conv2D(s.In("a"), x, 6, 3, Pad(1)))
		b := BatchNorm2D(s.In("bn"), Conv2D(s.In("b"), x, 4, 1))
		return GlobalAvgPool(Conv2D(s.In("c"), Concat(1, a, b, x), 3, 3))
	}},
	"concat along rows": {graph.Shape{4, 3, 8, 8}, func(s *graph.Scope, x *graph.Node) *graph.Node {
		x = Conv2D(s.In("a"), x, 6, 3, Pad(1))
		return GlobalAvgPool(Conv2D(s.In("c"), Concat(2, x, ReLU(x)), 3, 3))
	}},
	"padded with zeros": {graph.Shape{4, 3, 8, 8}, func(s *graph.Scope, x *graph.Node) *graph.Node {
		x = ReLU(Conv2D(s.In("a"), x, 6, 3, Pad(1)))
		return GlobalAvgPool(Conv2D(s.In("c"), ZeroPad(ZeroPad(x, 1, 1, 2), 3, 0, 1), 3, 3))
	}},
	"transpose": {graph.Shape{4, 3, 8, 6}, func(s *graph.Scope, x *graph.Node) *graph.Node {
		x = ReLU(Conv2D(s.In("a"), x, 6, 3, Pad(1)))
		return GlobalAvgPool(Conv2D(s.In("b"), Transpose(x, 0, 3, 1, 2), 3, 3))
	}},
	"reshape": {graph.Shape{4, 3, 8, 8}, func(s *graph.Scope, x *graph.Node) *graph.Node {
		x = ReLU(Conv2D(s.In("a"), x, 6, 3, Pad(1)))
		return GlobalAvgPool(Conv2D(s.In("b"), Reshape(x, 0, 12, 4, 8), 3, 3))
	}},
	"layer norm": {graph.Shape{4, 3, 8, 8}, func(s *graph.Scope, x *graph.Node) *graph.Node {
		x = ReLU(LayerNorm(s.In("ln"), Conv2D(s.In("a"), x, 6, 3, Pad(1)), Axes(2)))
		return GlobalAvgPool(Conv2D(s.In("b"), x, 3, 3))
	}},
	"residual": {graph.Shape{4, 3, 8, 8}, func(s *graph.Scope, x *graph.Node) *graph.Node {
		x = Conv2D(s.In("a"), x, 6, 3, Pad(1))
		y := Conv2D(s.In("b"), ReLU(BatchNorm2D(s.In("bn"), x)), 6, 3, Pad(1))
		return GlobalAvgPool(Conv2D(s.In("c"), ReLU(Add(x, y)), 3, 3))
	}},
	"norm without a bias": {graph.Shape{4, 3, 8, 8}, func(s *graph.Scope, x *graph.Node) *graph.Node {
		x = Linear(s.In("fc"), Flatten(x), 12, NoBias())
		return Linear(s.In("out"), ReLU(BatchNorm1D(s.In("bn"), x, NoAffine())), 3)
	}},
}

// Losses, gradients and predictions in float32 are those in float64.
func TestNetworksInBothTypes(t *testing.T) {
	for name, n := range networks {
		loss, grads := step(t, n.net, n.shape)
		want, wantGrads := step(t, n.net, n.shape, graph.Float64())
		nearNumbers(t, name+": loss", []float64{loss}, []float64{want})
		for k, g := range wantGrads {
			nearNumbers(t, name+": gradient of "+k, grads[k], g)
		}
		nearNumbers(t, name+": prediction", prediction(t, n.net, n.shape), prediction(t, n.net, n.shape, graph.Float64()))
	}
}

// step returns the loss and the gradients of a training step on numbers that do not
// depend on the type.
func step(t *testing.T, net graph.Func, shape graph.Shape, opts ...graph.Option) (loss float64, grads map[string][]float64) {
	t.Helper()
	m, x, target := seeded(t, net, shape, opts)
	tr := m.Trainer(MSE())
	result, err := tr.Step(x, target)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	grads = map[string][]float64{}
	for _, g := range tr.Gradients() {
		grads[g.Name] = inType(g.Value, tensor.Float64).Float64s()
	}
	return result.Loss, grads
}

// prediction is one with running statistics, weights and biases of norms that are
// not those of the start.
func prediction(t *testing.T, net graph.Func, shape graph.Shape, opts ...graph.Option) []float64 {
	t.Helper()
	m, x, _ := seeded(t, net, shape, opts)
	if err := m.Exclusively(func() error {
		r := rand.New(rand.NewPCG(11, 12))
		for _, w := range m.Weights() {
			if len(w.Value.Shape()) != 1 || w.Value.Dtype() != m.Dtype() {
				continue
			}
			for i := range w.Value.Shape().TotalSize() {
				v := float32(0.5 + r.Float64())
				if w.Value.Dtype() == tensor.Float32 {
					w.Value.Float32s()[i] = v
				} else {
					w.Value.Float64s()[i] = float64(v)
				}
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	y, err := m.Predict(x)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	return inType(y, tensor.Float64).Float64s()
}

// seeded builds a model, and an input and a target for it.
func seeded(t *testing.T, net graph.Func, shape graph.Shape, opts []graph.Option) (m *graph.Model, x, target *tensor.Dense) {
	t.Helper()
	m, err := graph.Build(net, shape, append(opts, graph.Seed(3))...)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	r := rand.New(rand.NewPCG(9, 10))
	return m, inType(normal(r, shape), m.Dtype()), inType(normal(r, graph.Shape{shape[0], 3}), m.Dtype())
}

func inType(x *tensor.Dense, dt tensor.Dtype) *tensor.Dense {
	if x.Dtype() == dt {
		return x
	}
	v := make([]float64, x.Shape().TotalSize())
	for i, e := range x.Float32s() {
		v[i] = float64(e)
	}
	return tensor.New(tensor.WithShape(x.Shape().Clone()...), tensor.WithBacking(v))
}

func nearNumbers(t *testing.T, what string, got, want []float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s has %d elements, want %d", what, len(got), len(want))
		return
	}
	for i, w := range want {
		// Some hundred roundings to 6e-8 on the way.
		if d := got[i] - w; !(d < 1e-4 && -d < 1e-4) {
			t.Errorf("%s[%d] is %v, want %v within 1e-4", what, i, got[i], w)
			return
		}
	}
}
