package train

import (
	"reflect"
	"slices"
	"sort"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/guard"
	"gorgonia.org/tensor"
)

// Concat is the data set of the samples of all parts, one part after the other. A
// loader shuffles them together; [MixedBatches] gives each part its share of every
// batch.
//
// It is an error if there is no part, if one is nil or empty, if the samples or the
// targets of two have another shape or type, and if two name their classes
// differently. It is PyTorch's ConcatDataset.
func Concat(parts ...Dataset) (Dataset, error) {
	c := &concat{parts: slices.Clone(parts), starts: []int{0}}
	if len(parts) == 0 {
		return nil, errors.New("train.Concat: there is no data set, want at least one")
	}
	var first [2]*tensor.Dense
	for i, part := range parts {
		if err := c.add(part, &first); err != nil {
			return nil, errors.WithMessagef(err, "train.Concat: data set %d", i)
		}
	}
	return c, nil
}

// concat is a data set of several.
type concat struct {
	parts   []Dataset
	starts  []int // of each part, and the number of all samples
	classes []string
}

// add looks at a part, whose first sample is compared with that of the first part.
func (c *concat) add(part Dataset, first *[2]*tensor.Dense) error {
	n, err := lenOf(part)
	if err != nil {
		return err
	}
	if n < 1 {
		return errors.New("it is empty, want at least one sample")
	}
	c.starts = append(c.starts, c.Len()+n)
	return guard.Call("the data set", func() error {
		x, t, err := part.Batch([]int{0})
		if err == nil {
			err = checkBatch(x, t, 1)
		}
		if err != nil {
			return err
		}
		if first[0] == nil {
			first[0], first[1] = x, t
		}
		if err := alike("samples", x, first[0]); err != nil {
			return err
		}
		if err := alike("targets", t, first[1]); err != nil {
			return err
		}
		return c.addClasses(classesOf(part))
	})
}

// addClasses takes the names of a part that has some.
func (c *concat) addClasses(names []string) error {
	switch {
	case names == nil || slices.Equal(names, c.classes):
	case c.classes == nil:
		c.classes = slices.Clone(names)
	default:
		return errors.Errorf("its classes are %q, want %q as of those before", names, c.classes)
	}
	return nil
}

// alike wants rows of the same shape and type.
func alike(what string, x, first *tensor.Dense) error {
	a, b := x.Shape()[1:], first.Shape()[1:]
	if !slices.Equal(a, b) || x.Dtype() != first.Dtype() {
		return errors.Errorf("its %s are of type %v and shape %v, want %v and %v as of those before", what, x.Dtype(), a, first.Dtype(), b)
	}
	return nil
}

// Len implements [Dataset].
func (c *concat) Len() int { return c.starts[len(c.starts)-1] }

// Classes implements [Labelled].
func (c *concat) Classes() []string { return slices.Clone(c.classes) }

// bounds implements [parted].
func (c *concat) bounds() []int { return c.starts }

// Batch implements [Dataset].
func (c *concat) Batch(indices []int) (x, t *tensor.Dense, err error) {
	var xs, ts joined
	err = c.each(indices, func(part Dataset, inner, places []int) error {
		x, t, err := part.Batch(inner)
		if err == nil {
			err = checkBatch(x, t, len(inner))
		}
		if err == nil {
			err = xs.put("samples", x, places, len(indices))
		}
		if err == nil {
			err = ts.put("targets", t, places, len(indices))
		}
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	return xs.tensor(), ts.tensor(), nil
}

// Targets implements [Targeted].
func (c *concat) Targets(indices []int) (*tensor.Dense, error) {
	var ts joined
	err := c.each(indices, func(part Dataset, inner, places []int) error {
		t, err := targetsAt(part, inner)
		if err == nil {
			err = ts.put("targets", t, places, len(indices))
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return ts.tensor(), nil
}

// each calls do for each part that has some of the samples, with their indices in it
// and their places in the batch.
func (c *concat) each(indices []int, do func(part Dataset, inner, places []int) error) error {
	if err := checkIndices(indices, c.Len()); err != nil {
		return err
	}
	inner, places := make([][]int, len(c.parts)), make([][]int, len(c.parts))
	for place, i := range indices {
		p := sort.SearchInts(c.starts, i+1) - 1
		inner[p], places[p] = append(inner[p], i-c.starts[p]), append(places[p], place)
	}
	for p, part := range c.parts {
		if len(inner[p]) == 0 {
			continue
		}
		if err := do(part, inner[p], places[p]); err != nil {
			return errors.WithMessagef(err, "data set %d of train.Concat", p)
		}
	}
	return nil
}

// joined is a tensor put together of rows.
type joined struct {
	rows
	first *tensor.Dense
}

// put copies the rows of x to their places among n.
func (j *joined) put(what string, x *tensor.Dense, places []int, n int) error {
	from, err := rowsOf(x)
	if err != nil {
		return errors.WithMessage(err, what)
	}
	if j.first == nil {
		j.first, j.size = x, from.size
		j.data = reflect.MakeSlice(from.data.Type(), n*j.size, n*j.size)
		j.shape = append(tensor.Shape{n}, x.Shape()[1:]...)
	}
	if err := alike(what, x, j.first); err != nil {
		return err
	}
	for row, place := range places {
		reflect.Copy(j.data.Slice(place*j.size, (place+1)*j.size), from.data.Slice(row*j.size, (row+1)*j.size))
	}
	return nil
}

func (j *joined) tensor() *tensor.Dense {
	return tensor.New(tensor.WithShape(j.shape...), tensor.WithBacking(j.data.Interface()))
}
