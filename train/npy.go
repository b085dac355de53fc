package train

import (
	"slices"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/export"
	"gorgonia.org/tensor"
)

// OpenNPY reads a data set from two NumPy arrays in files of their own: x is
// (n, ...), t is (n) or (n, ...).
//
// Integers of a t of one axis become class indices, [tensor.Int]; so do those
// of 32 and 64 bits in x, which index too, as tokens do: a model takes them as
// numbers. Everything else stays of the type in the file: bytes are not scaled
// ([Map] does so), and floats are targets to regress on. See [export.ReadNPY] for the types there are.
func OpenNPY(x, t string) (Dataset, error) {
	xs, err := export.ReadNPY(x)
	if err != nil {
		return nil, err
	}
	ts, err := export.ReadNPY(t)
	if err != nil {
		return nil, err
	}
	ds, err := fromNumPy(xs, ts)
	return ds, errors.WithMessagef(err, "%s, %s", x, t)
}

// OpenNPZ reads a data set from two arrays of a NumPy archive, by their names
// in it. It treats them as [OpenNPY] does.
func OpenNPZ(path, xName, tName string) (Dataset, error) {
	arrays, err := export.ReadNPZ(path)
	if err != nil {
		return nil, err
	}
	xs, err := named(arrays, xName)
	if err != nil {
		return nil, errors.WithMessage(err, path)
	}
	ts, err := named(arrays, tName)
	if err != nil {
		return nil, errors.WithMessage(err, path)
	}
	ds, err := fromNumPy(xs, ts)
	return ds, errors.WithMessage(err, path)
}

// named finds an array of an archive.
func named(arrays []export.Tensor, name string) (*tensor.Dense, error) {
	names := make([]string, len(arrays))
	for i, a := range arrays {
		if a.Name == name {
			return a.Value, nil
		}
		names[i] = a.Name
	}
	return nil, errors.Errorf("no array is named %q, there are %q", name, names)
}

func fromNumPy(x, t *tensor.Dense) (Dataset, error) {
	var err error
	if slices.Contains([]tensor.Dtype{tensor.Int32, tensor.Int64, tensor.Uint32, tensor.Uint64}, x.Dtype()) {
		if x, err = toInt(x); err != nil {
			return nil, errors.WithMessage(err, "x")
		}
	}
	if t.Dims() == 1 {
		if t, err = toInt(t); err != nil {
			return nil, errors.WithMessage(err, "t")
		}
	}
	return Tensors(x, t)
}

// toInt converts integers to int, and leaves what is none alone.
func toInt(d *tensor.Dense) (*tensor.Dense, error) {
	var (
		ints []int
		err  error
	)
	switch data := d.Data().(type) {
	case []int8:
		ints, err = intsOf(data)
	case []int16:
		ints, err = intsOf(data)
	case []int32:
		ints, err = intsOf(data)
	case []int64:
		ints, err = intsOf(data)
	case []uint8:
		ints, err = intsOf(data)
	case []uint16:
		ints, err = intsOf(data)
	case []uint32:
		ints, err = intsOf(data)
	case []uint64:
		ints, err = intsOf(data)
	default:
		return d, nil
	}
	if err != nil {
		return nil, err
	}
	return tensor.New(tensor.WithShape(d.Shape().Clone()...), tensor.WithBacking(ints)), nil
}

func intsOf[T int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64](data []T) ([]int, error) {
	out := make([]int, len(data))
	for i, v := range data {
		out[i] = int(v)
		if T(out[i]) != v || (out[i] < 0) != (v < 0) {
			return nil, errors.Errorf("element %d is %d, too large for an index", i, v)
		}
	}
	return out, nil
}
