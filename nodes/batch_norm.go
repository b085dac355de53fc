package nodes

import (
	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/guard"
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
// In [graph.Eval] and [graph.MonteCarlo] mode mean and var are the running
// statistics, which are constants and stay as they are: the norm is one scale and one
// shift for each channel, which predictions fold into the layer before. In
// [graph.Calibrate] mode they are those of the batch, and the running statistics
// become those of all samples that [graph.Model.Calibrate] runs.
//
// Where dropout stands before the norm in the same branch, what is tracked is the
// variance that dropout raises, which predictions do not have: [graph.Model.Summary]
// warns of it. A branch leads back by first inputs, as far as a norm with statistics
// of its own or a sum of several activations, and into each part of a [Concat].
//
// To fine-tune with frozen statistics, give the norm a mode of its own. In
//
//	nodes.BatchNorm2D(s.In("bn").InMode(graph.Eval), x)
//
// training neither uses the statistics of the batch nor moves the running ones, and
// weight and bias learn: PyTorch's bn.eval() within a model that trains. Keras's
// trainable=False does the same and also keeps gamma and beta; so does this with a
// learning rate of 0 for them, or as a norm with [NoAffine].
//
// Options: [Momentum], [CumulativeAverage], [Untracked], [GhostBatch], [Eps],
// [NoAffine].
//
// Source: Ioffe, Szegedy, Batch Normalization: Accelerating Deep Network
// Training by Reducing Internal Covariate Shift, ICML 2015,
// https://arxiv.org/abs/1502.03167.
func BatchNorm1D(s *graph.Scope, x *graph.Node, opts ...BatchNormOption) *graph.Node {
	s = s.Layer("BatchNorm1D", x)
	if d := x.Dims(); d != 2 && d != 3 {
		return s.Errorf("x has shape %v, want (N, C) or (N, C, L)", x.Shape())
	}
	return applyBatchNorm(s, x, opts)
}

// BatchNorm2D is [BatchNorm1D] for x of shape (N, C, H, W).
func BatchNorm2D(s *graph.Scope, x *graph.Node, opts ...BatchNormOption) *graph.Node {
	s = s.Layer("BatchNorm2D", x)
	if x.Dims() != 4 {
		return s.Errorf("x has shape %v, want (N, C, H, W)", x.Shape())
	}
	return applyBatchNorm(s, x, opts)
}

// BatchNorm3D is [BatchNorm1D] for x of shape (N, C, D, H, W).
func BatchNorm3D(s *graph.Scope, x *graph.Node, opts ...BatchNormOption) *graph.Node {
	s = s.Layer("BatchNorm3D", x)
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
	ghost      int  // samples of a virtual batch
	ghosts     bool // or the whole batch is one
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
	switch {
	case !(op.momentum >= 0 && op.momentum <= 1):
		return errors.Errorf("momentum is %v, want 0 ≤ momentum ≤ 1", op.momentum)
	case op.ghosts && op.ghost < 1:
		return errors.Errorf("GhostBatch is %d, want at least 1 sample", op.ghost)
	}
	return op.norm.check()
}

func applyBatchNorm(s *graph.Scope, x *graph.Node, opts []BatchNormOption) *graph.Node {
	op := &batchNorm{norm: defaultNorm(), momentum: 0.1}
	for _, opt := range guard.Given(opts) {
		opt.batchNorm(op)
	}
	if err := op.check(); err != nil {
		return s.Fail(err)
	}
	affine := op.params(s, graph.Shape{x.Dim(1)})
	parts := op.parts(s.Mode(), x)
	in := append([]*graph.Node{x, op.stats(s, x, parts)}, affine...)
	of := channels(x.Shape())
	norm := normalize{of: of, affine: of, eps: op.eps, constant: !op.fromBatch(s.Mode())}
	if parts.count() > 1 {
		return s.Describe("ghost=%d", parts.size).Apply(ghostNormalize{norm, parts}, in...)
	}
	return s.Apply(norm, in...)
}

// fromBatch says whether the batch at hand gives the statistics.
func (op *batchNorm) fromBatch(mode graph.Mode) bool { return op.untracked || mode.Tracks() }

// parts returns the virtual batches.
func (op *batchNorm) parts(mode graph.Mode, x *graph.Node) ghosts {
	n := x.Dim(0)
	if !op.ghosts || op.ghost > n || !op.fromBatch(mode) {
		return ghosts{n, n}
	}
	return ghosts{n, op.ghost}
}

// stats declares the statistics to normalise with, and the update of the running
// ones.
func (op *batchNorm) stats(s *graph.Scope, x *graph.Node, parts ghosts) *graph.Node {
	of := channels(x.Shape())
	if op.fromBatch(s.Mode()) && parts.least()*of.Inner == 1 {
		switch {
		case parts.size == 1 && parts.n > 1:
			return s.Errorf("expected more than 1 value per channel in %v mode, got x of shape %v by GhostBatch(1); want at least GhostBatch(2)", s.Mode(), x.Shape())
		case parts.count() > 1:
			return s.Errorf("expected more than 1 value per channel in %v mode, got x of shape %v, of which GhostBatch(%d) leaves one sample over; make the batch a multiple of that", s.Mode(), x.Shape(), op.ghost)
		}
		return s.Errorf("expected more than 1 value per channel in %v mode, got x of shape %v; make the batch larger, or drop a last batch of one", s.Mode(), x.Shape())
	}
	if op.untracked {
		return op.moments(s, x, parts)
	}
	if noise := noiseBefore(x); noise != nil && s.Mode() == graph.Train {
		s.Warn(varianceShift, noise)
	}
	shape := graph.Shape{of.Groups}
	mean := s.State("running_mean", shape, graph.Zeros())
	variance := s.State("running_var", shape, graph.Ones())
	count := s.Counter("num_batches_tracked")
	if !op.fromBatch(s.Mode()) {
		return s.Apply(stack{}, mean, variance)
	}
	stats := op.moments(s, x, parts)
	next := s.Apply(increment{parts.count()}, count)
	s.Assign(count, next)
	if s.Mode() == graph.Calibrate {
		both := s.Apply(accumulate{parts, of}, s.Apply(stack{}, mean, variance), stats, s.Step())
		s.Assign(mean, s.Apply(pick{0, shape}, both))
		s.Assign(variance, s.Apply(pick{1, shape}, both))
		return stats
	}
	moved := track{parts: parts, values: of.Inner, momentum: op.momentum, cumulative: op.cumulative}
	s.Assign(mean, s.Apply(moved, mean, stats, next))
	moved.row = 1
	s.Assign(variance, s.Apply(moved, variance, stats, next))
	return stats
}

// moments declares the statistics of each virtual batch.
func (op *batchNorm) moments(s *graph.Scope, x *graph.Node, parts ghosts) *graph.Node {
	of := moments{channels(x.Shape())}
	if parts.count() > 1 {
		return s.Apply(ghostMoments{of, parts}, x)
	}
	return s.Apply(of, x)
}

// channels views (N, C, ...) as groups along axis 1.
func channels(x graph.Shape) kernel.Layout {
	return kernel.Layout{Outer: x[0], Groups: x[1], Inner: x[2:].TotalSize()}
}
