package main

import (
	"math"
	"slices"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/config"
	"github.com/thinnet/thinnet/train"
	"gorgonia.org/tensor"
)

// An experiment is a config whose data is open.
type experiment struct {
	*settings
	common     *common
	training   train.Dataset
	validation train.Dataset // nil without
	test       train.Dataset // nil without
	shape      graph.Shape   // of a sample
	classes    int
	names      []string // of the classes, nil if they are not known
}

// open opens the data of a config.
func (s *settings) open() (*experiment, error) {
	e := &experiment{settings: s, common: s.Data.source().shared()}
	training, test, err := s.Data.source().open(s.Train.Seed)
	if err != nil {
		return nil, errors.WithMessagef(err, "%v: data", s.Data.At)
	}
	if err := e.describe(training); err != nil {
		return nil, errors.WithMessagef(err, "%v: data", s.Data.At)
	}
	e.training, e.test = e.common.apply(training), e.common.apply(test)
	if e.common.Validation == 0 {
		return e, nil
	}
	var opts []train.SplitOption
	if e.common.Stratified {
		opts = append(opts, train.Stratified())
	}
	e.training, e.validation, err = train.Split(e.training, 1-e.common.Validation, s.Train.Seed, opts...)
	return e, errors.WithMessagef(err, "%v: data", s.tree.Place("data.validation"))
}

// describe finds the shape of samples and the classes.
func (e *experiment) describe(ds train.Dataset) error {
	if ds.Len() == 0 {
		return errors.New("there is no sample")
	}
	x, _, err := e.common.apply(ds).Batch([]int{0})
	if err != nil {
		return err
	}
	e.shape, e.names = x.Shape().Clone()[1:], classNames(ds)
	if e.classes = len(e.names); e.classes > 0 {
		return nil
	}
	e.classes, err = countClasses(ds)
	return err
}

// maxClasses bounds them: a model has weights for each.
const maxClasses = 1_000_000

// countClasses is one more than the largest target.
func countClasses(ds train.Dataset) (int, error) {
	const chunk = 4096
	largest := math.MinInt
	for at := 0; at < ds.Len(); at += chunk {
		var indices []int
		for i := at; i < min(at+chunk, ds.Len()); i++ {
			indices = append(indices, i)
		}
		t, err := targets(ds, indices)
		if err != nil {
			return 0, err
		}
		largest = max(largest, slices.Max(t))
	}
	if largest < 0 || largest >= maxClasses {
		return 0, errors.Errorf("the largest target is %d, want classes: whole numbers from 0 to less than %d", largest, maxClasses)
	}
	return largest + 1, nil
}

// targets are the classes of some samples.
func targets(ds train.Dataset, indices []int) ([]int, error) {
	var t *tensor.Dense
	var err error
	if at, ok := ds.(train.Targeted); ok {
		t, err = at.Targets(indices)
	} else {
		_, t, err = ds.Batch(indices)
	}
	if err != nil {
		return nil, err
	}
	classes, ok := t.Data().([]int)
	if !ok {
		return nil, errors.Errorf("targets are of type %v, want classes: whole numbers from 0", t.Dtype())
	}
	return classes, nil
}

// stepsPerEpoch is what a loader will make of the training data.
func (e *experiment) stepsPerEpoch() int {
	n, batch := e.training.Len(), e.Train.Batch*e.Train.Accumulate
	if e.Train.DropLast {
		return max(1, n/batch)
	}
	return (n + batch - 1) / batch
}

// build builds the model of the config.
func (e *experiment) build() (*graph.Model, error) {
	if err := e.Train.checkWarmup(e.tree, e.stepsPerEpoch()); err != nil {
		return nil, err
	}
	return e.settings.build(e.shape, e.classes, e.Train.Batch)
}

// build builds the model for samples of a shape, to run by as many threads as the config
// says.
func (s *settings) build(shape graph.Shape, classes, batch int) (*graph.Model, error) {
	if s.Train.Threads > 0 {
		graph.SetThreads(s.Train.Threads)
	}
	device, err := graph.ParseDevice(s.Train.Device)
	if err != nil {
		return nil, err
	}
	m, err := graph.Build(s.Model.build(classes, s.Data.layout()), append(graph.Shape{batch}, shape...), graph.Seed(s.Train.Seed), graph.On(device))
	if err != nil {
		return nil, config.Errorf(s.Model.At, "%v; samples have shape %v", err, shape)
	}
	return m, nil
}

// part returns one of the parts of the data by name.
func (e *experiment) part(name string) (train.Dataset, error) {
	ds, ok := map[string]train.Dataset{"training": e.training, "validation": e.validation, "test": e.test}[name]
	switch {
	case !ok:
		return nil, usagef("--split is %q, want training, validation or test", name)
	case ds == nil:
		return nil, usagef("the config has no %s data, want another --split", name)
	}
	return ds, nil
}

// best returns the part that tells most of a trained model.
func (e *experiment) best() string {
	switch {
	case e.test != nil:
		return "test"
	case e.validation != nil:
		return "validation"
	}
	return "training"
}
