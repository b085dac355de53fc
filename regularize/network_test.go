package regularize_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/regularize"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// network is a small classifier of images, with drop after each activation.
func network(drop func(s *graph.Scope, x *graph.Node) *graph.Node, rules ...func(s *graph.Scope)) graph.Func {
	return func(s *graph.Scope, x *graph.Node) *graph.Node {
		for _, rule := range rules {
			rule(s)
		}
		x = nodes.ReLU(nodes.Conv2D(s.In("conv"), x, 4, 3))
		x = drop(s.In("drop1"), x)
		x = nodes.ReLU(nodes.Linear(s.In("fc1"), nodes.Flatten(x), 8))
		x = drop(s.In("drop2"), x)
		return nodes.Linear(s.In("fc2"), x, 3)
	}
}

// fit trains for some steps and returns the losses and the weights.
func fit(t *testing.T, f graph.Func, steps int) (losses []float64, weights []graph.Weight) {
	t.Helper()
	m := build(t, f, graph.Shape{6, 1, 5, 5}, graph.Seed(seed))
	tr := m.Trainer(nodes.CrossEntropy())
	solver := gorgonia.NewVanillaSolver(gorgonia.WithLearnRate(0.5))
	x := make([]float32, 6*25)
	for i := range x {
		x[i] = float32(i*i%17)/8 - 1
	}
	images := tensor.New(tensor.WithShape(6, 1, 5, 5), tensor.WithBacking(x))
	classes := tensor.New(tensor.WithShape(6), tensor.WithBacking([]int{0, 1, 2, 0, 1, 2}))
	for range steps {
		r, err := tr.Step(images, classes)
		if err != nil {
			t.Fatalf("%+v", err)
		}
		losses = append(losses, r.Loss)
		if err := tr.Update(solver); err != nil {
			t.Fatalf("%+v", err)
		}
	}
	return losses, m.Weights()
}

// With p of 0, training is that of the network without the nodes, bit for bit;
// with another p it isn't.
func TestPOfZeroIsTheNetworkWithoutDropout(t *testing.T) {
	without, weights := fit(t, network(func(_ *graph.Scope, x *graph.Node) *graph.Node { return x }), 5)
	at := func(p float64) graph.Func {
		return network(func(s *graph.Scope, x *graph.Node) *graph.Node { return regularize.Dropout(s, x, p) })
	}
	with, same := fit(t, at(0), 5)
	if !slices.Equal(with, without) {
		t.Errorf("p of 0: got losses %v, want %v", with, without)
	}
	for i, w := range weights {
		if !slices.Equal(same[i].Value.Float32s(), w.Value.Float32s()) {
			t.Errorf("p of 0: %s differs after training", w.Name)
		}
	}
	if dropped, _ := fit(t, at(0.2), 5); slices.Equal(dropped, without) {
		t.Errorf("p of 0.2: got the losses without dropout, %v", dropped)
	}
}

// Both kinds of weight exceed the bound without the constraint.
func TestMaxNormHoldsDuringTraining(t *testing.T) {
	const c = 0.5
	longest := func(rules ...func(*graph.Scope)) map[string]float64 {
		_, weights := fit(t, network(func(s *graph.Scope, x *graph.Node) *graph.Node {
			return regularize.Dropout(s, x, 0.2)
		}, rules...), 5)
		out := map[string]float64{}
		for _, w := range weights {
			if w.Value.Dims() < 2 {
				continue
			}
			v, units := w.Value.Float32s(), w.Value.Shape()[0]
			for unit := range slices.Chunk(v, len(v)/units) {
				sum := 0.0
				for _, x := range unit {
					sum += float64(x) * float64(x)
				}
				out[w.Name] = max(out[w.Name], sum)
			}
		}
		return out
	}
	free := longest()
	bound := longest(func(s *graph.Scope) { regularize.MaxNorm(s, c) })
	for name, square := range bound {
		if square > c*c*(1+1e-6) { // elements are rounded to float32
			t.Errorf("%s: the longest vector has a squared length of %v, want at most %v", name, square, c*c)
		}
		if free[name] <= c*c {
			t.Errorf("%s: without the constraint the longest vector has a squared length of %v: the test finds nothing", name, free[name])
		}
	}
	if len(bound) != 3 {
		t.Errorf("got %d weights, want 3", len(bound))
	}
}

// A batch norm that reads dropout with p = 1/2 learns a variance of 2 from inputs
// of variance 1, and so its output in evaluation has one of 1/2.
func TestVarianceShiftBeforeBatchNorm(t *testing.T) {
	const n, p, q = 100_000, 0.5, 0.5
	r := rand.New(rand.NewPCG(3, 4))
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	m := build(t, func(s *graph.Scope, x *graph.Node) *graph.Node {
		x = regularize.Dropout(s.In("drop"), x, p)
		return nodes.BatchNorm1D(s.In("bn"), x, nodes.CumulativeAverage())
	}, graph.Shape{n, 1}, graph.Seed(seed))
	in := tensor.New(tensor.WithShape(n, 1), tensor.WithBacking(x))
	tr := m.Trainer(nodes.MSE())
	if _, err := tr.Step(in, in); err != nil {
		t.Fatalf("%+v", err)
	}
	if err := tr.Update(gorgonia.NewVanillaSolver(gorgonia.WithLearnRate(1e-30))); err != nil {
		t.Fatalf("%+v", err)
	}
	// 4 standard deviations of the variance of n such numbers: E y⁴ = 3/q³.
	tolerance := 4 * math.Sqrt((3/(q*q*q)-1/(q*q))/n)
	for _, w := range m.Weights() {
		if w.Name == "bn.running_var" {
			wantWithin(t, "running variance", float64(w.Value.Float32s()[0]), 1/q, tolerance)
		}
	}
	y, err := m.Predict(in)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	_, variance := moments(y.Float32s())
	wantWithin(t, "variance in evaluation", variance, q, tolerance*q*q)
}
