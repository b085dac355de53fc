package graph

import "github.com/pkg/errors"

// called calls f, which is not ours or relies on what isn't: a user's function,
// or one of Gorgonia's, which reports some mistakes by a panic. A panic becomes
// an error whose stack, printed with %+v, shows where it was.
func called(what string, f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = errors.Errorf("%s panicked: %v", what, r)
		}
	}()
	return f()
}

// apply applies options; one that is nil changes nothing.
func apply[T any, O ~func(*T)](to *T, opts []O) {
	for _, opt := range opts {
		if opt != nil {
			opt(to)
		}
	}
}
