package onnximport

import (
	"fmt"
	"math"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/onnxgraph"
	"gorgonia.org/tensor"
)

// unary is a function of each element by itself, computed in float64.
type unary struct {
	name string                                // with what changes its values
	f    func(x float64) float64               // y
	df   func(x, y float64) float64            // its derivative; nil if that is 0 everywhere
	form func(*onnxgraph.Call) onnxgraph.Value // in ONNX
}

func (op unary) String() string { return op.name }

func (op unary) InferShape(in ...graph.Shape) (graph.Shape, error) { return in[0].Clone(), nil }

func (op unary) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op, y, in, unaryForward[float32], unaryForward[float64])
}

func unaryForward[T graph.Float](op unary, y []T, in [][]T) {
	for i, x := range in[0][:len(y)] {
		y[i] = T(op.f(float64(x)))
	}
}

// HasGradient implements [graph.PartlyDifferentiable].
func (op unary) HasGradient(int) bool { return op.df != nil }

func (op unary) Backward(in []*graph.Node, y, dy *graph.Node) []*graph.Node {
	if op.df == nil {
		return []*graph.Node{nil}
	}
	return []*graph.Node{y.Layer("UnaryGrad").Apply(unaryGrad{op}, in[0], y, dy)}
}

// Numeric implements [onnxgraph.Numeric].
func (unary) Numeric() {}

// ONNX implements [onnxgraph.Op].
func (op unary) ONNX(c *onnxgraph.Call) onnxgraph.Value {
	if op.form == nil {
		return c.Errorf("%s has no form in ONNX", op.name)
	}
	return op.form(c)
}

// unaryGrad is for inputs x, y and dy.
type unaryGrad struct{ of unary }

func (op unaryGrad) String() string { return "UnaryGrad{" + op.of.name + "}" }

func (op unaryGrad) InferShape(in ...graph.Shape) (graph.Shape, error) { return in[0].Clone(), nil }

func (op unaryGrad) Forward(dx *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op.of, dx, in, unaryBackward[float32], unaryBackward[float64])
}

func unaryBackward[T graph.Float](op unary, dx []T, in [][]T) {
	for i, dy := range in[2][:len(dx)] {
		dx[i] = T(op.df(float64(in[0][i]), float64(in[1][i])) * float64(dy))
	}
}

// operatorForm is the form of a function that ONNX has as an operator.
func operatorForm(name string, a onnxgraph.Attributes) func(*onnxgraph.Call) onnxgraph.Value {
	return func(c *onnxgraph.Call) onnxgraph.Value { return c.Node(name, a, c.In...) }
}

func zeroOr(y, slope float64, in bool) float64 {
	if in {
		return slope
	}
	return y
}

// functions are those without attributes, by their names in ONNX. At a corner, as
// everywhere in this package, the derivative is PyTorch's.
var functions = map[string]unary{
	"Abs":        {f: math.Abs, df: func(x, _ float64) float64 { return sign(x) }},
	"Neg":        {f: func(x float64) float64 { return -x }, df: func(_, _ float64) float64 { return -1 }},
	"Exp":        {f: math.Exp, df: func(_, y float64) float64 { return y }},
	"Log":        {f: math.Log, df: func(x, _ float64) float64 { return 1 / x }},
	"Sqrt":       {f: math.Sqrt, df: func(_, y float64) float64 { return 0.5 / y }},
	"Reciprocal": {f: func(x float64) float64 { return 1 / x }, df: func(_, y float64) float64 { return -y * y }},
	"Erf":        {f: math.Erf, df: func(x, _ float64) float64 { return 2 / math.SqrtPi * math.Exp(-x*x) }},
	"Sin":        {f: math.Sin, df: func(x, _ float64) float64 { return math.Cos(x) }},
	"Cos":        {f: math.Cos, df: func(x, _ float64) float64 { return -math.Sin(x) }},
	"Tan":        {f: math.Tan, df: func(_, y float64) float64 { return 1 + y*y }},
	"Asin":       {f: math.Asin, df: func(x, _ float64) float64 { return 1 / math.Sqrt(1-x*x) }},
	"Acos":       {f: math.Acos, df: func(x, _ float64) float64 { return -1 / math.Sqrt(1-x*x) }},
	"Atan":       {f: math.Atan, df: func(x, _ float64) float64 { return 1 / (1 + x*x) }},
	"Sinh":       {f: math.Sinh, df: func(x, _ float64) float64 { return math.Cosh(x) }},
	"Cosh":       {f: math.Cosh, df: func(x, _ float64) float64 { return math.Sinh(x) }},
	"Asinh":      {f: math.Asinh, df: func(x, _ float64) float64 { return 1 / math.Sqrt(x*x+1) }},
	"Acosh":      {f: math.Acosh, df: func(x, _ float64) float64 { return 1 / math.Sqrt(x*x-1) }},
	"Atanh":      {f: math.Atanh, df: func(x, _ float64) float64 { return 1 / (1 - x*x) }},
	"Softsign": {f: func(x float64) float64 { return x / (1 + math.Abs(x)) },
		df: func(x, _ float64) float64 { return 1 / ((1 + math.Abs(x)) * (1 + math.Abs(x))) }},
	"HardSwish": {f: func(x float64) float64 { return x * max(0, min(1, x/6+0.5)) },
		df: func(x, _ float64) float64 { return zeroOr(zeroOr(0, 1, x > 3), x/3+0.5, x >= -3 && x <= 3) }},
	"Floor": {f: math.Floor}, "Ceil": {f: math.Ceil}, "Round": {f: math.RoundToEven}, "Sign": {f: sign},
	"Not": {f: func(x float64) float64 { return truth(x == 0) }}, "IsNaN": {f: func(x float64) float64 { return truth(math.IsNaN(x)) }},
}

// truths are the functions whose values are booleans.
var truths = map[string]bool{"Not": true, "IsNaN": true, "IsInf": true}

func sign(x float64) float64 {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return x // 0 or NaN
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// apply is a function of v: known if v is.
func (r *run) apply(op unary, k kind, v *value) *value {
	if short := v.short(); short != v {
		return r.expand(r.apply(op, k, short), v.shape)
	}
	if v.known != nil && !v.learn {
		return r.later(k, v.shape, func() *array {
			out := &array{k, v.shape, make([]float64, sizeOf(v.shape))}
			for i, x := range v.known().data {
				out.data[i] = op.f(x)
			}
			return out.rounded()
		})
	}
	return computed(k, r.s.Apply(op, v.node()))
}

// function is one of the table.
func (r *run) function(name string, v *value) *value {
	op, k := functions[name], v.kind
	op.name, op.form = name, operatorForm(name, nil)
	if truths[name] {
		k = bools
		op.form = func(c *onnxgraph.Call) onnxgraph.Value {
			x := c.In[0]
			if name == "Not" {
				x = c.Cast(x, onnxgraph.Bool)
			}
			return c.Cast(c.Do(name, x), c.Float)
		}
	}
	return r.apply(op, k, v)
}

// scaled is factor·v + term.
func (r *run) scaled(v *value, factor, term float64) *value {
	return r.apply(unary{
		name: fmt.Sprintf("Scale{%v, %v}", factor, term),
		f:    func(x float64) float64 { return factor*x + term },
		df:   func(_, _ float64) float64 { return factor },
		form: func(c *onnxgraph.Call) onnxgraph.Value {
			return c.Do("Add", c.Do("Mul", c.In[0], c.Scalar(factor)), c.Scalar(term))
		},
	}, v.kind, v)
}
