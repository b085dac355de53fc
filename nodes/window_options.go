package nodes

// A WindowOption adjusts any convolution or pooling.
type WindowOption interface {
	ConvOption
	ConvTransposeOption
	MaxPoolOption
	AvgPoolOption
}

// Stride is the distance between two windows: one number for all spatial axes,
// or one for each. The default is 1 for a convolution, and the kernel for a
// pooling.
func Stride(n ...int) WindowOption { return stride(n) }

type stride []int

func (n stride) conv(c *convolution)              { c.stride = n }
func (n stride) convTranspose(c *convTransposing) { c.stride = n }
func (n stride) maxPool(p *pooling)               { p.stride = n }
func (n stride) avgPool(p *pooling)               { p.stride = n }

// Pad is the padding on both sides of an axis: one number for all spatial axes,
// or one for each. Convolutions and averages pad with zeros, a maximum with what
// never wins. The default is 0.
func Pad(n ...int) WindowOption { return pad(n) }

type pad []int

func (n pad) conv(c *convolution)              { c.pad = n }
func (n pad) convTranspose(c *convTransposing) { c.pad = n }
func (n pad) maxPool(p *pooling)               { p.pad = n }
func (n pad) avgPool(p *pooling)               { p.pad = n }

// KernelSize replaces the argument k, for a kernel that is not square: one
// number for each spatial axis.
func KernelSize(n ...int) WindowOption { return kernelSize(n) }

type kernelSize []int

func (n kernelSize) conv(c *convolution)              { c.kernel = n }
func (n kernelSize) convTranspose(c *convTransposing) { c.kernel = n }
func (n kernelSize) maxPool(p *pooling)               { p.kernel = n }
func (n kernelSize) avgPool(p *pooling)               { p.kernel = n }

// A DilationOption adjusts any convolution, or a max pooling.
type DilationOption interface {
	ConvOption
	ConvTransposeOption
	MaxPoolOption
}

// Dilation is the distance between two elements of a window: one number for all
// spatial axes, or one for each. The default is 1.
func Dilation(n ...int) DilationOption { return dilation(n) }

type dilation []int

func (n dilation) conv(c *convolution)              { c.dilation = n }
func (n dilation) convTranspose(c *convTransposing) { c.dilation = n }
func (n dilation) maxPool(p *pooling)               { p.dilation = n }
