package nodes

import (
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/guard"
	"github.com/thinnet/thinnet/internal/kernel"
)

// LayerNorm normalises x over its last axes, each sample (and position) by
// itself, and then scales and shifts every element e of those axes:
//
//	y[..., e] = (x[..., e] - mean) / sqrt(var + ε) · weight[e] + bias[e]
//
// mean and var = Σ (x-mean)² / m are those of the m elements of the last axes.
//
// Shapes: x has at least two axes, the first being the batch; y is as x; weight
// and bias have the shape of the normalised axes, by default the last one alone,
// and start at 1 and 0. ε is 1e-5. It is the same in every mode.
//
// Options: [Axes], [Eps], [NoAffine].
//
// Source: Ba, Kiros, Hinton, Layer Normalization, 2016,
// https://arxiv.org/abs/1607.06450.
func LayerNorm(s *graph.Scope, x *graph.Node, opts ...LayerNormOption) *graph.Node {
	s = s.Layer("LayerNorm", x)
	op := &layerNorm{norm: defaultNorm(), axes: 1}
	for _, opt := range guard.Given(opts) {
		opt.layerNorm(op)
	}
	if err := op.check(); err != nil {
		return s.Fail(err)
	}
	shape := x.Shape()
	if op.axes < 1 || op.axes >= len(shape) {
		return s.Errorf("x has shape %v and the last %d axes are to be normalised; want at least 1, and at least the batch left", shape, op.axes)
	}
	first := len(shape) - op.axes
	rows, width := shape[:first].TotalSize(), shape[first:].TotalSize()
	of := kernel.Layout{Outer: 1, Groups: rows, Inner: width}
	affine := kernel.Layout{Outer: rows, Groups: width, Inner: 1}
	in := []*graph.Node{x, s.Apply(moments{of}, x)}
	in = append(in, op.params(s, shape[first:].Clone())...)
	return s.Apply(normalize{of: of, affine: affine, eps: op.eps}, in...)
}

// A LayerNormOption adjusts one [LayerNorm].
type LayerNormOption interface{ layerNorm(*layerNorm) }

type layerNorm struct {
	norm
	axes int
}

// Axes sets the number of last axes that [LayerNorm] normalises over; 1 by
// default.
func Axes(n int) LayerNormOption { return axes(n) }

type axes int

func (n axes) layerNorm(op *layerNorm) { op.axes = int(n) }
