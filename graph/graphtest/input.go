package graphtest

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/philox"
)

// An Input is a tensor that a net is applied to. Its values are the same in
// every run.
type Input struct {
	shape graph.Shape
	init  graph.Init
	ints  []int // instead of init, for class indices
	fixed bool
}

// Normal draws from the standard normal distribution.
func Normal(shape ...int) Input {
	return Input{shape: shape, init: graph.Normal(0, 1)}
}

// Uniform draws from [lo, hi).
func Uniform(lo, hi float64, shape ...int) Input {
	return Input{shape: shape, init: graph.Uniform(lo, hi)}
}

// Away draws from the standard normal distribution and moves every value away
// from 0 by gap: for functions with a kink at 0, such as ReLU.
func Away(gap float64, shape ...int) Input {
	return Input{shape: shape, init: func(r *rand.Rand, _ graph.Shape, w []float64) error {
		for i := range w {
			v := r.NormFloat64()
			w[i] = v + math.Copysign(gap, v)
		}
		return nil
	}}
}

// Distinct is evenly spaced over [-2, 2] in random order: for functions that
// compare elements, such as max pooling.
func Distinct(shape ...int) Input {
	return Input{shape: shape, init: func(r *rand.Rand, _ graph.Shape, w []float64) error {
		for i, k := range r.Perm(len(w)) {
			w[i] = -2 + 4*(float64(k)+0.5)/float64(len(w))
		}
		return nil
	}}
}

// Values is data in row-major order.
func Values(shape graph.Shape, data ...float64) Input {
	return Input{shape: shape, init: graph.Values(data)}
}

// Ints is data in row-major order, of type tensor.Int, such as class indices.
// It has no gradient.
func Ints(shape graph.Shape, data ...int) Input {
	return Input{shape: shape, ints: data}
}

// Fixed returns the same input, but without a check of its gradient: for what a
// function doesn't differentiate by, such as the target of a loss.
func (in Input) Fixed() Input {
	in.fixed = true
	return in
}

// declare makes input i a weight of the model, so that it has a gradient and
// can be changed between two runs.
func (in Input) declare(s *graph.Scope, i int) *graph.Node {
	switch name := fmt.Sprint(i); {
	case in.init == nil:
		return s.Ints(in.shape, in.ints)
	case in.fixed:
		return s.State(name, in.shape, in.init)
	default:
		return s.Param(name, in.shape, in.init)
	}
}

// random returns a generator that depends on the name alone.
func random(name string) *rand.Rand {
	return rand.New(philox.NewSource(philox.KeyOf(0, name), 0))
}
