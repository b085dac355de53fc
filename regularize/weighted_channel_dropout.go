package regularize

import (
	"fmt"
	"math"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/guard"
	"github.com/thinnet/thinnet/internal/kernel"
	"github.com/thinnet/thinnet/internal/philox"
	"github.com/thinnet/thinnet/nodes"
	"gorgonia.org/tensor"
)

// WeightedChannelDropout keeps the channels of a sample that respond most, more
// often than the others. The score of a channel is the mean of its map. Of each
// sample a part of the channels is selected at random without replacement, with
// their scores as weights; of those selected, each is dropped all the same with
// probability p; and what is kept is scaled up by what the others would have added:
//
//	y[n,c,...] = k[n,c] · x[n,c,...]
//	k = 0 unless selected, and then 0 with probability p, else Σ score / Σ score of the selected
//
// and dx = k · dy: scores and factors are constants of the gradient. The number
// selected is that of the channels times [SelectRatio], to the nearest and at least
// one. The factor does not make up for p.
//
// Scores below 0 count as 0, so x belongs after a ReLU. Channels of score 0 are
// selected when no others are left; of a sample of such channels alone everything
// is kept, unscaled.
//
// It may stand between any two convolutions; the paper has it in networks that are
// fine-tuned on small sets of images. The second draw, with p above 0, is for high
// layers, where few channels respond and would be selected again and again. With
// SelectRatio(1) every channel is dropped with probability p, as by
// [SpatialDropout2D], but not scaled.
//
// Shapes: x is (N, C, ...) with at least one spatial axis; y is as x.
//
// Modes and the random stream are as for [Dropout], except that p of 0 still
// selects. Options: [SelectRatio], a [Schedule] for p.
//
// Source: Hou, Wang, Weighted Channel Dropout for Regularization of Deep
// Convolutional Neural Network, AAAI 2019,
// https://doi.org/10.1609/aaai.v33i01.33018425.
func WeightedChannelDropout(s *graph.Scope, x *graph.Node, p float64, opts ...WeightedChannelDropoutOption) *graph.Node {
	s = s.Layer("WeightedChannelDropout", x)
	c := weightedConfig{rate: rate{p: p}, ratio: 0.8}
	for _, opt := range guard.Given(opts) {
		opt.weightedChannelDropout(&c)
	}
	c.rate.check(s)
	switch {
	case s.Err() != nil:
	case !(c.ratio > 0 && c.ratio <= 1):
		return s.Errorf("SelectRatio is %v, want more than 0 and at most 1", c.ratio)
	case x.Dims() < 3:
		return s.Errorf("x has shape %v, want (N, C, ...) with at least one spatial axis", x.Shape())
	}
	key, draws := claim(s, x, false)
	if !draws {
		return x
	}
	c.rate.enter(s)
	s = s.Describe("%s, select=%v", c.rate.text(), c.ratio)
	shape := along(x, 0, 1)
	selected := max(1, int(math.Round(c.ratio*float64(shape[1]))))
	k := s.Apply(selection{key, c.rate, selected, shape}, nodes.GlobalAvgPool(x), s.Step())
	return s.Apply(masked{}, x, k)
}

// A WeightedChannelDropoutOption adjusts one [WeightedChannelDropout].
type WeightedChannelDropoutOption interface{ weightedChannelDropout(*weightedConfig) }

type weightedConfig struct {
	rate  rate
	ratio float64
}

func (sc Schedule) weightedChannelDropout(c *weightedConfig) { c.rate.take(sc) }

// SelectRatio is the part of the channels that is selected, more than 0 and at most
// 1. Our default is 0.8.
func SelectRatio(r float64) WeightedChannelDropoutOption { return selectRatio(r) }

type selectRatio float64

func (r selectRatio) weightedChannelDropout(c *weightedConfig) { c.ratio = float64(r) }

// selection is the factors of channels. Its inputs are the scores and the step.
type selection struct {
	key      philox.Key
	rate     rate
	selected int
	shape    graph.Shape
}

func (op selection) String() string {
	return fmt.Sprintf("Selection{%d, %v, key %08x, shape %v}", op.selected, op.rate, op.key, op.shape)
}

func (op selection) InferShape(...graph.Shape) (graph.Shape, error) { return op.shape.Clone(), nil }

func (op selection) Forward(k *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(opAtStep(op, op.key, op.rate, in[1]), k, in, selectionForward[float32], selectionForward[float64])
}

func selectionForward[T kernel.Float](q opAt[selection], k []T, in [][]T) {
	kernel.SelectChannels(k, in[0], q.op.key, q.step, q.op.shape[0], q.op.shape[1], q.op.selected, q.p)
}
