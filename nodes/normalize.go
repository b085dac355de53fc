package nodes

import (
	"fmt"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
	"gorgonia.org/tensor"
)

// moments is the mean and the biased variance of each group of x, of shape
// (2, groups), means first. It has no gradient of its own: what flows through
// the statistics is part of the gradient of normalize.
type moments struct{ of kernel.Layout }

func (op moments) String() string { return fmt.Sprintf("Moments{%v}", op.of) }

func (op moments) InferShape(...graph.Shape) (graph.Shape, error) {
	return graph.Shape{2, op.of.Groups}, nil
}

func (op moments) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op, y, in, momentsForward[float32], momentsForward[float64])
}

func momentsForward[T kernel.Float](op moments, y []T, in [][]T) {
	kernel.Moments(y, in[0], op.of)
}

// ChannelsLast implements [graph.ChannelsLast].
func (op moments) ChannelsLast(in ...graph.Shape) graph.LastLayout {
	of, ok := columns(op.of, in[0])
	if !ok {
		return graph.LastLayout{}
	}
	return graph.LastLayout{Op: moments{of}, In: []bool{true}, Follow: true}
}

// columns returns the layout of channels, over x of shape (N, C, ...), on memory in
// which they lie innermost. Other layouts have none.
func columns(l kernel.Layout, x graph.Shape) (kernel.Layout, bool) {
	if len(x) < 3 || l != channels(x) {
		return l, false
	}
	return kernel.Layout{Outer: l.Outer * l.Inner, Groups: l.Groups, Inner: 1}, true
}

// normalize is (x-mean)/sqrt(var+eps)·weight + bias for inputs x, moments and,
// perhaps, weight and bias.
type normalize struct {
	of     kernel.Layout // of the moments
	affine kernel.Layout // of weight and bias
	eps    float64
	// constant moments are not those of x: x has no influence on them.
	constant bool
	relu     bool // the maximum of that and 0
}

func (op normalize) String() string { return "Normalize" + op.attributes() }

func (op normalize) attributes() string {
	return fmt.Sprintf("{%v %v eps %v constant %v ReLU %v}", op.of, op.affine, op.eps, op.constant, op.relu)
}

// kernel returns op in the terms of package kernel.
func (op normalize) kernel() kernel.Norm {
	return kernel.Norm{Of: op.of, Affine: op.affine, Eps: op.eps, Constant: op.constant, ReLU: op.relu}
}

// shared reports whether the gradients of weight and bias are the sums that the
// gradient of x needs: if the statistics are those of their channels.
func (op normalize) shared() bool { return op.of == op.affine && !op.constant }

func (op normalize) InferShape(in ...graph.Shape) (graph.Shape, error) {
	if n := len(in); n != 2 && n != 4 {
		return nil, errors.Errorf("got %d inputs, want x and moments, or x, moments, weight and bias", n)
	}
	return in[0].Clone(), nil
}

func (op normalize) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op, y, in, normalizeForward[float32], normalizeForward[float64])
}

func normalizeForward[T kernel.Float](op normalize, y []T, in [][]T) {
	weight, bias := affineOf(in[2:])
	kernel.Normalize(op.kernel(), y, in[0], in[1], weight, bias)
}

// affineOf returns weight and bias, nil where a normalisation has none.
func affineOf[T any](in []T) (weight, bias T) {
	if len(in) == 2 {
		weight, bias = in[0], in[1]
	}
	return weight, bias
}

// ChannelsLast implements [graph.ChannelsLast].
func (op normalize) ChannelsLast(in ...graph.Shape) graph.LastLayout {
	op, ok := op.last(in[0])
	if !ok {
		return graph.LastLayout{}
	}
	at := make([]bool, len(in))
	at[0] = true
	return graph.LastLayout{Op: op, In: at, Out: true, Follow: true}
}

// last returns op for channels-last memory.
func (op normalize) last(x graph.Shape) (normalize, bool) {
	of, ok := columns(op.of, x)
	ok = ok && op.of == op.affine
	op.of, op.affine = of, of
	return op, ok
}

// withReLU implements activated.
func (op normalize) withReLU() (graph.Op, bool) {
	op.relu = true
	return op, true
}

func (op normalize) HasGradient(input int) bool { return input != 1 }

func (op normalize) Backward(in []*graph.Node, y, dy *graph.Node) []*graph.Node {
	s := y.Layer("NormalizeGrad")
	x, stats, affine := in[0], in[1], in[2:]
	op.relu = false
	of := normalizing{of: op, y: y.Gorgonia().ID()}
	given := append([]*graph.Node{x, stats, dy}, affine...)
	grads := make([]*graph.Node, len(in))
	var sums *graph.Node
	if len(affine) > 0 || op.shared() {
		sums = s.Apply(normalizeSums{of}, given...)
	}
	for i, p := range affine {
		grads[2+i] = s.Apply(pick{1 - i, p.Shape()}, sums)
	}
	if op.shared() {
		given = append(given, sums)
	}
	grads[0] = s.Apply(normalizeGrad{of}, given...)
	return grads
}
