// Package convlast computes convolutions of float32 memory in which channels lie
// innermost: x is (N, In..., C) and y is (N, Out..., OC).
//
// There the inputs that a row of taps sees through all channels are one run of
// memory, and so a convolution is a sum of matrix products whose operands are
// used where they lie: nothing is unfolded, and nothing is padded. Outputs are
// sorted by the taps that see the input ([run]), which are the same for all but
// those at the borders. A tile of outputs by output channels then goes through
// its taps without looking.
//
// Georganas et al., Anatomy of High-Performance Deep Learning Convolutions on
// SIMD Architectures, SC 2018, https://arxiv.org/abs/1808.05567.
package convlast

import (
	"github.com/thinnet/thinnet/internal/kernel"
)

// Conv is how one geometry is computed. It is immutable and safe for concurrent
// use.
//
// Results have the same bits on any number of threads.
type Conv struct {
	forward, backward method
	weights           weightsMethod

	channels, outputs int // of a point
	x, w, y           int // how many numbers these have
}

// A method computes y of x, or dx of dy.
type method interface {
	size() int
	layout() string // all that pack depends on, but for w
	pack(packed, w []float32)
	run(to, from, packed, bias []float32, relu bool)
}

// A weightsMethod computes dw.
type weightsMethod interface {
	run(dw, x, dy []float32)
}

// New chooses how to compute a geometry, with the tiles of the level of
// instructions in use. It may use Winograd's method, whose rounding errors are a
// few times larger, only if it is told so.
func New(g kernel.Conv, winograd bool) *Conv {
	c := &Conv{
		channels: g.C, outputs: g.OC,
		x: g.N * g.C * volume(g.In), w: g.OC * g.C / g.Groups * volume(g.Kernel), y: g.N * g.OC * volume(g.Out),
	}
	if g.Groups > 1 && g.Groups == g.C && g.Groups == g.OC {
		c.useDepthwise(g)
		return c
	}
	c.forward, c.backward, c.weights = forwardPass(g), backwardPass(g), newWeights(g)
	if winograd {
		c.useWinograd(g)
	}
	return c
}

// need panics with an index out of range if s has fewer than n numbers: no assembly
// looks at lengths.
func need(s []float32, n int) {
	if n > 0 {
		_ = s[n-1]
	}
}

// ForwardSize returns how many numbers the packed weights of Forward have.
func (c *Conv) ForwardSize() int { return c.forward.size() }

// ForwardLayout names the order of the packed weights of Forward: geometries of one
// name, at one level of instructions, pack a weight to the same numbers. Most differ in
// the number of samples alone.
func (c *Conv) ForwardLayout() string { return c.forward.layout() }

// PackForward puts w, in the order (OC, C/Groups, Kernel...), into the order of
// Forward.
func (c *Conv) PackForward(packed, w []float32) {
	need(packed, c.ForwardSize())
	need(w, c.w)
	c.forward.pack(packed, w)
}

// Forward writes all of y, and adds a bias of OC numbers unless it is nil. With
// relu y is max(y, 0).
func (c *Conv) Forward(y, x, packed, bias []float32, relu bool) {
	need(y, c.y)
	need(x, c.x)
	need(packed, c.ForwardSize())
	if bias != nil {
		need(bias, c.outputs)
	}
	c.forward.run(y, x, packed, bias, relu)
}

// BackwardSize returns how many numbers the packed weights of Transposed have.
func (c *Conv) BackwardSize() int { return c.backward.size() }

// BackwardLayout is ForwardLayout for Transposed.
func (c *Conv) BackwardLayout() string { return c.backward.layout() }

// PackBackward puts w, in the order (OC, C/Groups, Kernel...), into the order of
// Transposed.
func (c *Conv) PackBackward(packed, w []float32) {
	need(packed, c.BackwardSize())
	need(w, c.w)
	c.backward.pack(packed, w)
}

// Transposed writes all of x, the gradient of ⟨Forward(x), y⟩ with respect to x. As
// a layer it adds a bias of C numbers unless it is nil, and with relu x is
// max(x, 0).
func (c *Conv) Transposed(x, y, packed, bias []float32, relu bool) {
	need(x, c.x)
	need(y, c.y)
	need(packed, c.BackwardSize())
	if bias != nil {
		need(bias, c.channels)
	}
	c.backward.run(x, y, packed, bias, relu)
}

// BackwardWeights writes all of dw, the gradient of ⟨y, dy⟩ with respect to w, in
// the order (OC, C/Groups, Kernel...).
func (c *Conv) BackwardWeights(dw, x, dy []float32) {
	need(dw, c.w)
	need(x, c.x)
	need(dy, c.y)
	c.weights.run(dw, x, dy)
}

func volume(size [3]int) int { return size[0] * size[1] * size[2] }
