package nodes

import (
	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
)

// BatchNorm1D normalises each channel c of x and then scales and shifts it:
//
//	y = (x - mean[c]) / sqrt(var[c] + ε) · weight[c] + bias[c]
//
// Shapes: x is (N, C) or (N, C, L); y is as x; weight and bias are (C) and start
// at 1 and 0.
//
// In [graph.Train] mode mean and var are those of the channel's m values in the
// batch, with var = Σ (x-mean)² / m, and gradients flow through both. After the
// step the running statistics move towards them:
//
//	running_mean = (1 - momentum) · running_mean + momentum · mean
//	running_var  = (1 - momentum) · running_var  + momentum · var · m/(m-1)
//
// and num_batches_tracked, an int64, grows by one. The defaults are PyTorch's:
// momentum 0.1, ε 1e-5, running statistics that start at 0 and 1. A channel with
// one value in the batch is an error: it has no variance.
//
// The mean takes away whatever a bias just before the norm adds, so the gradient of
// such a bias is exactly 0; [NoBias] saves it.
//
// In all other modes mean and var are the running statistics, which are
// constants and stay as they are.
//
// Options: [Momentum], [CumulativeAverage], [Untracked], [Eps], [NoAffine].
//
// Source: Ioffe, Szegedy, Batch Normalization: Accelerating Deep Network
// Training by Reducing Internal Covariate Shift, ICML 2015,
// https://arxiv.org/abs/1502.03167.
func BatchNorm1D(s *graph.Scope, x *graph.Node, opts ...BatchNormOption) *graph.Node {
	s = s.Layer("BatchNorm1D")
	if d := x.Dims(); d != 2 && d != 3 {
		return s.Errorf("x has shape %v, want (N, C) or (N, C, L)", x.Shape())
	}
	return applyBatchNorm(s, x, opts)
}

// BatchNorm2D is [BatchNorm1D] for x of shape (N, C, H, W).
func BatchNorm2D(s *graph.Scope, x *graph.Node, opts ...BatchNormOption) *graph.Node {
	s = s.Layer("BatchNorm2D")
	if x.Dims() != 4 {
		return s.Errorf("x has shape %v, want (N, C, H, W)", x.Shape())
	}
	return applyBatchNorm(s, x, opts)
}

// BatchNorm3D is [BatchNorm1D] for x of shape (N, C, D, H, W).
func BatchNorm3D(s *graph.Scope, x *graph.Node, opts ...BatchNormOption) *graph.Node {
	s = s.Layer("BatchNorm3D")
	if x.Dims() != 5 {
		return s.Errorf("x has shape %v, want (N, C, D, H, W)", x.Shape())
	}
	return applyBatchNorm(s, x, opts)
}

// A BatchNormOption adjusts one [BatchNorm1D], [BatchNorm2D] or [BatchNorm3D].
type BatchNormOption interface{ batchNorm(*batchNorm) }

type batchNorm struct {
	norm
	momentum   float64
	cumulative bool
	untracked  bool
}

// Momentum sets the weight of the batch in the running statistics, from 0 to 1:
//
//	running = (1 - momentum) · running + momentum · batch
//
// The default is 0.1. This is PyTorch's sense of the word; what Keras calls
// momentum is 1 minus this.
func Momentum(m float64) BatchNormOption { return momentum(m) }

type momentum float64

func (m momentum) batchNorm(op *batchNorm) { op.momentum = float64(m) }

// CumulativeAverage makes the running statistics the plain mean over all batches
// so far, PyTorch's momentum=None: momentum is 1/num_batches_tracked, counting
// the batch at hand.
func CumulativeAverage() BatchNormOption { return cumulativeAverage{} }

type cumulativeAverage struct{}

func (cumulativeAverage) batchNorm(op *batchNorm) { op.cumulative = true }

// Untracked keeps no running statistics, PyTorch's track_running_stats=False:
// every mode uses those of the batch.
func Untracked() BatchNormOption { return untracked{} }

type untracked struct{}

func (untracked) batchNorm(op *batchNorm) { op.untracked = true }

func (op *batchNorm) check() error {
	if !(op.momentum >= 0 && op.momentum <= 1) {
		return errors.Errorf("momentum is %v, want 0 ≤ momentum ≤ 1", op.momentum)
	}
	return op.norm.check()
}

func applyBatchNorm(s *graph.Scope, x *graph.Node, opts []BatchNormOption) *graph.Node {
	op := &batchNorm{norm: defaultNorm(), momentum: 0.1}
	for _, opt := range opts {
		opt.batchNorm(op)
	}
	if err := op.check(); err != nil {
		return s.Fail(err)
	}
	affine := op.params(s, graph.Shape{x.Dim(1)})
	stats := op.stats(s, x)
	of := channels(x.Shape())
	constant := !op.fromBatch(s.Mode())
	return s.Apply(normalize{of: of, affine: of, eps: op.eps, constant: constant}, append([]*graph.Node{x, stats}, affine...)...)
}

// fromBatch says whether the batch at hand gives the statistics.
func (op *batchNorm) fromBatch(mode graph.Mode) bool { return op.untracked || mode == graph.Train }

// stats declares the statistics to normalise with, and the update of the running
// ones.
func (op *batchNorm) stats(s *graph.Scope, x *graph.Node) *graph.Node {
	of := channels(x.Shape())
	m := of.Outer * of.Inner
	if op.fromBatch(s.Mode()) && m == 1 {
		return s.Errorf("expected more than 1 value per channel in %v mode, got x of shape %v; make the batch larger, or drop a last batch of one", s.Mode(), x.Shape())
	}
	if op.untracked {
		return s.Apply(moments{of}, x)
	}
	shape := graph.Shape{of.Groups}
	mean := s.State("running_mean", shape, graph.Zeros())
	variance := s.State("running_var", shape, graph.Ones())
	count := s.Counter("num_batches_tracked")
	if !op.fromBatch(s.Mode()) {
		return s.Apply(stack{}, mean, variance)
	}
	stats := s.Apply(moments{of}, x)
	next := s.Apply(increment{}, count)
	s.Assign(mean, s.Apply(track{row: 0, factor: 1, momentum: op.momentum, cumulative: op.cumulative}, mean, stats, next))
	s.Assign(variance, s.Apply(track{row: 1, factor: float64(m) / float64(m-1), momentum: op.momentum, cumulative: op.cumulative}, variance, stats, next))
	s.Assign(count, next)
	return stats
}

// channels views (N, C, ...) as groups along axis 1.
func channels(x graph.Shape) kernel.Layout {
	return kernel.Layout{Outer: x[0], Groups: x[1], Inner: x[2:].TotalSize()}
}
