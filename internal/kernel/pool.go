package kernel

// Pool is the geometry of a pooling over up to three spatial axes, in PyTorch's
// terms. Output p of a map looks at the inputs
//
//	p·Stride - Pad + k·Dilation,   0 ≤ k < Kernel
//
// that lie inside [0, In). A 1-D or 2-D pooling has ones on its leading axes: In,
// Kernel, Out, Stride and Dilation 1, Pad and PadHigh 0.
//
// Shapes, contiguous: x is (Maps, In...), y is (Maps, Out...), where Maps is the
// batch size times the channels. Kernel, Stride and Dilation are at least 1.
// Out may be anything, so ceil mode is a matter of the caller.
//
// The results do not depend on the number of CPUs. The slice that a function
// writes must not overlap those it reads.
type Pool struct {
	Maps int

	In, Kernel, Out, Stride, Pad, Dilation [3]int

	// PadHigh is the padding after each axis. Only average pooling looks at it,
	// and only with CountIncludePad: what lies beyond In+PadHigh isn't counted.
	PadHigh [3]int

	// CountIncludePad divides an average by all of the window that lies in the
	// padded input, PyTorch's default, and not by the real elements alone.
	CountIncludePad bool
}

// Axes are all that say which inputs a window sees.
func (p *Pool) Axes() [6][3]int {
	return [6][3]int{p.In, p.Out, p.Kernel, p.Stride, p.Pad, p.Dilation}
}

// conv returns the convolution of one map that looks at the same inputs.
func (g *Pool) conv() *Conv {
	return &Conv{
		N: 1, C: 1, OC: 1, Groups: 1,
		In: g.In, Kernel: g.Kernel, Out: g.Out, Stride: g.Stride, Pad: g.Pad, Dilation: g.Dilation,
	}
}

// grain returns how many maps make a chunk for Parallel.
func (g *Pool) grain() int {
	return rowGrain(boxSize(g.In) + boxSize(g.Out)*boxSize(g.Kernel))
}
