package export

import (
	"strings"
	"unicode/utf8"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// A Tensor is one named array of a file.
type Tensor struct {
	Name  string
	Value *tensor.Dense
}

// plain returns ts as the writers take them: each name usable and used once,
// each value readable, and Go's int and uint, whose size depends on the
// machine, replaced by copies of 64 bits.
func plain(ts []Tensor) ([]Tensor, error) {
	out := make([]Tensor, len(ts))
	seen := make(map[string]bool, len(ts))
	for i, t := range ts {
		if err := checkName(t.Name, seen); err != nil {
			return nil, err
		}
		v, err := plainValue(t.Value)
		if err != nil {
			return nil, errors.WithMessagef(err, "tensor %q", t.Name)
		}
		out[i] = Tensor{t.Name, v}
	}
	return out, nil
}

// checkName reports a name that is in seen or that would not survive a file:
// JSON and zip hold UTF-8, JSON decoders put U+FFFD for half a surrogate pair,
// and Python's zipfile cuts a name at its first NUL. It adds name to seen.
func checkName(name string, seen map[string]bool) error {
	switch {
	case !utf8.ValidString(name) || strings.ContainsRune(name, utf8.RuneError):
		return errors.Errorf("name %q is not UTF-8, or contains U+FFFD", name)
	case strings.ContainsRune(name, 0):
		return errors.Errorf("name %q contains a NUL, want none", name)
	case seen[name]:
		return errors.Errorf("tensor %q is there twice, want each name once", name)
	}
	seen[name] = true
	return nil
}

func plainValue(d *tensor.Dense) (*tensor.Dense, error) {
	switch {
	case d == nil:
		return nil, errors.New("value is nil, want a tensor")
	case !d.IsNativelyAccessible():
		return nil, errors.New("value is not in the memory of the CPU, want a copy there")
	case d.IsMasked():
		return nil, errors.New("value is masked, want a tensor without a mask")
	case len(d.Shape()) != len(d.Strides()):
		return nil, errors.Errorf("shape %v has strides %v, want one for each axis", d.Shape(), d.Strides())
	}
	switch d.Dtype() {
	case tensor.Int:
		return widened[int64](rowMajor(d.Ints(), d.Shape(), d.Strides()), d.Shape()), nil
	case tensor.Uint:
		return widened[uint64](rowMajor(d.Uints(), d.Shape(), d.Strides()), d.Shape()), nil
	}
	if _, ok := kindOfDtype(d.Dtype()); !ok {
		return nil, errors.Errorf("value is of %v, want bool, an integer, float32 or float64", d.Dtype())
	}
	return d, nil
}

func widened[W int64 | uint64, T int | uint](data []T, shape tensor.Shape) *tensor.Dense {
	out := make([]W, len(data))
	for i, v := range data {
		out[i] = W(v)
	}
	return newDense(out, shape)
}

// newDense wraps a slice of as many elements as shape has, at least one.
func newDense(backing any, shape []int) *tensor.Dense {
	return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(backing))
}
