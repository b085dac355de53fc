package convlast

import (
	"github.com/thinnet/thinnet/internal/kernel"
	"github.com/thinnet/thinnet/internal/kernel/winograd"
)

// useWinograd takes Winograd's method for the passes at which it is faster.
func (c *Conv) useWinograd(g kernel.Conv) {
	if s, ok := lineOf(g); ok {
		c.useLines(g, s)
		return
	}
	s, ok := winogradSize(g)
	if !ok {
		return
	}
	forward, data, weights := winograd.Fits(s)
	if !forward && !data && !weights {
		return
	}
	w := winograd.New(s)
	if forward {
		c.forward = winogradForward{w}
	}
	if data {
		c.backward = winogradBackward{w}
	}
	if weights {
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

// winogradSize returns a geometry as images with filters of 3x3 or 5x5 that move
// by one.
func winogradSize(g kernel.Conv) (winograd.Size, bool) {
	ones := [3]int{1, 1, 1}
	k := g.Kernel[2]
	s := winograd.Size{
		N: g.N * g.In[0], H: g.In[1], W: g.In[2], C: g.C, OC: g.OC,
		Kernel: k, PadH: g.Pad[1], PadW: g.Pad[2],
	}
	return s, g.Groups == 1 && (k == 3 || k == 5) && g.Kernel == [3]int{1, k, k} && g.Stride == ones && g.Dilation == ones &&
		g.Pad[0] == 0 && g.Out == [3]int{g.In[0], s.H + 2*s.PadH - k + 1, s.W + 2*s.PadW - k + 1}
}

type winogradForward struct{ *winograd.Conv }

func (c winogradForward) size() int                { return c.ForwardSize() }
func (c winogradForward) layout() string           { return c.ForwardLayout() }
func (c winogradForward) pack(packed, w []float32) { c.PackForward(packed, w) }
func (c winogradForward) run(y, x, packed, bias []float32, relu bool) {
	c.Forward(y, x, packed, bias, relu)
}

type winogradBackward struct{ *winograd.Conv }

func (c winogradBackward) size() int                { return c.BackwardSize() }
func (c winogradBackward) layout() string           { return c.BackwardLayout() }
func (c winogradBackward) pack(packed, w []float32) { c.PackBackward(packed, w) }
func (c winogradBackward) run(dx, dy, packed, bias []float32, relu bool) {
	c.Transposed(dx, dy, packed, bias, relu)
}

type winogradWeights struct{ *winograd.Conv }

func (c winogradWeights) run(dw, x, dy []float32) { c.BackwardWeights(dw, x, dy) }
