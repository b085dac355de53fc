package onnximport

import (
	"fmt"
	"math"
	"strconv"

	"github.com/pkg/errors"
)

// A failure is a mistake in a node. Operators panic with it, so that they read as what
// they compute; attempt is the one place that turns it into an error.
type failure struct{ err error }

func fail(format string, args ...any) { panic(failure{errors.Errorf(format, args...)}) }

// attempt returns the mistake that f found. Any other panic goes on.
func attempt(f func()) (err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case failure:
			err = r.err
		default:
			panic(fmt.Sprint(r))
		}
	}()
	f()
	return nil
}

func quoted(name string) string { return strconv.Quote(name) }

func trunc(v float64) float64 { return math.Trunc(v) }
