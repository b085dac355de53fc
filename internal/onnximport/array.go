package onnximport

import (
	"slices"

	"gorgonia.org/tensor"
)

// A kind is what the elements of a value are. A model computes all of them in its one
// type: integers have whole values there, and booleans are 0 or 1.
type kind uint8

const (
	floats kind = iota
	ints
	bools
)

// An array is a value that is known before the model runs.
type array struct {
	kind  kind
	shape []int
	data  []float64
}

func sizeOf(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}

// rounded makes the elements such as the kind has.
func (a *array) rounded() *array {
	for i, v := range a.data {
		a.data[i] = a.kind.of(v)
	}
	return a
}

// of is v as a number of kind k.
func (k kind) of(v float64) float64 {
	switch {
	case k == bools && v != 0:
		return 1
	case k == ints:
		return trunc(v)
	}
	return v
}

// whole returns the elements as indices, bounded by ±2⁶².
func (a *array) whole() []int {
	out := make([]int, len(a.data))
	for i, v := range a.data {
		out[i] = int(max(min(v, 1<<62), -1<<62))
	}
	return out
}

// broadcast is the shape of an operation on a and b by NumPy's rules, if they agree.
func broadcast(a, b []int) ([]int, bool) {
	if len(a) < len(b) {
		a, b = b, a
	}
	y := slices.Clone(a)
	for i, n := range b {
		at := len(a) - len(b) + i
		switch {
		case y[at] == 1:
			y[at] = n
		case n != 1 && n != y[at]:
			return nil, false
		}
	}
	return y, true
}

// source returns the number of the element of a, aligned at the right, that is broadcast
// to element i of a shape.
func source(i int, to, a []int) int {
	at, step := 0, 1
	for axis := len(to) - 1; axis >= 0; axis-- {
		k := i % to[axis]
		i /= to[axis]
		if own := axis - len(to) + len(a); own >= 0 {
			if a[own] > 1 {
				at += k * step
			}
			step *= a[own]
		}
	}
	return at
}

// dense is a tensor as an array. Its type is one that a model can be bound to.
func dense(d *tensor.Dense) (*array, bool) {
	a := &array{shape: slices.Clone([]int(d.Shape()))}
	ok := true
	switch data := d.Data().(type) {
	case float32, float64, int, int32, int64, bool: // of a scalar
		ok = scalar(a, data)
	case []float32:
		a.data = widened(data)
	case []float64:
		a.data = widened(data)
	case []int:
		a.kind, a.data = ints, widened(data)
	case []int32:
		a.kind, a.data = ints, widened(data)
	case []int64:
		a.kind, a.data = ints, widened(data)
	case []uint8:
		a.kind, a.data = ints, widened(data)
	case []bool:
		a.kind, a.data = bools, make([]float64, len(data))
		for i, b := range data {
			if b {
				a.data[i] = 1
			}
		}
	default:
		ok = false
	}
	return a, ok && len(a.data) == sizeOf(a.shape)
}

func scalar(a *array, v any) bool {
	a.kind = ints
	switch v := v.(type) {
	case float32:
		a.kind, a.data = floats, []float64{float64(v)}
	case float64:
		a.kind, a.data = floats, []float64{v}
	case int:
		a.data = []float64{float64(v)}
	case int32:
		a.data = []float64{float64(v)}
	case int64:
		a.data = []float64{float64(v)}
	case bool:
		a.kind, a.data = bools, []float64{0}
		if v {
			a.data[0] = 1
		}
	}
	return true
}

func widened[T number](in []T) []float64 {
	out := make([]float64, len(in))
	for i, v := range in {
		out[i] = float64(v)
	}
	return out
}

type number interface {
	~float32 | ~float64 | ~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint8 | ~uint16 | ~uint32 | ~uint64
}
