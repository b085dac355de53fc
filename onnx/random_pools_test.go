package onnx_test

func (g *randomGraph) maxPool() bool {
	if !g.image() {
		return false
	}
	k := g.kernel(4)
	a := attrs{"kernel_shape": k}
	g.windows(a, k, g.opset >= 10)
	if g.opset >= 10 && g.IntN(3) == 0 {
		a["ceil_mode"] = 1
	}
	if g.fresh && g.IntN(4) == 0 {
		if g.coin() {
			a["storage_order"] = 1
		}
		g.cast(g.nodeOf("MaxPool", a, 2, 1, g.last), 1)
		return true
	}
	g.node("MaxPool", a, g.last)
	return true
}

// cast is a value of another type as floats.
func (g *randomGraph) cast(name string, to int) string { return g.node("Cast", attrs{"to": to}, name) }

func (g *randomGraph) averagePool() bool {
	if !g.image() {
		return false
	}
	k := g.kernel(4)
	a := attrs{"kernel_shape": k}
	g.windows(a, k, false)
	if g.opset >= 10 && g.IntN(3) == 0 {
		a["ceil_mode"] = 1
	}
	if g.coin() {
		a["count_include_pad"] = g.IntN(2)
	}
	g.node("AveragePool", a, g.last)
	return true
}

func (g *randomGraph) lpPool() bool {
	if !g.image() {
		return false
	}
	k := g.kernel(4)
	a := attrs{"kernel_shape": k}
	g.windows(a, k, false)
	if g.coin() {
		a["p"] = g.any(1, 3)
	}
	g.node("LpPool", a, g.last)
	return true
}

func (g *randomGraph) globalPool() bool {
	if !g.image() {
		return false
	}
	g.node([]string{"GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool"}[g.IntN(3)], attrs{}, g.last)
	return true
}
