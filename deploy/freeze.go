package deploy

import (
	"io"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/atomicfile"
	"github.com/thinnet/thinnet/internal/guard"
)

// Freeze writes m to a file that [Open] opens, whole or not at all. The weights of m do not
// change meanwhile, and m stays as it is.
//
// The file says what the model computes in the form of ONNX, as onnx.Export writes it. A
// model that has no such form, for an op of a user's in it, is one for [OpenFunc] alone.
//
// Options: [Batches].
func Freeze(m *graph.Model, path string, opts ...FreezeOption) error {
	c := config{}
	guard.Apply(&c, opts)
	if c.batches == nil && m != nil {
		c.batches = []int{1}
		if shape := m.Shape(); len(shape) > 0 && shape[0] > 1 {
			c.batches = append(c.batches, shape[0])
		}
	}
	computes, err := describe(m)
	if err != nil {
		return guard.At("deploy.Freeze", err)
	}
	err = m.Freeze(c.batches, func(f *graph.Frozen) error {
		if err := computes.prepare(f, c.batches); err != nil {
			return err
		}
		err := atomicfile.Write(path, func(w io.Writer) error { return encode(w, f, computes) })
		return errors.WithMessage(err, path)
	})
	return guard.At("deploy.Freeze", err)
}

// A FreezeOption adjusts one [Freeze].
type FreezeOption func(*config)

type config struct{ batches []int }

// Batches sets for which batch sizes weights are packed, by default 1 and that given to
// [graph.Build]. Other sizes can be predicted too. Most layers pack alike for all sizes;
// convolutions of 3 by 3 are computed in another way for many samples than for one, and
// the file holds what both need. Without any size it holds the weights alone, and is the
// smallest.
func Batches(sizes ...int) FreezeOption {
	return func(c *config) { c.batches = append([]int{}, sizes...) }
}
