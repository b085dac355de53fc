package graph

import (
	"math"
	"slices"
	"strings"
	"sync"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/thinnet/thinnet/internal/kernel/pool"
)

// scale multiplies by a weight and, by a stock operation, takes the tanh.
func scale(s *Scope, x *Node) *Node {
	w := s.In("a").Param("weight", Shape{1, 3}, Values([]float64{1, 2, 3}))
	y := s.In("a").Apply(times{}, x, w)
	return Lift(func(in ...*gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.Tanh(in[0]) }, y)
}

func TestStepAgainstHand(t *testing.T) {
	m := build(t, scale, Shape{1, 3})
	tr := m.Trainer(squareLoss)
	r, err := tr.Step(vec(.1, .2, .3), vec(0))
	if err != nil {
		t.Fatalf("%+v", err)
	}
	loss, x := 0.0, []float64{.1, .2, .3}
	got := tr.Gradients()[0].Value.Float32s()
	var next []float32
	for i, w := range []float64{1, 2, 3} {
		h := math.Tanh(w * x[i])
		loss += h * h
		dw := 2 * h * (1 - h*h) * x[i]
		if math.Abs(dw-float64(got[i])) > 1e-6 { // float32
			t.Errorf("gradient %d: got %v, want %v", i, got[i], dw)
		}
		next = append(next, float32(w)-0.1*got[i])
	}
	if math.Abs(r.Loss-loss) > 1e-6 {
		t.Errorf("loss: got %v, want %v", r.Loss, loss)
	}
	if err := tr.Update(gorgonia.NewVanillaSolver(gorgonia.WithLearnRate(0.1))); err != nil {
		t.Fatal(err)
	}
	for i, w := range m.Weights()[0].Value.Float32s() {
		if math.Abs(float64(w-next[i])) > 1e-6 {
			t.Errorf("weight %d after the update: got %v, want %v", i, w, next[i])
		}
	}
}

func TestBatchSizeMayChange(t *testing.T) {
	m := build(t, func(s *Scope, x *Node) *Node { return s.Apply(times{}, x, x) }, Shape{4, 2})
	for _, n := range []int{4, 1, 7, 4} {
		x := newDense(tensor.Float32, Shape{n, 2})
		for i := range x.Float32s() {
			x.Float32s()[i] = float32(i)
		}
		for i, y := range mustPredict(t, m, x) {
			if y != float32(i*i) {
				t.Fatalf("batch %d element %d: got %v, want %v", n, i, y, i*i)
			}
		}
	}
}

// Predictions from several goroutines while another trains: run with -race.
func TestConcurrentPredictionsAndUpdates(t *testing.T) {
	m := build(t, scale, Shape{1, 3})
	want := mustPredict(t, m, vec(.1, .2, .3))
	tr := m.Trainer(squareLoss)
	still := gorgonia.NewVanillaSolver(gorgonia.WithLearnRate(1e-30))
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 50 {
				y, err := m.Predict(vec(.1, .2, .3))
				if err != nil {
					t.Error(err)
					return
				}
				if !slices.Equal(y.Float32s(), want) {
					t.Errorf("got %v, want %v", y.Float32s(), want)
					return
				}
			}
		})
	}
	for range 50 {
		if _, err := tr.Step(vec(.1, .2, .3), vec(0)); err != nil {
			t.Fatal(err)
		}
		if err := tr.Update(still); err != nil {
			t.Fatal(err)
		}
	}
	wg.Wait()
}

func TestDrawsAreAFunctionOfSeedPathAndStep(t *testing.T) {
	two := func(s *Scope, x *Node) *Node {
		y := s.Apply(times{}, drawn(s.In("a"), x), drawn(s.In("b"), x))
		return s.Apply(times{}, y, s.Param("one", Shape{1, 3}, Ones()))
	}
	outputs := func(m *Model, from uint64, n int) (out [][]float32) {
		m.SetStep(from)
		tr := m.Trainer(squareLoss)
		for range n {
			r, err := tr.Step(vec(0, 0, 0), vec(0))
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, slices.Clone(r.Output.Float32s()))
		}
		return out
	}
	base := outputs(build(t, two, Shape{1, 3}, Seed(1)), 0, 4)
	if a, b := base[0], base[1]; slices.Equal(a, b) {
		t.Error("two steps draw the same numbers")
	}
	if again := outputs(build(t, two, Shape{1, 3}, Seed(1)), 2, 2); !slices.Equal(again[0], base[2]) || !slices.Equal(again[1], base[3]) {
		t.Error("a resumed run draws other numbers")
	}
	if other := outputs(build(t, two, Shape{1, 3}, Seed(2)), 0, 1); slices.Equal(other[0], base[0]) {
		t.Error("two seeds draw the same numbers")
	}
	defer pool.SetThreads(pool.Threads())
	pool.SetThreads(1)
	if one := outputs(build(t, two, Shape{1, 3}, Seed(1)), 0, 1); !slices.Equal(one[0], base[0]) {
		t.Error("the numbers depend on the number of threads")
	}
	m := build(t, two, Shape{1, 3}, Seed(1))
	if y := mustPredict(t, m, vec(0, 0, 0)); !slices.Equal(y, []float32{0, 0, 0}) {
		t.Errorf("an evaluation draws: %v", y)
	}
	a, err := m.Sample(vec(0, 0, 0), 0)
	if err != nil {
		t.Fatal(err)
	}
	if slices.Equal(a.Float32s(), base[0]) {
		t.Error("a Monte Carlo sample has the numbers of a training step")
	}
}

func TestStateIsAssignedByUpdatesOnly(t *testing.T) {
	m := build(t, func(s *Scope, x *Node) *Node {
		st := s.State("seen", Shape{1, 3}, Zeros())
		s.Assign(st, s.Apply(bump{}, st))
		n := s.Counter("count")
		s.Assign(n, s.Apply(bump{}, n))
		return s.Apply(times{}, x, s.Param("weight", Shape{1, 3}, Ones()))
	}, Shape{1, 3})
	tr := m.Trainer(squareLoss)
	for range 3 {
		mustPredict(t, m, vec(1, 2, 3))
		if _, err := tr.Evaluate(vec(1, 2, 3), vec(0)); err != nil {
			t.Fatal(err)
		}
		for range 2 { // a step that is not applied leaves no trace
			if _, err := tr.Step(vec(1, 2, 3), vec(0)); err != nil {
				t.Fatal(err)
			}
		}
		if err := tr.Update(gorgonia.NewVanillaSolver()); err != nil {
			t.Fatal(err)
		}
	}
	w := m.Weights()
	if got := w[0].Value.Float32s(); !slices.Equal(got, []float32{3, 3, 3}) {
		t.Errorf("seen: got %v, want 3 everywhere", got)
	}
	if got := w[1].Value.Int64s()[0]; got != 3 || w[1].Value.Dims() != 0 {
		t.Errorf("count: got %v of shape %v, want the scalar 3", got, w[1].Value.Shape())
	}
}

func TestUnusedParameterHasNoGradient(t *testing.T) {
	m := build(t, func(s *Scope, x *Node) *Node {
		s.In("unused").Param("weight", Shape{2, 2}, Ones())
		return s.Apply(times{}, x, s.Param("weight", Shape{1, 3}, Ones()))
	}, Shape{1, 3})
	tr := m.Trainer(squareLoss)
	if _, err := tr.Step(vec(1, 2, 3), vec(0)); err != nil {
		t.Fatal(err)
	}
	g := tr.Gradients()
	if g[0].Name != "unused.weight" || g[0].Value != nil || g[1].Value == nil {
		t.Errorf("got %v", g)
	}
}

func TestPenaltiesAndConstraints(t *testing.T) {
	m := build(t, func(s *Scope, x *Node) *Node {
		s.Penalise(func(s *Scope, w *Node) *Node { return s.Apply(total{}, w) })
		s.In("b").Constrain(func(w *tensor.Dense) error {
			for i := range w.Float32s() {
				w.Float32s()[i] = 7
			}
			return nil
		})
		x = s.In("a").Apply(times{}, x, s.In("a").Param("weight", Shape{1, 3}, Ones()))
		s.In("b").Param("bias", Shape{3}, Ones())
		s.In("b").Param("gain", Shape{1, 3}, Ones(), Exempt())
		return s.In("b").Apply(times{}, x, s.In("b").Param("weight", Shape{1, 3}, Ones()))
	}, Shape{1, 3})
	tr := m.Trainer(squareLoss)
	r, err := tr.Step(vec(1, 2, 3), vec(0))
	if err != nil {
		t.Fatal(err)
	}
	if r.Loss != 14+3+3 {
		t.Errorf("training loss: got %v, want 14 + penalties of 3 and 3", r.Loss)
	}
	if g := tr.Gradients()[0].Value.Float32s(); !slices.Equal(g, []float32{3, 9, 19}) { // 2x² + 1
		t.Errorf("gradient: got %v, want [3 9 19]", g)
	}
	if e, err := tr.Evaluate(vec(1, 2, 3), vec(0)); err != nil || e.Loss != 14 {
		t.Errorf("evaluation: got %v, %v, want a loss of 14 without penalties", e.Loss, err)
	}
	if _, err := tr.Step(vec(1, 2, 3), vec(0)); err != nil {
		t.Fatal(err)
	}
	if err := tr.Update(gorgonia.NewVanillaSolver()); err != nil {
		t.Fatal(err)
	}
	for _, w := range m.Weights() {
		if constrained := w.Value.Float32s()[0] == 7; constrained != (w.Name == "b.weight") {
			t.Errorf("%s after the update: %v", w.Name, w.Value.Float32s())
		}
	}
}

func TestNonFiniteNamesTheFirstNode(t *testing.T) {
	m := build(t, func(s *Scope, x *Node) *Node {
		x = s.In("fine").Apply(times{}, x, x)
		x = s.In("big").Apply(times{}, x, s.In("big").Param("weight", Shape{1, 3}, Constant(1e30)))
		return s.In("after").Apply(times{}, x, x)
	}, Shape{1, 3})
	tr := m.Trainer(squareLoss)
	if _, err := tr.Step(vec(1, 2, 1e10), vec(0)); err != nil {
		t.Fatal(err)
	}
	err := tr.NonFinite()
	if err == nil || !strings.HasPrefix(err.Error(), "big: Times: element 2 of 3 is +Inf") {
		t.Errorf("got %v, want the node big", err)
	}
	if _, err := tr.Step(vec(float32(math.NaN()), 2, 3), vec(0)); err != nil {
		t.Fatal(err)
	}
	if err := tr.NonFinite(); err == nil || !strings.Contains(err.Error(), "the input: element 0 of 3 is NaN") {
		t.Errorf("got %v, want the input", err)
	}
}

func TestSummary(t *testing.T) {
	m := build(t, scale, Shape{1, 3})
	var b strings.Builder
	if err := m.Summary(&b); err != nil {
		t.Fatal(err)
	}
	want := `path     node   output shape  parameters  memory
(input)  Input  (1, 3)        0           12 B
a        Times  (1, 3)        3           12 B
lift#1   Lift   (1, 3)        0           12 B
parameters: 3 (12 B), state: 0
buffers at batch 1: 64 B to predict, 256 B to train
`
	if b.String() != want {
		t.Errorf("got\n%swant\n%s", b.String(), want)
	}
}

func TestDOT(t *testing.T) {
	m := build(t, scale, Shape{1, 3})
	var b strings.Builder
	if err := m.DOT(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"digraph model {", `label="a.weight\n(1, 3)"`, `label="a\nTimes\n(1, 3)"`, "n0 -> n2;", "n1 -> n2;", "n2 -> n3;"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
}

func TestFloat64AndFloat32StartAlike(t *testing.T) {
	f := func(s *Scope, x *Node) *Node {
		return s.Apply(times{}, x, s.Param("weight", Shape{1, 3}, Normal(0, 1)))
	}
	a, b := build(t, f, Shape{1, 3}, Seed(3)), build(t, f, Shape{1, 3}, Seed(3), Float64())
	x, y := a.Weights()[0].Value.Float32s(), b.Weights()[0].Value.Float64s()
	for i := range x {
		if x[i] != float32(y[i]) {
			t.Errorf("weight %d: %v and %v", i, x[i], y[i])
		}
	}
}
