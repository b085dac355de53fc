package regularize

import (
	"math"

	"github.com/thinnet/thinnet/internal/cuda"
	"github.com/thinnet/thinnet/internal/kernel"
	"github.com/thinnet/thinnet/internal/kernel/vec"
)

const normalWords = 4 + 3*32

// putNormal writes the stream of normal numbers and the table that they are made by.
func putNormal(words []uint32, m kernel.Normal) {
	putStream(words, m.Key, m.Step)
	of := vec.NewNormals(m.Key, m.Step, float32(m.Scale))
	for power, entries := range of.Table() {
		for i, v := range entries {
			words[4+32*power+i] = math.Float32bits(v)
		}
	}
}

// Launch implements [graph.Launcher].
func (op gaussianNoise) Launch(c *cuda.Commands, y cuda.Value, in ...cuda.Value) {
	draws := c.PerStep(normalWords, func(step uint64, words []uint32) { putNormal(words, op.atStep(step)) })
	eachFour(c, "normal_add", y.Len(), y, in[0], draws)
}

// Launch implements [graph.Launcher].
func (op gaussianDropout) Launch(c *cuda.Commands, y cuda.Value, in ...cuda.Value) {
	draws := c.PerStep(normalWords+1, func(step uint64, words []uint32) {
		m := op.atStep(step)
		putNormal(words, m)
		words[normalWords] = 0
		if math.IsInf(m.Scale, 1) {
			words[normalWords] = 1
		}
	})
	report := c.Report(func(low int, high int32) error {
		return op.infinite(uint64(uint32(high))<<32 | uint64(uint32(low)))
	})
	eachFour(c, "normal_mul", y.Len(), y, in[0], draws, report)
}
