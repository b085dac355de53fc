package graph

import (
	"math"
	"slices"
	"strings"
	"sync"
	"testing"

	"gorgonia.org/tensor"
)

// addsTwice is x plus 2·w, of which 2·w is made once for all batch sizes.
func addsTwice(made *counter) Func {
	return func(s *Scope, x *Node) *Node {
		w := s.Param("weight", Shape{1, 3}, Constant(3))
		return s.Apply(shifted{}, x, s.Apply(doubled{made}, w))
	}
}

func TestProgramsShareWhatTheyMakeOfWeights(t *testing.T) {
	var made counter
	m := build(t, addsTwice(&made), Shape{1, 1})
	for round := 1; round <= 2; round++ {
		for n := 1; n <= 5; n++ {
			mustPredict(t, m, newDense(tensor.Float32, Shape{n, 1}))
		}
		if made.n != round {
			t.Errorf("five batch sizes prepared the weights %d times, want once a version", made.n)
		}
		m.Weights()
	}
	m.programs.trim(13) // each holds the same 12 bytes
	for n := 1; n <= 5; n++ {
		mustPredict(t, m, newDense(tensor.Float32, Shape{n, 1}))
	}
	if made.n != 3 {
		t.Errorf("the weights were prepared %d times, want 3", made.n)
	}
}

func TestAFrozenModelMakesNothing(t *testing.T) {
	var made counter
	m := build(t, addsTwice(&made), Shape{1, 1})
	w := m.Weights()[0].Value.Float32s()
	w[0] = 4
	err := m.Freeze([]int{1}, func(f *Frozen) error {
		if len(f.Weights) != 1 || len(f.Prepared) != 1 {
			t.Fatalf("got %d weights and %d prepared values, want one of each", len(f.Weights), len(f.Prepared))
		}
		made.n = 0
		cold := build(t, addsTwice(&made), Shape{1, 1}, FromFrozen(f))
		for n := 1; n <= 3; n++ {
			if y := mustPredict(t, cold, newDense(tensor.Float32, Shape{n, 1})); y[n-1] != 8 {
				t.Errorf("got %v, want 2·4", y)
			}
		}
		if made.n != 0 {
			t.Errorf("prepared the weights %d times, want them as they were given", made.n)
		}
		if &cold.Weights()[0].Value.Float32s()[0] != &w[0] {
			t.Error("the weights were copied")
		}
		if err := cold.Exclusively(func() error { return nil }); err == nil || !strings.Contains(err.Error(), "frozen") {
			t.Errorf("changing weights: got %v, want an error", err)
		}
		for key := range f.Prepared {
			made.n, f.Prepared[key] = 0, newDense(tensor.Float32, Shape{2, 3})
		}
		if y := mustPredict(t, build(t, addsTwice(&made), Shape{1, 1}, FromFrozen(f)), newDense(tensor.Float32, Shape{1, 1})); y[0] != 8 || made.n != 1 {
			t.Errorf("with a value of another shape: got %v after preparing %d times, want 8 after once", y, made.n)
		}
		made.n, f.Prepared = 0, nil // of other kernels, say
		if y := mustPredict(t, build(t, addsTwice(&made), Shape{1, 1}, FromFrozen(f)), newDense(tensor.Float32, Shape{1, 1})); y[0] != 8 || made.n != 1 {
			t.Errorf("without what is prepared: got %v after preparing %d times, want 8 after once", y, made.n)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestFromFrozenWantsTheSameModel(t *testing.T) {
	net := addsTwice(new(counter))
	w := func(name string, v *tensor.Dense) *Frozen { return &Frozen{Weights: []Weight{{Name: name, Value: v}}} }
	for _, c := range []struct {
		name, want string
		f          *Frozen
	}{
		{"nil", "no value of weight", nil},
		{"another name", "no value of weight", w("wait", newDense(tensor.Float32, Shape{1, 3}))},
		{"another shape", "shape (1, 4), want float32 and (1, 3)", w("weight", newDense(tensor.Float32, Shape{1, 4}))},
		{"another type", "type float64", w("weight", newDense(tensor.Float64, Shape{1, 3}))},
		{"one more", "declares no bias", &Frozen{Weights: []Weight{
			{Name: "weight", Value: newDense(tensor.Float32, Shape{1, 3})}, {Name: "bias", Value: newDense(tensor.Float32, Shape{3})}}}},
	} {
		if _, err := Build(net, Shape{1, 1}, FromFrozen(c.f)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q in it", c.name, err, c.want)
		}
	}
}

func TestPredictInto(t *testing.T) {
	m := build(t, addsTwice(new(counter)), Shape{1, 1})
	var group sync.WaitGroup
	for g := range 8 {
		group.Go(func() {
			for n := 1; n < 20; n++ {
				x, y := slices.Repeat([]float32{float32(g)}, n), make([]float32, n)
				if err := m.PredictInto(y, x); err != nil || y[0] != float32(g+6) || y[n-1] != y[0] {
					t.Errorf("got %v, %v, want %v", y, err, g+6)
				}
			}
		})
	}
	group.Wait()
	for _, c := range []struct {
		dst, x int
		want   string
	}{{1, 0, "0 elements"}, {2, 1, "room for 2"}, {0, 1, "room for 0"}} {
		if err := m.PredictInto(make([]float32, c.dst), make([]float32, c.x)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want %q in it", err, c.want)
		}
	}
	if err := m.Reserve(3, 4); err != nil {
		t.Error(err)
	}
	for _, c := range [][2]int{{0, 1}, {1, 0}} {
		if err := m.Reserve(c[0], c[1]); err == nil || !strings.Contains(err.Error(), "at least 1") {
			t.Errorf("Reserve(%d, %d): got %v, want an error", c[0], c[1], err)
		}
	}
	wide := build(t, scale, Shape{1, 3})
	if err := wide.PredictInto(make([]float32, 3), make([]float32, 4)); err == nil || !strings.Contains(err.Error(), "multiple of 3") {
		t.Errorf("got %v, want that 4 is no multiple of 3", err)
	}
	if err := (*Model)(nil).PredictInto(nil, nil); err == nil {
		t.Error("a nil model: no error")
	}
	if err := build(t, scale, Shape{1, 3}, Float64()).PredictInto(make([]float32, 3), make([]float32, 3)); err == nil {
		t.Error("a model of float64: no error")
	}
}

// Predict and PredictInto share machines, whose input is now one tensor, now another.
func TestPredictIntoReadsItsOwnInput(t *testing.T) {
	m := build(t, func(s *Scope, x *Node) *Node { return x }, Shape{1, 1})
	for i := range 10 {
		y := make([]float32, 1)
		if err := m.PredictInto(y, []float32{float32(i)}); err != nil || y[0] != float32(i) {
			t.Fatalf("got %v, %v, want %d", y, err, i)
		}
		x := newDense(tensor.Float32, Shape{1, 1})
		x.Float32s()[0] = float32(math.Sqrt2)
		if y := mustPredict(t, m, x); y[0] != math.Sqrt2 {
			t.Fatalf("got %v, want √2", y)
		}
	}
}
