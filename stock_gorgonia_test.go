package thinnet

import (
	"math"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/regularize"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// These tests show what stock Gorgonia v0.9.18 does wrong, and that the same
// thing comes out right here. They are the README's table.

func ones(n int) *tensor.Dense {
	b := make([]float64, n)
	for i := range b {
		b[i] = 1
	}
	return tensor.New(tensor.WithShape(1, n), tensor.WithBacking(b))
}

func largest(v []float64) (m float64) {
	for _, x := range v {
		m = math.Max(m, x)
	}
	return m
}

// With x = 1 both the output and the gradient of a kept element are 1/(1-p).
func TestStockDropoutGradientDividesByP(t *testing.T) {
	const n, p = 4000, 0.2
	g := gorgonia.NewGraph()
	x := gorgonia.NodeFromAny(g, ones(n), gorgonia.WithName("x"))
	y := gorgonia.Must(gorgonia.Dropout(x, p))
	grads, err := gorgonia.Grad(gorgonia.Must(gorgonia.Sum(y)), x)
	if err != nil {
		t.Fatal(err)
	}
	if err := gorgonia.NewTapeMachine(g).RunAll(); err != nil {
		t.Fatal(err)
	}
	if got := largest(grads[0].Value().Data().([]float64)); got != 1/p {
		t.Errorf("stock: the gradient of a kept element is %v, and was %v", got, 1/p)
	}

	m, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
		w := s.Param("w", graph.Shape{1, n}, graph.Ones())
		return regularize.Dropout(s.In("drop"), nodes.Mul(x, w), p)
	}, graph.Shape{1, n}, graph.Float64())
	if err != nil {
		t.Fatal(err)
	}
	tr := m.Trainer(sum)
	r, err := tr.Step(ones(n), ones(n))
	if err != nil {
		t.Fatal(err)
	}
	// p is rounded to a 65536th.
	for name, v := range map[string][]float64{"output": r.Output.Float64s(), "gradient": tr.Gradients()[0].Value.Float64s()} {
		if got := largest(v); math.Abs(got-1/(1-p)) > 1e-4 {
			t.Errorf("here: the %s of a kept element is %v, want %v", name, got, 1/(1-p))
		}
	}
}

// sum is the loss Σ y·t.
func sum(y, target *graph.Node) *graph.Node {
	return graph.Lift(func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
		return gorgonia.Sum(gorgonia.Must(gorgonia.HadamardProd(in[0], in[1])))
	}, y, target)
}

func TestStockDropoutsOfDifferentRatesMerge(t *testing.T) {
	g := gorgonia.NewGraph()
	x := gorgonia.NodeFromAny(g, ones(8), gorgonia.WithName("x"))
	if gorgonia.Must(gorgonia.Dropout(x, 0.1)) != gorgonia.Must(gorgonia.Dropout(x, 0.9)) {
		t.Error("stock: dropouts of rates 0.1 and 0.9 are two nodes, and were one")
	}

	s := graph.Embed(gorgonia.NewGraph(), graph.Train, graph.Float64())
	own := s.Wrap(gorgonia.NodeFromAny(gorgonia.NewGraph(), ones(8)))
	if own.Gorgonia() != nil || s.Err() == nil {
		t.Error("here: a node of another graph is accepted")
	}
	g = gorgonia.NewGraph()
	s = graph.Embed(g, graph.Train, graph.Float64())
	own = s.Wrap(gorgonia.NodeFromAny(g, ones(8), gorgonia.WithName("x")))
	a, b := regularize.Dropout(s.In("a"), own, 0.5), regularize.Dropout(s.In("b"), own, 0.5)
	if s.Err() != nil || a.Gorgonia() == b.Gorgonia() {
		t.Errorf("here: two dropouts of equal rate are one node (%v)", s.Err())
	}
}

func TestStockBatchNormParametersHaveTheShapeOfTheBatch(t *testing.T) {
	g := gorgonia.NewGraph()
	x := gorgonia.NewTensor(g, gorgonia.Float64, 4, gorgonia.WithShape(4, 2, 3, 3), gorgonia.WithName("x"), gorgonia.WithInit(gorgonia.Gaussian(5, 2)))
	_, scale, _, _, err := gorgonia.BatchNorm(x, nil, nil, 0.1, 1e-5)
	if err != nil {
		t.Fatal(err)
	}
	if !scale.Shape().Eq(x.Shape()) {
		t.Errorf("stock: the scale has shape %v, and had %v", scale.Shape(), x.Shape())
	}

	m := batchNorm(t)
	for _, w := range m.Weights()[:2] {
		if !w.Value.Shape().Eq(tensor.Shape{2}) {
			t.Errorf("here: %s has shape %v, want (2)", w.Name, w.Value.Shape())
		}
	}
}

func batchNorm(t *testing.T) *graph.Model {
	t.Helper()
	m, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.BatchNorm2D(s.In("bn"), x)
	}, graph.Shape{4, 2, 3, 3}, graph.Float64())
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestStockVMResetsRunningStatistics(t *testing.T) {
	g := gorgonia.NewGraph()
	x := gorgonia.NewTensor(g, gorgonia.Float64, 4, gorgonia.WithShape(4, 2, 3, 3), gorgonia.WithName("x"), gorgonia.WithInit(gorgonia.Gaussian(5, 2)))
	_, _, _, op, err := gorgonia.BatchNorm(x, nil, nil, 0.1, 1e-5)
	if err != nil {
		t.Fatal(err)
	}
	if err := gorgonia.NewTapeMachine(g).RunAll(); err != nil {
		t.Fatal(err)
	}
	mean, _ := op.Stats()
	before := mean.Data().([]float64)[0]
	gorgonia.NewTapeMachine(g) // nothing is run
	mean, _ = op.Stats()
	if after := mean.Data().([]float64)[0]; before == 0 || after != 0 {
		t.Errorf("stock: the running mean was %v before and %v after making a second machine; the second was 0", before, after)
	}

	m := batchNorm(t)
	tr := m.Trainer(sum)
	five := tensor.New(tensor.WithShape(4, 2, 3, 3), tensor.WithBacking(make([]float64, 72)))
	for i := range five.Float64s() {
		five.Float64s()[i] = 5 + float64(i%3)
	}
	if _, err := tr.Step(five, five); err != nil {
		t.Fatal(err)
	}
	if err := tr.Update(gorgonia.NewVanillaSolver()); err != nil {
		t.Fatal(err)
	}
	if _, err := m.Predict(five); err != nil { // builds another program
		t.Fatal(err)
	}
	if got := m.Weights()[2].Value.Float64s()[0]; math.Abs(got-0.6) > 1e-12 { // 0.1 of a mean of 6
		t.Errorf("here: %s is %v, want 0.6", m.Weights()[2].Name, got)
	}
}

func TestStockMachineFlipsTheModeOfAnother(t *testing.T) {
	const n = 4000
	g := gorgonia.NewGraph()
	x := gorgonia.NodeFromAny(g, ones(n), gorgonia.WithName("x"))
	y := gorgonia.Must(gorgonia.Dropout(x, 0.5))
	training := gorgonia.NewTapeMachine(g)
	gorgonia.NewTapeMachine(g, gorgonia.EvalMode()) // never run
	if err := training.RunAll(); err != nil {
		t.Fatal(err)
	}
	if got := largest(y.Value().Data().([]float64)); got != 1 {
		t.Errorf("stock: the training machine drops (%v), and did not after an evaluating one was made", got)
	}

	m, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
		return regularize.Dropout(s.In("drop"), nodes.Mul(x, s.Param("w", graph.Shape{1, n}, graph.Ones())), 0.5)
	}, graph.Shape{1, n}, graph.Float64())
	if err != nil {
		t.Fatal(err)
	}
	tr := m.Trainer(sum)
	for range 2 {
		r, err := tr.Step(ones(n), ones(n))
		if err != nil {
			t.Fatal(err)
		}
		if got := largest(r.Output.Float64s()); got != 2 {
			t.Errorf("here: a training step has a largest output of %v, want 2", got)
		}
		y, err := m.Predict(ones(n))
		if err != nil {
			t.Fatal(err)
		}
		if got := largest(y.Float64s()); got != 1 {
			t.Errorf("here: a prediction between two steps has a largest output of %v, want 1", got)
		}
	}
}
