package onnximport

import (
	"math"
	"slices"
)

// resize samples the axes of a value anew, one after the other: what is between two
// elements is the nearest of them, or a mean of two or four.
func (c *call) resize() []*value {
	x := c.x(0)
	op := c.resampling()
	if x.kind != floats && op.mode != "nearest" {
		fail("mode is %s for whole numbers, want nearest", op.mode)
	}
	axes := make([]int, len(x.shape))
	for i := range axes {
		axes[i] = i
	}
	if given := c.attrInts("axes"); given != nil {
		axes = given
	}
	sizes, scales := c.sizes(x.shape, axes)
	for i, axis := range axes {
		axis = c.axis(axis, len(x.shape))
		if n := sizes[i]; n != x.shape[axis] || scales[i] != 1 {
			c.spend(4 * n)
			x = c.resample(x, axis, n, op.taps(x.shape[axis], n, scales[i]))
		}
	}
	return one(x)
}

// sizes are those of the axes in the result, and the scales that they come of.
func (c *call) sizes(shape, axes []int) (sizes []int, scales []float64) {
	at := 2
	if c.f.opset < 11 {
		at = 1 // there is no region of interest
	}
	switch {
	case c.f.opset >= 11 && c.has(3) && len(c.array(3).data) > 0:
		if p := c.attrString("keep_aspect_ratio_policy", "stretch"); p != "stretch" {
			fail("keep_aspect_ratio_policy is %q, which is not supported, want stretch", p)
		}
		sizes = c.ints(3)
	case c.has(at):
		scales = c.array(at).data
	case c.attribute("scales", onnxFloats) != nil:
		for _, v := range c.attribute("scales", onnxFloats).Floats {
			scales = append(scales, float64(v))
		}
	}
	if max(len(sizes), len(scales)) != len(axes) {
		fail("there are %d sizes and %d scales, want either for each of %d axes", len(sizes), len(scales), len(axes))
	}
	if sizes == nil {
		for i, s := range scales {
			n := float64(shape[c.axis(axes[i], len(shape))])
			if !(s > 0 && n*s <= largest) {
				fail("a scale is %v for an axis of %v, want it above 0 and at most 2³⁰ elements", s, n)
			}
			sizes = append(sizes, int(n*s))
		}
		return sizes, scales
	}
	for i, n := range sizes {
		was := shape[c.axis(axes[i], len(shape))]
		if n < 1 || n > largest || was < 1 {
			fail("a size is %d for an axis of %d, want 1 to 2³⁰", n, was)
		}
		scales = append(scales, float64(n)/float64(was))
	}
	return sizes, scales
}

// A resampling says where an element of the result lies among those of x, and what it is
// made of.
type resampling struct {
	place, mode, nearest string
	cubic                float64
	within               bool // no weight for what is outside
}

// resampling reads the attributes. Before opset 11 there was one way.
func (c *call) resampling() resampling {
	op := resampling{"asymmetric", c.attrString("mode", "nearest"), "floor", -0.75, false}
	if c.f.opset >= 11 {
		op.place = c.attrString("coordinate_transformation_mode", "half_pixel")
		op.nearest = c.attrString("nearest_mode", "round_prefer_floor")
		op.cubic = c.attrFloat("cubic_coeff_a", op.cubic)
		op.within = c.attrInt("exclude_outside", 0) == 1
	}
	if op.mode == "bilinear" { // in the first versions
		op.mode = "linear"
	}
	for _, of := range []struct {
		attribute, is string
		among         []string
	}{
		{"mode", op.mode, []string{"nearest", "linear", "cubic"}},
		{"nearest_mode", op.nearest, []string{"round_prefer_floor", "round_prefer_ceil", "floor", "ceil"}},
		{"coordinate_transformation_mode", op.place, []string{"half_pixel", "pytorch_half_pixel", "half_pixel_symmetric", "align_corners", "asymmetric", "tf_half_pixel_for_nn"}},
	} {
		if !slices.Contains(of.among, of.is) {
			fail("%s is %q, which is not supported, want one of %q", of.attribute, of.is, of.among)
		}
	}
	if c.attrInt("antialias", 0) != 0 {
		fail("antialias is not supported")
	}
	return op
}

// A tap is one of the elements that each element of the result is a weighted sum of.
type tap struct {
	index  []int
	weight []float64 // nil for 1
}

// taps are those for n elements of was.
func (op resampling) taps(was, n int, scale float64) []tap {
	first := map[string]int{"nearest": 0, "linear": 0, "cubic": -1}[op.mode]
	taps := make([]tap, map[string]int{"nearest": 1, "linear": 2, "cubic": 4}[op.mode])
	for k := range taps {
		taps[k].index = make([]int, n)
		if op.mode != "nearest" {
			taps[k].weight = make([]float64, n)
		}
	}
	for i := range n {
		at := op.at(float64(i), float64(was), float64(n), scale)
		if op.mode == "nearest" {
			taps[0].index[i] = clamp(op.round(at), was)
			continue
		}
		low := math.Floor(at)
		weights := op.weights(at - low)
		sum := 0.0
		for k := range weights {
			j := int(low) + first + k
			if op.within && (j < 0 || j >= was) {
				weights[k] = 0
			}
			sum += weights[k]
			taps[k].index[i] = clamp(float64(j), was)
		}
		for k, w := range weights {
			taps[k].weight[i] = w / sum
		}
	}
	return taps
}

// at is where element i of n lies among was.
func (op resampling) at(i, was, n, scale float64) float64 {
	half := (i+0.5)/scale - 0.5
	switch op.place {
	case "asymmetric":
		return i / scale
	case "tf_half_pixel_for_nn":
		return (i + 0.5) / scale
	case "align_corners":
		if n == 1 {
			return 0
		}
		return i * (was - 1) / (n - 1)
	case "pytorch_half_pixel":
		if n == 1 {
			return 0
		}
	case "half_pixel_symmetric":
		return was/2*(1-n/(was*scale)) + half
	}
	return half
}

func (op resampling) round(at float64) float64 {
	switch op.nearest {
	case "floor":
		return math.Floor(at)
	case "ceil":
		return math.Ceil(at)
	case "round_prefer_ceil":
		return math.Floor(at + 0.5)
	}
	return math.Ceil(at - 0.5)
}

// weights are those of the neighbours of a place by its distance from the lower one. The
// cubic ones are Keys's.
func (op resampling) weights(s float64) []float64 {
	if op.mode == "linear" {
		return []float64{1 - s, s}
	}
	a := op.cubic
	near := func(s float64) float64 { return ((a+2)*s-(a+3))*s*s + 1 }
	far := func(s float64) float64 { return ((a*s-5*a)*s+8*a)*s - 4*a }
	return []float64{far(s + 1), near(s), near(1 - s), far(2 - s)}
}

func clamp(i float64, n int) int { return int(min(max(i, 0), float64(n-1))) }

// resample makes the sum of taps along an axis.
func (c *call) resample(x *value, axis, n int, taps []tap) *value {
	var sum *value
	for _, t := range taps {
		part := c.take(x, axis, t.index)
		if t.weight != nil {
			shape := ones(len(x.shape))
			shape[axis] = n
			part = c.operation("Mul", part, c.constant(&array{x.kind, shape, t.weight}))
		}
		if sum != nil {
			part = c.operation("Add", sum, part)
		}
		sum = part
	}
	return sum
}
