package regularize_test

import (
	"math"
	"strings"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel/pool"
	"github.com/thinnet/thinnet/regularize"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// A layer's weight and bias, and a norm's, at fc and bn.
func layers(s *graph.Scope, x *graph.Node) *graph.Node {
	s.In("fc").Param("weight", graph.Shape{2, 3}, graph.Values([]float64{3, -4, 0, 0.6, 0.8, 0}))
	s.In("fc").Param("bias", graph.Shape{2}, graph.Values([]float64{10, 20}))
	s.In("bn").Param("weight", graph.Shape{2}, graph.Values([]float64{30, 40}))
	return x
}

// stepOver runs a step and an update on layers under some rules, with an SGD
// solver of rate 0.5, and returns the loss above that of the layers alone,
// which is 1, the gradients, and the weights after the update.
func stepOver(t *testing.T, rules func(s *graph.Scope), opts ...graph.Option) (penalty float64, grads, weights map[string][]float64) {
	t.Helper()
	m := build(t, func(s *graph.Scope, x *graph.Node) *graph.Node {
		rules(s)
		return layers(s, x)
	}, graph.Shape{1, 1}, opts...)
	tr := m.Trainer(dot)
	r, err := tr.Step(row(1), row(1))
	if err != nil {
		t.Fatalf("%+v", err)
	}
	grads, weights = map[string][]float64{}, map[string][]float64{}
	for _, g := range tr.Gradients() {
		if g.Value != nil {
			grads[g.Name] = floats(g.Value)
		}
	}
	if err := tr.Update(gorgonia.NewVanillaSolver(gorgonia.WithLearnRate(0.5))); err != nil {
		t.Fatalf("%+v", err)
	}
	for _, w := range m.Weights() {
		weights[w.Name] = floats(w.Value)
	}
	if e, err := tr.Evaluate(row(1), row(1)); err != nil || e.Loss != 1 {
		t.Errorf("evaluation: got loss %v and error %v, want a loss without penalties, 1", e.Loss, err)
	}
	return r.Loss - 1, grads, weights
}

func floats(d *tensor.Dense) []float64 {
	out := make([]float64, d.Shape().TotalSize())
	for i := range out {
		if d.Dtype() == tensor.Float64 {
			out[i] = d.Float64s()[i]
		} else {
			out[i] = float64(d.Float32s()[i])
		}
	}
	return out
}

// By hand: Σ|w| = 8.4 and Σw² = 26 for the one weight, and nothing for the
// biases and the norm.
func TestPenaltiesAgainstHand(t *testing.T) {
	for _, c := range []struct {
		name     string
		rules    func(s *graph.Scope)
		loss     float64
		gradient []float64
	}{
		{"L1", func(s *graph.Scope) { regularize.L1(s, 0.5) }, 4.2, []float64{.5, -.5, 0, .5, .5, 0}},
		{"L2", func(s *graph.Scope) { regularize.L2(s, 0.5) }, 13, []float64{3, -4, 0, .6, .8, 0}},
		{"of a layer", func(s *graph.Scope) { regularize.L2(s.In("fc"), 0.5) }, 13, []float64{3, -4, 0, .6, .8, 0}},
		{"both", func(s *graph.Scope) { regularize.L1(s, 0.5); regularize.L2(s, 0.5) }, 17.2, []float64{3.5, -4.5, 0, 1.1, 1.3, 0}},
		{"twice", func(s *graph.Scope) { regularize.L1(s, 0.25); regularize.L1(s, 0.25) }, 4.2, []float64{.5, -.5, 0, .5, .5, 0}},
		{"λ of 0", func(s *graph.Scope) { regularize.L1(s, 0); regularize.L2(s, 0); regularize.OrthogonalPenalty(s, 0) }, 0, make([]float64, 6)},
		// The rows (3, -4, 0) and (0.6, 0.8, 0) have the products 25, 1 and -1.4: W·Wᵀ - I
		// is [24 -1.4; -1.4 0], and the gradient 4λ times it times W.
		{"orthogonal", func(s *graph.Scope) { regularize.OrthogonalPenalty(s, 0.01) }, 5.7992, []float64{2.8464, -3.8848, 0, -.168, .224, 0}},
	} {
		for _, opts := range [][]graph.Option{nil, {graph.Float64()}} {
			t.Run(c.name, func(t *testing.T) {
				loss, grads, _ := stepOver(t, c.rules, opts...)
				// A few roundings of float32 at 27, the largest loss.
				if math.Abs(loss-c.loss) > 1e-5 {
					t.Errorf("penalty: got %v, want %v, tolerance 1e-5", loss, c.loss)
				}
				wantClose(t, "gradient", grads["fc.weight"], c.gradient, 1e-6)
				if len(grads) != 1 {
					t.Errorf("got gradients of %d parameters, want that of fc.weight alone: %v", len(grads), grads)
				}
			})
		}
	}
}

// One SGD step under L2 multiplies weights by 1 - rate·2λ, as weight decay 2λ.
func TestL2IsWeightDecayOfSGD(t *testing.T) {
	_, _, weights := stepOver(t, func(s *graph.Scope) { regularize.L2(s, 0.1) })
	wantClose(t, "weights", weights["fc.weight"], []float64{2.7, -3.6, 0, .54, .72, 0}, 1e-6)
	wantClose(t, "bias", weights["fc.bias"], []float64{10, 20}, 0)
}

func TestPenaltyOfNothing(t *testing.T) {
	m := build(t, func(s *graph.Scope, x *graph.Node) *graph.Node {
		regularize.L1(s.In("bn"), 0.1)
		return layers(s, x)
	}, graph.Shape{1, 1})
	_, err := m.Trainer(dot).Step(row(1), row(1))
	if want := `bn: L1: no weight lies under "bn"`; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got error %v, want %q in it", err, want)
	}
}

func TestPenaltiesDoNotDependOnTheNumberOfCPUs(t *testing.T) {
	defer pool.SetThreads(pool.Threads())
	var losses []float64
	for _, cpus := range []int{1, 4} {
		pool.SetThreads(cpus)
		m := build(t, func(s *graph.Scope, x *graph.Node) *graph.Node {
			s.Param("weight", graph.Shape{300, 301}, graph.Normal(0, 1))
			regularize.L1(s, 1)
			regularize.L2(s, 1)
			regularize.OrthogonalPenalty(s, 1)
			return x
		}, graph.Shape{1, 1}, graph.Float64())
		r, err := m.Trainer(dot).Step(row(1), row(1))
		if err != nil {
			t.Fatalf("%+v", err)
		}
		losses = append(losses, r.Loss)
	}
	if losses[0] != losses[1] {
		t.Errorf("got a loss of %v on 1 CPU and of %v on 4", losses[0], losses[1])
	}
}
