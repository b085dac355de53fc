package graph

import (
	"runtime"
	"sync"

	"github.com/pkg/errors"
)

// building is held while a graph is declared or compiled: Gorgonia keeps
// package-level state and races with itself.
var building sync.Mutex

// alone calls f while no other graph is declared or compiled. From within f, as in a
// model function that builds another model, it returns an error: it would wait for
// itself, for ever.
func alone(f func() error) error {
	if !building.TryLock() {
		if nested() {
			return errors.New("a model function or a loss declares its graph just now, and is where this is called from; build other models, and use them, outside of it")
		}
		building.Lock()
	}
	defer building.Unlock()
	return f()
}

// nested reports whether its caller has called itself, by way of others.
func nested() bool {
	stack := make([]uintptr, 128)
	n := runtime.Callers(2, stack) // from the caller of nested on
	for n == len(stack) {
		stack = make([]uintptr, 2*len(stack))
		n = runtime.Callers(2, stack)
	}
	frames := runtime.CallersFrames(stack[:n])
	caller, more := frames.Next()
	for more {
		var frame runtime.Frame
		if frame, more = frames.Next(); frame.Function == caller.Function {
			return true
		}
	}
	return false
}
