package nodes

import "github.com/thinnet/thinnet/internal/cuda"

// pointer returns where the virtual batch k begins in a value of all samples.
func (g ghosts) pointer(v cuda.Value, k int) cuda.Pointer {
	from, _ := g.at(k)
	return v.Add(v.Len() / g.n * from)
}

// statsPointer is statsOf on the device.
func statsPointer(stats cuda.Value, channels, k int) cuda.Pointer { return stats.Add(2 * channels * k) }

// Launch implements [graph.Launcher].
func (op ghostMoments) Launch(c *cuda.Commands, y cuda.Value, in ...cuda.Value) {
	for k := range op.parts.count() {
		launchMoments(c, statsPointer(y, op.of.of.Groups, k), op.parts.pointer(in[0], k), op.parts.over(op.of.of, k))
	}
}

// Launch implements [graph.Launcher].
func (op ghostNormalize) Launch(c *cuda.Commands, y cuda.Value, in ...cuda.Value) {
	for k := range op.parts.count() {
		d := deviceNormOf(c, op.parts.norm(op.of, k), in[2:])
		d.normalize(op.parts.pointer(y, k), op.parts.pointer(in[0], k), statsPointer(in[1], op.of.of.Groups, k))
	}
}

// Launch implements [graph.Launcher].
func (op ghostSums) Launch(c *cuda.Commands, sums cuda.Value, in ...cuda.Value) {
	channels := op.of.of.Groups
	for k := range op.parts.count() {
		d := deviceNormOf(c, op.parts.norm(op.of, k), in[3:])
		d.sums(statsPointer(sums, channels, k), op.parts.pointer(in[0], k), statsPointer(in[1], channels, k), op.parts.pointer(in[2], k))
	}
}

// Launch implements [graph.Launcher].
func (op ghostGrad) Launch(c *cuda.Commands, dx cuda.Value, in ...cuda.Value) {
	last, channels := len(in)-1, op.of.of.Groups
	for k := range op.parts.count() {
		d := deviceNormOf(c, op.parts.norm(op.of, k), in[3:last])
		d.gradFrom(statsPointer(in[last], channels, k), op.parts.pointer(dx, k), op.parts.pointer(in[0], k), statsPointer(in[1], channels, k), op.parts.pointer(in[2], k), 0)
	}
}

// Launch implements [graph.Launcher].
func (op ghostTotal) Launch(c *cuda.Commands, y cuda.Value, in ...cuda.Value) {
	c.Each("ghost_total", y.Len(), y, in[0], op.row, op.parts.count(), y.Len())
}
