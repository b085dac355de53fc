package nodes

import (
	"fmt"
	"slices"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
	"gorgonia.org/tensor"
)

// attentionWeights is a softmax along the last axis of scale·scores + mask, over the
// keys that a query may look at; 0 for others, and for all where there is none. Its
// inputs are the scores (N, ..., L, S), the mask if there is one, and the lengths.
type attentionWeights struct {
	scale         float64
	causal        bool
	mask, lengths bool
}

func (op attentionWeights) String() string {
	return fmt.Sprintf("AttentionWeights{scale %v, causal %v, mask %v, lengths %v}", op.scale, op.causal, op.mask, op.lengths)
}

func (op attentionWeights) InferShape(in ...graph.Shape) (graph.Shape, error) {
	scores := in[0]
	if op.mask {
		if y, err := broadcastShape(in[1], scores); err != nil || !slices.Equal(y, scores) {
			return nil, errors.Errorf("the mask has shape %v, want one that is broadcast to the scores of shape %v", in[1], scores)
		}
	}
	return scores.Clone(), nil
}

// HasGradient says that lengths are constants.
func (op attentionWeights) HasGradient(input int) bool { return input == 0 || op.mask && input == 1 }

// An attending is attentionWeights on shapes.
type attending struct {
	op           attentionWeights
	scores, mask graph.Shape
}

func (op attentionWeights) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	a := attending{op: op, scores: in[0].Shape()}
	if op.mask {
		a.mask = in[1].Shape()
	}
	return graph.Run(a, y, in, attend[float32], attend[float64])
}

func attend[T kernel.Float](a attending, y []T, in [][]T) {
	k := kernel.Attention[T]{Shape: fourAxes(a.scores, len(a.scores)), Scale: a.op.scale, Causal: a.op.causal}
	if a.op.mask {
		k.Mask, k.MaskSteps = in[1], maskSteps(a.mask, len(a.scores))
	}
	if a.op.lengths {
		k.Lengths = in[len(in)-1]
	}
	k.Softmax(y, in[0])
}

// maskSteps returns the elements of a mask from one index of an axis of the scores, which
// have so many, to the next; 0 where it is the same for all.
func maskSteps(mask graph.Shape, dims int) (steps [4]int) {
	shape, step := fourAxes(mask, dims), 1
	for i := len(shape) - 1; i >= 0; i-- {
		if shape[i] > 1 {
			steps[i] = step
		}
		step *= shape[i]
	}
	return steps
}

// fourAxes returns (N, heads, L, S) for a shape that is aligned, at the right, with
// scores of so many axes: of three, (N, L, S), or of four.
func fourAxes(shape graph.Shape, dims int) [4]int {
	out := [4]int{1, 1, 1, 1}
	for i, d := range shape {
		at := 4 - len(shape) + i
		if dims == 3 && at == 1 {
			at = 0
		}
		out[at] = d
	}
	return out
}

func (op attentionWeights) Backward(in []*graph.Node, y, dy *graph.Node) []*graph.Node {
	s := y.Layer("AttentionWeightsGrad")
	grads := make([]*graph.Node, len(in))
	grads[0] = s.Apply(attentionWeightsGrad{op.scale}, y, dy)
	if op.mask {
		grads[1] = reduceTo(s, s.Apply(attentionWeightsGrad{1}, y, dy), in[1].Shape())
	}
	return grads
}

// attentionWeightsGrad is scale·y·(dy - Σ y·dy) along the last axis.
type attentionWeightsGrad struct{ scale float64 }

func (op attentionWeightsGrad) String() string {
	return fmt.Sprintf("AttentionWeightsGrad{scale %v}", op.scale)
}

func (attentionWeightsGrad) InferShape(in ...graph.Shape) (graph.Shape, error) {
	return in[0].Clone(), nil
}

func (op attentionWeightsGrad) Forward(dx *tensor.Dense, in ...*tensor.Dense) error {
	c := attentionWeightsCall{op.scale, linesAlong(dx.Shape(), -1)}
	return graph.Run(c, dx, in, attendBackward[float32], attendBackward[float64])
}

type attentionWeightsCall struct {
	scale float64
	lines
}

func attendBackward[T kernel.Float](c attentionWeightsCall, dx []T, in [][]T) {
	kernel.AttentionBackward(dx, in[0], in[1], c.outer, c.n, c.scale)
}
