package convlast

import (
	"github.com/thinnet/thinnet/internal/kernel"
	"github.com/thinnet/thinnet/internal/kernel/winograd"
)

// useWinograd takes Winograd's method for the passes at which it is faster. With
// few tiles of 4x4 outputs, its filters, four times as large as the weights, take
// longer to read, and their gradient to write and to transform, than the products
// that it saves; and all the more so where they do not fit the cache.
func (c *Conv) useWinograd(g kernel.Conv) {
	if s, ok := lineOf(g); ok {
		c.useLines(g, s)
		return
	}
	s, ok := winogradSize(g)
	if !ok || !winograd.Fits(s.n, s.h, s.w, g.C, g.OC, s.padH, s.padW) {
		return
	}
	tiles := s.n * ceil(g.Out[1], 4) * ceil(g.Out[2], 4)
	data, weights := 4, 16
	if 36*g.C*g.OC > 1<<22 {
		data, weights = 16, 96
	}
	w := winograd.New(s.n, s.h, s.w, g.C, g.OC, s.padH, s.padW)
	if tiles >= data {
		c.forward, c.backward = winogradForward{w}, winogradBackward{w}
	}
	if tiles >= weights {
		c.weights = winogradWeights{w}
	}
}

// useLines takes the method along lines where it is the faster one: the products
// that it saves must pay for its transforms.
func (c *Conv) useLines(g kernel.Conv, s lineShape) {
	if s.out < 2*windowOut || g.N == 0 || g.C*g.OC < 20*(g.C+g.OC) {
		return
	}
	c.forward = newLinePass(s, c.forward.(*pass))
	c.backward = newLinePass(s.transposed(), c.backward.(*pass))
	if w := c.weights.(*weights); w.chunks >= 8 { // the only units of work
		c.weights = &lineWeights{w, s}
	}
}

type imageSize struct{ n, h, w, padH, padW int }

// winogradSize returns a geometry as images with 3x3 filters that move by one.
func winogradSize(g kernel.Conv) (imageSize, bool) {
	ones := [3]int{1, 1, 1}
	s := imageSize{g.N * g.In[0], g.In[1], g.In[2], g.Pad[1], g.Pad[2]}
	return s, g.Groups == 1 && g.Kernel == [3]int{1, 3, 3} && g.Stride == ones && g.Dilation == ones &&
		g.Pad[0] == 0 && g.Out == [3]int{g.In[0], s.h + 2*s.padH - 2, s.w + 2*s.padW - 2}
}

type winogradForward struct{ *winograd.Conv }

func (c winogradForward) size() int                { return c.ForwardSize() }
func (c winogradForward) pack(packed, w []float32) { c.PackForward(packed, w) }
func (c winogradForward) run(y, x, packed, bias []float32, relu bool) {
	c.Forward(y, x, packed, bias, relu)
}

type winogradBackward struct{ *winograd.Conv }

func (c winogradBackward) size() int                { return c.BackwardSize() }
func (c winogradBackward) pack(packed, w []float32) { c.PackBackward(packed, w) }
func (c winogradBackward) run(dx, dy, packed, bias []float32, relu bool) {
	c.Transposed(dx, dy, packed, bias, relu)
}

type winogradWeights struct{ *winograd.Conv }

func (c winogradWeights) run(dw, x, dy []float32) { c.BackwardWeights(dw, x, dy) }
