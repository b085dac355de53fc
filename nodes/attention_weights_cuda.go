package nodes

import "github.com/thinnet/thinnet/internal/cuda"

// Launch implements [graph.Launcher].
func (op attentionWeights) Launch(c *cuda.Commands, y cuda.Value, in ...cuda.Value) {
	scores := in[0]
	shape := fourAxes(scores.Shape, len(scores.Shape))
	mask, lengths, steps := scores, scores, [4]int{}
	if op.mask {
		mask = in[1]
		steps = maskSteps(mask.Shape, len(scores.Shape))
	}
	if op.lengths {
		lengths = in[len(in)-1]
	}
	launchRows(c, "attention_weights", shape[0]*shape[1]*shape[2], shape[3], y, scores, mask, lengths, float32(op.scale),
		op.mask, op.lengths, op.causal, shape[1], shape[2], int64(steps[0]), int64(steps[1]), int64(steps[2]), steps[3])
}

// Launch implements [graph.Launcher].
func (op attentionWeightsGrad) Launch(c *cuda.Commands, dx cuda.Value, in ...cuda.Value) {
	l := linesAlong(dx.Shape, -1)
	launchRows(c, "softmax_grad", l.outer, l.n, dx, in[0], in[1], float32(op.scale))
}
