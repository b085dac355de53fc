package graph

import "github.com/pkg/errors"

// maxElements bounds the elements of a value. No memory would hold more, and a
// product of sizes that overflows would go unseen: a shape could seem empty.
const maxElements = 1 << 40

// checkSize returns an error for a shape of more elements.
func checkSize(shape Shape) error {
	n := 1
	for _, d := range shape {
		if d > maxElements/n {
			return errors.Errorf("the shape is %v, want at most 2⁴⁰ elements", shape)
		}
		n *= max(d, 1)
	}
	return nil
}
