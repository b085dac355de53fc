package onnxgraph

import "fmt"

// A Dim is the size of an axis: Fixed + Batch·N in a batch of N samples.
type Dim struct{ Fixed, Batch int }

// Fixed returns dimensions that are the same for all batches.
func Fixed(n ...int) []Dim {
	out := make([]Dim, len(n))
	for i, d := range n {
		out[i].Fixed = d
	}
	return out
}

// Sizes returns the sizes of dimensions, and whether all are the same for all batches.
func Sizes(dims []Dim) (n []int, fixed bool) {
	fixed = true
	for _, d := range dims {
		n = append(n, d.Fixed)
		fixed = fixed && d.Batch == 0
	}
	return n, fixed
}

// String is the number, or the name of a dimension that a file leaves open.
func (d Dim) String() string {
	switch {
	case d.Batch == 0:
		return fmt.Sprint(d.Fixed)
	case d == Dim{Batch: 1}:
		return "batch"
	case d.Fixed == 0:
		return fmt.Sprintf("%d*batch", d.Batch)
	}
	return fmt.Sprintf("%d*batch+%d", d.Batch, d.Fixed)
}
