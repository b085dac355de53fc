package graph

import "github.com/thinnet/thinnet/internal/cuda"

// A Launcher is an op that runs on CUDA devices too.
type Launcher interface {
	Op

	// Launch records what computes the output: of the values' shapes and types, and not of
	// what they hold, for it is recorded once and run many times. y does not share memory
	// with an input.
	Launch(c *cuda.Commands, y cuda.Value, in ...cuda.Value)
}

func launches(op Op) bool {
	_, ok := op.(Launcher)
	return ok
}
