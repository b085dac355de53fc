package train

import (
	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/guard"
)

// each tells the callbacks of an event. If one wants to stop, the others are still
// told.
func (f *fit) each(event func(Callback) error) error {
	var stop error
	for _, c := range f.callbacks {
		switch err := event(c); {
		case f.ends(err):
			stop = err
		case err != nil:
			return err
		}
	}
	return stop
}

// ends says whether an error ends training in good order: then the other callbacks are
// told of the event, too, and the run can go on from there.
func (f *fit) ends(err error) bool { return errors.Is(err, Stop) || f.cancelled(err) }

// begin tells the callbacks that training begins.
func (f *fit) begin() error {
	return guard.Call("a callback", func() error {
		return f.each(func(c Callback) error {
			f.begun++ // also of one that fails halfway
			return c.Begin(&f.training)
		})
	})
}

// end tells those that have begun that training has ended. It returns the first error:
// that of the run, if there is one.
func (f *fit) end(err error) error {
	if err == nil {
		err = guard.Call("a callback", f.finish)
	}
	for _, c := range f.callbacks[:f.begun] {
		ended := guard.Call("a callback", func() error { return c.End(&f.training, err) })
		if err == nil && !errors.Is(ended, Stop) {
			err = ended
		}
	}
	return err
}

// finish gives the model what callbacks have made of its weights. Those that are told of
// the end may change them again, as [EarlyStopping] does.
func (f *fit) finish() error {
	for _, c := range f.callbacks[:f.begun] {
		if c, ok := c.(finisher); ok {
			if err := c.finish(&f.training); err != nil {
				return err
			}
		}
	}
	return nil
}

// finisher is implemented by [EMA] and [SWA].
type finisher interface{ finish(t *Training) error }

// beforeStep and afterStep are loops of their own, so that a step allocates nothing.
func (f *fit) beforeStep() error {
	var stop error
	for _, c := range f.callbacks {
		switch err := c.BeforeStep(&f.training); {
		case f.ends(err):
			stop = err
		case err != nil:
			return err
		}
	}
	return stop
}

func (f *fit) afterStep() error {
	var stop error
	for _, c := range f.callbacks {
		switch err := c.AfterStep(&f.training); {
		case f.ends(err):
			stop = err
		case err != nil:
			return err
		}
	}
	return stop
}

// validate evaluates the model, in the state that callbacks want for that.
func (f *fit) validate() (*Evaluation, error) {
	if f.validation == nil {
		return nil, nil
	}
	var began []Validating
	err := f.holdSums()
	for _, c := range f.callbacks {
		if v, ok := c.(Validating); ok && err == nil {
			began = append(began, v)
			err = v.BeforeValidation(&f.training)
		}
	}
	var e Evaluation
	if err == nil {
		e, err = evaluate(f.ctx, f.trainer, f.validation, f.batch, f.metrics)
	}
	for i := range began { // the last one first: it saw what the others had changed
		if after := began[len(began)-1-i].AfterValidation(&f.training); err == nil {
			err = after
		}
	}
	return &e, errors.WithMessage(err, "validation")
}
