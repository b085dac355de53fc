package nodes

import (
	"fmt"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
	"gorgonia.org/tensor"
)

// stack puts two vectors into the rows of a matrix: a running mean and variance
// into the form that moments has. It has no gradient: they are constants.
type stack struct{}

func (stack) String() string { return "Stack" }

func (stack) InferShape(in ...graph.Shape) (graph.Shape, error) {
	return append(graph.Shape{2}, in[0]...), nil
}

func (op stack) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op, y, in, stackForward[float32], stackForward[float64])
}

func stackForward[T kernel.Float](_ stack, y []T, in [][]T) {
	copy(y[copy(y, in[0]):], in[1])
}

// track is the next value of a running statistic, for inputs the statistic, the
// moments of the batch and the number of batches with this one:
//
//	(1-momentum)·running + momentum·factor·moments[row]
//
// where momentum is 1/number for a cumulative average, and factor makes a variance
// that of a sample: of m values, m/(m-1). Virtual batches follow one another.
type track struct {
	row        int // 0 for the mean, 1 for the variance
	parts      ghosts
	values     int // of a channel, in each sample
	momentum   float64
	cumulative bool
}

func (op track) String() string {
	return fmt.Sprintf("Track{row %d, %v of %d, momentum %v, cumulative %v}", op.row, op.parts, op.values, op.momentum, op.cumulative)
}

func (track) InferShape(in ...graph.Shape) (graph.Shape, error) { return in[0].Clone(), nil }

func (op track) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	first := in[2].Int64s()[0] - int64(op.parts.count()-1) // the number of the first part
	return graph.Run(tracking{op, first}, y, in, trackForward[float32], trackForward[float64])
}

type tracking struct {
	track
	first int64
}

func trackForward[T kernel.Float](op tracking, y []T, in [][]T) {
	running := in[0]
	for k := range op.parts.count() {
		_, n := op.parts.at(k)
		factor := 1.0
		if m := float64(n * op.values); op.row == 1 {
			factor = m / (m - 1)
		}
		momentum := op.momentum
		if op.cumulative {
			momentum = 1 / float64(op.first+int64(k))
		}
		batch := in[1][(2*k+op.row)*len(y):]
		for c := range y {
			y[c] = T((1-momentum)*float64(running[c]) + momentum*factor*float64(batch[c]))
		}
		running = y
	}
}

// accumulate is the moments of all samples so far, for inputs those before, the moments of
// the batch and the number of samples before. Both running variances are those of a
// sample: with m and k values, d between the means, and v biased,
//
//	mean + d·k/(m+k),   ((m-1)·variance + k·v + d²·m·k/(m+k)) / (m+k-1)
//
// Source: Chan, Golub, LeVeque, Updating Formulae and a Pairwise Algorithm for
// Computing Sample Variances, COMPSTAT 1982.
type accumulate struct {
	parts ghosts
	of    kernel.Layout
}

func (op accumulate) String() string { return fmt.Sprintf("Accumulate{%v of %v}", op.parts, op.of) }

func (op accumulate) InferShape(in ...graph.Shape) (graph.Shape, error) { return in[0].Clone(), nil }

func (op accumulate) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(accumulating{op, in[2].Ints()[0]}, y, in, accumulateForward[float32], accumulateForward[float64])
}

type accumulating struct {
	accumulate
	before int // samples
}

func accumulateForward[T kernel.Float](op accumulating, y []T, in [][]T) {
	channels := op.of.Groups
	for c := range channels {
		m := float64(op.before * op.of.Inner)
		mean, squares := float64(in[0][c]), max(m-1, 0)*float64(in[0][channels+c])
		for i := range op.parts.count() {
			_, n := op.parts.at(i)
			k := float64(n * op.of.Inner)
			batch := in[1][2*i*channels:]
			d := float64(batch[c]) - mean
			mean += d * k / (m + k)
			squares += k*float64(batch[channels+c]) + d*d*m*k/(m+k)
			m += k
		}
		y[c], y[channels+c] = T(mean), T(squares/(m-1))
	}
}

// increment adds to a counter.
type increment struct{ by int }

func (op increment) String() string { return fmt.Sprintf("Increment{by %d}", op.by) }

func (increment) InferShape(in ...graph.Shape) (graph.Shape, error) { return in[0].Clone(), nil }

func (op increment) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	y.Int64s()[0] = in[0].Int64s()[0] + int64(op.by)
	return nil
}
