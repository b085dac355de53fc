package regularize_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/graph/graphtest"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/regularize"
	"gorgonia.org/tensor"
)

type dropConnectConv = func(s *graph.Scope, x *graph.Node, out, k int, p float64, opts ...regularize.DropConnectConvOption) *graph.Node

// dropping is a convolution that drops weights, at the path conv.
func dropping(f dropConnectConv, out, k int, p float64, opts ...regularize.DropConnectConvOption) graph.Func {
	return func(s *graph.Scope, x *graph.Node) *graph.Node { return f(s.In("conv"), x, out, k, p, opts...) }
}

func dropConnectConvCases() []graphtest.Case {
	row := func(node string, f dropConnectConv, name string, p float64, shape []int, opts ...regularize.DropConnectConvOption) graphtest.Case {
		return graphtest.Case{
			Node: node, Name: name, Modes: allModes, In: []graphtest.Input{graphtest.Normal(shape...)},
			Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node { return dropping(f, 3, 2, p, opts...)(s, in[0]) },
		}
	}
	of2D := []int{2, 2, 3, 4}
	sigmoid := regularize.Activation(nodes.Sigmoid)
	noBias := regularize.ConvOptions(nodes.NoBias())
	window := regularize.ConvOptions(nodes.Stride(2, 1), nodes.Pad(1, 0), nodes.Dilation(1, 2))
	nothing := row("DropConnectConv2D", regularize.DropConnectConv2D, "p of 1", 1, of2D)
	nothing.ZeroGradient = true
	cases := []graphtest.Case{
		nothing,
		row("DropConnectConv2D", regularize.DropConnectConv2D, "same size", 0.4, of2D, regularize.ConvOptions(nodes.Same())),
		row("DropConnectConv1D", regularize.DropConnectConv1D, "", 0.4, []int{2, 3, 6}, sigmoid),
		row("DropConnectConv1D", regularize.DropConnectConv1D, "groups", 0.4, []int{2, 3, 4}, regularize.GaussianReLU(), regularize.ConvOptions(nodes.Groups(3))),
		row("DropConnectConv1D", regularize.DropConnectConv1D, "mean of samples", 0.4, []int{2, 3, 4}, sigmoid, regularize.GaussianMean(3)),
		row("DropConnectConv3D", regularize.DropConnectConv3D, "", 0.4, []int{1, 2, 3, 2, 3}, sigmoid),
		row("DropConnectConv3D", regularize.DropConnectConv3D, "mean of ReLU", 0.4, []int{1, 2, 2, 2, 3}, regularize.GaussianReLU()),
	}
	for node, f := range map[string]dropConnectConv{
		"DropConnectConv2D": regularize.DropConnectConv2D,
		"DropFilterR":       regularize.DropFilterR,
	} {
		cases = append(cases,
			row(node, f, "plain", 0.4, of2D),
			row(node, f, "p of 0", 0, of2D, sigmoid),
			row(node, f, "classic without a bias", 0.4, of2D, regularize.Classic(), noBias),
			row(node, f, "window", 0.4, []int{2, 2, 4, 5}, window),
			row(node, f, "at a scheduled rate", 0.4, of2D, regularize.LinearRate(0.1, 7)),
			row(node, f, "at a random rate", 0.4, of2D, regularize.RandomRate(0.1)),
			row(node, f, "mean of samples", 0.4, of2D, sigmoid, regularize.GaussianMean(5)),
			row(node, f, "mean of ReLU, classic", 0.4, of2D, regularize.GaussianReLU(), regularize.Classic(), window),
		)
	}
	return cases
}

// In evaluation a kernel of 1 by 1 is a linear map of each position, to the last bit.
func TestDropConnectConvOfOnePositionIsLinear(t *testing.T) {
	relu := regularize.Activation(nodes.ReLU)
	conv := regularize.ConvOptions(twoUnits, nodes.NoBias())
	eval := graph.InMode(graph.Eval)
	for name, opts := range map[string][]regularize.DropConnectLayerOption{
		"mean weights":          {relu},
		"mean weights, classic": {relu, regularize.Classic()},
		"closed form":           {regularize.GaussianReLU()},
		"closed form, classic":  {regularize.GaussianReLU(), regularize.Classic()},
		"samples":               {relu, regularize.GaussianMean(50)},
	} {
		linear := []regularize.DropConnectLinearOption{withoutB}
		for _, o := range opts {
			linear = append(linear, o)
		}
		want, _ := try(t, func(s *graph.Scope, x *graph.Node) *graph.Node {
			return regularize.DropConnectLinear(s.In("conv"), x, 2, 0.5, linear...)
		}, graph.Shape{1, 2}, []float64{1, 2}, eval).at(t, 0, []float64{1, 1})
		for _, f := range []dropConnectConv{regularize.DropConnectConv2D, regularize.DropFilterR} {
			all := []regularize.DropConnectConvOption{conv}
			for _, o := range opts {
				all = append(all, o)
			}
			got, _ := try(t, dropping(f, 2, 1, 0.5, all...), graph.Shape{1, 2, 1, 1}, []float64{1, 2}, eval).at(t, 0, []float64{1, 1})
			wantClose(t, name, got, want, 1e-14)
		}
	}
}

// The kernel [1 2; 3 4] under the mask [1 0; 0 1], of ones: (1 + 4) / 0.5.
func TestDropConnectConvAgainstHand(t *testing.T) {
	opts := regularize.ConvOptions(nodes.WeightInit(graph.Values([]float64{1, 2, 3, 4})), nodes.NoBias())
	for _, f := range []dropConnectConv{regularize.DropConnectConv2D, regularize.DropFilterR} {
		tr := try(t, dropping(f, 1, 2, 0.5, opts), graph.Shape{1, 1, 2, 2}, constant(1, 4))
		step := stepThat("conv", 0.5, 1, 0, 0, 1)
		y, dx := tr.at(t, step, []float64{1})
		wantClose(t, "y", y, []float64{10}, 0)
		wantClose(t, "dx", dx, []float64{2, 0, 0, 8}, 0)
		for _, g := range tr.tr.Gradients() {
			if g.Name == "conv.weight" {
				wantClose(t, "dweight", g.Value.Float64s(), []float64{2, 0, 0, 2}, 0)
			}
		}
	}
}

// Without a bias it is the convolution that takes DropConnect for its weight.
func TestDropConnectConvIsDropConnectOfTheWeight(t *testing.T) {
	weight := nodes.WeightInit(graph.Values([]float64{1, 2, 3, 4, 5, 6, 7, 8}))
	x := constant(0.5, 2*2*9)
	a := try(t, dropping(regularize.DropConnectConv2D, 1, 2, 0.3, regularize.ConvOptions(weight, nodes.NoBias())), graph.Shape{2, 2, 3, 3}, x)
	b := try(t, func(s *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.Conv2D(s.In("layer"), x, 1, 2, weight, nodes.NoBias(), nodes.Parametrize(func(_ *graph.Scope, w *graph.Node) *graph.Node {
			return regularize.DropConnect(0.3)(s.In("conv"), w)
		}))
	}, graph.Shape{2, 2, 3, 3}, x)
	for step := range uint64(3) {
		ya, dxa := a.at(t, step, constant(1, 8))
		yb, dxb := b.at(t, step, constant(1, 8))
		wantClose(t, "y", ya, yb, 0)
		wantClose(t, "dx", dxa, dxb, 0)
	}
}

// Many filters with the same kernel, or many positions with the same input: their sums
// have the mean and the variance that evaluation takes them to have. The bounds are 4
// standard deviations.
func TestMomentsOfDropConnectConv(t *testing.T) {
	const n, p, q, bias = 200_000, 0.2, 0.8, 1.5
	weights, input := []float64{1, -2, 0.5}, []float32{1, 2, -3}
	sum, squares := bias, bias*bias
	for i, w := range weights {
		sum += w * float64(input[i])
		squares += w * w * float64(input[i]*input[i])
	}
	for _, classic := range []bool{false, true} {
		mean, factor := 1.0, p/q
		var form []regularize.DropConnectConvOption
		if classic {
			form, mean, factor = append(form, regularize.Classic()), q, p*q
		}
		check := func(what string, y []float32) {
			got, variance := moments(y)
			wantWithin(t, what+": mean", got, mean*sum, 4*math.Sqrt(factor*squares/n))
			wantWithin(t, what+": variance", variance, factor*squares, 0.02*factor*squares) // as for DropConnectLinear
		}
		filters := regularize.ConvOptions(nodes.WeightInit(graph.Values(slices.Repeat(weights, n))), nodes.BiasInit(graph.Constant(bias)))
		check("filters", sample(t, dropping(regularize.DropConnectConv1D, n, 3, p, append(form, filters)...), graph.Shape{1, 1, 3}, input))
		kernel := regularize.ConvOptions(nodes.WeightInit(graph.Values(weights)), nodes.BiasInit(graph.Constant(bias)),
			nodes.KernelSize(1, 3), nodes.Stride(1, 3))
		check("positions", sample(t, dropping(regularize.DropFilterR, 1, 0, p, append(form, kernel)...), graph.Shape{n / 1000, 1, 1, 3000}, slices.Repeat(input, n)))
	}
}

// A Monte Carlo pass draws as a training step does: for the batch, or for each sample.
func TestWhatDropConnectConvDrawsFor(t *testing.T) {
	for _, c := range []struct {
		f    dropConnectConv
		want graph.Drawing
	}{
		{regularize.DropConnectConv2D, graph.Drawing{Batches: true}},
		{regularize.DropFilterR, graph.Drawing{Samples: true}},
	} {
		m := build(t, dropping(c.f, 4, 3, 0.5), graph.Shape{2, 3, 5, 5}, graph.Seed(seed))
		d, err := m.Drawing()
		if err != nil {
			t.Fatalf("%+v", err)
		}
		if d != c.want {
			t.Errorf("got %+v, want %+v", d, c.want)
		}
		x := tensor.Ones(tensor.Float32, 2, 3, 5, 5)
		draw := func(n uint64) []float32 {
			y, err := m.Sample(x, n)
			if err != nil {
				t.Fatalf("%+v", err)
			}
			return slices.Clone(y.Float32s())
		}
		y := draw(0)
		if !slices.Equal(y, draw(0)) || slices.Equal(y, draw(1)) {
			t.Error("want one mask for a number of a draw, and another for the next")
		}
		if same := slices.Equal(y[:len(y)/2], y[len(y)/2:]); same != d.Batches {
			t.Errorf("two equal samples have equal outputs: %v, want %v", same, d.Batches)
		}
	}
}

// Variances of 0, which rounding may leave a little below 0, have a root.
func TestGaussianReLUOfAnEmptyImage(t *testing.T) {
	m := build(t, dropping(regularize.DropConnectConv2D, 8, 3, 0.5, regularize.GaussianReLU(),
		regularize.ConvOptions(nodes.Pad(1), nodes.BiasInit(graph.Zeros()))), graph.Shape{1, 8, 12, 12})
	x := tensor.New(tensor.WithShape(1, 8, 12, 12), tensor.Of(tensor.Float32))
	for i := range 8 {
		x.Float32s()[i*144+i] = 1000
	}
	y, err := m.Predict(x)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	for i, v := range y.Float32s() {
		if !(v >= 0) {
			t.Fatalf("element %d is %v, want 0 or more", i, v)
		}
	}
}

func TestDropConnectConvAllocatesNothing(t *testing.T) {
	m := build(t, func(s *graph.Scope, x *graph.Node) *graph.Node {
		x = regularize.DropConnectConv2D(s.In("conv1"), x, 8, 3, 0.5, regularize.GaussianReLU())
		x = regularize.DropFilterR(s.In("conv2"), x, 8, 3, 0.5, regularize.Activation(nodes.ReLU))
		return nodes.Linear(s.In("fc"), nodes.GlobalAvgPool(x), 3)
	}, graph.Shape{4, 3, 9, 9})
	tr := m.Trainer(nodes.CrossEntropy())
	x, y := tensor.Ones(tensor.Float32, 4, 3, 9, 9), tensor.New(tensor.WithShape(4), tensor.Of(tensor.Int))
	step := func() {
		if _, err := tr.Step(x, y); err != nil {
			t.Fatalf("%+v", err)
		}
	}
	for range 5 {
		step()
	}
	if n := testing.AllocsPerRun(20, step); n >= 1 {
		t.Errorf("a training step makes %v allocations, want 0", n)
	}
}

func TestDropConnectConvMistakes(t *testing.T) {
	conv, filter := regularize.DropConnectConv2D, regularize.DropFilterR
	for _, c := range []struct {
		net  graph.Func
		want string
	}{
		{dropping(conv, 2, 3, 1.5), "conv: DropConnectConv2D: p is 1.5, want 0 ≤ p ≤ 1"},
		{dropping(filter, 2, 3, math.NaN()), "conv: DropFilterR: p is NaN, want 0 ≤ p ≤ 1"},
		{dropping(regularize.DropConnectConv1D, 2, 3, -1), "conv: DropConnectConv1D: p is -1, want 0 ≤ p ≤ 1"},
		{dropping(regularize.DropConnectConv3D, 2, 3, 0.5), "conv: Conv3D: x has shape (4, 4, 5, 5), want (N, C, D, H, W)"},
		{dropping(conv, 0, 3, 0.5), "conv: Conv2D: out is 0, want at least 1"},
		{dropping(conv, 2, 9, 0.5), "conv: Conv2D: a window spans [9 9]"},
		{dropping(filter, 2, 3, 0.5, regularize.ConvOptions(nodes.Groups(2))), "conv: DropFilterR: Groups is 2, want 1"},
		{dropping(conv, 2, 3, 0.5, regularize.GaussianMean(3)), "GaussianMean is given without an Activation"},
		{dropping(conv, 2, 3, 1, regularize.GaussianReLU()), "p is 1, which leaves GaussianMean and GaussianReLU no variance"},
		{dropping(conv, 2, 3, 0.5, regularize.Activation(nodes.Flatten)), "conv: DropConnectConv2D: the function of Activation returned shape (4, 18) for shape (4, 2, 3, 3), want the same"},
		{func(s *graph.Scope, x *graph.Node) *graph.Node {
			return regularize.Dropout(s.In("conv"), dropping(conv, 2, 3, 0.5)(s, x), 0.5)
		}, `conv: Dropout: a second random node at path "conv" would draw the same mask`},
		{func(s *graph.Scope, x *graph.Node) *graph.Node { return dropping(conv, 2, 3, 0.5)(s, nil) }, "conv: DropConnectConv2D: x is nil, want a node"},
		{func(s *graph.Scope, x *graph.Node) *graph.Node { return dropping(filter, 2, 3, 0.5)(s, nil) }, "conv: DropFilterR: x is nil, want a node"},
	} {
		_, err := graph.Build(c.net, graph.Shape{4, 4, 5, 5})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got error %v, want %q", err, c.want)
		}
	}
}
