package nodes

import (
	"fmt"

	"github.com/thinnet/thinnet/graph"
	"gorgonia.org/tensor"
)

// normPool is batch norm with the statistics of the batch, a ReLU, perhaps factors
// for each channel of each sample, and max pooling: what many convolutions end in.
// On channels-last memory, forward and backward read what the convolution wrote and
// write no other value of that size.
//
// Inputs are x, moments, perhaps weight and bias, and perhaps the factors. The parts
// of its gradient take dy, and then the sums, as well.
type normPool struct {
	norm   normalize
	affine bool     // whether there are weight and bias
	mask   graph.Op // what applies the factors, if there are any
	pool   maxPool
}

// behindNorm returns the op that computes pool and what makes x in one, and its
// inputs, if that is what a normPool is.
func behindNorm(pool maxPool, x *graph.Node) (op normPool, in []*graph.Node, ok bool) {
	if x.Dtype() != tensor.Float32 || !pool.g.Pairwise() {
		return op, nil, false
	}
	op.pool = pool
	made, from := x.Made()
	var factors []*graph.Node
	if m, isMask := made.(graph.Masking); isMask {
		k := from[1].Shape()
		if len(k) != len(pool.x) || k[0] != pool.x[0] || k[1] != pool.x[1] || k[2:].TotalSize() != 1 {
			return op, nil, false
		}
		op.mask, factors = m, from[1:]
		made, from = from[0].Made()
	}
	if _, ok := made.(relu); !ok {
		return op, nil, false
	}
	made, from = from[0].Made()
	op.norm, ok = made.(normalize)
	if of := channels(pool.x); !ok || op.norm.constant || op.norm.of != of || op.norm.affine != of {
		return op, nil, false
	}
	op.norm.relu, op.affine = true, len(from) == 4
	return op, append(append([]*graph.Node{}, from...), factors...), true
}

func (op normPool) String() string {
	return fmt.Sprintf("NormPool{%v, %v, %v}", op.norm, op.mask, op.pool)
}

func (op normPool) InferShape(...graph.Shape) (graph.Shape, error) { return op.pool.y.Clone(), nil }

func (op normPool) Forward(y *tensor.Dense, in ...*tensor.Dense) error { return inSteps(op, y, in) }

// HasGradient says that moments and factors have none.
func (op normPool) HasGradient(input int) bool {
	return input == 0 || op.affine && (input == 2 || input == 3)
}

func (op normPool) Backward(in []*graph.Node, y, dy *graph.Node) []*graph.Node {
	s := y.Layer("NormPoolGrad")
	given := append(append([]*graph.Node{}, in...), dy)
	sums := s.Apply(normPoolSums{op}, given...)
	grads := make([]*graph.Node, len(in))
	grads[0] = s.Apply(normPoolGrad{op}, append(given, sums)...)
	if op.affine {
		grads[2] = s.Apply(pick{1, in[2].Shape()}, sums)
		grads[3] = s.Apply(pick{0, in[3].Shape()}, sums)
	}
	return grads
}

// normPoolInputs are the inputs of a normPool or of a part of its gradient. What
// there is none of is the zero value.
type normPoolInputs[T any] struct{ x, stats, weight, bias, factor, dy, sums T }

func normPoolApart[T any](op normPool, in []T) (p normPoolInputs[T]) {
	p.x, p.stats, in = in[0], in[1], in[2:]
	if op.affine {
		p.weight, p.bias, in = in[0], in[1], in[2:]
	}
	if op.mask != nil {
		p.factor, in = in[0], in[1:]
	}
	if len(in) > 0 {
		p.dy, in = in[0], in[1:]
	}
	if len(in) > 0 {
		p.sums = in[0]
	}
	return p
}

// numbers are those of n inputs.
func (op normPool) numbers(n int) (at normPoolInputs[int], normInputs []int) {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	at = normPoolApart(op, all)
	if op.affine {
		return at, all[:4:4]
	}
	return at, all[:2:2]
}

// Split implements [graph.Splitter]: where memory is not channels-last, the ops are
// computed one by one.
func (op normPool) Split(_ bool, in ...graph.Shape) []graph.Part {
	parts, _, v := op.first(len(in))
	return append(parts, graph.Part{Op: op.pool, In: []int{v}})
}

// first returns the steps that make what is normalised, and what is pooled.
func (op normPool) first(n int) (parts []graph.Part, normalized, pooled int) {
	at, inputs := op.numbers(n)
	parts = []graph.Part{{Op: op.norm, In: inputs}}
	if op.mask == nil {
		return parts, n, n
	}
	return append(parts, graph.Part{Op: op.mask, In: []int{n, at.factor}}), n, n + 1
}

// backward returns the steps of a part of the gradient, of which the last one is given.
func (op normPool) backward(last graph.Op, n int) []graph.Part {
	parts, y, v := op.first(n)
	at, inputs := op.numbers(n)
	parts = append(parts, graph.Part{Op: maxPoolGrad{op.pool}, In: []int{v, at.dy}})
	d := n + len(parts) - 1
	if op.mask != nil {
		parts = append(parts, graph.Part{Op: op.mask, In: []int{d, at.factor}})
		d++
	}
	given := append([]int{at.x, at.stats, y, d}, inputs[2:]...)
	if _, ok := last.(normalizeGrad); ok {
		given = append(given, at.sums)
	}
	return append(parts, graph.Part{Op: last, In: given})
}

// normPoolSums is the gradients of bias and of weight, one row each.
type normPoolSums struct{ of normPool }

func (op normPoolSums) String() string { return "NormPoolSums{" + op.of.String() + "}" }

func (op normPoolSums) InferShape(...graph.Shape) (graph.Shape, error) {
	return graph.Shape{2, op.of.norm.of.Groups}, nil
}

func (op normPoolSums) Forward(sums *tensor.Dense, in ...*tensor.Dense) error {
	return inSteps(op, sums, in)
}

// Split implements [graph.Splitter].
func (op normPoolSums) Split(_ bool, in ...graph.Shape) []graph.Part {
	return op.of.backward(normalizeSums{normalizing{of: op.of.norm}}, len(in))
}

// normPoolGrad is the gradient of x.
type normPoolGrad struct{ of normPool }

func (op normPoolGrad) String() string { return "NormPoolGrad{" + op.of.String() + "}" }

func (op normPoolGrad) InferShape(in ...graph.Shape) (graph.Shape, error) { return in[0].Clone(), nil }

func (op normPoolGrad) Forward(dx *tensor.Dense, in ...*tensor.Dense) error {
	return inSteps(op, dx, in)
}

// Split implements [graph.Splitter].
func (op normPoolGrad) Split(_ bool, in ...graph.Shape) []graph.Part {
	return op.of.backward(normalizeGrad{normalizing{of: op.of.norm}}, len(in))
}
