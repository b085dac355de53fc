package nodes

import "github.com/thinnet/thinnet/internal/cuda"

// Launch implements [graph.Launcher].
func (op unfold) Launch(c *cuda.Commands, y cuda.Value, in ...cuda.Value) {
	if g := op.g; y.Len() > 0 {
		c.Each("unfold", y.Len(), y, in[0], y.Len(),
			cuda.Divisor(g.Out[2]), g.Out[2], cuda.Divisor(g.Out[1]), g.Out[1], cuda.Divisor(g.Kernel[2]), g.Kernel[2], cuda.Divisor(g.Kernel[1]), g.Kernel[1],
			g.In[1], g.In[2], g.Stride[1], g.Stride[2], g.Pad[1], g.Pad[2], g.Dilation[1], g.Dilation[2])
	}
}

// Launch implements [graph.Launcher].
func (op fold) Launch(c *cuda.Commands, dx cuda.Value, in ...cuda.Value) {
	if g := op.of.g; dx.Len() > 0 {
		c.Each("fold", dx.Len(), dx, in[0], dx.Len(),
			cuda.Divisor(g.In[2]), g.In[2], cuda.Divisor(g.In[1]), g.In[1], cuda.Divisor(g.Stride[1]), g.Stride[1], cuda.Divisor(g.Stride[2]), g.Stride[2],
			g.Kernel[1], g.Kernel[2], g.Out[1], g.Out[2], g.Pad[1], g.Pad[2], g.Dilation[1], g.Dilation[2])
	}
}
