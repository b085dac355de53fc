package graph

import (
	"slices"
	"testing"

	"gorgonia.org/gorgonia"
)

// weighted is x·w, whose sum is added to the loss at the scope that f makes.
func weighted(f func(*Scope) *Scope) Func {
	return func(s *Scope, x *Node) *Node {
		x = s.Apply(times{}, x, s.Param("weight", Shape{1, 3}, Ones()))
		f(s).AddLoss(s.Apply(total{}, x))
		return x
	}
}

func here(s *Scope) *Scope { return s }

func TestAddLoss(t *testing.T) {
	m := build(t, weighted(here), Shape{1, 3})
	tr := m.Trainer(squareLoss)
	r, err := tr.Step(vec(1, 2, 3), vec(0))
	if err != nil {
		t.Fatal(err)
	}
	if r.Loss != 14+6 {
		t.Errorf("training loss: got %v, want 14 and a term of 6", r.Loss)
	}
	if g := tr.Gradients()[0].Value.Float32s(); !slices.Equal(g, []float32{3, 10, 21}) { // 2x² + x
		t.Errorf("gradient: got %v, want [3 10 21]", g)
	}
	if e, err := tr.Evaluate(vec(1, 2, 3), vec(0)); err != nil || e.Loss != 14 {
		t.Errorf("evaluation: got %v, %v, want a loss of 14 without the term", e.Loss, err)
	}
	for _, mode := range []Mode{Eval, MonteCarlo} {
		r, err := m.Trainer(squareLoss, InMode(mode)).Step(vec(1, 2, 3), vec(0))
		if err != nil || r.Loss != 14 {
			t.Errorf("a step in mode %v: got %v, %v, want a loss of 14 without the term", mode, r.Loss, err)
		}
	}
}

// A part of a model that is in another mode adds nothing in training.
func TestAddLossAtAScopeOfAnotherMode(t *testing.T) {
	m := build(t, weighted(func(s *Scope) *Scope { return s.InMode(Eval) }), Shape{1, 3})
	r, err := m.Trainer(squareLoss).Step(vec(1, 2, 3), vec(0))
	if err != nil || r.Loss != 14 {
		t.Errorf("got %v, %v, want a loss of 14 without the term", r.Loss, err)
	}
}

// Terms add up, one given twice too, and come after the penalties of weights.
func TestAddLossAndPenalise(t *testing.T) {
	m := build(t, func(s *Scope, x *Node) *Node {
		term := s.Apply(total{}, x)
		s.AddLoss(term)
		s.AddLoss(term)
		s.Penalise(func(s *Scope, w *Node) *Node { return s.Apply(total{}, w) })
		return s.Apply(times{}, x, s.Param("weight", Shape{1, 3}, Ones()))
	}, Shape{1, 3})
	r, err := m.Trainer(squareLoss).Step(vec(1, 2, 3), vec(0))
	if err != nil || r.Loss != 14+6+6+3 {
		t.Errorf("got %v, %v, want 14 and terms of 6, 6 and 3", r.Loss, err)
	}
}

// A program of Gorgonia's finds the terms among the penalties.
func TestAddLossInAnEmbeddedGraph(t *testing.T) {
	for mode, want := range map[Mode]int{Train: 1, Eval: 0, MonteCarlo: 0} {
		s := Embed(gorgonia.NewGraph(), mode)
		weighted(here)(s, s.In("x").State("x", Shape{1, 3}, Ones()))
		if got := len(s.Penalties()); got != want || s.Err() != nil {
			t.Errorf("mode %v: got %d terms and error %v, want %d", mode, got, s.Err(), want)
		}
	}
}

func TestMistakesInAddLoss(t *testing.T) {
	var other *Node
	build(t, func(_ *Scope, x *Node) *Node { other = x.Layer("Total").Apply(total{}, x); return x }, Shape{1, 3})
	for name, c := range map[string]struct {
		term func(s *Scope, x *Node) *Node
		want string
	}{
		"nil":     {func(*Scope, *Node) *Node { return nil }, "a: the term is nil, want a scalar node"},
		"shape":   {func(_ *Scope, x *Node) *Node { return x }, "a: the term has shape (1, 3), want a scalar"},
		"type":    {func(s *Scope, _ *Node) *Node { return s.Counter("n") }, "a: the term has type int64, want float32"},
		"graph":   {func(*Scope, *Node) *Node { return other }, "a: the term belongs to another graph"},
		"mistake": {func(s *Scope, _ *Node) *Node { return s.Errorf("an earlier one") }, "an earlier one"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Build(func(s *Scope, x *Node) *Node {
				s.In("a").AddLoss(c.term(s, x))
				return x
			}, Shape{1, 3})
			wantError(t, err, c.want)
		})
	}
}
