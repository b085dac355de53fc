package onnxgraph

import "slices"

// Windows are what a convolution or a pooling sees, along a number of spatial axes: the
// last ones of three.
type Windows struct {
	Axes                                   int
	In, Kernel, Out, Stride, Pad, Dilation [3]int
}

// Last are the sizes of the axes that there are.
func (w Windows) Last(e [3]int) []int { return e[3-w.Axes:] }

// high is the padding after an axis that the last window wants, perhaps more than the
// node was given, in ceil mode, or less.
func (w Windows) high(axis int) int {
	end := (w.Out[axis]-1)*w.Stride[axis] + w.Dilation[axis]*(w.Kernel[axis]-1) + 1
	return max(0, end-w.In[axis]-w.Pad[axis])
}

// Pads are those before all axes, then those after them.
func (w Windows) Pads() []int {
	var high [3]int
	for axis := range high {
		high[axis] = w.high(axis)
	}
	return append(append([]int{}, w.Last(w.Pad)...), w.Last(high)...)
}

// Attributes are those that convolutions and poolings have in common.
func (w Windows) Attributes() Attributes {
	return Attributes{"kernel_shape": w.Last(w.Kernel), "strides": w.Last(w.Stride), "pads": w.Pads()}
}

// Elements are what each window sees, along a new axis of y, one slice of x
// for each element of the kernel, and whether there is padding among them.
func (w Windows) Elements(g *Graph, x Value, blank float64, axis int) (y Value, padded bool) {
	pads := w.Pads()
	padded = slices.Max(pads) > 0
	if padded {
		all := make([]int, 2*(w.Axes+2))
		copy(all[2:], pads[:w.Axes])
		copy(all[4+w.Axes:], pads[w.Axes:])
		x = g.Do("Pad", x, g.Ints(all...), g.Scalar(blank))
	}
	var parts []Value
	for i := range w.Kernel[0] * w.Kernel[1] * w.Kernel[2] {
		at := [3]int{i / w.Kernel[2] / w.Kernel[1], i / w.Kernel[2] % w.Kernel[1], i % w.Kernel[2]}
		var from, to []int
		var axes []int
		for a := 3 - w.Axes; a < 3; a++ {
			from = append(from, at[a]*w.Dilation[a])
			to = append(to, at[a]*w.Dilation[a]+(w.Out[a]-1)*w.Stride[a]+1)
			axes = append(axes, a-3+w.Axes+2)
		}
		part := g.Do("Slice", x, g.Ints(from...), g.Ints(to...), g.Ints(axes...), g.Ints(w.Last(w.Stride)...))
		parts = append(parts, g.Unsqueeze(part, axis))
	}
	return g.Node("Concat", Attributes{"axis": axis}, parts...), padded
}
