package train

import (
	"encoding/json"
	"maps"
	"path/filepath"
	"time"

	"github.com/pkg/errors"
)

// saveAfterStep saves a checkpoint if a step is to have one.
func (f *fit) saveAfterStep() error {
	c := f.checkpoints
	if c == nil {
		return nil
	}
	if c.steps > 0 && f.step%c.steps == 0 || c.interval > 0 && time.Since(c.at) >= c.interval {
		return f.save()
	}
	return nil
}

// saveAfterEpoch saves a checkpoint if an epoch is to have one.
func (f *fit) saveAfterEpoch() error {
	c := f.checkpoints
	if c == nil {
		return nil
	}
	n := len(f.history.Epochs)
	if c.epochs > 0 && n%c.epochs == 0 || f.isBest(f.step) || c.interval > 0 && time.Since(c.at) >= c.interval {
		return f.save()
	}
	return nil
}

// saveAtEnd saves a checkpoint where training ends or is stopped, so that nothing is
// done twice. err is that of the run.
func (f *fit) saveAtEnd(err error) error {
	stopped := err == nil || errors.Is(err, Stop) || f.cancelled(err)
	if f.checkpoints == nil || !stopped {
		return err
	}
	switch failed := f.save(); {
	case failed != nil && f.cancelled(err):
		return errors.WithMessagef(err, "no checkpoint was saved (%v)", failed)
	case failed != nil:
		return failed
	}
	return err
}

// cancelled says whether an error is that of the context.
func (f *fit) cancelled(err error) bool {
	return err != nil && f.ctx != nil && f.ctx.Err() != nil && errors.Is(err, f.ctx.Err())
}

// save saves a checkpoint, unless the last one is of this very place.
func (f *fit) save() error {
	c := f.checkpoints
	if whole := f.batchesDone == 0; c.saved == f.step && c.whole == whole {
		return nil
	}
	if err := f.write(); err != nil {
		return errors.WithMessage(err, "saving a checkpoint")
	}
	c.saved, c.whole, c.at = f.step, f.batchesDone == 0, time.Now()
	if c.file != "" {
		return nil
	}
	return f.prune()
}

func (f *fit) write() error {
	c := f.checkpoints
	t, ts, err := f.snapshot()
	if err != nil {
		return err
	}
	b, err := json.Marshal(t)
	if err != nil {
		return errors.WithStack(err)
	}
	meta := map[string]string{trainingKey: string(b)}
	maps.Copy(meta, c.meta)
	path := c.file
	if path == "" {
		path = filepath.Join(c.folder, checkpointName(f.step))
	}
	return writeCheckpoint(path, ts, meta)
}
