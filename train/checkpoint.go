package train

import (
	"time"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/guard"
)

// Checkpoints makes [Fit] save all that it would need to go on, into a folder, and go
// on from there if the folder holds checkpoints already. A program that was killed is
// just run again:
//
//	train.Fit(ctx, m, data, loss, train.Adam(1e-3), train.Epochs(20),
//		train.Checkpoints("run1", train.EveryInterval(10*time.Minute)))
//
// The run that was cut off and taken up ends with the bits, and with the history, of
// one that was not; durations apart, and of the epoch in which it was cut off, metrics
// that do not implement [encoding.BinaryMarshaler] and [encoding.BinaryUnmarshaler],
// as those of package nodes do. [Epochs] is the number of all epochs: to add some,
// raise it.
//
// # When
//
// By default a checkpoint is saved after every epoch, and the last three are kept:
// see [EveryEpochs], [EverySteps], [EveryInterval], [KeepLast] and [KeepBest]. Another
// one is saved when training ends, and when ctx does, after the step at hand. One
// that cannot be saved is an error and ends training.
//
// # What
//
// A checkpoint is a safetensors file: weights, the optimiser's moments, the place in
// the data, the history, the sums of the epoch at hand, and the state of callbacks
// that are [Remembering]. It replaces an older file whole or not at all, and has a
// checksum. What order, masks and augmentation will be is a function of the seed and
// of that place, so there is no more to save. The optimiser must be an [*Optimizer],
// or have its methods State and Restore.
//
// # Going on
//
// Fit goes on from the newest checkpoint that is whole. Files that are cut off, that
// have changed since they were written, or that are something else are passed over
// with a line where Fit reports. A whole one of another model, optimiser, schedule or
// data is an error that says what differs. What cannot be seen is what functions do in
// later steps, such as the loss: see there that it is the same.
//
// The folder is for one run at a time.
func Checkpoints(folder string, opts ...CheckpointOption) FitOption {
	return func(s *fitSettings) {
		c := &checkpoints{folder: folder, last: 3}
		guard.Apply(c, opts)
		s.checkpoints = c
	}
}

// Resume makes [Fit] go on from a checkpoint: path is that of a file of [Checkpoints],
// or of their folder, of which the newest whole one is taken. There must be one. It
// saves none itself; together with Checkpoints of another folder it says where to
// start if that folder is empty.
func Resume(path string) FitOption {
	return func(s *fitSettings) { s.resume = &path }
}

// A CheckpointOption adjusts [Checkpoints].
type CheckpointOption func(*checkpoints)

// checkpoints are when and where to save.
type checkpoints struct {
	folder   string
	file     string // instead of a folder, one file
	epochs   int
	steps    int
	interval time.Duration
	last     int
	best     int
	measure  Measure
	meta     map[string]string // to store beside

	errs  []error
	saved int  // after so many steps,
	whole bool // and at the end of an epoch
	at    time.Time
}

// EveryEpochs saves after every n epochs, 1 unless [EverySteps] or [EveryInterval] is
// given. n ≥ 1.
func EveryEpochs(n int) CheckpointOption {
	return func(c *checkpoints) { c.epochs = n; c.want("EveryEpochs", n, n >= 1) }
}

// EverySteps saves after every n steps. n ≥ 1.
func EverySteps(n int) CheckpointOption {
	return func(c *checkpoints) { c.steps = n; c.want("EverySteps", n, n >= 1) }
}

// EveryInterval saves after the first step that ends so long after the last checkpoint.
// d > 0.
func EveryInterval(d time.Duration) CheckpointOption {
	return func(c *checkpoints) {
		c.interval = d
		if d <= 0 {
			c.errs = append(c.errs, errors.Errorf("EveryInterval is %v, want more than 0", d))
		}
	}
}

// KeepLast sets how many of the newest checkpoints are kept, 3 by default. n ≥ 1.
func KeepLast(n int) CheckpointOption {
	return func(c *checkpoints) { c.last = n; c.want("KeepLast", n, n >= 1) }
}

// KeepBest also keeps the checkpoints of the n epochs that are best by a measure, and
// saves one after an epoch that is among them. n ≥ 1.
func KeepBest(n int, by Measure) CheckpointOption {
	return func(c *checkpoints) {
		c.best, c.measure = n, by
		c.want("KeepBest", n, n >= 1)
	}
}

func (c *checkpoints) want(name string, n int, ok bool) {
	if !ok {
		c.errs = append(c.errs, errors.Errorf("%s is %d, want at least 1", name, n))
	}
}

// check applies defaults and makes the folder.
func (c *checkpoints) check(f *fit) error {
	switch {
	case len(c.errs) > 0:
		return c.errs[0]
	case c.file != "":
		return nil
	case c.folder == "":
		return errors.New("Checkpoints: the folder is empty, want a path")
	}
	if c.epochs == 0 && c.steps == 0 && c.interval == 0 {
		c.epochs = 1
	}
	if c.best > 0 {
		if err := c.measure.check(f.metrics); err != nil {
			return errors.WithMessage(err, "KeepBest")
		}
	}
	return makeFolder("Checkpoints", c.folder)
}
