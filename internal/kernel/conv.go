package kernel

// Conv is the geometry of a convolution over up to three spatial axes (depth,
// height, width) in PyTorch's terms:
//
//	y[n,o,p] = Σ over c, k of w[o,c,k] · x[n, c₀+c, p·Stride - Pad + k·Dilation]
//
// where p and k run over the three axes at once, c over the C/Groups channels of
// o's group, the first of which is c₀, and x is zero outside [0, In). It is a
// cross-correlation: the kernel is not flipped.
//
// Shapes, all contiguous: x is (N, C, In...), y is (N, OC, Out...), w is
// (OC, C/Groups, Kernel...). A 1-D or 2-D convolution has ones on its leading
// axes: In, Kernel, Out, Stride and Dilation 1, Pad 0.
//
// Groups divides C and OC; Groups, Kernel, Stride and Dilation are at least 1.
// Pad is the padding before an axis. The padding after it follows from Out,
// which may be anything: outputs that see only padding are zero, and inputs
// that no output sees have no gradient. A Pad below zero crops.
//
// The three functions are linear, and adjoint to one another:
// ⟨ConvForward(x, w), dy⟩ = ⟨x, ConvBackwardData(dy, w)⟩ = ⟨w,
// ConvBackwardWeights(x, dy)⟩. Their results do not depend on the number of
// CPUs. The slice they write must not overlap those they read.
type Conv struct {
	N, C, OC, Groups                       int
	In, Kernel, Out, Stride, Pad, Dilation [3]int
}

// boxSize returns the number of points in a box of three axes.
func boxSize(size [3]int) int { return size[0] * size[1] * size[2] }

// flat returns an equal geometry, with one axis where the convolution is a matrix
// product at every point: its lines are then as long as can be.
func (g *Conv) flat() *Conv {
	ones := [3]int{1, 1, 1}
	if g.Kernel != ones || g.Stride != ones || g.Pad != [3]int{} || g.In != g.Out {
		return g
	}
	f := *g
	f.In = [3]int{1, 1, boxSize(g.In)}
	f.Out = f.In
	return &f
}

// channelBlocks splits a group's channels into even blocks whose kernels have at
// most, if a single one has no more, the given number of weights to an output
// channel. It returns the number of blocks and the channels to each.
func (g *Conv) channelBlocks(weights int) (blocks, channels int) {
	perGroup := g.C / g.Groups
	most := max(1, weights/boxSize(g.Kernel))
	blocks = (perGroup + most - 1) / most
	if blocks == 0 {
		return 0, 0
	}
	channels = (perGroup + blocks - 1) / blocks
	return (perGroup + channels - 1) / channels, channels
}
