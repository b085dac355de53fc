package graph

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// A stockCase is a stock operation on float64 inputs of the given shapes.
type stockCase struct {
	shapes []Shape
	f      func(in ...*gorgonia.Node) (*gorgonia.Node, error)
	noGrad bool // Gorgonia cannot differentiate it, or fails at it
}

// stockCases are positive inputs to operations of every kind there is.
func stockCases() map[string]stockCase {
	type (
		node   = gorgonia.Node
		unary  = func(*node) (*node, error)
		binary = func(a, b *node) (*node, error)
		along  = func(a *node, along ...int) (*node, error)
	)
	cases := map[string]stockCase{}
	matrix, cube, images := Shape{3, 4}, Shape{2, 3, 4}, Shape{2, 2, 6, 6}
	for name, f := range map[string]unary{
		"Abs": gorgonia.Abs, "Sin": gorgonia.Sin, "Cos": gorgonia.Cos, "Exp": gorgonia.Exp, "Log": gorgonia.Log, "Log2": gorgonia.Log2,
		"Neg": gorgonia.Neg, "Square": gorgonia.Square, "Sqrt": gorgonia.Sqrt, "Inverse": gorgonia.Inverse, "InverseSqrt": gorgonia.InverseSqrt,
		"Cube": gorgonia.Cube, "Tanh": gorgonia.Tanh, "Sigmoid": gorgonia.Sigmoid, "Log1p": gorgonia.Log1p, "Expm1": gorgonia.Expm1,
		"Softplus": gorgonia.Softplus, "Rectify": gorgonia.Rectify, "Mish": gorgonia.Mish,
	} {
		for _, shape := range []Shape{{}, {5}, {1, 1}, matrix} {
			cases[fmt.Sprint(name, shape)] = stockCase{shapes: []Shape{shape}, f: func(in ...*node) (*node, error) { return f(in[0]) }}
		}
	}
	for name, f := range map[string]unary{"Sign": gorgonia.Sign, "Ceil": gorgonia.Ceil, "Floor": gorgonia.Floor, "GlobalAveragePool2D": gorgonia.GlobalAveragePool2D} {
		cases[name] = stockCase{shapes: []Shape{images}, noGrad: true, f: func(in ...*node) (*node, error) { return f(in[0]) }}
	}
	for name, f := range map[string]binary{"Add": gorgonia.Add, "Sub": gorgonia.Sub, "HadamardProd": gorgonia.HadamardProd, "HadamardDiv": gorgonia.HadamardDiv, "Pow": gorgonia.Pow} {
		for _, shapes := range [][]Shape{{matrix, matrix}, {matrix, {}}, {{}, matrix}, {{}, {}}} {
			cases[fmt.Sprint(name, shapes)] = stockCase{shapes: shapes, f: func(in ...*node) (*node, error) { return f(in[0], in[1]) }}
		}
		cases[name+" to itself"] = stockCase{shapes: []Shape{matrix}, f: func(in ...*node) (*node, error) { return f(in[0], in[0]) }}
		cases[name+" of a constant"] = stockCase{shapes: []Shape{matrix}, f: func(in ...*node) (*node, error) { return f(in[0], gorgonia.NewConstant(2.0)) }}
	}
	for name, f := range map[string]func(a, b *node, same bool) (*node, error){"Lt": gorgonia.Lt, "Gte": gorgonia.Gte, "Eq": gorgonia.Eq} {
		for _, same := range []bool{true, false} {
			cases[fmt.Sprint(name, same)] = stockCase{shapes: []Shape{matrix, {}}, noGrad: true, f: func(in ...*node) (*node, error) { return f(in[0], in[1], same) }}
		}
	}
	for name, f := range map[string]func(a, b *node, left, right []byte) (*node, error){"BroadcastAdd": gorgonia.BroadcastAdd, "BroadcastHadamardDiv": gorgonia.BroadcastHadamardDiv} {
		cases[name+" rows"] = stockCase{shapes: []Shape{matrix, {1, 4}}, f: func(in ...*node) (*node, error) { return f(in[0], in[1], nil, []byte{0}) }}
		cases[name+" columns"] = stockCase{shapes: []Shape{{3, 1}, matrix}, f: func(in ...*node) (*node, error) { return f(in[0], in[1], []byte{1}, nil) }}
		cases[name+" maps"] = stockCase{shapes: []Shape{images, {1, 2, 1, 1}}, f: func(in ...*node) (*node, error) { return f(in[0], in[1], nil, []byte{0, 2, 3}) }}
	}
	for name, f := range map[string]along{"Sum": gorgonia.Sum, "Mean": gorgonia.Mean, "Max": gorgonia.Max, "SoftMax": gorgonia.SoftMax, "LogSoftMax": gorgonia.LogSoftMax} {
		for _, axes := range [][]int{nil, {0}, {1}} {
			cases[fmt.Sprint(name, axes)] = stockCase{shapes: []Shape{matrix}, f: func(in ...*node) (*node, error) { return f(in[0], axes...) }}
		}
	}
	cases["Sum over two axes"] = stockCase{shapes: []Shape{cube}, f: func(in ...*node) (*node, error) { return gorgonia.Sum(in[0], 0, 2) }}
	for name, shapes := range map[string][]Shape{"matrices": {matrix, {4, 2}}, "matrix by vector": {matrix, {4}}, "vectors": {{4}, {4}}} {
		cases["Mul of "+name] = stockCase{shapes: shapes, f: func(in ...*node) (*node, error) { return gorgonia.Mul(in[0], in[1]) }}
	}
	for axis := range 3 {
		cases[fmt.Sprint("Concat", axis)] = stockCase{shapes: []Shape{cube, cube, cube}, f: func(in ...*node) (*node, error) { return gorgonia.Concat(axis, in...) }}
	}
	for name, slices := range map[string][]tensor.Slice{"row": {gorgonia.S(1)}, "column": {nil, gorgonia.S(1)}, "block": {gorgonia.S(0, 2), gorgonia.S(1, 3)}, "element": {gorgonia.S(1), gorgonia.S(2)}} {
		cases["Slice of a "+name] = stockCase{shapes: []Shape{matrix}, f: func(in ...*node) (*node, error) { return gorgonia.Slice(in[0], slices...) }}
	}
	for name, c := range map[string]stockCase{
		"OuterProd":      {[]Shape{{3}, {4}}, func(in ...*node) (*node, error) { return gorgonia.OuterProd(in[0], in[1]) }, true},
		"BatchedMatMul":  {[]Shape{cube, {2, 5, 4}}, func(in ...*node) (*node, error) { return gorgonia.BatchedMatMul(in[0], in[1], false, true) }, false},
		"Tensordot":      {[]Shape{{3, 4, 5}, {4, 3, 2}}, func(in ...*node) (*node, error) { return gorgonia.Tensordot([]int{1, 0}, []int{0, 1}, in[0], in[1]) }, false},
		"Tensordot, all": {[]Shape{matrix, matrix}, func(in ...*node) (*node, error) { return gorgonia.Tensordot([]int{0, 1}, []int{0, 1}, in[0], in[1]) }, false},
		"Norm":           {[]Shape{matrix}, func(in ...*node) (*node, error) { return gorgonia.Norm(in[0], 0, 2) }, false},
		"Transpose":      {[]Shape{cube}, func(in ...*node) (*node, error) { return gorgonia.Transpose(in[0], 2, 0, 1) }, false},
		"Reshape":        {[]Shape{matrix}, func(in ...*node) (*node, error) { return gorgonia.Reshape(in[0], tensor.Shape{2, 6}) }, false},
		"Conv2d": {[]Shape{images, {3, 2, 3, 3}}, func(in ...*node) (*node, error) {
			return gorgonia.Conv2d(in[0], in[1], tensor.Shape{3, 3}, []int{1, 1}, []int{2, 2}, []int{1, 1})
		}, false},
		"Conv1d": {[]Shape{{2, 2, 1, 6}, {3, 2, 1, 3}}, func(in ...*node) (*node, error) { return gorgonia.Conv1d(in[0], in[1], 3, 1, 1, 1) }, false},
		"MaxPool2D": {[]Shape{images}, func(in ...*node) (*node, error) {
			return gorgonia.MaxPool2D(in[0], tensor.Shape{2, 2}, []int{0, 0}, []int{2, 2})
		}, false},
		"AveragePool2D": {[]Shape{images}, func(in ...*node) (*node, error) {
			return gorgonia.AveragePool2D(in[0], tensor.Shape{2, 2}, []int{0, 0}, []int{2, 2})
		}, false},
		"Upsample2D": {[]Shape{images}, func(in ...*node) (*node, error) { return gorgonia.Upsample2D(in[0], 2) }, false},
		"BatchNorm": {[]Shape{images, images, images}, func(in ...*node) (*node, error) {
			y, _, _, _, err := gorgonia.BatchNorm(in[0], in[1], in[2], 0.9, 1e-5)
			return y, err
		}, false},
		"ByIndices": {[]Shape{matrix}, func(in ...*node) (*node, error) {
			at := gorgonia.NodeFromAny(in[0].Graph(), tensor.New(tensor.WithBacking([]int{2, 0, 2})), gorgonia.WithName("indices"))
			return gorgonia.ByIndices(in[0], at, 0)
		}, false},
	} {
		cases[name] = c
	}
	return cases
}

// values runs the op and, if it can, its gradients under a random weighing of the
// output, twice: some ops keep state. Values are read at once, since a
// TapeMachine overwrites what it has no more use for.
func (c stockCase) values(t *testing.T, newVM func(*gorgonia.ExprGraph, ...*gorgonia.Node) (gorgonia.VM, error)) (out [][]float64) {
	g := gorgonia.NewGraph()
	var in gorgonia.Nodes
	for i, shape := range c.shapes {
		x := random(uint64(i), shape...)
		for k, v := range x.Float64s() {
			x.Float64s()[k] = math.Abs(v) + 0.2
		}
		in = append(in, newInput(g, fmt.Sprint("x", i), tensor.Float64, shape))
		if err := gorgonia.Let(in[i], fromDense(x)); err != nil {
			t.Fatal(err)
		}
	}
	must := func(n *gorgonia.Node, err error) *gorgonia.Node {
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	y := must(c.f(in...))
	read := make([]gorgonia.Value, 1+len(in))
	gorgonia.Read(y, &read[0])
	outputs := gorgonia.Nodes{y}
	if c.noGrad {
		read = read[:1]
	} else {
		loss := y
		if y.Dims() > 0 {
			loss = must(gorgonia.Sum(must(gorgonia.HadamardProd(y, gorgonia.NodeFromAny(g, random(99, y.Shape()...), gorgonia.WithName("weights"))))))
		}
		grads, err := gorgonia.Grad(loss, in...)
		if err != nil {
			t.Fatal(err)
		}
		for i, d := range grads {
			gorgonia.Read(d, &read[1+i])
		}
		outputs = append(outputs, grads...)
	}
	vm, err := newVM(g, outputs...)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := vm.RunAll(); err != nil {
			t.Fatal(err)
		}
		vm.Reset()
	}
	for _, v := range read {
		out = append(out, numbers(t, v))
	}
	return out
}

func numbers(t *testing.T, v gorgonia.Value) (out []float64) {
	d, err := toDense(v)
	switch {
	case err != nil:
		t.Fatal(err)
	case d.Dtype() == tensor.Bool:
		for _, b := range d.Bools() {
			out = append(out, map[bool]float64{true: 1}[b])
		}
		return out
	}
	return d.Float64s()
}

// Every stock operation that works on Gorgonia's TapeMachine gives the same bits
// on ours, forward and backward.
func TestVMEqualsTapeMachineOnEveryStockOperation(t *testing.T) {
	for name, c := range stockCases() {
		t.Run(name, func(t *testing.T) {
			want := c.values(t, func(g *gorgonia.ExprGraph, _ ...*gorgonia.Node) (gorgonia.VM, error) {
				return gorgonia.NewTapeMachine(g), nil
			})
			got := c.values(t, func(g *gorgonia.ExprGraph, outputs ...*gorgonia.Node) (gorgonia.VM, error) {
				return NewVM(g, outputs...)
			})
			for i := range want {
				if !slices.Equal(got[i], want[i]) {
					t.Errorf("value %d of output and gradients: got %v, want %v", i, got[i], want[i])
				}
			}
		})
	}
}

// Gorgonia's random nodes, which have no input, draw anew at each run.
func TestRandomStockOperations(t *testing.T) {
	for name, draw := range map[string]func(*gorgonia.ExprGraph) *gorgonia.Node{
		"gaussian": func(g *gorgonia.ExprGraph) *gorgonia.Node {
			return gorgonia.GaussianRandomNode(g, tensor.Float64, 0, 1, 3, 4)
		},
		"uniform": func(g *gorgonia.ExprGraph) *gorgonia.Node {
			return gorgonia.UniformRandomNode(g, tensor.Float64, 0, 1, 3, 4)
		},
		"uniform scalar": func(g *gorgonia.ExprGraph) *gorgonia.Node {
			return gorgonia.UniformRandomNode(g, tensor.Float64, 0, 1)
		},
		"binomial": func(g *gorgonia.ExprGraph) *gorgonia.Node {
			return gorgonia.BinomialRandomNode(g, tensor.Float64, 1000, 0.5, 3, 4)
		},
	} {
		g := gorgonia.NewGraph()
		y := gorgonia.Must(gorgonia.Neg(draw(g)))
		vm, err := NewVM(g, y)
		if err != nil {
			t.Fatal(err)
		}
		var runs [2][]float64
		for i := range runs {
			if err := vm.RunAll(); err != nil {
				t.Fatalf("%s: %+v", name, err)
			}
			runs[i] = slices.Clone(numbers(t, y.Value()))
		}
		if len(runs[0]) != y.Shape().TotalSize() || slices.Equal(runs[0], runs[1]) {
			t.Errorf("%s: got %v, then %v", name, runs[0], runs[1])
		}
	}
}
