package onnximport

import (
	"math"
	"slices"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/onnxgraph"
	"github.com/thinnet/thinnet/nodes"
	"gorgonia.org/tensor"
)

// fold makes one number of those along an axis: a sum, a mean, a product or the largest or
// smallest.
type fold struct {
	name string
	axis int
}

func (op fold) String() string { return op.name + "{axis " + string(rune('0'+op.axis)) + "}" }

func (op fold) InferShape(in ...graph.Shape) (graph.Shape, error) {
	y := in[0].Clone()
	y[op.axis] = 1
	return y, nil
}

// along is a fold of tensors of a shape.
type along struct {
	fold
	outer, n, inner int
}

func (op fold) over(x graph.Shape) along {
	return along{op, sizeOf(x[:op.axis]), x[op.axis], sizeOf(x[op.axis+1:])}
}

func (op fold) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op.over(in[0].Shape()), y, in, foldForward[float32], foldForward[float64])
}

func foldForward[T graph.Float](a along, y []T, in [][]T) {
	f := folds[a.name]
	for o := range a.outer {
		for i := range a.inner {
			x := in[0][o*a.n*a.inner+i:]
			v := float64(x[0])
			for k := 1; k < a.n; k++ {
				v = f(v, float64(x[k*a.inner]))
			}
			if a.name == "ReduceMean" {
				v /= float64(a.n)
			}
			y[o*a.inner+i] = T(v)
		}
	}
}

// folds are the functions by which numbers are folded, by the names of reductions in ONNX.
var folds = map[string]func(a, b float64) float64{
	"ReduceSum":  func(a, b float64) float64 { return a + b },
	"ReduceMean": func(a, b float64) float64 { return a + b },
	"ReduceProd": func(a, b float64) float64 { return a * b },
	"ReduceMax":  func(a, b float64) float64 { return max(a, b) },
	"ReduceMin":  func(a, b float64) float64 { return min(a, b) },
}

func (op fold) Backward(in []*graph.Node, y, dy *graph.Node) []*graph.Node {
	return []*graph.Node{y.Layer("FoldGrad").Apply(foldGrad{op}, in[0], y, dy)}
}

// ONNX implements [onnxgraph.Op].
func (op fold) ONNX(c *onnxgraph.Call) onnxgraph.Value {
	if op.name == "ReduceSum" {
		return c.Do(op.name, c.In[0], c.Ints(op.axis))
	}
	return c.Node(op.name, onnxgraph.Attributes{"axes": []int{op.axis}}, c.In[0])
}

// foldGrad is for inputs x, y and dy.
type foldGrad struct{ of fold }

func (op foldGrad) String() string { return "FoldGrad{" + op.of.String() + "}" }

func (op foldGrad) InferShape(in ...graph.Shape) (graph.Shape, error) { return in[0].Clone(), nil }

func (op foldGrad) Forward(dx *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op.of.over(in[0].Shape()), dx, in, foldBackward[float32], foldBackward[float64])
}

func foldBackward[T graph.Float](a along, dx []T, in [][]T) {
	for o := range a.outer {
		for i := range a.inner {
			at := o*a.n*a.inner + i
			lineGrad(a, dx[at:], in[0][at:], in[1][o*a.inner+i], in[2][o*a.inner+i])
		}
	}
}

// lineGrad is the gradient of one line. Of equals, the first is the largest.
func lineGrad[T graph.Float](a along, dx, x []T, y, dy T) {
	done := false
	for k := range a.n {
		at := k * a.inner
		switch a.name {
		case "ReduceSum":
			dx[at] = dy
		case "ReduceMean":
			dx[at] = dy / T(a.n)
		case "ReduceProd":
			others := T(1)
			for j := range a.n {
				if j != k {
					others *= x[j*a.inner]
				}
			}
			dx[at] = dy * others
		default:
			if dx[at] = 0; !done && (x[at] == y || x[at] != x[at]) {
				dx[at], done = dy, true
			}
		}
	}
}

// fold folds v over axes, which stay with size 1.
func (r *run) fold(name string, v *value, axes []int) *value {
	if v.known != nil && !v.learn {
		shape := slices.Clone([]int(v.shape))
		for _, axis := range axes {
			shape[axis] = 1
		}
		return r.later(v.kind, shape, func() *array {
			a := v.known()
			out := &array{v.kind, shape, make([]float64, sizeOf(shape))}
			seen := make([]bool, len(out.data))
			for i, x := range a.data {
				at := source(i, a.shape, shape)
				if seen[at] {
					x = folds[name](out.data[at], x)
				}
				out.data[at], seen[at] = x, true
			}
			return out
		})
	}
	for _, axis := range axes {
		if v.shape[axis] != 1 {
			v = computed(v.kind, r.s.Apply(fold{name, axis}, v.node()))
		}
	}
	return v
}

// reduce is any reduction of ONNX's over axes, which stay with size 1.
func (r *run) reduce(name string, v *value, axes []int) *value {
	n := 1
	for _, axis := range axes {
		n *= v.shape[axis]
	}
	sum := func(v *value) *value { return r.fold("ReduceSum", v, axes) }
	switch name {
	case "ReduceMean":
		if axes := mapAxes(v.shape, axes); axes && v.known == nil { // by the node that is made for it
			kept := append(slices.Clone([]int(v.shape[:2])), ones(len(v.shape)-2)...)
			return r.reshape(computed(v.kind, nodes.GlobalAvgPool(v.node())), kept...)
		}
		if v.known != nil && !v.learn {
			return r.scaled(sum(v), 1/float64(n), 0)
		}
	case "ReduceL1":
		return sum(r.function("Abs", v))
	case "ReduceL2":
		return r.apply(root, v.kind, sum(r.operation("Mul", v, v)))
	case "ReduceSumSquare":
		return sum(r.operation("Mul", v, v))
	case "ReduceLogSum":
		return r.function("Log", sum(v))
	case "ReduceLogSumExp":
		most := r.apply(finite, floats, r.fold("ReduceMax", v, axes)) // its gradient cancels
		return r.operation("Add", r.function("Log", sum(r.function("Exp", r.operation("Sub", v, most)))), most)
	}
	return r.fold(name, v, axes)
}

// root is the square root of a sum of squares, which has no gradient where all are 0.
var root = unary{name: "Root", f: math.Sqrt, df: func(_, y float64) float64 {
	if y == 0 {
		return 0
	}
	return 0.5 / y
}, form: operatorForm("Sqrt", nil)}

// finite is x, or 0 where that is infinite; it has no gradient.
var finite = unary{name: "Finite", f: func(x float64) float64 {
	if math.IsInf(x, 0) {
		return 0
	}
	return x
}, form: operatorForm("Identity", nil)}

func ones(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = 1
	}
	return out
}

// mapAxes says whether axes are all those of the maps of an image.
func mapAxes(shape, axes []int) bool {
	if len(shape) < 3 || len(axes) != len(shape)-2 {
		return false
	}
	for i, axis := range axes {
		if axis != i+2 {
			return false
		}
	}
	return true
}
