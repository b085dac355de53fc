package nodes_test

import (
	"math"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"gorgonia.org/tensor"
)

// Every row is the output for far arguments. NaN goes through all of them.
func TestActivationsFarOut(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct {
		name string
		f    func(*graph.Node) *graph.Node
		// for x = -Inf, -1000, -50, 50, 1000, Inf
		want [6]float64
	}{
		{"ReLU", nodes.ReLU, [6]float64{0, 0, 0, 50, 1000, inf}},
		{"LeakyReLU", func(x *graph.Node) *graph.Node { return nodes.LeakyReLU(x) }, [6]float64{-inf, -10, -.5, 50, 1000, inf}},
		{"ELU", func(x *graph.Node) *graph.Node { return nodes.ELU(x) }, [6]float64{-1, -1, -1, 50, 1000, inf}},
		{"SELU", nodes.SELU, [6]float64{-1.7580993408473766, -1.7580993408473766, -1.7580993408473766, 52.53504936777403, 1050.7009873554805, inf}},
		// 0·Inf is NaN, as in PyTorch.
		{"GELU", func(x *graph.Node) *graph.Node { return nodes.GELU(x) }, [6]float64{nan, 0, 0, 50, 1000, inf}},
		{"GELU tanh", func(x *graph.Node) *graph.Node { return nodes.GELU(x, nodes.TanhApproximation()) }, [6]float64{nan, 0, 0, 50, 1000, inf}},
		{"SiLU", nodes.SiLU, [6]float64{nan, 0, -50 * math.Exp(-50), 50, 1000, inf}},
		{"Sigmoid", nodes.Sigmoid, [6]float64{0, 0, math.Exp(-50), 1, 1, 1}},
		{"Tanh", nodes.Tanh, [6]float64{-1, -1, -1, 1, 1, 1}},
		{"Softplus", func(x *graph.Node) *graph.Node { return nodes.Softplus(x) }, [6]float64{0, 0, math.Exp(-50), 50, 1000, inf}},
		{"Softplus without threshold", func(x *graph.Node) *graph.Node { return nodes.Softplus(x, nodes.Threshold(inf)) }, [6]float64{0, 0, math.Exp(-50), 50, 1000, inf}},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, dt := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
				y := predict(t, dt, func(_ *graph.Scope, x *graph.Node) *graph.Node { return c.f(x) },
					matrix(1, 7, -inf, -1000, -50, 50, 1000, inf, nan))
				for i, w := range append(c.want[:], nan) {
					// One rounding of the result in float32.
					if g := at(y, i); g != w && !(math.IsNaN(g) && math.IsNaN(w)) && !(math.Abs(g-w) <= 1e-7*math.Abs(w)) {
						t.Errorf("%v: element %d: got %v, want %v", dt, i, g, w)
					}
				}
			}
		})
	}
}

// predict builds a net and returns its output in evaluation mode.
func predict(t *testing.T, dt tensor.Dtype, f graph.Func, x *tensor.Dense) *tensor.Dense {
	t.Helper()
	var opts []graph.Option
	if dt == tensor.Float64 {
		opts = append(opts, graph.Float64())
	}
	m, err := graph.Build(f, x.Shape(), opts...)
	if err != nil {
		t.Fatal(err)
	}
	y, err := m.Predict(x)
	if err != nil {
		t.Fatal(err)
	}
	return y
}

func TestSoftmaxFarOut(t *testing.T) {
	nan := math.NaN()
	x := matrix(4, 3, 1000, 999, -1000, -1000, -1000, -1000, -50, 0, 50, 1, nan, 2)
	e := math.Exp(-1)
	p := predict(t, tensor.Float64, func(_ *graph.Scope, x *graph.Node) *graph.Node { return nodes.Softmax(x, 1) }, x)
	near(t, "Softmax", p, 1e-15, 1/(1+e), e/(1+e), 0, 1./3, 1./3, 1./3, 0, math.Exp(-50), 1)
	logp := predict(t, tensor.Float64, func(_ *graph.Scope, x *graph.Node) *graph.Node { return nodes.LogSoftmax(x, -1) }, x)
	near(t, "LogSoftmax", logp, 1e-12, -math.Log1p(e), -1-math.Log1p(e), -2000-math.Log1p(e), -math.Log(3), -math.Log(3), -math.Log(3), -100, -50, 0)
	for i := 9; i < 12; i++ {
		if !math.IsNaN(at(p, i)) || !math.IsNaN(at(logp, i)) {
			t.Errorf("element %d beside a NaN: got %v and %v, want NaN", i, at(p, i), at(logp, i))
		}
	}
}
