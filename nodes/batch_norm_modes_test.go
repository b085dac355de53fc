package nodes_test

import (
	"errors"
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/graph/graphtest"
	"github.com/thinnet/thinnet/nodes"
	"gorgonia.org/tensor"
)

// ghostCases are the rows of batch norm over virtual batches, and with frozen
// statistics.
var ghostCases = []graphtest.Case{
	{Node: "BatchNorm1D", Name: "ghost batches", Modes: everyMode, In: []graphtest.Input{graphtest.Normal(8, 3)}, Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node {
		return nodes.BatchNorm1D(s, in[0], nodes.GhostBatch(3))
	}},
	{Node: "BatchNorm2D", Name: "ghost batches, not affine", In: []graphtest.Input{graphtest.Normal(5, 3, 2, 3)}, Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node {
		return nodes.BatchNorm2D(s, in[0], nodes.GhostBatch(2), nodes.NoAffine())
	}},
	{Node: "BatchNorm3D", Name: "ghost batches, untracked", Modes: everyMode, In: []graphtest.Input{graphtest.Normal(4, 2, 2, 2, 1)}, Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node {
		return nodes.BatchNorm3D(s, in[0], nodes.GhostBatch(2), nodes.Untracked())
	}},
	{Node: "BatchNorm2D", Name: "frozen", In: []graphtest.Input{graphtest.Normal(2, 3, 2, 3)}, Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node {
		return nodes.BatchNorm2D(s.In("bn").InMode(graph.Eval), nodes.Tanh(nodes.BatchNorm2D(s.In("bn0"), in[0])))
	}},
}

func TestGhostBatchMistakes(t *testing.T) {
	for _, c := range []struct {
		n, batch int
		want     string
	}{
		{0, 4, "bn: BatchNorm1D: GhostBatch is 0, want at least 1 sample"},
		{-3, 4, "bn: BatchNorm1D: GhostBatch is -3, want at least 1 sample"},
		{3, 7, "bn: BatchNorm1D: expected more than 1 value per channel in train mode, got x of shape (7, 2), of which GhostBatch(3) leaves one sample over; make the batch a multiple of that"},
		{1, 2, "got x of shape (2, 2) by GhostBatch(1); want at least GhostBatch(2)"},
		{8, 1, "got x of shape (1, 2); make the batch larger"},
	} {
		m, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
			return nodes.BatchNorm1D(s.In("bn"), x, nodes.GhostBatch(c.n))
		}, graph.Shape{c.batch, 2}, graph.Float64())
		if err == nil {
			x := matrix(c.batch, 2, make([]float64, 2*c.batch)...)
			_, err = m.Trainer(nodes.MSE()).Step(x, x)
		}
		wantPart(t, err, c.want)
	}
}

// wantPart fails if err is not one that says want.
func wantPart(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got error %v, want one with %q", err, want)
	}
}

// batches yields batches and then, perhaps, an error.
func batches(err error, xs ...*tensor.Dense) iter.Seq2[*tensor.Dense, error] {
	return func(yield func(*tensor.Dense, error) bool) {
		for _, x := range xs {
			if !yield(x, nil) {
				return
			}
		}
		if err != nil {
			yield(nil, err)
		}
	}
}

// Whatever goes wrong, and wherever, the statistics are the old ones. Those that are
// frozen stay in any case.
func TestCalibrateIsAllOrNothing(t *testing.T) {
	build := func(frozen bool) *graph.Model {
		m, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
			x = nodes.BatchNorm1D(s.In("frozen").InMode(graph.Eval), x)
			if frozen {
				s = s.InMode(graph.Eval)
			}
			return nodes.BatchNorm1D(s.In("bn"), x)
		}, graph.Shape{4, 1}, graph.Float64())
		if err != nil {
			t.Fatal(err)
		}
		weightOf(t, m, "frozen.running_mean").Float64s()[0] = 1
		return m
	}
	x, broken := matrix(2, 1, 1, 2), errors.New("the disk is full")
	for want, seq := range map[string]iter.Seq2[*tensor.Dense, error]{
		"the disk is full":                  batches(broken, x, x),
		"the input has shape (1, 3)":        batches(nil, x, matrix(1, 3, 1, 2, 3)),
		"expected more than 1 value per":    batches(nil, x, matrix(1, 1, 3)),
		"there is no batch, want at least ": batches(nil),
		"the input is nil":                  batches(nil, nil),
	} {
		m := build(false)
		before := statistics(m)
		wantPart(t, m.Calibrate(seq), want)
		if got := statistics(m); !slices.EqualFunc(got, before, slices.Equal) {
			t.Errorf("after the error %q the statistics are %v, want the old ones %v", want, got, before)
		}
	}
	wantPart(t, build(true).Calibrate(batches(nil, x)), "the model has no running statistics, or all of them are frozen")
	wantPart(t, build(false).Calibrate(nil), "the batches are nil, want an iterator")
	wantPart(t, (&graph.Model{}).Calibrate(batches(nil, x)), "the model is not built")

	// Predictions fold the statistics: they must see the new ones.
	m := build(false)
	predict := func() float64 {
		y, err := m.Predict(x)
		if err != nil {
			t.Fatal(err)
		}
		return y.Float64s()[0]
	}
	first := predict()
	for range 2 { // the second starts from nothing too
		if err := m.Calibrate(batches(nil, x, matrix(2, 1, 3, 4))); err != nil {
			t.Fatal(err)
		}
		near(t, "frozen mean", weightOf(t, m, "frozen.running_mean"), 0, 1)
		near(t, "mean", weightOf(t, m, "bn.running_mean"), 1e-4, 1.5)
		near(t, "variance", weightOf(t, m, "bn.running_var"), 1e-4, 5./3)
		near(t, "batches", weightOf(t, m, "bn.num_batches_tracked"), 0, 2)
	}
	if predict() == first {
		t.Error("a prediction has the old statistics")
	}
}

// Virtual batches make no difference to what the first norm pools.
func TestCalibrateGhostBatches(t *testing.T) {
	m, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.BatchNorm1D(s, x, nodes.GhostBatch(2))
	}, graph.Shape{4, 1}, graph.Float64())
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Calibrate(batches(nil, matrix(6, 1, 1, 2, 4, 8, 16, -3), matrix(2, 1, 5, 7))); err != nil {
		t.Fatal(err)
	}
	near(t, "mean", weightOf(t, m, "running_mean"), 1e-14, 5)
	near(t, "variance", weightOf(t, m, "running_var"), 1e-14, (16+9+1+9+121+64+0+4)/7.)
	near(t, "batches", weightOf(t, m, "num_batches_tracked"), 0, 4)
}
