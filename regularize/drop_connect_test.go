package regularize_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/graph/graphtest"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/regularize"
	"gorgonia.org/tensor"
)

// parametrizations are the functions for nodes.Parametrize.
var parametrizations = map[string]func(p float64, opts ...regularize.DropConnectOption) graph.Func{
	"DropConnect":      regularize.DropConnect,
	"DropFilter":       regularize.DropFilter,
	"EmbeddingDropout": regularize.EmbeddingDropout,
}

func TestGradientsOfParametrizations(t *testing.T) {
	type in = []graphtest.Input
	for name, f := range parametrizations {
		with := nodes.Parametrize(f(0.4))
		graphtest.CheckAll(t, []graphtest.Case{
			{Node: name, Name: "Linear", Modes: allModes, In: in{graphtest.Normal(4, 3)}, Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node {
				return nodes.Linear(s.In("fc"), in[0], 9, with)
			}},
			{Node: name, Name: "Conv1D", Modes: allModes, In: in{graphtest.Normal(2, 3, 5)}, Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node {
				return nodes.Conv1D(s.In("conv"), in[0], 9, 3, with, nodes.Pad(1))
			}},
			{Node: name, Name: "Conv2D", Modes: allModes, In: in{graphtest.Normal(2, 2, 3, 4)}, Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node {
				return nodes.Conv2D(s.In("conv"), in[0], 8, 2, with, nodes.Groups(2))
			}},
			{Node: name, Name: "Conv3D", Modes: allModes, In: in{graphtest.Normal(2, 2, 3, 2, 2)}, Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node {
				return nodes.Conv3D(s.In("conv"), in[0], 9, 2, with)
			}},
			{Node: name, Name: "ConvTranspose2D", Modes: allModes, In: in{graphtest.Normal(2, 8, 2, 2)}, Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node {
				return nodes.ConvTranspose2D(s.In("conv"), in[0], 3, 2, with)
			}},
			{Node: name, Name: "classic", Modes: allModes, In: in{graphtest.Normal(4, 3)}, Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node {
				return nodes.Linear(s.In("fc"), in[0], 9, nodes.Parametrize(f(0.4, regularize.Classic())))
			}},
			{Node: name, Name: "at a scheduled rate, twice", Modes: allModes, In: in{graphtest.Normal(4, 3)}, Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node {
				first := func(s *graph.Scope, w *graph.Node) *graph.Node {
					return f(0.5, regularize.LinearRate(0.3, 9))(s.In("first"), w)
				}
				return nodes.Linear(s.In("fc"), in[0], 9, nodes.Parametrize(first), with)
			}},
		})
	}
}

// A function of a parameter x says which elements share a draw, and with whom.
func TestWhatParametrizationsDrop(t *testing.T) {
	shape := graph.Shape{6, 2, 3}
	x := make([]float64, 36)
	for i := range x {
		x[i] = float64(i + 1)
	}
	for name, f := range parametrizations {
		k, each := factors("drop", 4, 0.4, 36), 1
		if name != "DropConnect" {
			k, each = factors("drop", 4, 0.4, 6), 6
		}
		var want, wantDX []float64
		for i := range x {
			want = append(want, k[i/each]*x[i])
			wantDX = append(wantDX, k[i/each])
		}
		drop := func(s *graph.Scope, x *graph.Node) *graph.Node { return f(0.4)(s.In("drop"), x) }
		y, dx := try(t, drop, shape, x).at(t, 4, constant(1, 36))
		wantClose(t, name+": y", y, want, 0)
		wantClose(t, name+": dx", dx, wantDX, 0)
		y, dx = try(t, drop, shape, x, graph.InMode(graph.Eval)).at(t, 4, constant(1, 36))
		wantClose(t, name+": y in evaluation", y, x, 0)
		wantClose(t, name+": dx in evaluation", dx, constant(1, 36), 0)
	}
}

// In the classic form what stays is not scaled, and evaluation uses (1-p)·w.
func TestClassicDropConnect(t *testing.T) {
	for name, f := range parametrizations {
		drop := func(s *graph.Scope, x *graph.Node) *graph.Node {
			return f(0.25, regularize.Classic())(s.In("drop"), x)
		}
		shape, x := graph.Shape{2, 1}, []float64{4, 8}
		y, dx := try(t, drop, shape, x).at(t, stepThat("drop", 0.25, 1, 0), []float64{1, 1})
		wantClose(t, name+": y", y, []float64{4, 0}, 0)
		wantClose(t, name+": dx", dx, []float64{1, 0}, 0)
		y, dx = try(t, drop, shape, x, graph.InMode(graph.Eval)).at(t, 0, []float64{1, 1})
		wantClose(t, name+": y in evaluation", y, []float64{3, 6}, 0)
		wantClose(t, name+": dx in evaluation", dx, []float64{0.75, 0.75}, 0)
	}
}

// step runs a training step of a net on ones, and returns its output.
func step(t *testing.T, f graph.Func, shape graph.Shape, number uint64) []float64 {
	t.Helper()
	m := build(t, f, shape, graph.Seed(seed), graph.Float64())
	m.SetStep(number)
	r, err := m.Trainer(nodes.MSE(nodes.Sum)).Step(tensor.Ones(tensor.Float64, shape...), outputOf(t, m, shape))
	if err != nil {
		t.Fatalf("%+v", err)
	}
	return slices.Clone(r.Output.Float64s())
}

// outputOf returns a target that fits the output.
func outputOf(t *testing.T, m *graph.Model, shape graph.Shape) *tensor.Dense {
	t.Helper()
	y, err := m.Predict(tensor.Ones(tensor.Float64, shape...))
	if err != nil {
		t.Fatalf("%+v", err)
	}
	return y
}

// Of the kernel [1 2; 3 4], the diagonal stays: (1+4)/½.
func TestDropConnectOfAKernelAgainstHand(t *testing.T) {
	y := step(t, func(s *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.Conv2D(s.In("conv"), x, 1, 2, nodes.NoBias(),
			nodes.WeightInit(graph.Values([]float64{1, 2, 3, 4})), nodes.Parametrize(regularize.DropConnect(0.5)))
	}, graph.Shape{1, 1, 2, 2}, stepThat("conv.weight", 0.5, 1, 0, 0, 1))
	wantClose(t, "y", y, []float64{10}, 0)
}

// To drop an input channel of a convolution, in all samples, is to drop all weights
// that read it; to drop a map that it makes, before the bias, is to drop a filter.
func TestDroppedMapsAreDroppedWeights(t *testing.T) {
	conv := func(s *graph.Scope, x *graph.Node, opts ...nodes.ConvOption) *graph.Node {
		return nodes.Conv2D(s.In("conv"), x, 8, 3, append(opts, nodes.Pad(1))...)
	}
	maps := regularize.NoiseShape(1, 0, 1, 1)
	for name, pair := range map[string][2]graph.Func{
		"input channels": {
			func(s *graph.Scope, x *graph.Node) *graph.Node {
				return conv(s, regularize.Dropout(s.In("drop"), x, 0.4, maps))
			},
			func(s *graph.Scope, x *graph.Node) *graph.Node {
				return conv(s, x, nodes.Parametrize(func(_ *graph.Scope, w *graph.Node) *graph.Node {
					return regularize.Dropout(s.In("drop"), w, 0.4, maps)
				}))
			},
		},
		"output maps": {
			func(s *graph.Scope, x *graph.Node) *graph.Node {
				return regularize.Dropout(s.In("drop"), conv(s, x, nodes.NoBias()), 0.4, maps)
			},
			func(s *graph.Scope, x *graph.Node) *graph.Node {
				return conv(s, x, nodes.NoBias(), nodes.Parametrize(func(_ *graph.Scope, w *graph.Node) *graph.Node {
					return regularize.DropFilter(0.4)(s.In("drop"), w)
				}))
			},
		},
	} {
		shape := graph.Shape{2, 6, 5, 4}
		a, b := step(t, pair[0], shape, 3), step(t, pair[1], shape, 3)
		wantClose(t, name, b, a, 1e-12) // the factor is applied before the sum or after it
		if slices.Max(a) == slices.Min(a) {
			t.Errorf("%s: the output is %v everywhere, so the test finds nothing", name, a[0])
		}
	}
}

// A dropped filter leaves the bias, a dropped map doesn't.
func TestDropFilterLeavesTheBias(t *testing.T) {
	conv := func(s *graph.Scope, x *graph.Node, opts ...nodes.ConvOption) *graph.Node {
		opts = append(opts, nodes.WeightInit(graph.Ones()), nodes.BiasInit(graph.Values([]float64{5, 7})))
		return nodes.Conv1D(s.In("conv"), x, 2, 1, opts...)
	}
	shape := graph.Shape{1, 1, 2}
	y := step(t, func(s *graph.Scope, x *graph.Node) *graph.Node {
		return conv(s, x, nodes.Parametrize(regularize.DropFilter(0.5)))
	}, shape, stepThat("conv.weight", 0.5, 0, 1))
	wantClose(t, "DropFilter", y, []float64{5, 5, 9, 9}, 0)
	y = step(t, func(s *graph.Scope, x *graph.Node) *graph.Node {
		return regularize.SpatialDropout1D(s.In("drop"), conv(s, x), 0.5)
	}, shape, stepThat("drop", 0.5, 0, 1))
	wantClose(t, "SpatialDropout1D", y, []float64{0, 0, 16, 16}, 0)
}

// In a batch of equal samples all outputs are equal: the mask is one for all.
func TestDropConnectIsOneForTheBatch(t *testing.T) {
	y := step(t, func(s *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.Linear(s.In("fc"), x, 1, nodes.Parametrize(regularize.DropConnect(0.5)))
	}, graph.Shape{5, 50}, 0)
	wantClose(t, "y", y, slices.Repeat(y[:1], 5), 0)
}

func TestMistakesOfParametrizations(t *testing.T) {
	for name, f := range parametrizations {
		for _, c := range []struct {
			net  graph.Func
			want string
		}{
			{func(s *graph.Scope, x *graph.Node) *graph.Node {
				return nodes.Linear(s.In("fc"), x, 2, nodes.Parametrize(f(1.5)))
			}, "fc.weight: " + name + ": p is 1.5, want 0 ≤ p ≤ 1"},
			{func(s *graph.Scope, x *graph.Node) *graph.Node {
				return nodes.Linear(s.In("fc"), x, 2, nodes.Parametrize(f(0.5, regularize.LinearRate(2, 5))))
			}, "fc.weight: " + name + ": LinearRate starts at 2"},
			{func(s *graph.Scope, x *graph.Node) *graph.Node {
				return nodes.Linear(s.In("fc"), x, 2, nodes.Parametrize(f(0.5, regularize.Classic(), regularize.RandomRate(0))))
			}, "fc.weight: " + name + ": Classic with RandomRate leaves evaluation without a rate"},
			{func(s *graph.Scope, x *graph.Node) *graph.Node {
				return f(0.5)(s.In("drop"), s.Param("bias", graph.Shape{3}, graph.Zeros()))
			}, "drop: " + name + ": the weight has shape (3), want two axes or more"},
			{func(s *graph.Scope, x *graph.Node) *graph.Node {
				return nodes.Linear(s.In("fc"), x, 2, nodes.Parametrize(f(0.5)), nodes.Parametrize(f(0.5)))
			}, `fc.weight: ` + name + `: a second random node at path "fc.weight" would draw the same mask`},
			{func(s *graph.Scope, x *graph.Node) *graph.Node {
				s.In("a").Errorf("the first mistake")
				return nodes.Linear(s.In("fc"), f(0.5)(s, nil), 2, nodes.Parametrize(f(7)))
			}, "a: the first mistake"},
		} {
			_, err := graph.Build(c.net, graph.Shape{4, 3})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got error %v, want %q", err, c.want)
			}
		}
	}
}
