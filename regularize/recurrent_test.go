package regularize_test

import (
	"math"
	"strings"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/regularize"
	"gorgonia.org/tensor"
)

// recurrentRun returns what a step of training puts out of a layer of tanh units whose
// state is all that a step adds up, so that factors can be read from it: with weights
// of 1 for the input and on the diagonal, and small numbers, h = x + k·h.
func recurrentRun(t *testing.T, seed uint64, batch, hidden int, opts ...nodes.RecurrentOption) []float64 {
	t.Helper()
	m, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.RNN(s.In("rnn"), x, hidden, append(opts, nodes.NoBias(), nodes.ReLURecurrence())...).Output
	}, graph.Shape{batch, 3, 1}, graph.Float64(), graph.Seed(seed))
	if err != nil {
		t.Fatalf("%+v", err)
	}
	for _, w := range m.Weights() {
		v := w.Value.Float64s()
		for i := range v {
			v[i] = 1
			if strings.Contains(w.Name, "weight_hh") && i%hidden != i/hidden {
				v[i] = 0
			}
		}
	}
	x := tensor.New(tensor.WithShape(batch, 3, 1), tensor.Of(tensor.Float64))
	for i := range x.Float64s() {
		x.Float64s()[i] = 1
	}
	y := tensor.New(tensor.WithShape(batch, 3, hidden), tensor.Of(tensor.Float64))
	r, err := m.Trainer(nodes.MSE()).Step(x, y)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	return append([]float64(nil), r.Output.Float64s()...)
}

// With a factor k the states are 1, 1+k and 1+k+k²: one k for all steps, that is 0 or
// 1/(1-p), and drops at its rate.
func TestRecurrentDropoutHoldsOneMask(t *testing.T) {
	const batch, hidden, p = 64, 128, 0.25
	drop := nodes.RecurrentFactors(regularize.RecurrentDropout(p))
	y := recurrentRun(t, 1, batch, hidden, drop)
	dropped := 0
	for n := range batch {
		for j := range hidden {
			at := func(step int) float64 { return y[(n*3+step)*hidden+j] }
			k := at(1) - 1
			if k == 0 {
				dropped++
			} else if math.Abs(k-1/(1-p)) > 1e-12 {
				t.Fatalf("sample %d, unit %d: the factor is %v, want 0 or %v", n, j, k, 1/(1-p))
			}
			if at(0) != 1 || math.Abs(at(2)-(1+k*(1+k))) > 1e-12 {
				t.Fatalf("sample %d, unit %d: states %v, %v, %v are not those of one factor", n, j, at(0), at(1), at(2))
			}
		}
	}
	const all = batch * hidden
	if rate, sigma := float64(dropped)/all, math.Sqrt(p*(1-p)/all); math.Abs(rate-p) > 5*sigma {
		t.Errorf("%v of all factors are 0, want %v", rate, p)
	}
	again, other := recurrentRun(t, 1, batch, hidden, drop), recurrentRun(t, 2, batch, hidden, drop)
	same := 0
	for i, v := range y {
		if v != again[i] {
			t.Fatal("one seed and step draw two masks")
		}
		if v == other[i] {
			same++
		}
	}
	if same == len(y) {
		t.Error("two seeds draw one mask")
	}
}

func TestRecurrentDropoutDoesNothingInPredictions(t *testing.T) {
	build := func(opts ...nodes.RecurrentOption) *graph.Model {
		m, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
			return nodes.GRU(s.In("gru"), x, 7, opts...).Output
		}, graph.Shape{2, 4, 3}, graph.Float64())
		if err != nil {
			t.Fatalf("%+v", err)
		}
		return m
	}
	x := tensor.New(tensor.WithShape(2, 4, 3), tensor.WithBacking([]float64{
		1, 2, 3, -1, 0, 1, .5, 2, 1, 0, 0, 1, 2, 1, 0, -1, -2, 3, .1, .2, .3, .4, .5, .6}))
	want, err := build().Predict(x)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	got, err := build(nodes.RecurrentFactors(regularize.RecurrentDropout(0.9))).Predict(x)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	for i, v := range want.Float64s() {
		if got.Float64s()[i] != v {
			t.Fatalf("a prediction with recurrent dropout is %v, want %v", got, want)
		}
	}
}

func TestRecurrentDropoutMistakes(t *testing.T) {
	_, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.LSTM(s.In("lstm"), x, 4, nodes.RecurrentFactors(regularize.RecurrentDropout(1.5))).Output
	}, graph.Shape{2, 3, 4})
	if want := "lstm.recurrent_l0: RecurrentDropout: p is 1.5, want 0 ≤ p ≤ 1"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got error %v, want %q", err, want)
	}
}

// Variational dropout: the mask of the inputs is the same at all steps, with the
// numbers of a worked example, where the second of three features is dropped.
func TestLockedInputs(t *testing.T) {
	m, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
		return regularize.LockedDropout(s.In("in"), x, 0.5)
	}, graph.Shape{1, 2, 3}, graph.Float64())
	if err != nil {
		t.Fatalf("%+v", err)
	}
	x := tensor.New(tensor.WithShape(1, 2, 3), tensor.WithBacking([]float64{1, 2, 3, 4, 5, 6}))
	want := []float64{2, 0, 6, 8, 0, 12}
	for step := range 1000 {
		y, err := m.Sample(x, uint64(step))
		if err != nil {
			t.Fatalf("%+v", err)
		}
		v := y.Float64s()
		if v[0] == want[0] && v[1] == 0 && v[2] == want[2] {
			for i, w := range want {
				if v[i] != w {
					t.Fatalf("got %v, want %v", v, want)
				}
			}
			return
		}
	}
	t.Error("no step draws the mask 1, 0, 1")
}
