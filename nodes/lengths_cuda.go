package nodes

import (
	"math"

	"github.com/thinnet/thinnet/internal/cuda"
)

// Launch implements [graph.Launcher].
func (op checkedLengths) Launch(c *cuda.Commands, y cuda.Value, in ...cuda.Value) {
	most := in[0].Shape[op.axis]
	whole := in[1].Type == cuda.Int64
	report := c.Report(func(n int, value int32) error {
		v := float64(value)
		if !whole {
			v = float64(math.Float32frombits(uint32(value)))
		}
		return op.wrong(n, v, most)
	})
	if whole {
		c.Each("lengths_checked_whole", y.Len(), y, in[1], int64(most), report, y.Len())
		return
	}
	c.Each("lengths_checked", y.Len(), y, in[1], float32(most), report, y.Len())
}

// Launch implements [graph.Launcher].
func (op sequenceLengths) Launch(c *cuda.Commands, y cuda.Value, in ...cuda.Value) {
	x := in[0]
	size := x.Len() / y.Len()
	c.Blocks("sequence_lengths", y.Len(), threadsFor(size), y, x, float32(op.pad), cuda.Divisor(size/x.Shape[1]), size)
}
