package train

import (
	"encoding/json"
	"strings"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/export"
)

// checkpointVersion is that of the files written here; older ones are read.
const checkpointVersion = 1

// trainingFile is a checkpoint without its tensors. The names in it are part of the
// format.
type trainingFile struct {
	Version   int                     `json:"version"`
	Of        trainingIdentity        `json:"of"`
	Epochs    []epochFile             `json:"epochs"`
	Batch     int                     `json:"batch"` // those done of the epoch after these
	Sums      *sumsFile               `json:"sums,omitempty"`
	Steps     int                     `json:"steps"`
	Skipped   int                     `json:"skipped,omitempty"`
	Step      uint64                  `json:"model_step"`
	LR        float64                 `json:"lr,omitempty"`
	NextRate  *value                  `json:"next_rate,omitempty"` // of the schedule
	Optimiser []string                `json:"optimiser"`           // the names of its state, in order
	Callbacks map[string]callbackFile `json:"callbacks,omitempty"`
}

// sumsFile is what an epoch has added up when it is cut off.
type sumsFile struct {
	Loss    value    `json:"loss"`
	Samples int      `json:"samples"`
	Metrics [][]byte `json:"metrics"` // null for one that cannot say
	Seconds value    `json:"seconds"`
}

type callbackFile struct {
	Values  json.RawMessage `json:"values,omitempty"`
	Tensors []string        `json:"tensors,omitempty"` // their names, in order
}

// A saver is an optimiser that can be saved.
type saver interface {
	State() []NamedTensor
	Restore(state []NamedTensor) error
}

// snapshot returns the training as it is between two steps.
func (f *fit) snapshot() (*trainingFile, []export.Tensor, error) {
	t := &trainingFile{
		Version: checkpointVersion, Of: *f.of, Epochs: f.history.file(), Batch: f.batchesDone,
		Steps: f.step, Skipped: f.skipped, Step: f.m.Step(), Callbacks: map[string]callbackFile{},
	}
	if o, ours := f.optimiser.(*Optimizer); ours {
		t.LR = o.LR()
	}
	if f.schedule != nil && f.rateIsKnown(f.batchesDone) {
		lr, err := f.rateAt(f.step, f.history.watched())
		if err != nil {
			return nil, nil, err
		}
		t.NextRate = (*value)(&lr)
	}
	var err error
	if t.Sums = f.heldSums; t.Sums == nil && f.batchesDone > 0 {
		if t.Sums, err = f.sums(); err != nil {
			return nil, nil, err
		}
	}
	ts := weightsOf(f.m, modelPrefix)
	add := func(prefix string, state []NamedTensor) (names []string) {
		for _, s := range state {
			names = append(names, s.Name)
			ts = append(ts, export.Tensor{Name: prefix + s.Name, Value: s.Value})
		}
		return names
	}
	t.Optimiser = add(optimiserPrefix, f.optimiser.(saver).State())
	if o, ok := f.optimiser.(*Optimizer); ok && o.Err() != nil {
		return nil, nil, o.Err()
	}
	for _, c := range f.callbacks {
		if r, ok := c.(Remembering); ok {
			s, err := r.State()
			if err != nil {
				return nil, nil, errors.WithMessagef(err, "callback %s", r.Name())
			}
			t.Callbacks[r.Name()] = callbackFile{s.Values, add(callbackPrefix+r.Name()+".", s.Tensors)}
		}
	}
	return t, ts, nil
}

// restore takes up what snapshot returned. What does not fit changes nothing, the
// callbacks apart.
func (f *fit) restore(t *trainingFile, ts []export.Tensor) error {
	if err := f.fits(t); err != nil {
		return err
	}
	state := map[string]export.Tensor{}
	var weights []export.Tensor
	for _, s := range ts {
		state[s.Name] = s
		if name, ok := strings.CutPrefix(s.Name, modelPrefix); ok {
			weights = append(weights, export.Tensor{Name: name, Value: s.Value})
		}
	}
	collect := func(prefix string, names []string) (out []NamedTensor, err error) {
		for _, name := range names {
			s, ok := state[prefix+name]
			if !ok {
				return nil, errors.Errorf("it has no %s%s", prefix, name)
			}
			out = append(out, NamedTensor{name, s.Value})
		}
		return out, nil
	}
	moments, err := collect(optimiserPrefix, t.Optimiser)
	if err != nil {
		return err
	}
	if err := f.m.Exclusively(func() error { return export.Match(weightsOf(f.m, ""), weights) }); err != nil {
		return err
	}
	if err := f.optimiser.(saver).Restore(moments); err != nil {
		return err
	}
	if o, ours := f.optimiser.(*Optimizer); ours {
		if err := o.SetLR(t.LR); err != nil {
			return err
		}
	}
	f.m.SetStep(t.Step)
	f.history.Epochs = historyOf(t.Epochs).Epochs
	f.epoch, f.batchesDone, f.step, f.skipped = len(t.Epochs), t.Batch, t.Steps, t.Skipped
	if err := f.addUp(t.Sums); err != nil {
		return err
	}
	for _, c := range f.callbacks {
		r, ok := c.(Remembering)
		if !ok {
			continue
		}
		stored := t.Callbacks[r.Name()]
		tensors, err := collect(callbackPrefix+r.Name()+".", stored.Tensors)
		if err == nil {
			err = r.Restore(State{stored.Values, tensors})
		}
		if err != nil {
			return errors.WithMessagef(err, "callback %s", r.Name())
		}
	}
	return nil
}
