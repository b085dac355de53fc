package train

import (
	"io/fs"

	"github.com/thinnet/thinnet/graph"
)

// places returns how many runs are made at the same time: without [Parallel] one
// for each thread, as far as memory goes, and a single one where nothing tells how
// far it does. root is for [freeMemory].
func (c *comparing) places(root fs.FS) int {
	if c.atOnce > 0 {
		return c.atOnce
	}
	n := min(c.runs(), graph.Threads())
	if n == 1 {
		return 1
	}
	free, known := freeMemory(root)
	if !known {
		return 1
	}
	return max(1, min(n, int(free/c.need())))
}

// need estimates the bytes that a run of the largest variant takes: the buffers, the
// weights, and two moments of each for the optimiser. It takes them twice, for the
// garbage that a heap has before it is collected, such as the model that a run's
// identity is computed with. What is wrong with a variant, its run says.
func (c *comparing) need() int64 {
	most := int64(1)
	for _, v := range c.Variants {
		m, err := graph.Build(v.Model, c.Shape, graph.Seed(c.Seeds[0]))
		if err != nil {
			continue
		}
		predict, train, err := m.Memory()
		if err != nil {
			continue
		}
		weights := 0
		for _, w := range m.Weights() {
			weights += w.Value.Shape().TotalSize() * int(m.Dtype().Size())
		}
		most = max(most, 2*int64(predict+train+3*weights))
	}
	return most
}
