package train

import (
	"encoding/json"
	"slices"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
	"gorgonia.org/tensor"
)

// average is what [EMA] and [SWA] have in common: a mean of the parameters that moves
// towards them, and that the model gets when training ends.
type average struct {
	NoCallback
	name string
	how  func() string // it is moved, such as "decay 0.9"
	n    int           // how often it has moved

	restored bool // since the last run
	model    *graph.Model
	params   []graph.Weight  // of the model
	mean     []*tensor.Dense // of each of them; what Restore gave before Begin
	names    []string        // of what Restore gave
	raw      []*tensor.Dense // of each while the model has the means
}

// averaging is implemented by callbacks that embed an average.
type averaging interface{ of() *average }

func (a *average) of() *average { return a }

// begin looks at the model. A run that no checkpoint was taken up for starts anew.
func (a *average) begin(t *Training) error {
	for _, c := range t.f.callbacks {
		if other, ok := c.(averaging); ok && other.of() != a {
			return errors.Errorf("%s and %s both average the parameters, want one", other.of().name, a.name)
		}
	}
	a.model = t.Model()
	a.params = slices.DeleteFunc(a.model.Weights(), func(w graph.Weight) bool { return !w.Trainable })
	if !a.restored {
		a.n, a.mean, a.raw = 0, nil, nil
		for _, w := range a.params {
			a.mean = append(a.mean, w.Value.Clone().(*tensor.Dense))
		}
		return nil
	}
	a.restored = false
	for i, w := range a.params {
		if i >= len(a.names) || a.names[i] != w.Name || a.mean[i].Dtype() != w.Value.Dtype() || !slices.Equal(a.mean[i].Shape(), w.Value.Shape()) {
			return errors.Errorf("the average in the checkpoint does not fit: parameter %d is %s of %v and shape %v", i+1, w.Name, w.Value.Dtype(), w.Value.Shape())
		}
	}
	if n := len(a.params); len(a.names) > n {
		return errors.Errorf("the average in the checkpoint has %d parameters, and the model %d", len(a.names), n)
	}
	return nil
}

// add moves the means by a share of the way to the parameters; the first time all of it.
func (a *average) add(share float64) error {
	if err := a.model.Sync(); err != nil {
		return err
	}
	if a.n++; a.n == 1 {
		share = 1
	}
	for i, w := range a.params {
		if w.Value.Dtype() == tensor.Float32 {
			kernel.Lerp(a.mean[i].Float32s(), w.Value.Float32s(), share)
		} else {
			kernel.Lerp(a.mean[i].Float64s(), w.Value.Float64s(), share)
		}
	}
	return nil
}

// install gives the model the means, if there are any, and keeps its parameters.
func (a *average) install() error {
	if a.n == 0 {
		return nil
	}
	return a.model.Exclusively(func() error {
		for i, w := range a.params {
			if len(a.raw) == i {
				a.raw = append(a.raw, w.Value.Clone().(*tensor.Dense))
			} else if err := tensor.Copy(a.raw[i], w.Value); err != nil {
				return errors.Wrap(err, w.Name)
			}
			if err := tensor.Copy(w.Value, a.mean[i]); err != nil {
				return errors.Wrap(err, w.Name)
			}
		}
		return nil
	})
}

// takeOut gives the model the parameters that it had before install.
func (a *average) takeOut() error {
	if a.n == 0 {
		return nil
	}
	return a.model.Exclusively(func() error {
		for i, w := range a.params {
			if err := tensor.Copy(w.Value, a.raw[i]); err != nil {
				return errors.Wrap(err, w.Name)
			}
		}
		return nil
	})
}

// Name implements [Remembering].
func (a *average) Name() string { return a.name }

// State implements [Remembering].
func (a *average) State() (State, error) {
	b, err := json.Marshal(averageFile{a.n, a.how()})
	s := State{Values: b}
	for i, w := range a.params {
		s.Tensors = append(s.Tensors, NamedTensor{w.Name, a.mean[i].Clone().(*tensor.Dense)})
	}
	return s, errors.WithStack(err)
}

type averageFile struct {
	Averaged int    `json:"averaged"`
	How      string `json:"how"`
}

// Restore implements [Remembering].
func (a *average) Restore(s State) error {
	var file averageFile
	if err := json.Unmarshal(s.Values, &file); err != nil {
		return errors.WithStack(err)
	}
	if file.Averaged < 0 {
		return errors.Errorf("it has averaged %d times", file.Averaged)
	}
	if now := a.how(); file.How != now {
		return errors.Errorf("it averaged by %s, and now it is by %s", file.How, now)
	}
	a.n, a.mean, a.names, a.raw, a.restored = file.Averaged, nil, nil, nil, true
	for _, t := range s.Tensors {
		a.mean, a.names = append(a.mean, t.Value), append(a.names, t.Name)
	}
	return nil
}
