package train

import (
	"fmt"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
)

// SWA averages the parameters at the end of each epoch from a certain one on, with equal
// weights, and gives the model the mean when training ends: stochastic weight averaging.
// The running statistics of batch norms are then those of the mean, by
// [RecalibrateBatchNorm] over the batches of training; frozen ones stay. The rate should
// stay high while it averages: see [SWALR].
//
//	train.Fit(ctx, m, data, loss, train.SGD(0.1), train.Epochs(40),
//		train.Callbacks(train.SWA(31)),
//		train.WithSchedule(train.SWALR(train.InEpochs(30), 0.05, train.InEpochs(5), train.Constant())))
//
// first is the number of the first epoch that counts, from 1. Validation during training
// sees the parameters as they are; evaluate the model after Fit for what the mean is worth.
// After an error, and where training ends before the first epoch that counts, the model has
// its parameters. With [Checkpoints] parameters and means are saved, and training goes on from
// both. [EarlyStopping] must have [LastWeights].
//
// In PyTorch: AveragedModel and update_bn of torch.optim.swa_utils. Source: Izmailov et al.,
// Averaging Weights Leads to Wider Optima and Better Generalization, UAI 2018,
// https://arxiv.org/abs/1803.05407.
func SWA(first int) Callback {
	return &swa{average: average{name: "swa", how: func() string { return fmt.Sprintf("the epochs from %d on", first) }}, first: first}
}

type swa struct {
	average
	first int
}

// Begin implements [Callback].
func (s *swa) Begin(t *Training) error {
	if s.first < 1 {
		return errors.Errorf("SWA: first is %d, want the number of an epoch, from 1", s.first)
	}
	if s.first > t.Epochs() {
		return errors.Errorf("SWA: first is epoch %d, and training ends after %d", s.first, t.Epochs())
	}
	for _, c := range t.f.callbacks {
		if e, ok := c.(*EarlyStopper); ok && e.restore {
			return errors.New("SWA: EarlyStopping would restore the weights of one epoch over the mean; give it LastWeights")
		}
	}
	return errors.WithMessage(s.begin(t), "SWA")
}

// EndEpoch implements [Callback].
func (s *swa) EndEpoch(_ *Training, e Epoch) error {
	if e.Number < s.first {
		return nil
	}
	return s.add(1 / float64(s.n+1))
}

func (s *swa) finish(t *Training) error {
	if s.n == 0 {
		return nil
	}
	if err := s.install(); err != nil {
		return errors.WithMessage(err, "SWA")
	}
	f := t.f
	if err := recalibrate(f.ctx, f.m, f.loader, f.batch); err != nil && !errors.Is(err, graph.ErrNoStatistics) {
		if back := s.takeOut(); back != nil {
			return errors.WithMessage(back, "SWA")
		}
		return errors.WithMessage(err, "SWA: the statistics of the batch norms; the model has the parameters of the last step")
	}
	return nil
}
