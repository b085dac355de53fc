package onnx_test

import "slices"

func (g *randomGraph) slice() bool {
	var axes, starts, ends, steps []int
	for _, axis := range g.axes() {
		n := g.at[(axis+len(g.at))%len(g.at)]
		if (axis+len(g.at))%len(g.at) == 0 {
			continue
		}
		from := g.any(0, n-1)
		to, step := g.any(from+1, n), g.any(1, 3)
		if g.opset >= 10 && g.IntN(3) == 0 { // backwards
			from, to, step = to-1, from-1, -step
			if to < 0 {
				to = -n - 5
			}
		} else if g.coin() {
			from -= n
			if to == n {
				to = 1 << 40
			} else {
				to -= n
			}
		}
		if g.opset < 10 {
			step = 1
		}
		axes, starts, ends, steps = append(axes, axis), append(starts, from), append(ends, to), append(steps, step)
	}
	if len(axes) == 0 {
		return false
	}
	if g.opset < 10 {
		g.node("Slice", attrs{"axes": axes, "starts": starts, "ends": ends}, g.last)
		return true
	}
	in := []string{g.last, g.list(starts...), g.list(ends...), g.list(axes...), g.list(steps...)}
	g.node("Slice", nil, in...)
	return true
}

func (g *randomGraph) gather() bool {
	axis, written := g.axis()
	if axis == 0 {
		return false
	}
	n, shape := g.at[axis], [][]int{nil, {3}, {1}, {2, 2}}[g.IntN(4)]
	low := 0
	if g.opset >= 11 {
		low = -n
	}
	index := g.each(volume(shape), low, n-1)
	a := attrs{}
	if axis > 0 || g.coin() {
		a["axis"] = written
	}
	if g.IntN(4) == 0 { // rows of a table by numbers that the input makes
		rows := g.any(3, 6)
		positive := g.node("Mul", nil, g.node("Sigmoid", nil, g.last), g.floats(nil, func() float64 { return float64(rows) - 0.01 }))
		if !g.fresh {
			return false
		}
		a := g.IntN(2)
		table := []int{rows, 2}
		if a == 1 {
			table = []int{2, rows, 3}
		}
		g.node("Gather", attrs{"axis": a}, g.weight(table...), g.cast(positive, 7))
		return true
	}
	g.node("Gather", a, g.last, g.ints(shape, index...))
	return true
}

func (g *randomGraph) pad() bool {
	mode := []string{"constant", "edge", "reflect"}[g.IntN(3)]
	n := len(g.at)
	pads := make([]int, 2*n)
	for axis, d := range g.at {
		if axis == 0 || g.coin() {
			continue
		}
		most := 2
		if mode == "reflect" {
			most = min(2, d-1)
		}
		pads[axis], pads[axis+n] = g.any(0, most), g.any(0, most)
		if mode == "constant" && d > 3 && g.IntN(4) == 0 {
			pads[axis] = -1
		}
	}
	a := attrs{"mode": mode}
	if g.opset < 11 {
		a["pads"] = pads
		if g.coin() {
			a["value"] = 1.5
		}
		g.node("Pad", a, g.last)
		return true
	}
	in := []string{g.last}
	if g.opset >= 18 && g.coin() {
		var axes, before, after []int
		for axis := range g.at {
			if pads[axis] != 0 || pads[axis+n] != 0 {
				axes, before, after = append(axes, axis-n), append(before, pads[axis]), append(after, pads[axis+n])
			}
		}
		if len(axes) == 0 {
			return false
		}
		in = append(in, g.list(append(before, after...)...), "", g.list(axes...))
	} else {
		in = append(in, g.list(pads...))
		if mode == "constant" && g.coin() {
			in = append(in, g.floats(nil, func() float64 { return 1.5 }))
		}
	}
	g.node("Pad", a, in...)
	return true
}

func (g *randomGraph) split() bool {
	axis, written := g.axis()
	if axis == 0 || g.at[axis] < 2 {
		return false
	}
	n := g.at[axis]
	a, in := attrs{"axis": written}, []string{g.last}
	parts := 2
	switch {
	case g.coin():
		first := g.any(1, n-1)
		in = g.either(13, "split", []int{first, n - first}, a, in...)
	case g.opset >= 18:
		parts = g.any(2, min(n, 4))
		if (n+parts-1)/parts*(parts-1) >= n {
			return false
		}
		a["num_outputs"] = parts
	case n%2 != 0:
		return false
	}
	g.nodeOf("Split", a, parts, g.IntN(parts), in...)
	return true
}

func (g *randomGraph) concat() bool {
	axis, written := g.axis()
	x := g.last
	other := g.node("Tanh", nil, x)
	if axis > 0 && g.coin() {
		other = g.node("Neg", nil, g.node("Abs", nil, x))
	}
	g.node("Concat", attrs{"axis": written}, x, other, x)
	return true
}

func (g *randomGraph) expand() bool {
	if g.coin() {
		repeats := g.each(len(g.at), 1, 2)
		g.node("Tile", nil, g.last, g.list(repeats...))
		return true
	}
	to := slices.Clone(g.at)
	for i, d := range to {
		if i == 0 || g.coin() {
			to[i] = 1
		} else if d == 1 {
			to[i] = 3
		}
	}
	g.node("Expand", nil, g.last, g.list(append([]int{g.any(1, 2)}, to...)...))
	return true
}

func (g *randomGraph) blocks() bool {
	if len(g.at) != 4 {
		return false
	}
	c, h, w := g.at[1], g.at[2], g.at[3]
	if h%2 == 0 && w%2 == 0 {
		g.node("SpaceToDepth", attrs{"blocksize": 2}, g.last)
		return true
	}
	if c%4 != 0 {
		return false
	}
	a := attrs{"blocksize": 2}
	if g.opset >= 11 {
		a["mode"] = []string{"DCR", "CRD"}[g.IntN(2)]
	}
	g.node("DepthToSpace", a, g.last)
	return true
}

// resize is of the spatial axes, by scales or by sizes.
func (g *randomGraph) resize() bool {
	if len(g.at) != 4 || g.opset < 11 {
		return false
	}
	a := attrs{"mode": []string{"nearest", "linear", "cubic"}[g.IntN(3)]}
	a["coordinate_transformation_mode"] = []string{"half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric"}[g.IntN(4)]
	if a["mode"] == "nearest" {
		a["nearest_mode"] = []string{"round_prefer_floor", "round_prefer_ceil", "floor", "ceil"}[g.IntN(4)]
	}
	if g.opset >= 18 && g.coin() {
		a["axes"] = []int{2, 3}
		g.node("Resize", a, g.last, "", "", g.list(g.each(2, 1, 8)...))
		return true
	}
	scales := []float64{1, 1, []float64{0.5, 1, 1.5, 2, 3}[g.IntN(5)], []float64{0.75, 1, 2.5, 4}[g.IntN(4)]}
	k := -1
	g.node("Resize", a, g.last, "", g.floats([]int{4}, func() float64 { k++; return scales[k] }))
	return true
}
