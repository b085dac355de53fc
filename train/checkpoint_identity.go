package train

import (
	"crypto/sha256"
	"fmt"
	"reflect"
	"strings"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/export"
)

// trainingIdentity says what a checkpoint is of. The names in it are part of the
// format.
type trainingIdentity struct {
	Shape      []int    `json:"shape"` // of the input
	Dtype      string   `json:"dtype"`
	Seed       uint64   `json:"seed"`
	Layers     []string `json:"layers"`
	Optimiser  string   `json:"optimiser"`
	Frozen     []string `json:"frozen"` // patterns
	Batch      int      `json:"batch"`
	Accumulate int      `json:"accumulate"` // batches of a step
	Samples    []int    `json:"samples"`    // to train and to validate on
	Data       string   `json:"data"`       // of some samples
	Batches    string   `json:"batches"`    // of the first one
	Metrics    []string `json:"metrics"`
}

// identify says what this run is.
func (f *fit) identify() error {
	if _, ok := f.optimiser.(saver); !ok {
		return errors.Errorf("a checkpoint needs an optimiser of this package, got %T, which has no methods State and Restore", f.optimiser)
	}
	of := &trainingIdentity{Shape: f.m.Shape(), Dtype: f.m.Dtype().String(), Seed: f.m.Seed(), Batch: f.batch, Accumulate: f.accumulate, Frozen: f.frozen, Metrics: []string{}}
	layers, err := f.m.Layers()
	if err != nil {
		return err
	}
	for _, l := range layers {
		of.Layers = append(of.Layers, strings.TrimSpace(l.Path+" "+l.Node))
	}
	for _, m := range f.metrics {
		of.Metrics = append(of.Metrics, m.Name())
	}
	of.Optimiser = fmt.Sprintf("%T", f.optimiser)
	if o, ours := f.optimiser.(*Optimizer); ours {
		of.Optimiser = o.describe()
	}
	sum := digest{sha256.New()}
	for _, data := range []Dataset{f.loader.ds, f.validation} {
		n := 0
		if data != nil {
			if n, err = sum.some(data); err != nil {
				return err
			}
		}
		of.Samples = append(of.Samples, n)
	}
	of.Data = sum.String()
	b, err := f.loader.load(0, 0, f.loader.cut(f.loader.order(0), 0))
	if err != nil {
		return err
	}
	sum.Reset()
	if err := export.EncodeSafetensors(sum.Hash, []export.Tensor{{Name: "x", Value: b.X}, {Name: "t", Value: b.T}}, nil); err != nil {
		return err
	}
	of.Batches = sum.String()
	f.of = of
	return nil
}

// differs names what is not equal.
func (of *trainingIdentity) differs(stored trainingIdentity) error {
	stored.Accumulate = max(stored.Accumulate, 1) // files from before it do not say
	for i, layer := range of.Layers {
		if i >= len(stored.Layers) {
			return errors.Errorf("it is of another model: there was no layer %s", layer)
		}
		if was := stored.Layers[i]; was != layer {
			return errors.Errorf("it is of another model: layer %d was %s and is %s", i+1, was, layer)
		}
	}
	if n := len(of.Layers); n < len(stored.Layers) {
		return errors.Errorf("it is of another model: there is no layer %s", stored.Layers[n])
	}
	what := map[string]string{"data": "some samples", "batches": "the first batch: the order of the samples or the transforms"}
	now, then := reflect.ValueOf(*of), reflect.ValueOf(stored)
	for i := range now.NumField() {
		a, b := now.Field(i).Interface(), then.Field(i).Interface()
		name := now.Type().Field(i).Tag.Get("json")
		switch cause := what[name]; {
		case reflect.DeepEqual(a, b):
		case cause != "":
			return errors.Errorf("it is of other data: another content has %s", cause)
		default:
			return errors.Errorf("it is of another training: %s was %v and is %v", name, b, a)
		}
	}
	return nil
}
