// Package guard is the border to what is not ours: functions and options that
// users hand in, and calls of Gorgonia's, which reports some mistakes by a panic.
package guard

import (
	"slices"

	"github.com/pkg/errors"
)

// Call calls f and turns a panic into an error, whose stack, printed with %+v,
// shows where it was. On a goroutine of ours a panic would end the process.
func Call(what string, f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = errors.Errorf("%s panicked: %v", what, r)
		}
	}()
	return f()
}

// Given returns those of options that are not nil, as an option that is nil changes
// nothing.
func Given[O any](opts []O) []O {
	return slices.DeleteFunc(slices.Clone(opts), func(opt O) bool { return any(opt) == nil })
}

// Apply applies options; one that is nil changes nothing.
func Apply[T any, O ~func(*T)](to *T, opts []O) {
	for _, opt := range opts {
		if opt != nil {
			opt(to)
		}
	}
}
