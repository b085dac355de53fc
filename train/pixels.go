package train

import (
	"slices"

	"gorgonia.org/tensor"
)

// pixels is a set of labelled images of one size. They stay bytes, a quarter of
// the memory of float32, until a batch is asked for.
type pixels struct {
	data    []byte // n·c·h·w
	labels  []byte
	c, h, w int
	classes []string
}

// Len implements [Dataset].
func (p *pixels) Len() int { return len(p.labels) }

// Classes implements [Labelled].
func (p *pixels) Classes() []string { return slices.Clone(p.classes) }

// Batch implements [Dataset]: x is (n, c, h, w) of float32 in [0, 1], t is (n).
func (p *pixels) Batch(indices []int) (x, t *tensor.Dense, err error) {
	if err := checkIndices(indices, p.Len()); err != nil {
		return nil, nil, err
	}
	size := p.c * p.h * p.w
	xs := make([]float32, len(indices)*size)
	ts := make([]int, len(indices))
	for i, j := range indices {
		row := xs[i*size:][:size]
		for k, b := range p.data[j*size:][:size] {
			row[k] = float32(b) / 255
		}
		ts[i] = int(p.labels[j])
	}
	x = tensor.New(tensor.WithShape(len(ts), p.c, p.h, p.w), tensor.WithBacking(xs))
	t = tensor.New(tensor.WithShape(len(ts)), tensor.WithBacking(ts))
	return x, t, nil
}
