package graph

import (
	"fmt"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/kernel"
	"github.com/thinnet/thinnet/internal/kernel/pool"
	"gorgonia.org/tensor"
)

// A Shape is the size of every axis, outermost first. The empty shape is a scalar.
type Shape = tensor.Shape

// Float is the constraint for the element types that ops compute with.
type Float = kernel.Float

// An Op is a pure function of tensors: its output depends on its inputs and on
// nothing else, and it keeps nothing between two calls. One op may therefore
// run in several programs at once.
type Op interface {
	// String names the op and every attribute that changes its result, as in
	// "LeakyReLU{0.01}". Two ops of one type with equal strings, on equal inputs,
	// are one node.
	fmt.Stringer

	// InferShape returns the shape of the output, or says which input is wrong
	// and what would be right.
	InferShape(in ...Shape) (Shape, error)

	// Forward writes the output to y, which has the inferred shape and the
	// element type of the first input. What y held before is undefined.
	Forward(y *tensor.Dense, in ...*tensor.Dense) error
}

// A Differentiable op has a gradient.
type Differentiable interface {
	Op

	// Backward declares the gradients of the inputs, given the inputs, the
	// output y and its gradient dy. Entry i is nil where input i has none. What
	// no gradient in use needs is never computed.
	Backward(in []*Node, y, dy *Node) []*Node
}

// A PartlyDifferentiable op has inputs of the model's element type that have no
// gradient. Inputs of any other type (class indices, the step) never have one.
type PartlyDifferentiable interface {
	Differentiable
	HasGradient(input int) bool
}

// A Viewer is an op whose output is its first input under another shape. A
// program then shares the memory instead of calling Forward.
type Viewer interface {
	Op
	View()
}

// Run calls f32 or f64, whichever fits the element type of y, with the elements
// of y and of the inputs; an input of another type comes as nil. It is how an
// op enters generic code without a switch of its own.
func Run[O any](op O, y *tensor.Dense, in []*tensor.Dense, f32 func(O, []float32, [][]float32), f64 func(O, []float64, [][]float64)) error {
	l := lists.Borrow()
	switch y.Dtype() {
	case tensor.Float32:
		l.f32 = elements(l.f32[:0], in)
		f32(op, y.Float32s(), l.f32)
		clear(l.f32)
	case tensor.Float64:
		l.f64 = elements(l.f64[:0], in)
		f64(op, y.Float64s(), l.f64)
		clear(l.f64)
	default:
		return errors.Errorf("element type is %v, want float32 or float64", y.Dtype())
	}
	lists.GiveBack(l)
	return nil
}

// lists keeps the arguments of calls that are over: a call of Run allocates
// nothing.
var lists pool.Spare[list]

type list struct {
	f32 [][]float32
	f64 [][]float64
}

func elements[T Float](out [][]T, in []*tensor.Dense) [][]T {
	for _, d := range in {
		out = append(out, Data[T](d))
	}
	return out
}

// Data returns the elements of d in row-major order, sharing its memory, or nil
// if they are not of type T. Unlike d.Data it treats a scalar as one element.
func Data[T Float](d *tensor.Dense) []T {
	var f32 []float32
	var f64 []float64
	switch d.Dtype() {
	case tensor.Float32:
		f32 = d.Float32s()
	case tensor.Float64:
		f64 = d.Float64s()
	}
	// By way of pointers, which no interface has to move to the heap.
	if out, ok := any(&f32).(*[]T); ok {
		return *out
	}
	if out, ok := any(&f64).(*[]T); ok {
		return *out
	}
	return nil
}
