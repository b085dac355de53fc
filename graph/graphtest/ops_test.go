package graphtest_test

import (
	"fmt"
	"math"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
	"gorgonia.org/tensor"
)

// cube is y = x³ element by element. Its gradient is off by a factor and a
// shift: right are 1 and 0.
type cube struct{ factor, shift float64 }

func (c cube) String() string { return fmt.Sprintf("Cube{%v %v}", c.factor, c.shift) }

func (cube) InferShape(in ...graph.Shape) (graph.Shape, error) { return in[0].Clone(), nil }

func (c cube) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(c, y, in, cubeForward[float32], cubeForward[float64])
}

func cubeForward[T kernel.Float](_ cube, y []T, in [][]T) {
	for i, v := range in[0] {
		y[i] = v * v * v
	}
}

func (c cube) Backward(in []*graph.Node, y, dy *graph.Node) []*graph.Node {
	return []*graph.Node{y.Layer("CubeGrad").Apply(cubeGrad{c}, in[0], dy)}
}

type cubeGrad struct{ cube }

func (g cubeGrad) String() string { return "Grad" + g.cube.String() }

func (g cubeGrad) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(g, y, in, cubeGradForward[float32], cubeGradForward[float64])
}

func cubeGradForward[T kernel.Float](g cubeGrad, y []T, in [][]T) {
	for i, v := range in[0] {
		y[i] = T(g.factor)*3*v*v*in[1][i] + T(g.shift)
	}
}

// scale is y = w·x for vectors. Without half of its gradient, that of w is 0.
type scale struct{ half bool }

func (op scale) String() string { return fmt.Sprintf("Scale{%v}", op.half) }

func (scale) InferShape(in ...graph.Shape) (graph.Shape, error) { return in[0].Clone(), nil }

func (op scale) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op, y, in, scaleForward[float32], scaleForward[float64])
}

func scaleForward[T kernel.Float](_ scale, y []T, in [][]T) {
	for i, v := range in[0] {
		y[i] = v * in[1][i]
	}
}

func (op scale) HasGradient(input int) bool { return input == 0 || !op.half }

func (op scale) Backward(in []*graph.Node, y, dy *graph.Node) []*graph.Node {
	s := y.Layer("ScaleGrad")
	return []*graph.Node{s.Apply(scale{}, dy, in[1]), s.Apply(scale{}, dy, in[0])}
}

// pick is y[i] = x[i, index[i]].
type pick struct{}

func (pick) String() string { return "Pick" }

func (pick) InferShape(in ...graph.Shape) (graph.Shape, error) { return in[1].Clone(), nil }

func (op pick) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	x, index := in[0].Float64s(), in[1].Ints()
	for i, k := range index {
		y.Float64s()[i] = x[i*in[0].Shape()[1]+k]
	}
	return nil
}

func (op pick) Backward(in []*graph.Node, y, dy *graph.Node) []*graph.Node {
	return []*graph.Node{y.Layer("Place").Apply(place{in[0].Shape()}, dy, in[1]), nil}
}

type place struct{ to graph.Shape }

func (op place) String() string { return fmt.Sprintf("Place{%v}", op.to) }

func (op place) InferShape(...graph.Shape) (graph.Shape, error) { return op.to.Clone(), nil }

func (op place) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	clear(y.Float64s())
	for i, k := range in[1].Ints() {
		y.Float64s()[i*op.to[1]+k] = in[0].Float64s()[i]
	}
	return nil
}

// drop draws: y = x or 0, each with probability 1/2, by the step and the index.
type drop struct{ offset int }

func (op drop) String() string { return fmt.Sprintf("Drop{%v}", op.offset) }

func (drop) InferShape(in ...graph.Shape) (graph.Shape, error) { return in[0].Clone(), nil }

func (op drop) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	for i, v := range in[0].Float64s() {
		keep := math.Floor(math.Mod(float64(i+in[1].Ints()[0]+op.offset)*math.Phi, 1) * 2)
		y.Float64s()[i] = keep * v
	}
	return nil
}

func (op drop) Backward(in []*graph.Node, y, dy *graph.Node) []*graph.Node {
	return []*graph.Node{y.Layer("Drop").Apply(drop{}, dy, in[1]), nil}
}

// dependent is not pure: its result changes from call to call, and so from
// machine to machine.
type dependent struct{ calls *int }

func (dependent) String() string { return "Dependent" }

func (dependent) InferShape(in ...graph.Shape) (graph.Shape, error) { return in[0].Clone(), nil }

func (op dependent) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	*op.calls++
	for i, v := range in[0].Float64s() {
		y.Float64s()[i] = v * (1 + 1e-11*float64(*op.calls))
	}
	return nil
}

func (op dependent) Backward(in []*graph.Node, y, dy *graph.Node) []*graph.Node {
	return []*graph.Node{dy}
}

// sum adds up all elements.
type sum struct{}

func (sum) String() string { return "Sum" }

func (sum) InferShape(...graph.Shape) (graph.Shape, error) { return graph.Shape{}, nil }

func (sum) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	y.Float64s()[0] = kernel.Sum(in[0].Float64s())
	return nil
}

func (sum) Backward(in []*graph.Node, y, dy *graph.Node) []*graph.Node {
	return []*graph.Node{y.Layer("Spread").Apply(spread{in[0].Shape()}, dy)}
}

type spread struct{ to graph.Shape }

func (op spread) String() string { return fmt.Sprintf("Spread{%v}", op.to) }

func (op spread) InferShape(...graph.Shape) (graph.Shape, error) { return op.to.Clone(), nil }

func (spread) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	for i := range y.Float64s() {
		y.Float64s()[i] = in[0].Float64s()[0]
	}
	return nil
}

// nowhere is the cube without a gradient.
type nowhere struct{}

func (nowhere) String() string { return "Nowhere" }

func (nowhere) InferShape(in ...graph.Shape) (graph.Shape, error) { return in[0].Clone(), nil }

func (nowhere) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	cubeForward(cube{}, y.Float64s(), [][]float64{in[0].Float64s()})
	return nil
}

// oneWrong is the identity with a gradient that is wrong at element 17.
type oneWrong struct{ backward bool }

func (op oneWrong) String() string { return fmt.Sprintf("OneWrong{%v}", op.backward) }

func (oneWrong) InferShape(in ...graph.Shape) (graph.Shape, error) { return in[0].Clone(), nil }

func (op oneWrong) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	copy(y.Float64s(), in[0].Float64s())
	if op.backward {
		y.Float64s()[17] *= 1.00001
	}
	return nil
}

func (oneWrong) Backward(in []*graph.Node, y, dy *graph.Node) []*graph.Node {
	return []*graph.Node{y.Layer("OneWrong").Apply(oneWrong{true}, dy)}
}
