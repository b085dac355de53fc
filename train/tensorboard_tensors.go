package train

import (
	"image"

	"github.com/thinnet/thinnet/internal/pictures"
)

// weights writes histograms of the parameters.
func (b *tensorBoard) weights(t *Training) error {
	for _, w := range t.Model().Weights() {
		if !w.Trainable {
			continue
		}
		if err := b.histogram("weights/"+w.Name, t.Steps(), w.Value); err != nil {
			return err
		}
	}
	return nil
}

// gradients writes histograms of the gradients of the last step.
func (b *tensorBoard) gradients(t *Training) error {
	for _, g := range t.Trainer().Gradients() {
		if g.Value == nil {
			continue
		}
		if err := b.histogram("gradients/"+g.Name, t.Steps(), g.Value); err != nil {
			return err
		}
	}
	return nil
}

// How many a picture shows.
const mostInputs, mostFilters = 16, 64

// inputs writes a picture of the first samples of the last batch.
func (b *tensorBoard) inputs(t *Training) error {
	x := t.Batch().X
	if x == nil || !pictures.Shape(x.Shape()) {
		return nil
	}
	var samples []image.Image
	for i := range min(x.Shape()[0], mostInputs) {
		if s := pictures.Sample(x, i); s != nil {
			samples = append(samples, s)
		}
	}
	return b.picture("inputs", t.Steps(), samples)
}

// filters writes a picture of the first layer.
func (b *tensorBoard) filters(t *Training) error {
	name, filters := pictures.Filters(t.Model(), mostFilters)
	return b.picture("filters/"+name, t.Steps(), filters)
}

func (b *tensorBoard) picture(tag string, step int, of []image.Image) error {
	if len(of) == 0 {
		return nil
	}
	return b.training.Image(tag, step, pictures.Grid(of))
}
