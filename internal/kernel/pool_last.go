package kernel

import "github.com/thinnet/thinnet/internal/kernel/channels"

// Windows are what a pooling over memory with the channels innermost looks at.
type Windows = channels.Windows

// Windows returns what g looks at for images of c channels that lie innermost in
// memory.
func (g *Pool) Windows(c int) *Windows {
	return channels.NewWindows(c, g.In, g.Out, g.Dilation, g.window)
}

// Pairwise reports whether a [NormPool] may have these windows.
func (g *Pool) Pairwise() bool { return channels.Pairwise(g.In, g.Out, g.Dilation, g.window) }

// window returns what output p sees along an axis.
func (g *Pool) window(axis, p int) channels.Window {
	w := channels.Window{Count: max(1, g.count(axis, p))}
	for k := range g.Kernel[axis] {
		if at := p*g.Stride[axis] - g.Pad[axis] + k*g.Dilation[axis]; at >= 0 && at < g.In[axis] {
			if w.N == 0 {
				w.First = at
			}
			w.N++
		}
	}
	return w
}

// AdaptiveWindows returns the boxes of [AdaptiveAvgPoolForward] in the same terms.
func AdaptiveWindows(c int, in, out [3]int) *Windows {
	return channels.NewWindows(c, in, out, [3]int{1, 1, 1}, func(axis, p int) channels.Window {
		b := binOf(p, in[axis], out[axis])
		return channels.Window{First: b.lo, N: b.size(), Count: b.size()}
	})
}
