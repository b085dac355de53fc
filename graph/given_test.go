package graph

import (
	"slices"
	"strings"
	"testing"

	"gorgonia.org/gorgonia"
)

// A layer that is given its parameter and its state declares none, and training reaches
// those that it was given.
func TestGiven(t *testing.T) {
	layer := func(s *Scope, x *Node) *Node {
		count := s.State("seen", Shape{1, 3}, Zeros())
		s.Assign(count, s.Apply(bump{}, count))
		return s.Apply(times{}, x, s.Param("weight", Shape{1, 3}, Ones()))
	}
	m := build(t, func(s *Scope, x *Node) *Node {
		w, n := s.Param("w", Shape{1, 3}, Ones()), s.State("n", Shape{1, 3}, Zeros())
		a := s.In("a").Given("weight", w).Given("seen", n)
		return layer(a.In("b"), layer(a, x))
	}, Shape{1, 3})
	var names []string
	for _, w := range m.Weights() {
		names = append(names, w.Name)
	}
	if want := []string{"w", "n", "a.b.seen", "a.b.weight"}; !slices.Equal(names, want) {
		t.Fatalf("the weights are %v, want %v", names, want)
	}
	tr := m.Trainer(squareLoss)
	if _, err := tr.Step(vec(1, 2, 3), vec(0)); err != nil {
		t.Fatal(err)
	}
	if err := tr.Update(gorgonia.NewVanillaSolver()); err != nil {
		t.Fatal(err)
	}
	for _, w := range m.Weights()[:2] {
		if v := w.Value.Float32s(); v[0] == map[string]float32{"w": 1}[w.Name] {
			t.Errorf("%s is %v after a step, want it changed", w.Name, v)
		}
	}
}

func TestGivenMistakes(t *testing.T) {
	for want, given := range map[string]func(s *Scope) *Node{
		"what is given for a.weight is nil, want a node":                func(*Scope) *Node { return nil },
		"what is given for a.weight has shape (3), want (1, 3)":         func(s *Scope) *Node { return s.Param("w", Shape{3}, Ones()) },
		"what is given for a.weight has element type int, want float32": func(s *Scope) *Node { return s.Ints(Shape{1, 3}, []int{1, 2, 3}) },
		"what is given for a.weight belongs to another graph":           func(*Scope) *Node { return Embed(gorgonia.NewGraph(), Eval).Param("w", Shape{1, 3}, Ones()) },
	} {
		_, err := Build(func(s *Scope, x *Node) *Node {
			w := s.In("a").Given("weight", given(s)).Param("weight", Shape{1, 3}, Ones())
			return s.Apply(times{}, x, w)
		}, Shape{1, 3})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got error %v, want %q", err, want)
		}
	}
}
