package train

import (
	"encoding/json"
	"slices"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/guard"
)

// A Callback takes part in a training: [Fit] calls it at the events of a run, in
// the order in which callbacks were given to [Callbacks]. A type of your own embeds
// [NoCallback] and writes the methods it needs:
//
//	type counting struct {
//		train.NoCallback
//		samples int
//	}
//
//	func (c *counting) AfterStep(t *train.Training) error {
//		c.samples += t.Batch().X.Shape()[0]
//		return nil
//	}
//
// An error ends training, and Fit returns it; [Stop] ends it without an error: at
// Begin and BeforeStep before the next step, at AfterStep after this one, at EndEpoch
// after this epoch. The other callbacks are still told of the event at hand.
//
// A callback belongs to one run at a time. All calls come from the goroutine of Fit. A
// panic is an error of Fit.
type Callback interface {
	// Begin is called once, before the first step of this call of Fit, and after a
	// checkpoint was taken up.
	Begin(t *Training) error
	// BeforeStep is called when the batch and the learning rate of a step are set.
	BeforeStep(t *Training) error
	// AfterStep is called when a step has updated the weights. The gradients of the
	// step are those of [Training.Trainer]. There is none after a step that
	// [SkipNonFinite] leaves out.
	AfterStep(t *Training) error
	// EndEpoch is called after validation, when e is in the history.
	EndEpoch(t *Training, e Epoch) error
	// End is called once, after the last step, if Begin was: err is that of the run
	// so far, nil if it went well or was stopped.
	End(t *Training, err error) error
}

// NoCallback does nothing at any event. It is to be embedded: see [Callback].
type NoCallback struct{}

// Begin implements [Callback].
func (NoCallback) Begin(*Training) error { return nil }

// BeforeStep implements [Callback].
func (NoCallback) BeforeStep(*Training) error { return nil }

// AfterStep implements [Callback].
func (NoCallback) AfterStep(*Training) error { return nil }

// EndEpoch implements [Callback].
func (NoCallback) EndEpoch(*Training, Epoch) error { return nil }

// End implements [Callback].
func (NoCallback) End(*Training, error) error { return nil }

// Validating is implemented by callbacks that want the model to be validated in
// another state than it trains in, such as with an average of its weights.
// AfterValidation is called even where validation failed. There is no call without
// [Validation].
type Validating interface {
	Callback
	BeforeValidation(t *Training) error
	AfterValidation(t *Training) error
}

// Remembering is implemented by callbacks that carry something from event to
// event: it is saved in [Checkpoints], so that a run that is taken up goes on as if it
// had not been cut off.
type Remembering interface {
	Callback
	// Name is what the state is saved under. Two callbacks of one run have
	// different names.
	Name() string
	// State returns what to save, between two events. It keeps the caller's copy: what
	// the callback changes later must not show there.
	State() (State, error)
	// Restore takes up what State returned, in this process or another. It is called
	// before Begin; a state that does not fit is an error.
	Restore(s State) error
}

// A State is what a callback remembers.
type State struct {
	// Values is JSON, as of [json.Marshal]; it may be empty.
	Values json.RawMessage
	// Tensors have names of their own within the state.
	Tensors []NamedTensor
}

// Callbacks adds callbacks. One that is nil is left out.
func Callbacks(cs ...Callback) FitOption {
	return func(s *fitSettings) {
		for _, c := range cs {
			if c != nil {
				s.callbacks = append(s.callbacks, c)
			}
		}
	}
}

// OnEpoch calls f at the end of every epoch. An error from it ends training;
// [Stop] does so without being an error of Fit.
func OnEpoch(f func(Epoch) error) FitOption {
	if f == nil {
		return nil
	}
	return Callbacks(onEpoch{call: f})
}

type onEpoch struct {
	NoCallback
	call func(Epoch) error
}

// EndEpoch implements [Callback].
func (c onEpoch) EndEpoch(_ *Training, e Epoch) error { return c.call(e) }

// OnStep calls f after every step: it is [Callback.AfterStep] as an option.
func OnStep(f func(*Training) error) FitOption {
	if f == nil {
		return nil
	}
	return Callbacks(onStep{call: f})
}

type onStep struct {
	NoCallback
	call func(*Training) error
}

// AfterStep implements [Callback].
func (c onStep) AfterStep(t *Training) error { return c.call(t) }

// checkCallbacks wants names that tell states apart.
func checkCallbacks(cs []Callback) error {
	var names []string
	for _, c := range cs {
		r, ok := c.(Remembering)
		if !ok {
			continue
		}
		var name string
		if err := guard.Call("a callback", func() error { name = r.Name(); return nil }); err != nil {
			return err
		}
		if name == "" {
			return errors.Errorf("a callback of type %T has no name, want one for its state", c)
		}
		if slices.Contains(names, name) {
			return errors.Errorf("two callbacks are called %q, want different names", name)
		}
		names = append(names, name)
	}
	return nil
}
