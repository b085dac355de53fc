package train

import (
	"fmt"
	"math"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
	"gorgonia.org/tensor"
)

// SkipNonFinite makes [Fit] leave out a step whose loss or gradients are NaN or
// infinite, instead of ending with an error: weights, moments and running statistics
// stay as they are, the batch is missing from the loss and the metrics of the epoch,
// and [Training.Skipped] counts it. The step still has its number, for masks and the
// learning rate. More than max such steps in a run are an error after all. max ≥ 0.
//
// It looks at all gradients in every step, which Fit otherwise does not: gradients
// overflow before the loss does.
func SkipNonFinite(max int) FitOption {
	return func(s *fitSettings) { s.skip = &max }
}

// leaveOut looks at a step before its update, and says whether it is left out.
func (f *fit) leaveOut() (left bool, err error) {
	finite := !math.IsNaN(f.result.Loss) && !math.IsInf(f.result.Loss, 0)
	if f.skip == nil {
		if finite {
			return false, nil
		}
		return true, diverged(f.trainer, f.result.Loss)
	}
	if finite && f.finiteGradients() {
		return false, nil
	}
	f.step, f.batchesDone, f.skipped = f.step+1, f.batchesDone+1, f.skipped+1
	if f.skipped > *f.skip {
		return true, errors.WithMessagef(diverged(f.trainer, f.result.Loss), "%d steps that are not finite, want at most %d", f.skipped, *f.skip)
	}
	f.report.note(fmt.Sprintf("warning: step %d is left out: the loss is %v, or gradients are not finite", f.step, f.result.Loss))
	return true, nil
}

// finiteGradients looks at the sum of squares, in which what is not finite stays so.
func (f *fit) finiteGradients() bool {
	for _, p := range f.trainer.Params() {
		g, err := p.Grad()
		if err != nil {
			return false
		}
		d, ok := g.(*tensor.Dense)
		if !ok {
			return false
		}
		var sum float64
		if d.Dtype() == tensor.Float32 {
			sum = kernel.SumSquares(graph.Data[float32](d))
		} else {
			sum = kernel.SumSquares(graph.Data[float64](d))
		}
		if math.IsNaN(sum) || math.IsInf(sum, 0) {
			return false
		}
	}
	return true
}

// diverged says where a loss that is not finite comes from.
func diverged(t *graph.Trainer, loss float64) error {
	advice := "try a lower learning rate or gradient clipping, and look at the data"
	if cause := t.NonFinite(); cause != nil {
		return errors.WithMessagef(cause, "the loss is %v (%s); the first value that is not finite", loss, advice)
	}
	return errors.Errorf("the loss is %v (%s)", loss, advice)
}
