package train

import (
	"math"
	"slices"

	"github.com/pkg/errors"
)

// fits returns what of a checkpoint is not as it is here.
func (f *fit) fits(t *trainingFile) error {
	if t.Version == 0 { // of the first files of Compare, which compares what they are of
		t.Steps = len(t.Epochs) * f.loader.Len()
		return f.fitsPlace(t)
	}
	if err := f.of.differs(t.Of); err != nil {
		return err
	}
	if err := f.fitsPlace(t); err != nil {
		return err
	}
	if err := f.fitsSchedule(t); err != nil {
		return err
	}
	return f.fitsCallbacks(t)
}

// fitsPlace looks at where the run stood.
func (f *fit) fitsPlace(t *trainingFile) error {
	n, each := len(t.Epochs), f.loader.Len()
	switch {
	case t.Batch < 0 || t.Batch > each || t.Steps != n*each+t.Batch:
		return errors.Errorf("it is after %d steps, %d epochs and %d steps of the next, and an epoch has %d", t.Steps, n, t.Batch, each)
	case n < len(f.before):
		return errors.Errorf("it is after %d epochs, and the history given to Continue has %d", n, len(f.before))
	case n > f.last || n == f.last && t.Batch > 0:
		return errors.Errorf("it is after %d epochs and %d steps, and Epochs asks for %d", n, t.Batch, f.last)
	}
	return nil
}

// fitsCallbacks wants a state of each callback that remembers, and of no other.
func (f *fit) fitsCallbacks(t *trainingFile) error {
	var now []string
	for _, c := range f.callbacks {
		if r, ok := c.(Remembering); ok {
			now = append(now, r.Name())
			if _, ok := t.Callbacks[r.Name()]; !ok {
				return errors.Errorf("it has no state of the callback %s", r.Name())
			}
		}
	}
	for name := range t.Callbacks {
		if !slices.Contains(now, name) {
			return errors.Errorf("it has the state of a callback %s, and there is none now", name)
		}
	}
	return nil
}

// rateIsKnown is false between the last step of an epoch and its end, which tells
// [ReduceOnPlateau] the metric.
func (f *fit) rateIsKnown(batches int) bool { return batches < f.loader.Len() }

// fitsSchedule compares the rate of the next step.
func (f *fit) fitsSchedule(t *trainingFile) error {
	switch {
	case !f.rateIsKnown(t.Batch):
		return nil
	case f.schedule == nil && t.NextRate == nil:
		return nil
	case f.schedule == nil:
		return errors.New("it is of a run with a schedule of the learning rate, and there is none now")
	case t.NextRate == nil:
		return errors.New("it is of a run without a schedule of the learning rate, and there is one now")
	}
	lr, err := f.rateAt(t.Steps, historyOf(t.Epochs).watched())
	const rounding = 1e-9 // of functions such as math.Cos on other processors
	if was := float64(*t.NextRate); err == nil && math.Abs(was-lr) > rounding*math.Abs(lr) {
		return errors.Errorf("it is of another schedule: the rate of step %d was %v and is %v", t.Steps+1, was, lr)
	}
	return err
}
