package onnximport

import (
	"math"
	"slices"
	"strconv"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/onnxgraph"
	"github.com/thinnet/thinnet/nodes"
	"gorgonia.org/tensor"
)

// pairwise is a function of two elements, of tensors of one shape.
type pairwise struct {
	name   string // in ONNX
	f      func(a, b float64) float64
	da, db func(a, b, y float64) float64 // derivatives; both nil if they are 0 everywhere
	truth  bool                          // the values are booleans
}

func (op pairwise) String() string { return op.name }

func (op pairwise) InferShape(in ...graph.Shape) (graph.Shape, error) {
	if !slices.Equal(in[0], in[1]) {
		return nil, errors.Errorf("the operands have shapes %v and %v, want the same", in[0], in[1])
	}
	return in[0].Clone(), nil
}

func (op pairwise) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op, y, in, pairwiseForward[float32], pairwiseForward[float64])
}

func pairwiseForward[T graph.Float](op pairwise, y []T, in [][]T) {
	for i, a := range in[0][:len(y)] {
		y[i] = T(op.f(float64(a), float64(in[1][i])))
	}
}

// HasGradient implements [graph.PartlyDifferentiable].
func (op pairwise) HasGradient(int) bool { return op.da != nil }

func (op pairwise) Backward(in []*graph.Node, y, dy *graph.Node) []*graph.Node {
	if op.da == nil {
		return []*graph.Node{nil, nil}
	}
	s := y.Layer("PairwiseGrad")
	return []*graph.Node{
		s.Apply(pairwiseGrad{op, op.da, 0}, in[0], in[1], y, dy),
		s.Apply(pairwiseGrad{op, op.db, 1}, in[0], in[1], y, dy),
	}
}

// ONNX implements [onnxgraph.Op].
func (op pairwise) ONNX(c *onnxgraph.Call) onnxgraph.Value {
	in := c.In
	if op.name == "And" || op.name == "Or" || op.name == "Xor" {
		in = []onnxgraph.Value{c.Cast(in[0], onnxgraph.Bool), c.Cast(in[1], onnxgraph.Bool)}
	}
	switch {
	case op.truth:
		return c.Cast(c.Do(op.name, in...), c.Float)
	case op.name == "Mod":
		return c.Node("Mod", onnxgraph.Attributes{"fmod": 1}, in...)
	}
	return c.Do(op.name, in...)
}

// pairwiseGrad is for inputs a, b, y and dy.
type pairwiseGrad struct {
	of    pairwise
	d     func(a, b, y float64) float64
	input int
}

func (op pairwiseGrad) String() string {
	return "PairwiseGrad{" + op.of.name + " " + string(rune('0'+op.input)) + "}"
}

func (op pairwiseGrad) InferShape(in ...graph.Shape) (graph.Shape, error) { return in[0].Clone(), nil }

func (op pairwiseGrad) Forward(dx *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op, dx, in, pairwiseBackward[float32], pairwiseBackward[float64])
}

func pairwiseBackward[T graph.Float](op pairwiseGrad, dx []T, in [][]T) {
	for i, dy := range in[3][:len(dx)] {
		dx[i] = T(op.d(float64(in[0][i]), float64(in[1][i]), float64(in[2][i])) * float64(dy))
	}
}

// share is what an operand has of the gradient of the larger or smaller of two: all if it
// wins, and half of it if both are equal.
func share(wins, equal bool) float64 {
	if equal {
		return 0.5
	}
	return truth(wins)
}

// operations are those of two operands, by their names in ONNX.
var operations = map[string]pairwise{
	"Add": {f: func(a, b float64) float64 { return a + b }},
	"Sub": {f: func(a, b float64) float64 { return a - b }},
	"Mul": {f: func(a, b float64) float64 { return a * b }},
	"Div": {f: func(a, b float64) float64 { return a / b },
		da: func(_, b, _ float64) float64 { return 1 / b }, db: func(_, b, y float64) float64 { return -y / b }},
	"Pow": {f: math.Pow, da: func(a, b, _ float64) float64 {
		if b == 0 {
			return 0
		}
		return b * math.Pow(a, b-1)
	}, db: func(a, b, y float64) float64 {
		if a == 0 && b >= 0 {
			return 0
		}
		return y * math.Log(a)
	}},
	"Min": {f: func(a, b float64) float64 { return min(a, b) },
		da: func(a, b, _ float64) float64 { return share(a < b, a == b) }, db: func(a, b, _ float64) float64 { return share(b < a, a == b) }},
	"Max": {f: func(a, b float64) float64 { return max(a, b) },
		da: func(a, b, _ float64) float64 { return share(a > b, a == b) }, db: func(a, b, _ float64) float64 { return share(b > a, a == b) }},
	"Mod": {f: math.Mod},
	"PRelu": {f: func(a, b float64) float64 { return zeroOr(a, a*b, a < 0) },
		da: func(a, b, _ float64) float64 { return zeroOr(1, b, a <= 0) }, db: func(a, _, _ float64) float64 { return zeroOr(0, a, a < 0) }},
	"Equal":          {truth: true, f: func(a, b float64) float64 { return truth(a == b) }},
	"Less":           {truth: true, f: func(a, b float64) float64 { return truth(a < b) }},
	"LessOrEqual":    {truth: true, f: func(a, b float64) float64 { return truth(a <= b) }},
	"Greater":        {truth: true, f: func(a, b float64) float64 { return truth(a > b) }},
	"GreaterOrEqual": {truth: true, f: func(a, b float64) float64 { return truth(a >= b) }},
	"And":            {truth: true, f: func(a, b float64) float64 { return truth(a != 0 && b != 0) }},
	"Or":             {truth: true, f: func(a, b float64) float64 { return truth(a != 0 || b != 0) }},
	"Xor":            {truth: true, f: func(a, b float64) float64 { return truth((a != 0) != (b != 0)) }},
}

// operation is one of the table, broadcast: known if both operands are. Sums and products
// are nodes of ours, for speed.
func (r *run) operation(name string, a, b *value) *value {
	op, k := operations[name], a.kind
	op.name = name
	if op.truth {
		k = bools
	}
	shape, ok := broadcast(a.shape, b.shape)
	if !ok {
		fail("the operands have shapes %v and %v, want axes that are equal, or of size 1, from the last one on", a.shape, b.shape)
	}
	if x, y := a.short(), b.short(); x != a || y != b {
		return r.expand(r.operation(name, x, y), shape)
	}
	if a.known != nil && b.known != nil && !a.learn && !b.learn {
		return r.later(k, shape, func() *array {
			out := &array{k, shape, make([]float64, sizeOf(shape))}
			x, y := a.known(), b.known()
			for i := range out.data {
				out.data[i] = op.f(x.data[source(i, shape, x.shape)], y.data[source(i, shape, y.shape)])
			}
			return out.rounded()
		})
	}
	switch name {
	case "Add":
		return computed(k, nodes.Add(a.node(), b.node()))
	case "Sub":
		return computed(k, nodes.Add(a.node(), r.function("Neg", b).node()))
	case "Mul":
		return computed(k, nodes.Mul(a.node(), b.node()))
	}
	if v := r.withNumber(op, k, a, b); v != nil {
		return v
	}
	y := computed(k, r.s.Apply(op, r.expand(a, shape).node(), r.expand(b, shape).node()))
	if k == ints && name == "Div" {
		return r.truncated(y)
	}
	return y
}

// withNumber is an operation whose second operand is one number, as a function of the
// first, or nil. A number at a bound that is known learns as those within.
func (r *run) withNumber(op pairwise, k kind, a, b *value) *value {
	if b.known == nil || b.learn || sizeOf(b.shape) != 1 || len(b.shape) > len(a.shape) || k == ints {
		return nil
	}
	n := b.known().data[0]
	u := unary{name: op.name + "{" + strconv.FormatFloat(n, 'g', -1, 64) + "}", f: func(x float64) float64 { return op.f(x, n) }}
	if op.da != nil {
		u.df = func(x, y float64) float64 { return op.da(x, n, y) }
	}
	if op.name == "Min" || op.name == "Max" {
		u.df = func(x, y float64) float64 { return truth(x == y) }
	}
	u.form = func(c *onnxgraph.Call) onnxgraph.Value { return op.ONNX(c.With(c.Out, c.In[0], c.Scalar(n))) }
	return r.apply(u, k, a)
}

// truncated has whole numbers, towards 0.
func (r *run) truncated(v *value) *value {
	return r.apply(unary{name: "Truncate", f: math.Trunc, form: func(c *onnxgraph.Call) onnxgraph.Value {
		return c.Cast(c.Cast(c.In[0], onnxgraph.Int64), c.Float)
	}}, ints, v)
}
