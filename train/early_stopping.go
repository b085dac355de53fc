package train

import (
	"encoding/json"
	"fmt"
	"math"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/export"
	"github.com/thinnet/thinnet/internal/guard"
)

// EarlyStopping ends training when the loss on the validation data, or another
// [Measure], has not become better for so many epochs in a row, and gives the model the
// weights of the best epoch:
//
//	train.Callbacks(train.EarlyStopping(3, train.Watch(train.Highest("accuracy"))))
//
// An epoch is better if its measure is, by more than [MinDelta], than that of the best
// one so far; NaN never is. Training ends after the epoch that is the patience-th in a
// row without a better one. patience ≥ 1. The weights of the best epoch are restored
// also if training ends by itself, but not after an error; [LastWeights] keeps those of
// the last epoch. Without validation data the measure is of the training data.
//
// In Keras: EarlyStopping, with restore_best_weights.
func EarlyStopping(patience int, opts ...EarlyStoppingOption) *EarlyStopper {
	e := &EarlyStopper{patience: patience, restore: true}
	guard.Apply(e, opts)
	return e
}

// EarlyStopper is the callback that [EarlyStopping] makes. It is for one run at a time,
// and each one that does not go on from a checkpoint starts anew.
type EarlyStopper struct {
	NoCallback
	patience int
	delta    float64
	measure  Measure
	restore  bool

	best     earlyState
	weights  []NamedTensor // of the best epoch
	restored bool          // since the last run
}

// earlyState is what is saved, beside weights.
type earlyState struct {
	Epoch   int   `json:"epoch"` // the best one, 0 if there is none
	Value   value `json:"value"`
	Without int   `json:"without"` // epochs since without a better one
}

// An EarlyStoppingOption adjusts [EarlyStopping].
type EarlyStoppingOption func(*EarlyStopper)

// Watch sets what is to become better, by default Lowest("loss").
func Watch(m Measure) EarlyStoppingOption { return func(e *EarlyStopper) { e.measure = m } }

// MinDelta sets by how much at least an epoch must be better, 0 by default: then any
// difference will do. 0 ≤ delta < ∞.
func MinDelta(delta float64) EarlyStoppingOption { return func(e *EarlyStopper) { e.delta = delta } }

// LastWeights leaves the model with the weights of the last epoch.
func LastWeights() EarlyStoppingOption { return func(e *EarlyStopper) { e.restore = false } }

// Best returns the number of the best epoch and its measure, 0 and NaN before there is
// one.
func (e *EarlyStopper) Best() (epoch int, value float64) {
	if e.best.Epoch == 0 {
		return 0, math.NaN()
	}
	return e.best.Epoch, float64(e.best.Value)
}

// Name implements [Remembering].
func (e *EarlyStopper) Name() string { return "early_stopping" }

// Begin implements [Callback].
func (e *EarlyStopper) Begin(t *Training) error {
	if e.patience < 1 {
		return errors.Errorf("EarlyStopping: patience is %d, want at least 1", e.patience)
	}
	if err := checkRange("MinDelta", e.delta, 0, math.Inf(1)); err != nil {
		return errors.WithMessage(err, "EarlyStopping")
	}
	if err := e.measure.check(t.f.metrics); err != nil {
		return errors.WithMessage(err, "EarlyStopping")
	}
	if !e.restored {
		e.best, e.weights = earlyState{}, nil
	}
	e.restored = false
	return e.stop() // a run that has stopped and is taken up
}

// EndEpoch implements [Callback].
func (e *EarlyStopper) EndEpoch(t *Training, epoch Epoch) error {
	v, _ := e.measure.Of(epoch)
	if e.best.Epoch > 0 && !e.measure.Better(v, float64(e.best.Value), e.delta) || math.IsNaN(v) {
		if e.best.Without++; e.best.Without == e.patience {
			t.Report(e.String())
		}
		return e.stop()
	}
	e.best = earlyState{epoch.Number, value(v), 0}
	if e.restore {
		e.weights = t.f.kept()
	}
	return nil
}

func (e *EarlyStopper) stop() error {
	if e.best.Without >= e.patience {
		return Stop
	}
	return nil
}

// String says when the measure was best.
func (e *EarlyStopper) String() string {
	if e.best.Epoch == 0 {
		return fmt.Sprintf("early stopping: %s was never a number", e.measure.Name())
	}
	return fmt.Sprintf("early stopping: %s was best in epoch %d, %.4f", e.measure.Name(), e.best.Epoch, float64(e.best.Value))
}

// End implements [Callback].
func (e *EarlyStopper) End(t *Training, err error) error {
	if err != nil || len(e.weights) == 0 {
		return nil
	}
	return t.Model().Exclusively(func() error {
		var best []export.Tensor
		for _, w := range e.weights {
			best = append(best, export.Tensor(w))
		}
		return export.Match(weightsOf(t.Model(), ""), best)
	})
}

// State implements [Remembering].
func (e *EarlyStopper) State() (State, error) {
	b, err := json.Marshal(e.best)
	return State{Values: b, Tensors: e.weights}, errors.WithStack(err)
}

// Restore implements [Remembering].
func (e *EarlyStopper) Restore(s State) error {
	if err := json.Unmarshal(s.Values, &e.best); err != nil {
		return errors.WithStack(err)
	}
	e.weights, e.restored = s.Tensors, true
	return nil
}
