package train

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/nodes"
)

// told writes down the events it is told of, and answers one of them.
type told struct {
	name   string
	log    *[]string
	at     string
	answer func() error
}

func (c *told) event(name string, t *Training) error {
	event := fmt.Sprintf("%s %s %d/%d", c.name, name, t.Epoch(), t.Steps())
	*c.log = append(*c.log, event)
	if c.answer != nil && event == c.name+" "+c.at {
		return c.answer()
	}
	return nil
}

func (c *told) Begin(t *Training) error             { return c.event("begin", t) }
func (c *told) BeforeStep(t *Training) error        { return c.event("before", t) }
func (c *told) AfterStep(t *Training) error         { return c.event("after", t) }
func (c *told) EndEpoch(t *Training, e Epoch) error { return c.event("epoch", t) }
func (c *told) BeforeValidation(t *Training) error  { return c.event("validate", t) }
func (c *told) AfterValidation(t *Training) error   { return c.event("validated", t) }
func (c *told) End(t *Training, err error) error {
	if err != nil {
		return c.event("failed", t)
	}
	return c.event("end", t)
}

// events trains for two epochs of two steps with two callbacks, of which the second
// gives an answer to an event.
func events(t *testing.T, at string, answer func() error) (log []string, h *History, err error) {
	t.Helper()
	h, err = Fit(context.Background(), plane(t), twoClasses(t, 32), nodes.CrossEntropy(), Adam(0.01),
		Epochs(2), Validation(twoClasses(t, 16)), ReportTo(nil),
		Callbacks(&told{name: "a", log: &log}, nil, &told{name: "b", log: &log, at: at, answer: answer}))
	return log, h, err
}

const allEvents = "begin 1/0, before 1/0, after 1/1, before 1/1, after 1/2, validate 1/2, validated 1/2, epoch 1/2, " +
	"before 2/2, after 2/3, before 2/3, after 2/4, validate 2/4, validated 2/4, epoch 2/4, end 2/4"

func TestCallbacksAreToldInOrder(t *testing.T) {
	log, h, err := events(t, "", nil)
	if err != nil || len(h.Epochs) != 2 {
		t.Fatalf("got %d epochs and error %v", len(h.Epochs), err)
	}
	var want []string
	for _, e := range strings.Split(allEvents, ", ") {
		first, second := "a", "b"
		if strings.HasPrefix(e, "validated") {
			first, second = second, first
		}
		want = append(want, first+" "+e, second+" "+e)
	}
	if !slices.Equal(log, want) {
		t.Errorf("got %q,\nwant %q", log, want)
	}
}

// Whatever ends training, the event at hand is told to all, and the end.
func TestCallbacksStop(t *testing.T) {
	for _, c := range []struct{ at, last string }{
		{"begin 1/0", "end 1/0"}, {"before 1/1", "end 1/1"}, {"after 2/3", "end 2/3"}, {"epoch 1/2", "end 1/2"}, {"end 2/4", "end 2/4"},
	} {
		log, _, err := events(t, c.at, func() error { return errors.WithMessage(Stop, "enough") })
		if err != nil {
			t.Errorf("%s: got error %v", c.at, err)
		}
		if n := len(log); log[n-2] != "a "+c.last || log[n-1] != "b "+c.last {
			t.Errorf("%s: ends with %q, want %q of both", c.at, log[n-2:], c.last)
		}
		if c.at == c.last {
			continue
		}
		if n := len(log); log[n-4] != "a "+c.at || log[n-3] != "b "+c.at {
			t.Errorf("%s: before the end there is %q, want that event of both", c.at, log[n-4:n-2])
		}
	}
}

func TestCallbacksFail(t *testing.T) {
	broken := errors.New("broken")
	for at, want := range map[string]string{
		"begin 1/0":     "train.Fit: broken",
		"before 1/1":    "train.Fit: epoch 1: batch 2 of 2: broken",
		"after 2/3":     "train.Fit: epoch 2: batch 1 of 2: broken",
		"validate 1/2":  "train.Fit: epoch 1: validation: broken",
		"validated 1/2": "train.Fit: epoch 1: validation: broken",
		"epoch 1/2":     "train.Fit: epoch 1: broken",
		"end 2/4":       "train.Fit: broken",
	} {
		log, _, err := events(t, at, func() error { return broken })
		if !errors.Is(err, broken) || err.Error() != want {
			t.Errorf("%s: got error %v, want %q", at, err, want)
		}
		if last := log[len(log)-1]; !strings.HasPrefix(last, "b failed") && last != "b "+at {
			t.Errorf("%s: the last event is %q, want that of the failure", at, last)
		}
		_, _, err = events(t, at, func() error { panic("oops") })
		if err == nil || !strings.Contains(err.Error(), "panicked") || !strings.Contains(err.Error(), "oops") {
			t.Errorf("%s: got error %v for a panic", at, err)
		}
	}
}

// remembering has nothing but a name.
type remembering struct {
	NoCallback
	name string
}

func (r remembering) Name() string          { return r.name }
func (r remembering) State() (State, error) { return State{}, nil }
func (r remembering) Restore(State) error   { return nil }

func TestCallbacksHaveNames(t *testing.T) {
	for want, cs := range map[string][]Callback{
		`two callbacks are called "x", want different names`:                       {remembering{name: "x"}, remembering{name: "x"}},
		"a callback of type train.remembering has no name, want one for its state": {remembering{}},
	} {
		_, err := Fit(context.Background(), plane(t), twoClasses(t, 32), nodes.CrossEntropy(), Adam(0.01), ReportTo(nil), Callbacks(cs...))
		if err == nil || err.Error() != "train.Fit: "+want {
			t.Errorf("got error %v, want %q", err, want)
		}
	}
}

func TestCallbacksSeeTheTraining(t *testing.T) {
	m, o, data, val := plane(t), Adam(0.01), twoClasses(t, 40), twoClasses(t, 16)
	steps := 0
	_, err := Fit(context.Background(), m, data, nodes.CrossEntropy(), o, Epochs(2), Validation(val), ReportTo(nil),
		Metrics(nodes.Accuracy()), OnStep(nil), OnStep(func(tr *Training) error {
			steps++
			switch s := tr.Scores(); {
			case tr.Model() != m || tr.Optimiser() != o || tr.Data() != data || tr.Validation() != val || tr.Loss() == nil:
				t.Error("it sees other things than were given to Fit")
			case tr.Epochs() != 2 || tr.StepsPerEpoch() != 3 || tr.BatchSize() != 16 || tr.Steps() != steps || tr.LearningRate() != 0.01:
				t.Errorf("it sees %d epochs, %d steps an epoch of %d samples, %d steps and rate %v",
					tr.Epochs(), tr.StepsPerEpoch(), tr.BatchSize(), tr.Steps(), tr.LearningRate())
			case tr.Batch().Index != (steps-1)%3 || tr.Result().Output == nil || tr.Trainer().Gradients()[0].Value == nil:
				t.Error("it does not see the step")
			case s.Samples != min(40, 16*(tr.Batch().Index+1)) || len(s.Scores) != 1:
				t.Errorf("it sees the scores %+v", s)
			case len(tr.History().Epochs) != (steps-1)/3 || tr.Context().Err() != nil:
				t.Errorf("it sees %d epochs", len(tr.History().Epochs))
			}
			return nil
		}))
	if err != nil || steps != 6 {
		t.Errorf("got %d steps and error %v, want 6", steps, err)
	}
}

// What callbacks do not allocate themselves, a step does not allocate for them.
func TestCallbacksAllocateNothing(t *testing.T) {
	f := &fit{}
	f.training.f = f
	Callbacks(NoCallback{}, onStep{call: func(*Training) error { return nil }}, NoCallback{})(&f.fitSettings)
	if n := testing.AllocsPerRun(100, func() {
		if f.beforeStep() != nil || f.afterStep() != nil {
			t.Fatal("a callback failed")
		}
	}); n != 0 {
		t.Errorf("a step with callbacks allocates %v times, want 0", n)
	}
}
