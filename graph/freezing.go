package graph

import (
	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/names"
)

// Freezing keeps the parameters whose names match one of the patterns as they are. They
// have no gradient, so that solvers do not see them, and constraints leave them alone.
// What nothing but their gradients needs is not computed:
//
//	m.Trainer(loss, graph.Freezing("conv1.*", "*.bias"))
//
// Patterns are those of [path.Match], where * stands for any characters, dots included.
// One that matches no parameter is an error: see [Trainer.Err].
//
// Freezing changes nothing else. The loss has the same penalties, and running statistics
// go on changing: [Scope.InMode] is for these.
//
// It is requires_grad_(False) in PyTorch, and layer.trainable = False in Keras, which
// freezes the statistics too.
func Freezing(patterns ...string) TrainerOption {
	return func(t *Trainer) { t.freezing = append(t.freezing, patterns...) }
}

// Err returns the first mistake in the options, or nil. It is that of every
// [Trainer.Step], too.
func (t *Trainer) Err() error { return t.err }

// frozenBy returns the parameters that match one of the patterns.
func (m *Model) frozenBy(patterns []string) (map[*weight]bool, error) {
	var params []*weight
	var called []string
	for _, w := range m.weights() {
		if w.Trainable {
			params, called = append(params, w), append(called, w.Name)
		}
	}
	frozen := map[*weight]bool{}
	for _, pattern := range patterns {
		matches, err := names.Match(pattern, called)
		if err != nil {
			return nil, errors.WithMessage(err, "graph.Freezing")
		}
		for i, w := range params {
			if matches[i] {
				frozen[w] = true
			}
		}
	}
	return frozen, nil
}
