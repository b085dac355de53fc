package graph

import (
	"slices"
	"strings"
	"testing"

	"gorgonia.org/gorgonia"
)

// State under a gate of 0 stays as it is, whatever the other gates are.
func TestAssignIf(t *testing.T) {
	m := build(t, func(s *Scope, x *Node) *Node {
		gate := func(name string, v float64) *Node { return s.In(name).State("gate", Shape{1}, Values([]float64{v})) }
		on, off := gate("on", 0.5), gate("off", 0)
		for name, in := range map[string]*Scope{
			"free": s, "open": s.AssignIf(on), "shut": s.AssignIf(off),
			"within": s.AssignIf(off).AssignIf(on), "around": s.AssignIf(on).AssignIf(off),
		} {
			in = in.In(name).InMode(Train).Layer("Test")
			st := in.State("seen", Shape{1, 3}, Zeros())
			in.Assign(st, s.Apply(bump{}, st))
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
	for _, w := range m.Weights() {
		name, seen := strings.CutSuffix(w.Name, ".seen")
		if moved := !slices.Equal(w.Value.Float32s(), []float32{0, 0, 0}); seen && moved != (name == "free" || name == "open") {
			t.Errorf("state %s: moved is %v", name, moved)
		}
	}
}

func TestMistakesOfAssignIf(t *testing.T) {
	for want, gate := range map[string]func(x *Node) *Node{
		"graph.Build: AssignIf: the gate has shape (1, 3) and type float32, want one element of type float32": func(x *Node) *Node { return x },
		"graph.Build: AssignIf: the gate is nil, want a node of one element":                                  func(*Node) *Node { return nil },
	} {
		_, err := Build(func(s *Scope, x *Node) *Node { s.AssignIf(gate(x)); return x }, Shape{1, 3})
		wantError(t, err, want)
	}
}
