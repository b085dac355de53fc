package train

import "github.com/pkg/errors"

// called calls f, in which users' code runs: a data set, a transform, a metric,
// a schedule. A panic becomes an error whose stack, printed with %+v, shows where
// it was; on a goroutine of ours it would end the process.
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
