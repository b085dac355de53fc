package train

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"reflect"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/export"
)

// identity says what a stored run is of. Functions cannot be compared, so it
// holds what they do: the learning rates at three places, and the bits after one
// step of training.
type identity struct {
	Variant   string    `json:"variant"`
	Seed      uint64    `json:"seed"`
	Settings  string    `json:"settings"`
	Shape     []int     `json:"shape"`
	Batch     int       `json:"batch"`
	Epochs    int       `json:"epochs"`
	Samples   []int     `json:"samples"` // to train, validate and test on
	Optimiser string    `json:"optimiser"`
	Rates     []float64 `json:"rates"` // at the first, the middle and the last step
	Data      string    `json:"data"`  // of some samples
	FirstStep string    `json:"first_step"`
}

// differs names what is not equal, and gives both values.
func (id identity) differs(stored identity) error {
	now, then := reflect.ValueOf(id), reflect.ValueOf(stored)
	for i := range now.NumField() {
		a, b := now.Field(i).Interface(), then.Field(i).Interface()
		if reflect.DeepEqual(a, b) {
			continue
		}
		name := now.Type().Field(i).Tag.Get("json")
		if name == "data" || name == "first_step" {
			return errors.Errorf("it is of another study: %s has other bits; the data, the model, the loss or the kind of processor is not the same", name)
		}
		return errors.Errorf("it is of another study: %s was %v and is %v", name, b, a)
	}
	return nil
}

// identify computes the identity of a run, which takes a step of training.
func (r *running) identify() (identity, error) {
	m, o, err := r.build()
	if err != nil {
		return identity{}, err
	}
	f := &fit{m: m, loss: r.v.Loss, optimiser: o, history: &History{}}
	if err := f.prepare(r.c.Training, r.options()); err != nil {
		return identity{}, err
	}
	id := identity{
		Variant: r.v.Name, Seed: r.seed, Settings: r.c.Settings,
		Shape: r.c.Shape, Batch: f.batch, Epochs: f.epochs,
		Optimiser: fmt.Sprintf("%s, lr %v, %+v", o.name, o.base, o.settings),
	}
	if id.Rates, err = f.rates(); err != nil {
		return identity{}, err
	}
	sum := digest{sha256.New()}
	for _, data := range []Dataset{r.c.Training, f.validation, r.c.Test} {
		n := 0
		if data != nil {
			if n, err = sum.some(data); err != nil {
				return identity{}, err
			}
		}
		id.Samples = append(id.Samples, n)
	}
	id.Data = sum.String()
	id.FirstStep, err = f.firstStep()
	return id, err
}

// rates returns the learning rate of the first, the middle and the last step.
func (f *fit) rates() (rates []float64, err error) {
	last := f.epochs*f.loader.Len() - 1
	o := f.optimiser.(*Optimizer)
	for _, step := range []int{0, last / 2, last} {
		f.step = step
		if err := f.setRate(); err != nil {
			return nil, err
		}
		rates = append(rates, o.LR())
	}
	f.step = 0
	return rates, nil
}

// firstStep returns the digest of the loss of the first step and of the weights
// after it.
func (f *fit) firstStep() (string, error) {
	b, err := f.loader.load(0, 0, f.loader.cut(f.loader.order(0), 0))
	if err != nil {
		return "", err
	}
	if err := f.setRate(); err != nil {
		return "", err
	}
	result, err := f.trainer.Step(b.X, b.T)
	if err != nil {
		return "", f.loader.at(err, 0)
	}
	sum := digest{sha256.New()}
	if err := binary.Write(sum.Hash, binary.LittleEndian, math.Float64bits(result.Loss)); err != nil {
		return "", errors.WithStack(err)
	}
	if err := f.trainer.Update(f.optimiser); err != nil {
		return "", err
	}
	err = export.EncodeSafetensors(sum.Hash, weightsOf(f.m, ""), nil)
	return sum.String(), err
}
