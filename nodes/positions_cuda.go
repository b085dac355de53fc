package nodes

import (
	"math"

	"github.com/thinnet/thinnet/internal/cuda"
)

// Launch implements [graph.Launcher].
func (sinusoidalPositions) Launch(c *cuda.Commands, y cuda.Value, in ...cuda.Value) {
	samples, steps, width := y.Shape[0], y.Shape[1], y.Shape[2]
	if y.Len() == 0 {
		return
	}
	slopes := c.PerStep(2*((width+1)/2), func(_ uint64, words []uint32) {
		for k := 0; k < width; k += 2 {
			b := math.Float64bits(math.Pow(10000, -float64(k)/float64(width)))
			words[k], words[k+1] = uint32(b), uint32(b>>32)
		}
	})
	n := steps * width
	table := c.Scratch(n)
	c.Each("sinusoids", n, table, slopes, cuda.Divisor(width), width, n)
	c.Strided("add_broadcast", y.Pointer, []int{samples, n},
		cuda.Strided{Pointer: in[0].Pointer, Steps: []int{n, 1}}, cuda.Strided{Pointer: table, Steps: []int{0, 1}})
}
