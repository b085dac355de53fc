package train

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/export"
)

// checkpointName is that of the file after so many steps. Names sort by steps.
func checkpointName(steps int) string { return fmt.Sprintf("step-%010d%s", steps, checkpointEnding) }

// checkpointSteps is the inverse of checkpointName.
func checkpointSteps(name string) (steps int, ok bool) {
	digits, ok := strings.CutSuffix(name, checkpointEnding)
	digits, step := strings.CutPrefix(digits, "step-")
	steps, err := strconv.Atoi(digits)
	return steps, ok && step && err == nil && steps >= 0 && checkpointName(steps) == name
}

// listCheckpoints returns the steps of the checkpoints of a folder, the newest first.
func listCheckpoints(folder string) ([]int, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, errors.Wrap(err, "reading the folder of checkpoints")
	}
	var out []int
	for _, e := range entries {
		if steps, ok := checkpointSteps(e.Name()); ok {
			out = append(out, steps)
		}
	}
	slices.SortFunc(out, func(a, b int) int { return cmp.Compare(b, a) })
	return out, nil
}

// stored is the content of a checkpoint.
type stored struct {
	path    string
	file    *trainingFile
	tensors []export.Tensor
}

// takeUp goes on from a checkpoint, if there is one to go on from.
func (f *fit) takeUp() error {
	c := f.checkpoints
	if c == nil && f.resume == nil {
		return nil
	}
	if err := f.identify(); err != nil {
		return err
	}
	err := f.findOne()
	if c != nil {
		c.saved, c.whole, c.at = f.step, f.batchesDone == 0, time.Now()
	}
	return err
}

func (f *fit) findOne() error {
	if f.from != nil {
		return errors.WithMessage(f.restore(f.from.file, f.from.tensors), f.from.path+remedy)
	}
	if c := f.checkpoints; c != nil && c.file == "" {
		if err := c.sweep(); err != nil {
			return err
		}
		if taken, err := f.takeUpNewest(c.folder); taken || err != nil {
			return err
		}
	}
	if f.resume == nil {
		return nil
	}
	info, err := os.Stat(*f.resume)
	switch {
	case err != nil:
		return errors.Wrap(err, "Resume")
	case !info.IsDir():
		t, ts, err := readTraining(*f.resume)
		if err != nil {
			return errors.WithMessage(err, "Resume")
		}
		return f.goOn(*f.resume, t, ts)
	}
	taken, err := f.takeUpNewest(*f.resume)
	if err == nil && !taken {
		return errors.Errorf("Resume: %s holds no whole checkpoint", *f.resume)
	}
	return err
}

// takeUpNewest goes on from the newest whole checkpoint of a folder.
func (f *fit) takeUpNewest(folder string) (taken bool, err error) {
	all, err := listCheckpoints(folder)
	if err != nil {
		return false, err
	}
	for _, steps := range all {
		path := filepath.Join(folder, checkpointName(steps))
		t, ts, err := readTraining(path)
		if err == nil && t.Steps != steps {
			err = errors.Errorf("%s: it is the checkpoint after %d steps, under another name", path, t.Steps)
		}
		if errors.Is(err, fs.ErrPermission) { // it may well be whole
			return false, err
		}
		if err != nil {
			f.report.note(fmt.Sprintf("warning: passing over a checkpoint: %v", err))
			continue
		}
		return true, f.goOn(path, t, ts)
	}
	return false, nil
}

// goOn restores the run of a file.
func (f *fit) goOn(path string, t *trainingFile, ts []export.Tensor) error {
	if t.Version > checkpointVersion {
		return errors.Errorf("%s: it is of version %d, written by a newer program, want at most %d", path, t.Version, checkpointVersion)
	}
	if err := f.restore(t, ts); err != nil {
		return errors.WithMessage(err, path+remedy)
	}
	f.report.note(fmt.Sprintf("going on from %s: after %d epochs and %d steps of the next", path, len(t.Epochs), t.Batch))
	return nil
}

// readTraining reads a file that is whole.
func readTraining(path string) (*trainingFile, []export.Tensor, error) {
	ts, meta, err := readCheckpoint(path)
	if err != nil {
		return nil, nil, err
	}
	t := &trainingFile{}
	switch err := json.Unmarshal([]byte(meta[trainingKey]), t); {
	case err != nil:
		return nil, nil, errors.Wrapf(err, "%s: it is no checkpoint of a training", path)
	case t.Version < 1:
		return nil, nil, errors.Errorf("%s: it is no checkpoint of a training: its version is %d, want at least 1", path, t.Version)
	}
	return t, ts, nil
}

// sweep removes what writers that were killed have left behind.
func (c *checkpoints) sweep() error {
	entries, err := os.ReadDir(c.folder)
	if err != nil {
		return errors.Wrap(err, "reading the folder of checkpoints")
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".step-") || !strings.Contains(e.Name(), checkpointEnding) {
			continue
		}
		if err := os.Remove(filepath.Join(c.folder, e.Name())); err != nil {
			return errors.Wrap(err, "removing an unfinished checkpoint")
		}
	}
	return nil
}

// prune removes checkpoints that are neither among the last nor among the best. Those
// after the present step are of no run that went on, and stay until this one gets there.
func (f *fit) prune() error {
	c := f.checkpoints
	all, err := listCheckpoints(c.folder)
	if err != nil {
		return err
	}
	all = slices.DeleteFunc(all, func(steps int) bool { return steps > f.step })
	for i, steps := range all {
		if i < c.last || f.isBest(steps) {
			continue
		}
		if err := os.Remove(filepath.Join(c.folder, checkpointName(steps))); err != nil {
			return errors.Wrap(err, "removing an old checkpoint")
		}
	}
	return nil
}

// isBest says whether the epoch that ended after so many steps is among the best ones.
func (f *fit) isBest(steps int) bool {
	c, n := f.checkpoints, f.loader.Len()
	epoch := steps/n - 1
	if c.best == 0 || steps%n > 0 || epoch < 0 || epoch >= len(f.history.Epochs) {
		return false
	}
	mine, _ := c.measure.Of(f.history.Epochs[epoch])
	better := 0
	for i, e := range f.history.Epochs {
		// Of equals the first one is the best.
		if v, _ := c.measure.Of(e); c.measure.Better(v, mine, 0) || i < epoch && !c.measure.Better(mine, v, 0) {
			better++
		}
	}
	return better < c.best
}
