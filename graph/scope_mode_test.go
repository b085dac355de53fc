package graph

import (
	"slices"
	"testing"

	"gorgonia.org/gorgonia"
)

// A mode given to a scope holds for what lies under it, whatever the program is for.
func TestInMode(t *testing.T) {
	m := build(t, func(s *Scope, x *Node) *Node {
		frozen := s.In("backbone").InMode(Eval).In("bn").Layer("BatchNorm")
		if got := frozen.Mode(); got != Eval {
			t.Errorf("got %v mode under a scope in eval mode", got)
		}
		st := frozen.State("seen", Shape{1, 3}, Zeros())
		frozen.Assign(st, s.Apply(bump{}, st))
		if got := s.In("drop").InMode(MonteCarlo).Mode(); got != MonteCarlo {
			t.Errorf("got %v mode, want monte carlo", got)
		}
		return s.Apply(times{}, x, s.Param("weight", Shape{1, 3}, Ones()))
	}, Shape{1, 3})
	tr := m.Trainer(squareLoss)
	if _, err := tr.Step(vec(1, 2, 3), vec(0)); err != nil {
		t.Fatal(err)
	}
	if err := tr.Update(gorgonia.NewVanillaSolver()); err != nil {
		t.Fatal(err)
	}
	if got := m.Weights()[0].Value.Float32s(); !slices.Equal(got, []float32{0, 0, 0}) {
		t.Errorf("state at a scope in eval mode: got %v, want it unchanged", got)
	}
	if _, err := Build(func(s *Scope, x *Node) *Node { s.InMode(7); return x }, Shape{1}); err == nil || err.Error() != "graph.Build: the mode is 7, want Eval, Train, MonteCarlo or Calibrate" {
		t.Errorf("got error %v for an unknown mode", err)
	}
}
