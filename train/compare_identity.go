package train

import (
	"crypto/sha256"
	"fmt"
	"reflect"
	"strings"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/export"
)

// identity says what a stored run is of. Functions cannot be compared, so it
// holds what they do: the learning rates of all steps, the bits after one step of
// training, and the losses that later steps would begin with. The names in it are part
// of the format; what is left out where empty came later, and runs without it are of
// the same study for all that is known.
type identity struct {
	Variant   string    `json:"variant"`
	Seed      uint64    `json:"seed"`
	Fold      int       `json:"fold,omitempty"` // from 1
	Settings  string    `json:"settings"`
	Shape     []int     `json:"shape"`
	Batch     int       `json:"batch"`
	Epochs    int       `json:"epochs"`
	Samples   []int     `json:"samples"` // to train, validate and test on
	Optimiser string    `json:"optimiser"`
	Rates     []float64 `json:"rates"` // at the first, the middle and the last step
	Data      string    `json:"data"`  // of some samples
	FirstStep string    `json:"first_step"`
	AllRates  string    `json:"all_rates,omitempty"`
	LastSteps string    `json:"last_steps,omitempty"` // losses at the middle and the last step
	Own       string    `json:"variant_settings"`
}

// digested says, of digests, what is not the same where they differ.
var digested = map[string]string{
	"data":       "the data",
	"first_step": "the data, the model, the loss or the kind of processor",
	"all_rates":  "the schedule of the learning rate",
	"last_steps": "what the model does at later steps, such as a rate of dropout on a schedule,",
}

// differs names what is not equal, and gives both values.
func (id identity) differs(stored identity) error {
	now, then := reflect.ValueOf(id), reflect.ValueOf(stored)
	for i := range now.NumField() {
		a, b := now.Field(i).Interface(), then.Field(i).Interface()
		name, later := strings.CutSuffix(now.Type().Field(i).Tag.Get("json"), ",omitempty")
		if reflect.DeepEqual(a, b) || later && then.Field(i).IsZero() {
			continue
		}
		if cause := digested[name]; cause != "" {
			return errors.Errorf("it is of another study: %s has other bits; %s is not the same", name, cause)
		}
		return errors.Errorf("it is of another study: %s was %v and is %v", name, b, a)
	}
	return nil
}

// identify computes the identity of a run, which takes a step of training and the
// losses of two more.
func (r *running) identify() (identity, error) {
	m, o, err := r.build()
	if err != nil {
		return identity{}, err
	}
	f := &fit{m: m, loss: r.v.Loss, optimiser: o, history: &History{}}
	if err := r.checkValidation(); err != nil {
		return identity{}, err
	}
	if err := f.prepare(r.training(), r.options()); err != nil {
		return identity{}, err
	}
	if f.checkpoints != nil || f.resume != nil {
		return identity{}, errors.New("Compare saves checkpoints itself, with ResultsIn: leave out Checkpoints and Resume")
	}
	for _, m := range f.metrics {
		r.metrics = append(r.metrics, m.Name())
	}
	id := identity{
		Variant: r.v.Name, Seed: r.seed, Fold: r.fold, Settings: r.c.Settings, Own: r.v.Settings,
		Shape: r.c.Shape, Batch: f.batch, Epochs: f.epochs,
		Optimiser: fmt.Sprintf("%s, lr %v, %+v%s", o.name, o.base, o.settings, o.describeGroups()),
	}
	if id.Rates, id.AllRates, err = f.rates(); err != nil {
		return identity{}, err
	}
	sum := digest{sha256.New()}
	for _, data := range []Dataset{r.training(), f.validation, r.c.Test} {
		n := 0
		if data != nil {
			if n, err = sum.some(data); err != nil {
				return identity{}, err
			}
		}
		id.Samples = append(id.Samples, n)
	}
	id.Data = sum.String()
	id.FirstStep, id.LastSteps, err = f.someSteps()
	return id, err
}

// someSteps returns two digests: of the loss of the first step and of the weights
// after it; and of the losses of the same samples, with these weights, in the steps in
// the middle and at the end.
func (f *fit) someSteps() (first, last string, err error) {
	b, err := f.loader.load(0, 0, f.loader.cut(f.loader.order(0), 0))
	if err != nil {
		return "", "", err
	}
	if err := f.setRate(); err != nil {
		return "", "", err
	}
	sum := digest{sha256.New()}
	if err := f.addLoss(sum, b, 0); err != nil {
		return "", "", err
	}
	if err := f.trainer.Update(f.optimiser); err != nil {
		return "", "", err
	}
	if err := export.EncodeSafetensors(sum.Hash, weightsOf(f.m, ""), nil); err != nil {
		return "", "", err
	}
	later := digest{sha256.New()}
	for _, step := range f.threeSteps()[1:] {
		if err := f.addLoss(later, b, step); err != nil {
			return "", "", err
		}
	}
	return sum.String(), later.String(), nil
}

// addLoss makes a step of a number, without an update, and takes in its loss.
func (f *fit) addLoss(sum digest, b Batch, step int) error {
	f.m.SetStep(uint64(step * f.accumulate))
	result, err := f.trainer.Step(b.X, b.T)
	if err != nil {
		return f.loader.blame(err, 0, 0)
	}
	return sum.numbers(result.Loss)
}

// threeSteps are the first, the middle and the last one of a training.
func (f *fit) threeSteps() []int {
	last := f.epochs*f.loader.Len() - 1
	return []int{0, last / 2, last}
}
