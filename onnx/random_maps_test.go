package onnx_test

import "slices"

func (g *randomGraph) gemm() bool {
	if len(g.at) < 2 {
		return false
	}
	if len(g.at) > 2 {
		a := g.any(1, len(g.at)-1)
		g.node("Flatten", attrs{"axis": a}, g.last)
		if a > 1 {
			return true
		}
	}
	k := volume(g.at) / g.at[0]
	n, a := g.any(1, 6), attrs{}
	x := g.last
	if g.IntN(4) == 0 {
		x = g.node("Transpose", attrs{"perm": []int{1, 0}}, x)
		a["transA"] = 1
	}
	w := g.weight(k, n)
	if g.coin() {
		w = g.weight(n, k)
		a["transB"] = 1
	}
	if g.IntN(3) == 0 {
		a["alpha"] = 0.5
	}
	if g.IntN(3) == 0 {
		a["beta"] = []float64{0.3, 0, 2}[g.IntN(3)]
	}
	in := []string{x, w}
	switch g.IntN(6) {
	case 0:
		if g.opset < 11 {
			in = append(in, g.weight(n))
		}
	case 1:
		in = append(in, g.weight(1, n))
	case 2:
		in = append(in, g.weight(1))
	case 3:
		in = append(in, g.weight())
	default:
		in = append(in, g.weight(n))
	}
	g.node("Gemm", a, in...)
	return true
}

func (g *randomGraph) matMul() bool {
	last := g.at[len(g.at)-1]
	switch kind := g.IntN(6); {
	case kind == 0:
		g.node("MatMul", nil, g.last, g.weight(last))
	case kind == 1 && len(g.at) > 1:
		k := g.at[len(g.at)-2]
		if len(g.at) == 2 {
			return false // the batch
		}
		g.node("MatMul", nil, g.weight(g.any(1, 4), k), g.last)
	case kind == 2 && len(g.at) > 2:
		g.node("MatMul", nil, g.weight(g.at[len(g.at)-2]), g.last)
	case kind == 3:
		g.node("MatMul", nil, g.last, g.weight(g.any(1, 3), 1, last, g.any(1, 4)))
	case kind == 4 && len(g.at) > 2:
		lead := slices.Clone(g.at[:len(g.at)-2])
		for i := range lead {
			if i == 0 || g.coin() {
				lead[i] = 1
			}
		}
		g.node("MatMul", nil, g.last, g.weight(append(lead, last, g.any(1, 4))...))
	default:
		g.node("MatMul", nil, g.last, g.weight(last, g.any(1, 5)))
	}
	return true
}

// recurrent is a layer along axis 0, whose size is open, or along axis 1, by a Transpose.
func (g *randomGraph) recurrent() bool {
	if len(g.at) != 3 {
		return false
	}
	x, n, f, h := g.last, g.at[1], g.at[2], g.any(1, 5)
	open := g.coin() // the samples are the open axis
	if open {
		x, n = g.node("Transpose", attrs{"perm": []int{1, 0, 2}}, x), 0
	}
	op := []string{"LSTM", "GRU", "RNN"}[g.IntN(3)]
	gates := map[string]int{"LSTM": 4, "GRU": 3, "RNN": 1}[op]
	direction := []string{"forward", "reverse", "bidirectional"}[g.IntN(3)]
	d := map[bool]int{true: 2, false: 1}[direction == "bidirectional"]
	a := attrs{"hidden_size": h}
	if direction != "forward" || g.coin() {
		a["direction"] = direction
	}
	small := func() float64 { return 0.4 * g.NormFloat64() }
	in := []string{x, g.floats([]int{d, gates * h, f}, small), g.floats([]int{d, gates * h, h}, small), "", "", "", "", ""}
	if g.coin() {
		in[3] = g.weight(d, 2*gates*h)
	}
	if !open {
		if g.IntN(3) == 0 {
			lengths := g.each(n, 1, 2)
			in[4] = g.node("Cast", attrs{"to": 6}, g.list(lengths...))
		}
		if g.coin() {
			in[5] = g.weight(d, n, h)
		}
		if g.coin() && op == "LSTM" {
			in[6] = g.weight(d, n, h)
		}
	}
	if op == "LSTM" && g.IntN(3) == 0 {
		in[7] = g.weight(d, 3*h)
	}
	if g.IntN(4) == 0 {
		a["clip"] = 0.7
	}
	if op == "GRU" && g.coin() {
		a["linear_before_reset"] = 1
	}
	if op == "LSTM" && g.IntN(4) == 0 {
		a["input_forget"] = 1
	}
	if g.IntN(3) == 0 {
		names := []string{}
		for range d * map[string]int{"LSTM": 3, "GRU": 2, "RNN": 1}[op] {
			names = append(names, []string{"Relu", "Tanh", "Sigmoid", "Softsign", "Tanh", "Sigmoid"}[g.IntN(6)])
		}
		a["activations"] = names
	}
	for in[len(in)-1] == "" {
		in = in[:len(in)-1]
	}
	outputs := 2
	if op == "LSTM" {
		outputs = 3
	}
	g.nodeOf(op, a, outputs, g.IntN(outputs), in...)
	return true
}

// dynamic computes with shapes: a Reshape, an Expand or a ConstantOfShape by sizes that
// the graph takes apart and puts together.
func (g *randomGraph) dynamic() bool {
	x := g.last
	shape := g.node("Shape", nil, x)
	switch g.IntN(4) {
	case 0:
		first := g.node("Gather", attrs{"axis": 0}, shape, g.ints(nil, 0))
		a := attrs{"axes": []int{0}}
		in := []string{first}
		if g.opset >= 13 {
			a, in = attrs{}, append(in, g.list(0))
		}
		first = g.node("Unsqueeze", a, in...)
		g.node("Reshape", nil, x, g.node("Concat", attrs{"axis": 0}, first, g.list(-1)))
	case 1:
		g.node("Add", nil, x, g.node("ConstantOfShape", attrs{}, shape))
	case 2:
		g.node("Expand", nil, g.weight(g.broadcastable()...), shape)
		g.node("Mul", nil, g.last, x)
	default:
		if g.opset < 10 {
			return false
		}
		n := g.node("Slice", attrs{}, shape, g.list(1), g.list(len(g.at)))
		a := attrs{"keepdims": 1}
		product := g.node("ReduceProd", a, n)
		g.node("Reshape", nil, x, g.node("Concat", attrs{"axis": 0}, g.list(-1), product))
		if g.coin() {
			g.node("Add", nil, g.last, g.cast(g.node("Size", nil, x), 1))
		}
	}
	return true
}

func (g *randomGraph) reshape() bool {
	to := slices.Clone(g.at)
	switch g.IntN(3) {
	case 0:
		if len(to) < 3 {
			return false
		}
		i := g.any(1, len(to)-2)
		to = slices.Concat(to[:i], []int{to[i] * to[i+1]}, to[i+2:])
		to[0] = 0
	case 1:
		i := g.any(0, len(to)-1)
		if i == 0 {
			to = slices.Insert(to, 1, 1)
			to[0] = -1
		} else {
			by := g.group(to[i])
			to = slices.Replace(to, i, i+1, by, to[i]/by)
			to[0] = 0
		}
	default:
		if g.coin() {
			g.node("Flatten", attrs{"axis": g.any(0, len(to))}, g.last)
			return true
		}
		to = []int{-1, g.group(volume(to) / to[0])}
	}
	g.node("Reshape", nil, g.last, g.list(to...))
	return true
}

func (g *randomGraph) transpose() bool {
	a := attrs{}
	if g.coin() {
		a["perm"] = g.Perm(len(g.at))
	}
	g.node("Transpose", a, g.last)
	return true
}
