package nodes

import (
	"math"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/cuda"
)

// Launch implements [graph.Launcher].
func (embedding) Launch(c *cuda.Commands, y cuda.Value, in ...cuda.Value) {
	words, dim, integers := in[0].Shape[0], in[0].Shape[1], in[1].Type == cuda.Int64
	report := c.Report(func(position int, value int32) error {
		v := float64(value)
		if !integers {
			v = float64(math.Float32frombits(uint32(value)))
		}
		return notAWord(graph.Shape(in[1].Shape), position, v, words)
	})
	if y.Len() > 0 {
		c.Each("embed", y.Len(), y, in[0], in[1], report, integers, words, cuda.Divisor(dim), dim, y.Len())
	}
}

// Launch implements [graph.Launcher]. The numbers have been checked by what they are the
// gradient of.
func (op embeddingGrad) Launch(c *cuda.Commands, d cuda.Value, in ...cuda.Value) {
	c.Fill(d.Pointer, 0, d.Len())
	n := in[1].Len()
	c.Blocks("embed_grad", n, cuda.Block, d, in[0], in[1], in[1].Type == cuda.Int64, op.words, op.dim, op.padding, n)
}
