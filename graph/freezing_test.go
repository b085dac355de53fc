package graph

import (
	"slices"
	"strings"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// chain multiplies by three weights in turn.
func chain(s *Scope, x *Node) *Node {
	for _, name := range []string{"a", "b", "c"} {
		x = s.Apply(times{}, x, s.In(name).Param("weight", Shape{1, 3}, Values([]float64{1, 2, 3})))
	}
	return x
}

func TestFreezing(t *testing.T) {
	x := vec(.1, .2, .3)
	whole := build(t, chain, Shape{1, 3}).Trainer(squareLoss)
	if _, err := whole.Step(x, vec(0)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		patterns []string
		frozen   []string
	}{
		{nil, nil},
		{[]string{"a.*"}, []string{"a.weight"}},
		{[]string{"b.weight", "b*"}, []string{"b.weight"}},
		{[]string{"a.*", "c.*"}, []string{"a.weight", "c.weight"}},
		{[]string{"[ab].*"}, []string{"a.weight", "b.weight"}},
	} {
		m := build(t, chain, Shape{1, 3})
		tr := m.Trainer(squareLoss, Freezing(c.patterns...))
		if err := tr.Err(); err != nil {
			t.Fatal(err)
		}
		r, err := tr.Step(x, vec(0))
		if err != nil {
			t.Fatal(err)
		}
		if want := scalar(whole.mach.value(whole.p.loss.n)); r.Loss != want {
			t.Errorf("%q: the loss is %v, want %v", c.patterns, r.Loss, want)
		}
		for i, g := range tr.Gradients() {
			if slices.Contains(c.frozen, g.Name) {
				if g.Value != nil {
					t.Errorf("%q: %s has a gradient", c.patterns, g.Name)
				}
			} else if want := whole.Gradients()[i].Value; !slices.Equal(g.Value.Float32s(), want.Float32s()) {
				t.Errorf("%q: the gradient of %s is %v, want %v", c.patterns, g.Name, g.Value, want)
			}
		}
		if n, want := len(tr.Params()), 3-len(c.frozen); n != want {
			t.Errorf("%q: there are %d parameters to update, want %d", c.patterns, n, want)
		}
		if err := tr.Update(gorgonia.NewVanillaSolver()); err != nil {
			t.Fatal(err)
		}
		for _, w := range m.Weights() {
			still := slices.Equal(w.Value.Float32s(), []float32{1, 2, 3})
			if still != slices.Contains(c.frozen, w.Name) {
				t.Errorf("%q: %s is %v after the update", c.patterns, w.Name, w.Value)
			}
		}
	}
}

// Behind frozen parameters nothing is differentiated.
func TestFreezingSavesWork(t *testing.T) {
	instrs := func(patterns ...string) int {
		tr := build(t, chain, Shape{1, 3}).Trainer(squareLoss, Freezing(patterns...))
		if _, err := tr.Step(vec(1, 2, 3), vec(0)); err != nil {
			t.Fatal(err)
		}
		return len(tr.p.plan.instrs)
	}
	none, last, first, two := instrs(), instrs("c.*"), instrs("a.*"), instrs("a.*", "b.*")
	if !(two < first && first < last && last < none) {
		t.Errorf("a step has %d instructions, %d without the gradient of the last weight, %d without the first, %d without the first two; want ever fewer",
			none, last, first, two)
	}
}

func TestConstraintsLeaveFrozenParametersAlone(t *testing.T) {
	m := build(t, func(s *Scope, x *Node) *Node {
		s.Constrain(func(w *tensor.Dense) error {
			clear(w.Float32s())
			return nil
		})
		return chain(s, x)
	}, Shape{1, 3})
	tr := m.Trainer(squareLoss, Freezing("b.*"))
	if _, err := tr.Step(vec(1, 2, 3), vec(0)); err != nil {
		t.Fatal(err)
	}
	if err := tr.Update(gorgonia.NewVanillaSolver()); err != nil {
		t.Fatal(err)
	}
	for _, w := range m.Weights() {
		if cleared := w.Value.Float32s()[0] == 0; cleared == (w.Name == "b.weight") {
			t.Errorf("%s is %v, want the constraint on all but b.weight", w.Name, w.Value)
		}
	}
}

func TestFreezingRefuses(t *testing.T) {
	m := build(t, func(s *Scope, x *Node) *Node {
		s.In("bn").State("mean", Shape{1}, Zeros())
		return chain(s, x)
	}, Shape{1, 3})
	for _, c := range []struct{ pattern, want string }{
		{"a", `graph.Freezing: pattern "a" matches no parameter, want a.* for all below it`},
		{"d.*", `pattern "d.*" matches no parameter, want one of a.weight, b.weight, c.weight`},
		{"bn.*", `pattern "bn.*" matches no parameter`}, // it is state
		{"[", `pattern "[" is malformed`},
	} {
		tr := m.Trainer(squareLoss, Freezing("a.*", c.pattern))
		_, step := tr.Step(vec(1, 2, 3), vec(0))
		for _, err := range []error{tr.Err(), step} {
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: got %v, want %q", c.pattern, err, c.want)
			}
		}
	}
	tr := m.Trainer(squareLoss, Freezing("*"))
	const want = "all parameters that the loss depends on are frozen, want one that is not"
	if _, err := tr.Step(vec(1, 2, 3), vec(0)); err == nil || err.Error() != want {
		t.Errorf("all frozen: got %v, want %q", err, want)
	}
	if _, err := tr.Evaluate(vec(1, 2, 3), vec(0)); err != nil {
		t.Errorf("all frozen: an evaluation: %v", err)
	}
	var none *Model
	if _, err := none.Trainer(squareLoss, Freezing("a.*")).Step(vec(1), vec(0)); err == nil || !strings.Contains(err.Error(), "not built") {
		t.Errorf("no model: got %v", err)
	}
}
