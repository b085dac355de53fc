package nodes

import (
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/cuda"
	"github.com/thinnet/thinnet/internal/kernel"
)

// Launch implements [graph.Launcher].
func (op linear) Launch(c *cuda.Commands, y cuda.Value, in ...cuda.Value) {
	p := deviceProductOf(y, in[0])
	c.Gemm(cuda.Product{C: y.Pointer, A: in[0].Pointer, B: in[1].Pointer, M: p.rows, N: p.out, K: p.in, TransposeB: true})
	launchBias(c, y, in[2:], kernel.Layout{Outer: p.rows, Groups: p.out, Inner: 1}, op.relu)
}

// launchBias adds the bias, if there is one, to what is laid out like that.
func launchBias(c *cuda.Commands, y cuda.Value, bias []cuda.Value, of kernel.Layout, relu bool) {
	var b cuda.Pointer
	switch {
	case len(bias) > 0:
		b = bias[0].Pointer
	case !relu:
		return
	default:
		b, of = c.Scratch(1), kernel.Layout{Outer: 1, Groups: 1, Inner: y.Len()}
		c.Fill(b, 0, 1)
	}
	c.Each("bias", y.Len(), y, b, y.Len(), cuda.Divisor(of.Inner), cuda.Divisor(of.Groups), of.Groups, relu)
}

// Launch implements [graph.Launcher].
func (linearGradX) Launch(c *cuda.Commands, dx cuda.Value, in ...cuda.Value) {
	p := deviceProductOf(in[0], dx)
	c.Gemm(cuda.Product{C: dx.Pointer, A: in[0].Pointer, B: in[1].Pointer, M: p.rows, N: p.in, K: p.out})
}

// Launch implements [graph.Launcher].
func (linearGradW) Launch(c *cuda.Commands, dw cuda.Value, in ...cuda.Value) {
	p := deviceProductOf(in[0], in[1])
	c.Gemm(cuda.Product{C: dw.Pointer, A: in[0].Pointer, B: in[1].Pointer, M: p.out, N: p.in, K: p.rows, TransposeA: true})
}

func deviceProductOf(y, x cuda.Value) product {
	last := len(y.Shape) - 1
	return product{rows: graph.Shape(y.Shape[:last]).TotalSize(), out: y.Shape[last], in: x.Shape[last]}
}

// Launch implements [graph.Launcher].
func (op biasGrad) Launch(c *cuda.Commands, db cuda.Value, in ...cuda.Value) {
	l := linesAlong(in[0].Shape, op.axis)
	launchSums(c, db.Pointer, in[0].Pointer, kernel.Layout{Outer: l.outer, Groups: l.n, Inner: l.inner})
}

// launchSums sums x over each group of a layout.
func launchSums(c *cuda.Commands, y, x cuda.Pointer, of kernel.Layout) {
	r := reductionOf(of)
	if parts, join := r.launch(c, "channel_sum", y, 1, []any{x}, nil); join {
		c.Blocks("channel_sum_join", r.of.Groups, 32, y, parts, r.splits)
	}
}
