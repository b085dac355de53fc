package nodes_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"gorgonia.org/tensor"
)

// inputGradient declares x as a parameter, so that a trainer has its gradient.
func inputGradient(x *tensor.Dense, f func(s *graph.Scope, x *graph.Node) *graph.Node) graph.Func {
	return func(s *graph.Scope, _ *graph.Node) *graph.Node {
		return f(s, s.In("(in)").Param("x", x.Shape(), graph.Values(x.Float64s())))
	}
}

func matrix(rows, cols int, v ...float64) *tensor.Dense {
	return tensor.New(tensor.WithShape(rows, cols), tensor.WithBacking(v))
}

// near allows for the rounding of the digits that a value is given with.
func near(t *testing.T, what string, got *tensor.Dense, tolerance float64, want ...float64) {
	t.Helper()
	for i, w := range want {
		if g := at(got, i); !(math.Abs(g-w) <= tolerance) {
			t.Errorf("%s: element %d: got %v, want %v, tolerance %v", what, i, g, w, tolerance)
		}
	}
}

func weightOf(t *testing.T, m *graph.Model, name string) *tensor.Dense {
	t.Helper()
	for _, w := range m.Weights() {
		if w.Name == name {
			return w.Value
		}
	}
	t.Fatalf("there is no weight %s", name)
	return nil
}

// The numbers are worked out by hand to six digits: x = 1, 2, 3, 4, mean 2.5,
// variance 1.25, and the gradient (1, 0, 0, 0) of y.
func TestBatchNormByHand(t *testing.T) {
	const digits = 1e-6
	x := matrix(4, 1, 1, 2, 3, 4)
	m, err := graph.Build(inputGradient(x, func(s *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.BatchNorm1D(s.In("bn"), x)
	}), graph.Shape{1, 1}, graph.Float64())
	if err != nil {
		t.Fatal(err)
	}
	tr := m.Trainer(dotLoss)
	r, err := tr.Step(zeros(), matrix(1, 4, 1, 0, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	near(t, "y", r.Output, digits, -1.341635, -.447212, .447212, 1.341635)
	for _, g := range tr.Gradients() {
		want := map[string][]float64{
			"(in).x":    {.268330, -.357768, -.089443, .178882},
			"bn.weight": {-1.341635},
			"bn.bias":   {1},
		}[g.Name]
		near(t, "gradient of "+g.Name, g.Value, digits, want...)
	}
	if err := tr.Update(standStill{}); err != nil {
		t.Fatal(err)
	}
	near(t, "running_mean", weightOf(t, m, "bn.running_mean"), digits, .25)
	near(t, "running_var", weightOf(t, m, "bn.running_var"), digits, 1.066667)
	near(t, "num_batches_tracked", weightOf(t, m, "bn.num_batches_tracked"), 0, 1)
	y, err := m.Predict(zeros())
	if err != nil {
		t.Fatal(err)
	}
	near(t, "y in evaluation", y, digits, .726181, 1.694422, 2.662664, 3.630905)
}

// Adding a constant to a channel, or scaling it, changes nothing that batch norm
// computes, so the gradient has no component along either.
func TestBatchNormGradientIsOrthogonal(t *testing.T) {
	x := matrix(6, 2, 1, -2, 0.5, 3, 2, 8, -4, 0, 1.5, 1, 7, -3)
	m, err := graph.Build(inputGradient(x, func(s *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.BatchNorm1D(s, x, nodes.Eps(0))
	}), graph.Shape{1, 1}, graph.Float64())
	if err != nil {
		t.Fatal(err)
	}
	tr := m.Trainer(dotLoss)
	r, err := tr.Step(zeros(), matrix(1, 12, 1, 0.25, -2, 3, 0.5, 0, 1, -1, 2, 4, -3, 1.5))
	if err != nil {
		t.Fatal(err)
	}
	dx, xhat := tr.Gradients()[0].Value.Float64s(), r.Output.Float64s()
	for c := range 2 {
		var sum, dot, size float64
		for n := range 6 {
			sum += dx[2*n+c]
			dot += dx[2*n+c] * xhat[2*n+c]
			size += math.Abs(dx[2*n+c])
		}
		// A few roundings of terms of this size.
		if tolerance := 1e-14 * size; math.Abs(sum) > tolerance || math.Abs(dot) > tolerance || size < 0.1 {
			t.Errorf("channel %d: Σ dx = %v, Σ dx·xhat = %v, want 0, tolerance %v", c, sum, dot, tolerance)
		}
	}
}

// statistics returns copies of the state of a model.
func statistics(m *graph.Model) [][]float64 {
	var out [][]float64
	for _, w := range m.Weights() {
		if !w.Trainable {
			v := make([]float64, w.Value.Shape().TotalSize())
			for i := range v {
				v[i] = at(w.Value, i)
			}
			out = append(out, v)
		}
	}
	return out
}

func TestBatchNormChangesStatisticsInTrainingOnly(t *testing.T) {
	m, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.BatchNorm1D(s, x)
	}, graph.Shape{4, 1}, graph.Float64())
	if err != nil {
		t.Fatal(err)
	}
	same := func(what string, want [][]float64) {
		t.Helper()
		if got := statistics(m); !slices.EqualFunc(got, want, slices.Equal) {
			t.Errorf("%s changed the running statistics from %v to %v", what, want, got)
		}
	}
	x := matrix(4, 1, 1, 2, 3, 4)
	step := func(tr *graph.Trainer, x *tensor.Dense) {
		t.Helper()
		if _, err := tr.Step(x, x); err != nil {
			t.Fatal(err)
		}
		if err := tr.Update(standStill{}); err != nil {
			t.Fatal(err)
		}
	}
	train := m.Trainer(nodes.MSE())
	step(train, x)
	first := statistics(m)
	if _, err := m.Predict(x); err != nil {
		t.Fatal(err)
	}
	same("Predict", first)
	if _, err := m.Sample(x, 1); err != nil {
		t.Fatal(err)
	}
	same("Sample", first)
	if _, err := train.Evaluate(x, x); err != nil {
		t.Fatal(err)
	}
	same("Evaluate", first)
	step(m.Trainer(nodes.MSE(), graph.InMode(graph.Eval)), x)
	same("a step in evaluation mode", first)
	if _, err := train.Step(x, x); err != nil {
		t.Fatal(err)
	}
	same("a step without Update", first)

	// The second update goes on from the first: 0.9·0.25 + 0.1·2.5. A batch of
	// another size will do.
	step(train, matrix(2, 1, 2, 3))
	near(t, "running_mean", weightOf(t, m, "running_mean"), 1e-15, 0.475)
	near(t, "num_batches_tracked", weightOf(t, m, "num_batches_tracked"), 0, 2)
}

// The mean of squares minus the square of the mean would have no correct digit
// here: float32 holds 10000 to 1e-3.
func TestBatchNormKeepsSmallVarianceBesideLargeMean(t *testing.T) {
	m, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.BatchNorm1D(s, x, nodes.Untracked(), nodes.Eps(0))
	}, graph.Shape{4, 1})
	if err != nil {
		t.Fatal(err)
	}
	y, err := m.Predict(matrix(4, 1, 10000, 10000.0625, 10000.125, 10000.1875))
	if err != nil {
		t.Fatal(err)
	}
	// The inputs are exact in float32, and so is all but the last rounding.
	near(t, "y", y, 2e-7, -3/math.Sqrt(5), -1/math.Sqrt(5), 1/math.Sqrt(5), 3/math.Sqrt(5))
}

func TestBatchNormRefusesOneValue(t *testing.T) {
	m, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.BatchNorm1D(s.In("bn1"), x)
	}, graph.Shape{4, 3})
	if err != nil {
		t.Fatal(err)
	}
	x := matrix(1, 3, 1, 2, 3)
	_, err = m.Trainer(nodes.MSE()).Step(x, x)
	const want = "bn1: BatchNorm1D: expected more than 1 value per channel in train mode, got x of shape (1, 3)"
	if err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("one sample in training: got error %v, want %s", err, want)
	}
	if _, err := m.Predict(x); err != nil {
		t.Errorf("one sample in evaluation: got error %v, want none", err)
	}
}

// A state dictionary of PyTorch has these names in this order.
func TestBatchNormNames(t *testing.T) {
	m, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.BatchNorm2D(s.In("bn"), x)
	}, graph.Shape{2, 3, 4, 4})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, w := range m.Weights() {
		got = append(got, w.Name+" "+w.Value.Dtype().String())
	}
	want := []string{"bn.weight float32", "bn.bias float32", "bn.running_mean float32", "bn.running_var float32", "bn.num_batches_tracked int64"}
	if !slices.Equal(got, want) {
		t.Errorf("got weights %v, want %v", got, want)
	}
}
