package onnx_test

import "slices"

// choices are the operators. Each adds nodes, or says that it doesn't go with the last
// value.
var choices = []func(*randomGraph) bool{
	(*randomGraph).conv, (*randomGraph).conv, (*randomGraph).convTranspose, (*randomGraph).convTranspose,
	(*randomGraph).maxPool, (*randomGraph).averagePool, (*randomGraph).averagePool, (*randomGraph).lpPool, (*randomGraph).globalPool,
	(*randomGraph).norm, (*randomGraph).norm, (*randomGraph).gemm, (*randomGraph).gemm, (*randomGraph).matMul, (*randomGraph).matMul,
	(*randomGraph).recurrent, (*randomGraph).recurrent, (*randomGraph).recurrent,
	(*randomGraph).function, (*randomGraph).function, (*randomGraph).activation, (*randomGraph).activation,
	(*randomGraph).softmax, (*randomGraph).softmax, (*randomGraph).arithmetic, (*randomGraph).arithmetic, (*randomGraph).compare,
	(*randomGraph).reduce, (*randomGraph).reduce, (*randomGraph).reshape, (*randomGraph).reshape, (*randomGraph).transpose,
	(*randomGraph).slice, (*randomGraph).slice, (*randomGraph).gather, (*randomGraph).pad, (*randomGraph).pad, (*randomGraph).split, (*randomGraph).concat,
	(*randomGraph).squeeze, (*randomGraph).expand, (*randomGraph).blocks, (*randomGraph).resize, (*randomGraph).topK, (*randomGraph).dropout, (*randomGraph).dynamic,
}

// windows are attributes of a convolution or a pooling over the spatial axes.
func (g *randomGraph) windows(a attrs, kernel []int, dilated bool) {
	n := len(kernel)
	if g.coin() {
		a["strides"] = g.each(n, 1, 3)
	}
	if dilated && g.IntN(3) == 0 {
		d := g.each(n, 1, 2)
		for i := range d {
			if d[i]*(kernel[i]-1) >= g.at[i+2] { // no window fits
				d[i] = 1
			}
		}
		a["dilations"] = d
	}
	switch g.IntN(5) {
	case 0:
		if g.unpaddable(a, kernel) {
			return
		}
		a["auto_pad"] = []string{"SAME_UPPER", "SAME_LOWER", "VALID"}[g.IntN(3)]
	case 1:
		pads := make([]int, 2*n)
		for i := range pads {
			pads[i] = g.IntN(kernel[i%n])
		}
		a["pads"] = pads
	case 2:
		pads := make([]int, 2*n)
		for i := range n {
			pads[i] = g.IntN(kernel[i]/2 + 1)
			pads[i+n] = pads[i]
		}
		a["pads"] = pads
	}
}

// unpaddable says whether auto_pad means something else to ONNX Runtime than to ONNX: where
// a stride is longer than a window it pads by negative numbers, and it has dilations count
// for convolutions alone.
func (g *randomGraph) unpaddable(a attrs, kernel []int) bool {
	_, dilated := a["dilations"]
	_, pooling := a["kernel_shape"]
	strides, _ := a["strides"].([]int)
	for i, s := range strides {
		if s > kernel[i] {
			return true
		}
	}
	return dilated && pooling
}

func (g *randomGraph) kernel(most int) []int {
	k := make([]int, len(g.at)-2)
	for i := range k {
		k[i] = g.any(1, min(most, g.at[i+2]))
	}
	return k
}

func (g *randomGraph) image() bool { return len(g.at) >= 3 && len(g.at) <= 5 }

func (g *randomGraph) group(c int) int {
	var by []int
	for d := 1; d <= c; d++ {
		if c%d == 0 {
			by = append(by, d)
		}
	}
	return by[g.IntN(len(by))]
}

func (g *randomGraph) conv() bool {
	if !g.image() {
		return false
	}
	c, k, a := g.at[1], g.kernel(4), attrs{}
	group := g.group(c)
	out := group * g.any(1, 3)
	g.windows(a, k, true)
	if g.coin() {
		a["kernel_shape"] = k
	}
	if group > 1 {
		a["group"] = group
	}
	in := []string{g.last, g.weight(append([]int{out, c / group}, k...)...)}
	if g.coin() {
		in = append(in, g.weight(out))
	}
	g.node("Conv", a, in...)
	return true
}

func (g *randomGraph) convTranspose() bool {
	if !g.image() {
		return false
	}
	c, k, a := g.at[1], g.kernel(4), attrs{}
	group := g.group(c)
	out := g.any(1, 3)
	g.windows(a, k, true)
	if g.coin() {
		a["kernel_shape"] = k
	}
	if group > 1 {
		a["group"] = group
	}
	strides, _ := a["strides"].([]int)
	if g.IntN(3) == 0 && strides != nil {
		extra := make([]int, len(k))
		for i := range extra {
			extra[i] = g.IntN(strides[i])
		}
		a["output_padding"] = extra
	}
	if g.IntN(4) == 0 {
		to := make([]int, len(k))
		for i := range to {
			s := 1
			if strides != nil {
				s = strides[i]
			}
			to[i] = (g.at[i+2]-1)*s + g.any(1, k[i])
		}
		a["output_shape"] = to
		delete(a, "pads")
	}
	in := []string{g.last, g.weight(append([]int{c, out}, k...)...)}
	if g.coin() {
		in = append(in, g.weight(out*group))
	}
	g.node("ConvTranspose", a, in...)
	return true
}

func (g *randomGraph) norm() bool {
	a := attrs{}
	if g.coin() {
		a["epsilon"] = []float64{1e-3, 0.1, 1e-5}[g.IntN(3)]
	}
	if len(g.at) < 2 {
		return false
	}
	c := g.at[1]
	switch g.IntN(3) {
	case 0:
		if len(g.at) > 5 {
			return false
		}
		g.node("BatchNormalization", a, g.last, g.weight(c), g.weight(c), g.weight(c), g.positive(c))
	case 1:
		if !g.image() || volume(g.at[2:]) < 4 { // of few numbers it leaves rounding alone
			return false
		}
		g.node("InstanceNormalization", a, g.last, g.weight(c), g.weight(c))
	default:
		if g.opset < 17 {
			return false
		}
		axis := g.any(1, len(g.at)-1)
		shape := slices.Clone(g.at[axis:])
		if g.IntN(4) == 0 { // broadcast
			shape = shape[len(shape)-1:]
		}
		if a["axis"] = axis; g.coin() {
			a["axis"] = axis - len(g.at)
		}
		in := []string{g.last, g.weight(shape...)}
		if g.coin() {
			in = append(in, g.weight(shape...))
		}
		g.node("LayerNormalization", a, in...)
	}
	return true
}
