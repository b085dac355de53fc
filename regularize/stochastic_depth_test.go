package regularize_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/regularize"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// residual is x plus a branch that gives 2·x.
func residual(p float64, opts ...regularize.StochasticDepthOption) graph.Func {
	return func(s *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.Add(x, regularize.StochasticDepth(s.In("drop"), nodes.Add(x, x), p, opts...))
	}
}

// Worked by hand for x = 1, a branch of 2 and p = 1/4.
func TestStochasticDepthAgainstHand(t *testing.T) {
	kept, dropped := stepThat("drop", 0.25, 1), stepThat("drop", 0.25, 0)
	rows := stepThat("drop", 0.25, 1, 0, 1)
	for _, c := range []struct {
		name string
		opts []regularize.StochasticDepthOption
		mode graph.Mode
		step uint64
		want []float64
	}{
		{"kept", nil, graph.Train, kept, []float64{11. / 3, 11. / 3, 11. / 3}},
		{"dropped", nil, graph.Train, dropped, []float64{1, 1, 1}},
		{"in rows", []regularize.StochasticDepthOption{regularize.RowMode()}, graph.Train, rows, []float64{11. / 3, 1, 11. / 3}},
		{"in evaluation", nil, graph.Eval, dropped, []float64{3, 3, 3}},
		{"classic, kept", []regularize.StochasticDepthOption{regularize.Classic()}, graph.Train, kept, []float64{3, 3, 3}},
		{"classic, dropped", []regularize.StochasticDepthOption{regularize.Classic()}, graph.Train, dropped, []float64{1, 1, 1}},
		{"classic, in evaluation", []regularize.StochasticDepthOption{regularize.Classic()}, graph.Eval, dropped, []float64{2.5, 2.5, 2.5}},
		{"classic, in samples", []regularize.StochasticDepthOption{regularize.Classic()}, graph.MonteCarlo, kept, []float64{3, 3, 3}},
		{"classic, scheduled, in evaluation", []regularize.StochasticDepthOption{regularize.Classic(), regularize.LinearRate(0, 10)}, graph.Eval, 0, []float64{2.5, 2.5, 2.5}},
	} {
		y, dx := try(t, residual(0.25, c.opts...), graph.Shape{3, 1}, constant(1, 3), graph.InMode(c.mode)).at(t, c.step, constant(1, 3))
		wantClose(t, c.name+": y", y, c.want, 1e-12)
		wantClose(t, c.name+": dx", dx, c.want, 1e-12)
	}
}

func TestLinearDecay(t *testing.T) {
	var kept []float64
	for l := range 4 {
		kept = append(kept, 1-regularize.LinearDecay(l+1, 4, 0.5))
	}
	wantClose(t, "rates to keep", kept, []float64{.875, .75, .625, .5}, 0)
	// 54 blocks of a network of 110 layers: 3L-1 quarters of them are expected.
	depth := 0.0
	for l := range 54 {
		depth += 1 - regularize.LinearDecay(l+1, 54, 0.5)
	}
	wantClose(t, "expected depth", []float64{depth}, []float64{40.25}, 1e-12)
	for _, l := range []int{-1, 0, 5} {
		if p := regularize.LinearDecay(l, 4, 0.5); !math.IsNaN(p) {
			t.Errorf("block %d of 4: got a rate of %v, want NaN", l, p)
		}
	}
}

// A step that drops the branch leaves its statistics alone; without the gate, or in
// row mode, they move.
func TestStochasticBranchHoldsStatistics(t *testing.T) {
	norm := func(s *graph.Scope, x *graph.Node) *graph.Node { return nodes.BatchNorm1D(s.In("bn"), x) }
	for name, c := range map[string]struct {
		f     graph.Func
		keep  int
		moves bool
	}{
		"kept":    {func(s *graph.Scope, x *graph.Node) *graph.Node { return regularize.StochasticBranch(s, x, 0.5, norm) }, 1, true},
		"dropped": {func(s *graph.Scope, x *graph.Node) *graph.Node { return regularize.StochasticBranch(s, x, 0.5, norm) }, 0, false},
		"in rows": {func(s *graph.Scope, x *graph.Node) *graph.Node {
			return regularize.StochasticBranch(s, x, 0.5, norm, regularize.RowMode())
		}, 0, true},
		"without the gate": {func(s *graph.Scope, x *graph.Node) *graph.Node {
			return regularize.StochasticDepth(s, norm(s, x), 0.5)
		}, 0, true},
	} {
		m := build(t, func(s *graph.Scope, x *graph.Node) *graph.Node { return nodes.Add(x, c.f(s.In("branch"), x)) }, graph.Shape{2, 1}, graph.Seed(seed))
		m.SetStep(stepThat("branch", 0.5, c.keep))
		tr := m.Trainer(nodes.MSE())
		x := tensor.New(tensor.WithShape(2, 1), tensor.WithBacking([]float32{1, 2}))
		if _, err := tr.Step(x, x); err != nil {
			t.Fatalf("%+v", err)
		}
		if err := tr.Update(gorgonia.NewVanillaSolver()); err != nil {
			t.Fatalf("%+v", err)
		}
		for _, w := range m.Weights() {
			before, state := map[string]string{"branch.bn.running_mean": "[0]", "branch.bn.running_var": "[1]", "branch.bn.num_batches_tracked": "0"}[w.Name]
			if moved := fmt.Sprint(w.Value.Data()) != before; state && moved != c.moves {
				t.Errorf("%s: %s is %v: moved is %v, want %v", name, w.Name, w.Value.Data(), moved, c.moves)
			}
		}
	}
}

func TestStochasticBranchIsStochasticDepth(t *testing.T) {
	x := []float64{1, 2, 3, 4}
	for step := range uint64(8) {
		for _, opts := range [][]regularize.StochasticDepthOption{nil, {regularize.RowMode()}, {regularize.Classic()}} {
			y, dx := try(t, func(s *graph.Scope, x *graph.Node) *graph.Node {
				return regularize.StochasticDepth(s.In("drop"), nodes.Tanh(x), 0.5, opts...)
			}, graph.Shape{4, 1}, x).at(t, step, x)
			y2, dx2 := try(t, func(s *graph.Scope, x *graph.Node) *graph.Node {
				return regularize.StochasticBranch(s.In("drop"), x, 0.5, func(_ *graph.Scope, x *graph.Node) *graph.Node { return nodes.Tanh(x) }, opts...)
			}, graph.Shape{4, 1}, x).at(t, step, x)
			if !slices.Equal(y, y2) || !slices.Equal(dx, dx2) {
				t.Errorf("step %d: got %v and %v, want %v and %v", step, y2, dx2, y, dx)
			}
		}
	}
}
