package graph

import (
	"io"
	"testing"

	"gorgonia.org/tensor"
)

func TestUnknownMode(t *testing.T) {
	_, err := build(t, scale, Shape{1, 3}).Trainer(squareLoss, InMode(9)).Step(vec(1, 2, 3), vec(0))
	wantError(t, err, "the mode is 9, want Eval, Train, MonteCarlo or Calibrate")
}

func TestAModelThatIsNotBuilt(t *testing.T) {
	for name, m := range map[string]*Model{"nil": nil, "zero": {}} {
		x := vec(1, 2, 3)
		m.SetStep(0)
		if len(m.Shape()) != 0 || len(m.OutputShape()) != 0 || m.Dtype() != (tensor.Dtype{}) || m.Seed() != 0 || m.Step() != 0 || len(m.Weights()) != 0 {
			t.Errorf("%s: got values of a model, want zeros", name)
		}
		second := func(_ any, err error) error { return err }
		tr := m.Trainer(squareLoss)
		if len(tr.Gradients()) != 0 || len(tr.Params()) != 0 {
			t.Errorf("%s: got gradients, want none", name)
		}
		for what, err := range map[string]error{
			"Predict":     second(m.Predict(x)),
			"Sample":      second(m.Sample(x, 0)),
			"Summary":     m.Summary(io.Discard),
			"DOT":         m.DOT(io.Discard),
			"Memory":      func() error { _, _, err := m.Memory(); return err }(),
			"Exclusively": m.Exclusively(func() error { return nil }),
			"Step":        second(tr.Step(x, vec(0))),
			"Evaluate":    second(tr.Evaluate(x, vec(0))),
		} {
			if want := "the model is not built: use graph.Build"; err == nil || err.Error() != want {
				t.Errorf("%s.%s: got %v, want %q", name, what, err, want)
			}
		}
	}
}
