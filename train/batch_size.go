package train

import (
	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
)

// batchSize returns the number of samples a model was built for; an error for a
// model that cannot be run.
func batchSize(m *graph.Model) (int, error) {
	switch {
	case m == nil:
		return 0, errors.New("the model is nil")
	case m.Shape().Dims() == 0:
		return 0, errors.New("the model is not built: use graph.Build")
	}
	return m.Shape()[0], nil
}
