package onnx_test

import "slices"

func (g *randomGraph) function() bool {
	smooth := []string{"Abs", "Neg", "Exp", "Erf", "Sin", "Cos", "Atan", "Asinh", "Softsign", "Identity"}
	if g.opset >= 14 {
		smooth = append(smooth, "HardSwish")
	}
	sharp := []string{"Floor", "Ceil", "Sign", "Reciprocal", "Sqrt", "Log", "Tan", "Asin", "Acos", "Acosh", "Atanh", "Sinh", "Cosh"}
	if g.opset >= 11 {
		sharp = append(sharp, "Round")
	}
	if g.fresh && g.coin() { // where it is not defined it is NaN, of which there is no largest
		smooth, g.over = sharp, true
	}
	g.node(smooth[g.IntN(len(smooth))], nil, g.last)
	return true
}

func (g *randomGraph) activation() bool {
	name := []string{"Relu", "LeakyRelu", "Elu", "Selu", "Celu", "Gelu", "HardSigmoid", "ThresholdedRelu", "Sigmoid", "Tanh", "Softplus", "PRelu", "Clip"}[g.IntN(13)]
	a := attrs{}
	switch name {
	case "LeakyRelu", "Elu", "Celu":
		if name == "Celu" && g.opset < 12 {
			return false
		}
		if g.coin() {
			a["alpha"] = []float64{0.3, 1.7, 0.01}[g.IntN(3)]
		}
	case "Selu":
		if g.IntN(3) == 0 {
			a["alpha"], a["gamma"] = 1.2, 0.7
		}
	case "HardSigmoid":
		if g.coin() {
			a["alpha"], a["beta"] = 0.3, 0.4
		}
	case "ThresholdedRelu":
		if g.opset < 10 || !g.fresh {
			return false
		}
		if g.coin() {
			a["alpha"] = 0.5
		}
	case "Gelu":
		if g.opset < 20 {
			return false
		}
		if g.coin() {
			a["approximate"] = "tanh"
		}
	case "PRelu":
		shape := g.broadcastable()
		g.node(name, a, g.last, g.weight(shape...))
		return true
	case "Clip":
		low, high := g.coin(), g.coin()
		in := []string{g.last, "", ""}
		if g.opset < 11 {
			if low {
				a["min"] = -0.4
			}
			if high {
				a["max"] = 0.8
			}
			g.node(name, a, g.last)
			return true
		}
		if low {
			in[1] = g.floats(nil, func() float64 { return -0.4 })
		}
		if high {
			in[2] = g.floats(nil, func() float64 { return 0.8 })
		}
		for in[len(in)-1] == "" {
			in = in[:len(in)-1]
		}
		g.node(name, a, in...)
		return true
	}
	g.node(name, a, g.last)
	return true
}

func (g *randomGraph) softmax() bool {
	a := attrs{}
	if g.coin() {
		_, a["axis"] = g.axis()
	} else if g.opset < 13 && len(g.at) < 2 {
		return false
	}
	g.node([]string{"Softmax", "LogSoftmax"}[g.IntN(2)], a, g.last)
	return true
}

func (g *randomGraph) arithmetic() bool {
	x, op := g.last, []string{"Add", "Sub", "Mul", "Div", "Max", "Min", "Sum", "Mean", "Pow"}[g.IntN(9)]
	w := g.positive(g.broadcastable()...)
	in := []string{x, w}
	switch {
	case op == "Pow" && g.coin():
		in = []string{g.node("Abs", nil, x), w}
	case op == "Pow":
		in[1] = g.floats(nil, func() float64 { return float64(g.any(0, 3)) })
	case op == "Div":
	case g.coin():
		in = []string{w, x}
	case op == "Sum" || op == "Mean" || op == "Max" || op == "Min":
		in = append(in, g.weight(g.broadcastable()...))[:g.any(1, 3)]
	case g.IntN(3) == 0:
		in[1] = x
	}
	g.node(op, nil, in...)
	return true
}

func (g *randomGraph) compare() bool {
	if !g.fresh {
		return false
	}
	x, w := g.last, g.weight(g.broadcastable()...)
	op := []string{"Less", "Greater", "LessOrEqual", "GreaterOrEqual", "Equal"}[g.IntN(5)]
	if (op == "LessOrEqual" || op == "GreaterOrEqual") && g.opset < 12 || op == "Equal" && g.opset < 11 {
		op = "Less"
	}
	yes := g.node(op, nil, x, w)
	switch g.IntN(4) {
	case 0:
		g.cast(yes, 1)
	case 1:
		g.node("Where", nil, yes, x, g.weight(g.broadcastable()...))
	case 2:
		no := g.node("Not", nil, yes)
		both := g.node([]string{"And", "Or", "Xor"}[g.IntN(3)], nil, no, g.node("Greater", nil, x, g.weight()))
		g.node("Where", nil, both, g.weight(g.broadcastable()...), x)
	default:
		whole := g.cast(g.node("Mul", nil, x, g.floats(nil, func() float64 { return 7 })), 7)
		g.cast(g.node([]string{"Div", "Mul", "Add", "Sub"}[g.IntN(4)], nil, whole, g.ints(nil, g.any(1, 4))), 1)
	}
	return true
}

func (g *randomGraph) reduce() bool {
	name := []string{"Sum", "Mean", "Max", "Min", "Prod", "L1", "L2", "LogSum", "LogSumExp", "SumSquare"}[g.IntN(10)]
	a, in := attrs{}, []string{g.last}
	if name == "LogSum" {
		in[0] = g.node("Exp", nil, in[0])
	}
	if g.coin() {
		a["keepdims"] = g.IntN(2)
	}
	if g.IntN(5) > 0 {
		since := 18
		if name == "Sum" {
			since = 13
		}
		in = g.either(since, "axes", g.axes(), a, in...)
	}
	g.node("Reduce"+name, a, in...)
	return true
}

func (g *randomGraph) topK() bool {
	if !g.fresh || g.opset < 11 {
		return false
	}
	axis, written := g.axis()
	if axis == 0 {
		return false
	}
	which := g.IntN(2)
	a := attrs{"axis": written, "largest": g.IntN(2)}
	v := g.nodeOf("TopK", a, 2, which, g.last, g.list(g.any(1, g.at[axis])))
	if which == 1 {
		g.cast(v, 1)
	}
	return true
}

func (g *randomGraph) dropout() bool {
	in, a := []string{g.last}, attrs{}
	if g.opset < 12 {
		a["ratio"] = 0.4
	} else if g.coin() {
		in = append(in, g.floats(nil, func() float64 { return 0.3 }))
	}
	if g.opset >= 12 && g.coin() { // the mask, which is not defined before
		g.node("Mul", nil, in[0], g.cast(g.nodeOf("Dropout", a, 2, 1, in...), 1))
		return true
	}
	g.node("Dropout", a, in...)
	return true
}

func (g *randomGraph) squeeze() bool {
	a := attrs{}
	if g.coin() {
		at := []int{}
		for axis := range g.at {
			if axis > 0 && g.at[axis] == 1 {
				at = append(at, axis)
			}
		}
		if len(at) == 0 {
			return false
		}
		g.node("Squeeze", a, g.either(13, "axes", at[:g.any(1, len(at))], a, g.last)...)
		return true
	}
	n := len(g.at)
	at := g.Perm(n + 2)[:2]
	slices.Sort(at)
	g.node("Unsqueeze", a, g.either(13, "axes", at, a, g.last)...)
	return true
}
