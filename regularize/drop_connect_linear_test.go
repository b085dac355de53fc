package regularize_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/graph/graphtest"
	"github.com/thinnet/thinnet/internal/kernel/pool"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/regularize"
	"gorgonia.org/tensor"
)

// dropConnectLinear is [regularize.DropConnectLinear] at the path fc.
func dropConnectLinear(out int, p float64, opts ...regularize.DropConnectLinearOption) graph.Func {
	return func(s *graph.Scope, x *graph.Node) *graph.Node {
		return regularize.DropConnectLinear(s.In("fc"), x, out, p, opts...)
	}
}

func dropConnectLinearCases() []graphtest.Case {
	row := func(name string, p float64, shape []int, opts ...regularize.DropConnectLinearOption) graphtest.Case {
		return graphtest.Case{
			Node: "DropConnectLinear", Name: name, Modes: allModes, In: []graphtest.Input{graphtest.Normal(shape...)},
			Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node { return dropConnectLinear(9, p, opts...)(s, in[0]) },
		}
	}
	flat := []int{4, 3}
	sigmoid := regularize.Activation(nodes.Sigmoid)
	noBias := regularize.LinearOptions(nodes.NoBias())
	nothing := row("p of 1", 1, flat)
	nothing.ZeroGradient = true
	return []graphtest.Case{
		row("plain", 0.4, flat),
		row("p of 0", 0, flat, sigmoid),
		nothing,
		row("classic without a bias", 0.4, flat, regularize.Classic(), noBias),
		row("of sequences", 0.4, []int{2, 3, 5}, sigmoid),
		row("at a scheduled rate", 0.4, flat, regularize.LinearRate(0.1, 7)),
		row("mean of samples", 0.4, flat, sigmoid, regularize.GaussianMean(5)),
		row("mean of samples, classic", 0.4, []int{2, 3, 5}, sigmoid, regularize.GaussianMean(3), regularize.Classic(), noBias),
		row("mean of ReLU", 0.4, flat, regularize.GaussianReLU()),
		row("mean of ReLU, classic", 0.4, []int{2, 3, 5}, regularize.GaussianReLU(), regularize.Classic(), noBias),
	}
}

// Two inputs, 1 and 2, and two units with the weights (1, 3) and (2, 4).
var (
	twoUnits  = nodes.WeightInit(graph.Values([]float64{1, 3, 2, 4}))
	withoutB  = regularize.LinearOptions(twoUnits, nodes.NoBias())
	paperForm = []regularize.DropConnectLinearOption{regularize.Classic(), withoutB}
)

// unitKeeps are the factors for sample n and unit o of a layer with so many units and
// inputs, the last one that of the bias.
func unitKeeps(path string, step uint64, p float64, n, o, out, in int) []float64 {
	stride := (in + 8) / 8 * 8
	first := (n*out + o) * stride
	return factors(path, step, p, first+in+1)[first:]
}

// The mask [1 0; 1 1], with inputs in rows, of one sample.
func TestDropConnectLinearAgainstHand(t *testing.T) {
	same := func(k []float64, want ...bool) bool {
		return slices.EqualFunc(k[:len(want)], want, func(k float64, want bool) bool { return (k != 0) == want })
	}
	step := uint64(0)
	for !same(unitKeeps("fc", step, 0.5, 0, 0, 2, 2), true, true) || !same(unitKeeps("fc", step, 0.5, 0, 1, 2, 2), false, true) {
		step++
	}
	tr := try(t, dropConnectLinear(2, 0.5, paperForm...), graph.Shape{1, 2}, []float64{1, 2})
	u, dv := tr.at(t, step, []float64{1, 1})
	wantClose(t, "u", u, []float64{7, 8}, 0)
	wantClose(t, "dv", dv, []float64{1, 7}, 0)
	for _, g := range tr.tr.Gradients() {
		if g.Name == "fc.weight" {
			wantClose(t, "dW", g.Value.Float64s(), []float64{1, 2, 0, 2}, 0)
		}
	}
}

// By hand, m = (3.5, 5) and s² = (9.25, 17); in the inverted form m = (7, 10) and
// s² = (37, 68), of which all is twice as large.
func TestDropConnectLinearInEvaluationAgainstHand(t *testing.T) {
	relu := regularize.Activation(nodes.ReLU)
	for _, c := range []struct {
		name string
		opts []regularize.DropConnectLinearOption
		want []float64
		tol  float64
	}{
		{"mean weights", []regularize.DropConnectLinearOption{relu}, []float64{3.5, 5}, 0},
		{"closed form", []regularize.DropConnectLinearOption{regularize.GaussianReLU()}, []float64{3.688579, 5.225365}, 5e-7},
		// 4 standard deviations of a mean of 100,000, of variables with one of at most √17.
		{"samples", []regularize.DropConnectLinearOption{relu, regularize.GaussianMean(100_000)}, []float64{3.688579, 5.225365}, 0.053},
	} {
		y, _ := try(t, dropConnectLinear(2, 0.5, append(c.opts, paperForm...)...), graph.Shape{1, 2}, []float64{1, 2}, graph.InMode(graph.Eval)).at(t, 0, []float64{1, 1})
		wantClose(t, c.name, y, c.want, c.tol)
		y, _ = try(t, dropConnectLinear(2, 0.5, append(c.opts, withoutB)...), graph.Shape{1, 2}, []float64{1, 2}, graph.InMode(graph.Eval)).at(t, 0, []float64{1, 1})
		wantClose(t, c.name+", inverted", y, []float64{2 * c.want[0], 2 * c.want[1]}, 2*c.tol)
	}
}

// Each sample reads its own draws, in the forward pass and in the backward pass, and the
// bias is dropped as a weight.
func TestDropConnectLinearReadsItsStreamByPosition(t *testing.T) {
	const n, out, in, p = 3, 4, 11, 0.4
	for _, step := range []uint64{0, 5} {
		x := make([]float64, n*in)
		for i := range x {
			x[i] = float64(i%5) - 1.7
		}
		weight, bias := make([]float64, out*in), []float64{1, -2, 3, 4}
		for i := range weight {
			weight[i] = float64(i%7)/4 - 0.6
		}
		tr := try(t, dropConnectLinear(out, p, regularize.LinearOptions(
			nodes.WeightInit(graph.Values(weight)), nodes.BiasInit(graph.Values(bias)))), graph.Shape{n, in}, x)
		dy := []float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}
		var wantY []float64
		wantX, wantW, wantB := make([]float64, n*in), make([]float64, out*in), make([]float64, out)
		for s := range n {
			for o := range out {
				k, g := unitKeeps("fc", step, p, s, o, out, in), dy[s*out+o]
				u := k[in] * bias[o]
				wantB[o] += k[in] * g
				for i := range in {
					u += k[i] * weight[o*in+i] * x[s*in+i]
					wantX[s*in+i] += k[i] * weight[o*in+i] * g
					wantW[o*in+i] += k[i] * x[s*in+i] * g
				}
				wantY = append(wantY, u)
			}
		}
		y, dx := tr.at(t, step, dy)
		wantClose(t, "y", y, wantY, 1e-12)
		wantClose(t, "dx", dx, wantX, 1e-12)
		for _, g := range tr.tr.Gradients() {
			switch g.Name {
			case "fc.weight":
				wantClose(t, "dweight", g.Value.Float64s(), wantW, 1e-12)
			case "fc.bias":
				wantClose(t, "dbias", g.Value.Float64s(), wantB, 1e-12)
			}
		}
	}
}

// Over many samples of one input the sums have the mean and the variance that the
// evaluation takes them to have. The bounds are 4 standard deviations.
func TestMomentsOfDropConnectLinear(t *testing.T) {
	const n, p, q = 200_000, 0.2, 0.8
	weights := []float64{1, -2, 0.5}
	input := []float32{1, 2, -3}
	const bias = 1.5
	for _, classic := range []bool{false, true} {
		opts := []regularize.DropConnectLinearOption{regularize.LinearOptions(
			nodes.WeightInit(graph.Values(weights)), nodes.BiasInit(graph.Values([]float64{bias})))}
		mean, factor := 1.0, p/q
		if classic {
			opts, mean, factor = append(opts, regularize.Classic()), q, p*q
		}
		sum, squares := bias, bias*bias
		for i, w := range weights {
			sum += w * float64(input[i])
			squares += w * w * float64(input[i]*input[i])
		}
		y := sample(t, dropConnectLinear(1, p, opts...), graph.Shape{n, 3}, slices.Repeat(input, n))
		got, variance := moments(y)
		wantWithin(t, "mean", got, mean*sum, 4*math.Sqrt(factor*squares/n))
		wantWithin(t, "variance", variance, factor*squares, 0.02*factor*squares) // E (u-m)⁴ < 5·s⁸ᐟ²: 4·√(5/n)
	}
}

// A prediction depends on its input alone: not on the batch, nor on how often it is made.
func TestGaussianMeanOfASampleInAnyBatch(t *testing.T) {
	m := build(t, dropConnectLinear(3, 0.5, regularize.Activation(nodes.Sigmoid), regularize.GaussianMean(7)), graph.Shape{4, 5}, graph.Seed(seed))
	x := make([]float32, 20)
	for i := range x {
		x[i] = float32(i%7) - 3
	}
	predict := func(rows ...float32) []float32 {
		y, err := m.Predict(tensor.New(tensor.WithShape(len(rows)/5, 5), tensor.WithBacking(rows)))
		if err != nil {
			t.Fatalf("%+v", err)
		}
		return slices.Clone(y.Float32s())
	}
	all := predict(x...)
	if again := predict(x...); !slices.Equal(all, again) {
		t.Errorf("got %v, and then %v", all, again)
	}
	if one := predict(x[10:15]...); !slices.Equal(one, all[6:9]) {
		t.Errorf("a sample alone: got %v, want %v", one, all[6:9])
	}
}

// Predictions follow the weights, those from squares of them too.
func TestDropConnectLinearPredictsWithTheWeightsAsTheyAre(t *testing.T) {
	net := dropConnectLinear(30, 0.5, regularize.GaussianReLU())
	m := build(t, net, graph.Shape{4, 50}, graph.Seed(seed))
	x := tensor.Ones(tensor.Float32, 4, 50)
	if _, err := m.Predict(x); err != nil {
		t.Fatalf("%+v", err)
	}
	if err := m.Exclusively(func() error {
		for _, w := range m.Weights() {
			for i := range w.Value.Float32s() {
				w.Value.Float32s()[i] *= 2
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	got, err := m.Predict(x)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	fresh := build(t, net, graph.Shape{4, 50}, graph.Seed(seed))
	want, err := fresh.Predict(x)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	for i, v := range want.Float32s() {
		if got.Float32s()[i] != 2*v { // a power of two: exact
			t.Fatalf("element %d: got %v, want %v", i, got.Float32s()[i], 2*v)
		}
	}
}

// What draws for each sample can be sampled in one batch.
func TestWhatDropConnectDrawsFor(t *testing.T) {
	for _, c := range []struct {
		net  graph.Func
		want graph.Drawing
	}{
		{dropConnectLinear(2, 0.5), graph.Drawing{Samples: true}},
		{func(s *graph.Scope, x *graph.Node) *graph.Node {
			return nodes.Linear(s.In("fc"), x, 2, nodes.Parametrize(regularize.DropConnect(0.5)))
		}, graph.Drawing{Batches: true}},
		{func(s *graph.Scope, x *graph.Node) *graph.Node {
			return nodes.Linear(s.In("fc"), x, 2, nodes.Parametrize(regularize.DropFilter(0.5)))
		}, graph.Drawing{Batches: true}},
	} {
		d, err := build(t, c.net, graph.Shape{3, 4}).Drawing()
		if err != nil {
			t.Fatalf("%+v", err)
		}
		if d != c.want {
			t.Errorf("got %+v, want %+v", d, c.want)
		}
	}
}

func TestDropConnectLinearIsTheSameOnAnyCPUs(t *testing.T) {
	defer pool.SetThreads(pool.Threads())
	var y, dx [2][]float64
	x := constant(1, 40*130)
	for i, cpus := range []int{1, 4} {
		pool.SetThreads(cpus)
		y[i], dx[i] = try(t, dropConnectLinear(50, 0.3), graph.Shape{40, 130}, x).at(t, 9, constant(1, 40*50))
	}
	if !slices.Equal(y[0], y[1]) || !slices.Equal(dx[0], dx[1]) {
		t.Error("1 and 4 CPUs give different bits")
	}
}

// A step with masks for each sample allocates nothing.
func TestDropConnectLinearAllocatesNothing(t *testing.T) {
	m := build(t, func(s *graph.Scope, x *graph.Node) *graph.Node {
		x = regularize.DropConnectLinear(s.In("fc1"), x, 20, 0.5, regularize.GaussianReLU())
		return nodes.Linear(s.In("fc2"), x, 3, nodes.Parametrize(regularize.DropConnect(0.5)))
	}, graph.Shape{8, 30})
	tr := m.Trainer(nodes.CrossEntropy())
	x, y := tensor.Ones(tensor.Float32, 8, 30), tensor.New(tensor.WithShape(8), tensor.Of(tensor.Int))
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

func TestDropConnectLinearMistakes(t *testing.T) {
	relu := regularize.Activation(nodes.ReLU)
	for _, c := range []struct {
		net  graph.Func
		want string
	}{
		{dropConnectLinear(2, 1.5), "fc: DropConnectLinear: p is 1.5, want 0 ≤ p ≤ 1"},
		{dropConnectLinear(2, math.NaN()), "fc: DropConnectLinear: p is NaN, want 0 ≤ p ≤ 1"},
		{dropConnectLinear(0, 0.5), "fc: Linear: out is 0, want at least 1"},
		{dropConnectLinear(2, 0.5, regularize.LinearRate(2, 1)), "fc: DropConnectLinear: LinearRate starts at 2"},
		{dropConnectLinear(2, 0.5, regularize.Activation(nil)), "fc: DropConnectLinear: the function of Activation is nil"},
		{dropConnectLinear(2, 0.5, regularize.Activation(func(*graph.Node) *graph.Node { return nil })),
			"fc: DropConnectLinear: the function of Activation returned nil, want a node"},
		{dropConnectLinear(2, 0.5, regularize.Activation(func(u *graph.Node) *graph.Node { return nodes.Reshape(u, 1, 8) })),
			"fc: DropConnectLinear: the function of Activation returned shape (1, 8) for shape (4, 2), want the same"},
		{dropConnectLinear(2, 0.5, relu, regularize.GaussianReLU()), "both Activation and GaussianReLU are given"},
		{dropConnectLinear(2, 0.5, regularize.GaussianMean(3), regularize.GaussianReLU()), "both GaussianMean and GaussianReLU are given"},
		{dropConnectLinear(2, 0.5, regularize.GaussianMean(3)), "GaussianMean is given without an Activation"},
		{dropConnectLinear(2, 0.5, relu, regularize.GaussianMean(0)), "GaussianMean is of 0 samples, want at least 1"},
		{dropConnectLinear(2, 1, regularize.GaussianReLU()), "p is 1, which leaves GaussianMean and GaussianReLU no variance"},
		{dropConnectLinear(2, 0.5, regularize.GaussianReLU(), regularize.RandomRate(0)), "GaussianReLU with RandomRate leaves evaluation without a rate"},
		{dropConnectLinear(2, 0.5, regularize.Classic(), regularize.RandomRate(0)), "Classic with RandomRate leaves evaluation without a rate"},
		{func(s *graph.Scope, x *graph.Node) *graph.Node {
			return dropConnectLinear(2, 0.5)(s, s.Ints(graph.Shape{4, 3}, make([]int, 12)))
		}, "fc: DropConnectLinear: x has element type int, want float32"},
		{func(s *graph.Scope, x *graph.Node) *graph.Node {
			return regularize.Dropout(s.In("fc"), dropConnectLinear(2, 0.5)(s, x), 0.5)
		}, `fc: Dropout: a second random node at path "fc" would draw the same mask`},
		{func(s *graph.Scope, x *graph.Node) *graph.Node {
			return dropConnectLinear(2, 7)(s, s.In("a").Errorf("the first mistake"))
		}, "a: the first mistake"},
		{func(s *graph.Scope, x *graph.Node) *graph.Node { return dropConnectLinear(2, 0.5)(s, nil) }, "fc: DropConnectLinear: x is nil, want a node"},
	} {
		_, err := graph.Build(c.net, graph.Shape{4, 3})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got error %v, want %q", err, c.want)
		}
	}
}
