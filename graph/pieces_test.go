package graph_test

import (
	"slices"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/train"
	"gorgonia.org/tensor"
)

func normed(s *graph.Scope, x *graph.Node) *graph.Node {
	return nodes.Linear(s.In("fc"), nodes.BatchNorm1D(s.In("bn"), x), 2)
}

// ramp is n samples of 3 numbers, and class 0 for each.
func ramp(n int) (x, target *tensor.Dense) {
	x = tensor.New(tensor.WithShape(n, 3), tensor.Of(tensor.Float32))
	for i := range x.Float32s() {
		x.Float32s()[i] = float32(i*i%7) / 8
	}
	return x, tensor.New(tensor.WithShape(n), tensor.Of(tensor.Int))
}

// tracked returns the batches that the norm has seen.
func tracked(m *graph.Model) int64 {
	for _, w := range m.Weights() {
		if w.Name == "bn.num_batches_tracked" {
			return w.Value.Int64s()[0]
		}
	}
	return -1
}

// A step in pieces changes nothing before its update, and takes a number for each piece.
func TestInPieces(t *testing.T) {
	m, err := graph.Build(normed, graph.Shape{2, 3})
	if err != nil {
		t.Fatal(err)
	}
	tr := m.Trainer(nodes.CrossEntropy(), graph.InPieces(2))
	sgd := train.SGD(0.1)
	seen := int64(0)
	for _, c := range []struct{ samples, pieces int }{{8, 4}, {7, 4}, {2, 1}, {4, 2}, {8, 4}} {
		x, target := ramp(c.samples)
		if c.samples == 7 { // in pieces of one sample, for which there is no batch norm
			if _, err := tr.Step(x, target); err == nil {
				t.Error("a batch norm of one sample is no error")
			}
			continue
		}
		step := m.Step()
		r, err := tr.Step(x, target)
		if err != nil {
			t.Fatalf("%d samples: %+v", c.samples, err)
		}
		if took := m.Step() - step; took != uint64(c.pieces) || !slices.Equal(r.Output.Shape(), graph.Shape{c.samples, 2}) {
			t.Errorf("%d samples took %d steps and have an output of %v, want %d steps", c.samples, took, r.Output.Shape(), c.pieces)
		}
		if got := tracked(m); got != seen {
			t.Errorf("%d samples: a step without an update counts batches: %d, want %d", c.samples, got, seen)
		}
		if err := tr.NonFinite(); err != nil {
			t.Errorf("%d samples: %v", c.samples, err)
		}
		if err := tr.Update(sgd); err != nil {
			t.Fatalf("%d samples: %+v", c.samples, err)
		}
		if seen += int64(c.pieces); tracked(m) != seen {
			t.Errorf("%d samples: the norm has seen %d batches, want %d", c.samples, tracked(m), seen)
		}
		if _, err := tr.Evaluate(x, target); err != nil {
			t.Fatalf("%+v", err)
		}
	}
}

func TestInPiecesRefuses(t *testing.T) {
	turned := func(s *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.Transpose(nodes.Linear(s.In("fc"), x, 3), 1, 0)
	}
	m, err := graph.Build(turned, graph.Shape{2, 3})
	if err != nil {
		t.Fatal(err)
	}
	want := "graph.InPieces: n is 0, want at least 1"
	if err := m.Trainer(nodes.CrossEntropy(), graph.InPieces(0)).Err(); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	x, _ := ramp(4)
	step := m.Step()
	if _, err := m.Trainer(nodes.CrossEntropy(), graph.InPieces(2)).Step(x, tensor.New(tensor.WithShape(3), tensor.Of(tensor.Int))); err == nil || m.Step() != step {
		t.Errorf("a target of 3 samples gives %v, at step %d", err, m.Step())
	}
	loss := func(y, target *graph.Node) *graph.Node { return nodes.MSE()(nodes.Transpose(y, 1, 0), target) }
	target := tensor.New(tensor.WithShape(4, 3), tensor.Of(tensor.Float32))
	_, err = m.Trainer(loss, graph.InPieces(2)).Step(x, target)
	if want := "the output has shape (3, 2), want the 2 samples along the first axis, to compute a batch in pieces"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
