package nodes

import (
	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
)

// A targetError is about one element of a target. Where samples are shuffled its
// place says little, so a training loop asks for the row, and names the sample.
type targetError struct {
	error
	row int
}

// Row is that of the batch.
func (e *targetError) Row() int { return e.row }

// Unwrap gives errors.Is and errors.As the cause.
func (e *targetError) Unwrap() error { return e.error }

// wrongTarget says that element i of a target of some shape is not what it should be.
func wrongTarget(shape graph.Shape, i int, value any, want string) error {
	at := coordinates(shape, i)
	return &targetError{errors.Errorf("the target at %v is %v, want %s", at, value, want), at[0]}
}
