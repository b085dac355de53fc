package nodes

import (
	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
)

// A MaxPoolOption adjusts one [MaxPool1D] or [MaxPool2D].
type MaxPoolOption interface{ maxPool(*pooling) }

// An AvgPoolOption adjusts one [AvgPool1D] or [AvgPool2D].
type AvgPoolOption interface{ avgPool(*pooling) }

// A PoolOption adjusts any pooling by windows.
type PoolOption interface {
	MaxPoolOption
	AvgPoolOption
}

// CeilMode adds a last window where the rest of the padded input is too small
// for a whole one, provided that it starts in the input or in the padding
// before it.
func CeilMode() PoolOption { return ceilMode{} }

type ceilMode struct{}

func (ceilMode) maxPool(p *pooling) { p.ceil = true }
func (ceilMode) avgPool(p *pooling) { p.ceil = true }

// CountIncludePad says whether an average counts the zeros of the padding. The
// default is true, PyTorch's.
func CountIncludePad(include bool) AvgPoolOption { return countIncludePad(include) }

type countIncludePad bool

func (include countIncludePad) avgPool(p *pooling) { p.countPad = bool(include) }

// pooling holds the options of a pooling.
type pooling struct {
	window
	ceil, countPad bool
}

// A pooled input is the geometry of a pooling of one program.
type pooled struct {
	g    *kernel.Pool
	x, y graph.Shape
}

func (p *pooling) over(x graph.Shape) (pooled, error) {
	if p.stride == nil {
		p.stride = p.kernel
	}
	g, err := p.window.over(x)
	if err != nil {
		return pooled{}, err
	}
	for axis := range g.pad {
		// More would make windows of padding only.
		if g.pad[axis] > g.kernel[axis]/2 {
			return pooled{}, errors.Errorf("Pad is %v for a kernel of %v, want at most half of it", p.pad, p.kernel)
		}
	}
	to, err := g.out(g.pad, p.ceil)
	if err != nil {
		return pooled{}, err
	}
	if err := g.seen(to); err != nil {
		return pooled{}, err
	}
	return pooled{
		g: &kernel.Pool{
			Maps: x[0] * x[1], In: g.in, Kernel: g.kernel, Out: to,
			Stride: g.stride, Pad: g.pad, PadHigh: g.pad, Dilation: g.dilation, CountIncludePad: p.countPad,
		},
		x: x.Clone(), y: g.shape(x[0], x[1], to),
	}, nil
}
