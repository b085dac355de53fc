package main

import (
	"github.com/thinnet/thinnet/export"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/train"
	"gorgonia.org/tensor"
)

// keepBest writes the weights of the best epoch so far. It comes after callbacks that
// change them for validation: those that were validated count.
type keepBest struct {
	train.NoCallback
	path      string
	measure   train.Measure
	best      float64
	some      bool
	validated []export.Tensor // nil without validation
}

// Begin implements [train.Callback]: a run that is taken up has a best epoch.
func (k *keepBest) Begin(t *train.Training) error {
	for _, e := range t.History().Epochs {
		k.better(e)
	}
	return nil
}

// BeforeValidation implements [train.Validating].
func (k *keepBest) BeforeValidation(*train.Training) error { return nil }

// AfterValidation implements [train.Validating].
func (k *keepBest) AfterValidation(t *train.Training) error {
	k.validated = weightsOf(t.Model())
	return nil
}

// EndEpoch implements [train.Callback].
func (k *keepBest) EndEpoch(t *train.Training, e train.Epoch) error {
	switch {
	case !k.better(e):
		return nil
	case k.validated == nil:
		return export.SaveSafetensors(t.Model(), k.path)
	}
	return export.WriteSafetensors(k.path, k.validated, map[string]string{"format": "pt"})
}

func (k *keepBest) better(e train.Epoch) bool {
	v, ok := k.measure.Of(e)
	if !ok || k.some && !k.measure.Better(v, k.best, 0) {
		return false
	}
	k.best, k.some = v, true
	return true
}

// weightsOf copies the weights of a model.
func weightsOf(m *graph.Model) []export.Tensor {
	var out []export.Tensor
	for _, w := range m.Weights() {
		out = append(out, export.Tensor{Name: w.Name, Value: w.Value.Clone().(*tensor.Dense)})
	}
	return out
}
