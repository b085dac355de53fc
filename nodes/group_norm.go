package nodes

import (
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/guard"
	"github.com/thinnet/thinnet/internal/kernel"
)

// GroupNorm splits the channels of x into groups of neighbours, normalises each
// group of each sample, and then scales and shifts every channel c:
//
//	y = (x - mean) / sqrt(var + ε) · weight[c] + bias[c]
//
// mean and var = Σ (x-mean)² / m are those of the m = C/groups · ... elements of
// the group. One group is layer norm over all axes but the batch, with a weight
// a channel; as many groups as channels is instance norm. A group of one element
// has no variance: y is bias[c] whatever x is, which PyTorch refuses for a batch
// of one alone.
//
// Shapes: x is (N, C, ...) with C a multiple of groups; y is as x; weight and
// bias are (C) and start at 1 and 0. ε is 1e-5. It is the same in every mode.
//
// Options: [Eps], [NoAffine].
//
// Source: Wu, He, Group Normalization, ECCV 2018,
// https://arxiv.org/abs/1803.08494.
func GroupNorm(s *graph.Scope, x *graph.Node, groups int, opts ...GroupNormOption) *graph.Node {
	s = s.Layer("GroupNorm", x)
	op := &groupNorm{defaultNorm()}
	for _, opt := range guard.Given(opts) {
		opt.groupNorm(op)
	}
	if err := op.check(); err != nil {
		return s.Fail(err)
	}
	if x.Dims() < 2 {
		return s.Errorf("x has shape %v, want (N, C, ...)", x.Shape())
	}
	if c := x.Dim(1); groups < 1 || c%groups != 0 {
		return s.Errorf("groups is %d, want a divisor of the %d channels of x", groups, c)
	}
	affine := channels(x.Shape())
	of := kernel.Layout{Outer: 1, Groups: affine.Outer * groups, Inner: affine.Groups / groups * affine.Inner}
	in := []*graph.Node{x, s.Apply(moments{of}, x)}
	in = append(in, op.params(s, graph.Shape{x.Dim(1)})...)
	return s.Describe("groups=%d", groups).Apply(normalize{of: of, affine: affine, eps: op.eps}, in...)
}

// A GroupNormOption adjusts one [GroupNorm].
type GroupNormOption interface{ groupNorm(*groupNorm) }

type groupNorm struct{ norm }
