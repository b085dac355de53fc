package graph

import "github.com/thinnet/thinnet/internal/guard"

// A Drawing says what of a model draws in [MonteCarlo] mode.
type Drawing struct {
	// Samples is set if something draws for each sample of a batch by itself: then
	// copies of one input in a batch are draws of their own.
	Samples bool
	// Batches is set if something draws once for a whole batch; see
	// [Scope.ShareDraws].
	Batches bool
}

// Drawing returns what of the model draws in [MonteCarlo] mode. For that it declares the
// model anew, for a batch of two.
func (m *Model) Drawing() (d Drawing, err error) {
	if err := m.built(); err != nil {
		return Drawing{}, err
	}
	shape := m.shape.Clone()
	shape[0] = 2 // in a batch of one, all draws are for the whole batch
	err = alone(func() error {
		b, _, _, err := m.declare(MonteCarlo, shape)
		if err == nil {
			d = b.drawing()
		}
		return err
	})
	return d, guard.At("graph.Model.Drawing", err)
}

func (b *builder) drawing() Drawing {
	d := Drawing{Batches: len(b.shared) > 0}
	for path, draws := range b.streams {
		d.Samples = d.Samples || draws && !b.shared[path]
	}
	return d
}
