package nodes

// A ConvOption adjusts one [Conv1D], [Conv2D] or [Conv3D].
type ConvOption interface{ conv(*convolution) }

// A ConvTransposeOption adjusts one [ConvTranspose2D].
type ConvTransposeOption interface{ convTranspose(*convTransposing) }

// convolution holds the options of a convolution.
type convolution struct {
	window
	affine
	groups int
	same   bool
}

// convTransposing holds the options of a transposed convolution.
type convTransposing struct {
	window
	affine
	groups    int
	outputPad []int
}

// A GroupsOption adjusts any convolution.
type GroupsOption interface {
	ConvOption
	ConvTransposeOption
}

// Groups splits the channels into g groups, each convolved by itself: with as
// many groups as channels, a depthwise convolution. It must divide the channels
// of input and output. The default is 1.
func Groups(g int) GroupsOption { return groups(g) }

type groups int

func (g groups) conv(c *convolution)              { c.groups = int(g) }
func (g groups) convTranspose(c *convTransposing) { c.groups = int(g) }

// Same pads so that the output is as large as the input, PyTorch's
// padding='same'. Where the padding is odd, the larger half comes after the
// axis. It wants a stride of 1 and excludes [Pad].
func Same() ConvOption { return same{} }

type same struct{}

func (same) conv(c *convolution) { c.same = true }

// OutputPad makes the output of a transposed convolution larger at the end of
// each spatial axis: one number for all, or one for each, smaller than the
// stride or the dilation. With a stride above 1, several input sizes of the
// convolution that is transposed have one output size; this chooses among them.
// The default is 0.
func OutputPad(n ...int) ConvTransposeOption { return outputPad(n) }

type outputPad []int

func (n outputPad) convTranspose(c *convTransposing) { c.outputPad = n }
