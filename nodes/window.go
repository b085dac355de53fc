package nodes

import (
	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
)

// window holds the options on what the outputs of a convolution or a pooling
// see. Each is one number for all spatial axes, or one for each.
type window struct {
	kernel, stride, pad, dilation []int
}

// extents are sizes along up to three spatial axes, as package kernel wants
// them: the last ones count, the leading ones are blank.
type extents = [3]int

// A geometry is a window over an input of a given shape.
type geometry struct {
	dims                              int // spatial axes
	in, kernel, stride, pad, dilation extents
}

// largest bounds sizes, so that no product of two overflows.
const largest = 1 << 30

// over checks the options for an input of shape (N, C, ...). What is not set is
// 1, the padding 0.
func (w *window) over(x graph.Shape) (geometry, error) {
	g := geometry{dims: len(x) - 2}
	for _, set := range []struct {
		name         string
		n            []int
		least, blank int
		to           *extents
	}{
		{"the input", x[2:], 1, 1, &g.in},
		{"the kernel", w.kernel, 1, 1, &g.kernel},
		{"Stride", w.stride, 1, 1, &g.stride},
		{"Pad", w.pad, 0, 0, &g.pad},
		{"Dilation", w.dilation, 1, 1, &g.dilation},
	} {
		var err error
		if *set.to, err = perAxis(set.name, set.n, g.dims, set.least, set.blank); err != nil {
			return g, err
		}
	}
	return g, nil
}

// perAxis returns a setting for each of the spatial axes, blank if it is not set.
func perAxis(name string, n []int, dims, least, blank int) (extents, error) {
	e := extents{blank, blank, blank}
	if n == nil {
		return e, nil
	}
	if len(n) != 1 && len(n) != dims {
		return e, errors.Errorf("%s has %d values %v, want one, or one for each of %d spatial axes", name, len(n), n, dims)
	}
	for i := range dims {
		v := n[min(i, len(n)-1)]
		if v < least || v > largest {
			return e, errors.Errorf("%s is %v, want at least %d and at most 2³⁰", name, n, least)
		}
		e[3-dims+i] = v
	}
	return e, nil
}

// span is how much of an axis one window covers, dilation·(kernel - 1) + 1.
func (g *geometry) span(axis int) int { return g.dilation[axis]*(g.kernel[axis]-1) + 1 }

// out returns the number of windows along each axis that fit into the padded
// input,
//
//	out = (in + pad + high - span) / stride + 1   rounded down,
//
// where high is the padding after an axis. In ceil mode the quotient is rounded
// up, but a window that would start in the padding after the input is dropped.
func (g *geometry) out(high extents, ceil bool) (extents, error) {
	var out extents
	for axis, stride := range g.stride {
		room := g.in[axis] + g.pad[axis] + high[axis] - g.span(axis)
		if ceil {
			room += stride - 1
		}
		if room < 0 {
			return out, errors.Errorf("a window spans %v and x with its padding %v, want a window that fits",
				g.each(g.span), g.each(func(axis int) int { return g.in[axis] + g.pad[axis] + high[axis] }))
		}
		out[axis] = room/stride + 1
		if ceil && (out[axis]-1)*stride >= g.in[axis]+g.pad[axis] {
			out[axis]--
		}
	}
	return out, nil
}

// seen wants an element of the input in each of out windows. Where the padding
// is at most half of the kernel, only one that starts before the input can miss
// it: if its dilation steps over the whole axis.
func (g *geometry) seen(out extents) error {
	for axis, n := range out {
		for p := range n {
			start := p*g.stride[axis] - g.pad[axis]
			if start >= 0 || g.dilation[axis] <= g.in[axis] {
				break
			}
			steps := (-start + g.dilation[axis] - 1) / g.dilation[axis]
			if start+steps*g.dilation[axis] >= g.in[axis] {
				return errors.Errorf("the window that starts at %d steps by a dilation of %d over the whole of an axis of %d, want one that sees an element of x",
					start, g.dilation[axis], g.in[axis])
			}
		}
	}
	return nil
}

// each returns a value of every spatial axis.
func (g *geometry) each(of func(axis int) int) []int {
	var all []int
	for axis := 3 - g.dims; axis < 3; axis++ {
		all = append(all, of(axis))
	}
	return all
}

// shape returns (n, c, out...).
func (g *geometry) shape(n, c int, out extents) graph.Shape {
	return append(graph.Shape{n, c}, out[3-g.dims:]...)
}

// images says how an input with one, two or three spatial axes is laid out.
var images = [...]string{1: "(N, C, L)", 2: "(N, C, H, W)", 3: "(N, C, D, H, W)"}
