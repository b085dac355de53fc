package graph

import (
	"slices"

	"github.com/thinnet/thinnet/internal/guard"
)

// A Drawing says what of a model draws in [MonteCarlo] mode.
type Drawing struct {
	// Samples is set if something draws for each sample of a batch by itself: then
	// copies of one input in a batch are draws of their own.
	Samples bool
	// Batches is set if something draws once for a whole batch, or numbers what it
	// draws for samples otherwise in a batch of another size, as where the batch is not
	// the first axis: see [Scope.DrawsOver].
	Batches bool
}

// Drawing returns what of the model draws in [MonteCarlo] mode. For that it declares the
// model anew, for batches of two and of four: of what is drawn, the axes of the batch are
// those that grow.
func (m *Model) Drawing() (d Drawing, err error) {
	if err := m.built(); err != nil {
		return Drawing{}, err
	}
	err = alone(func() error {
		two, err := m.ofBatch(2)
		if err != nil {
			return err
		}
		four, err := m.ofBatch(4)
		if err == nil {
			d = drawing(two, four)
		}
		return err
	})
	return d, guard.At("graph.Model.Drawing", err)
}

// ofBatch declares the model for samples of so many.
func (m *Model) ofBatch(n int) (*builder, error) {
	b, _, _, err := m.declare(MonteCarlo, m.shapeOf(n))
	return b, err
}

// drawing compares two declarations for batches that differ.
func drawing(b, other *builder) (d Drawing) {
	for path, draws := range b.streams {
		_, told := b.drawn[path]
		d.Samples = d.Samples || draws && !told
	}
	for path, shape := range b.drawn {
		switch at := other.drawn[path]; {
		case slices.Equal(shape, at):
			d.Batches = true
		case len(shape) == len(at) && slices.Equal(shape[1:], at[1:]):
			d.Samples = true
		default:
			return Drawing{Samples: true, Batches: true}
		}
	}
	return d
}
