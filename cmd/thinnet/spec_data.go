package main

import (
	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/config"
	"github.com/thinnet/thinnet/train"
)

// A data is one of the data sets of package train.
type data struct{ config.Chosen }

// Options implements config's choice.
func (data) Options() []config.Option {
	return []config.Option{
		{Name: "Digits", Doc: "built-in digits, drawn from the Go fonts, 28 by 28", New: func() any { return &digits{} }},
		{Name: "MNIST", Doc: "MNIST, or a set packed alike such as Fashion-MNIST", New: func() any { return &mnist{} }},
		{Name: "CIFAR10", Doc: "the binary version of CIFAR-10", New: func() any { return &cifar10{} }},
		{Name: "ImageFolder", Doc: "PNG, JPEG and GIF files in a folder for each class", New: func() any { return &imageFolder{} }},
		{Name: "CSV", Doc: "a table, one sample a line", New: func() any { return &csvTable{} }},
		{Name: "NPY", Doc: "NumPy arrays in files of their own; bytes are not scaled, but by normalize: {mean: [0], std: [255]}", New: func() any { return &npy{} }},
		{Name: "NPZ", Doc: "arrays of a NumPy archive, as of NPY", New: func() any { return &npz{} }},
		{Name: "TS", Doc: "labelled time series in the ts format", New: func() any { return &ts{} }},
	}
}

// A layout is how the axes of samples are ordered.
type layout uint8

const (
	channelsFirst layout = iota
	stepsFirst           // (T, F)
)

// A source opens a data set. There is no test data where the config names none.
type source interface {
	open(seed uint64) (training, test train.Dataset, err error)
	shared() *common
}

func (d *data) source() source { return d.Spec.(source) }

func (d *data) layout() layout {
	if d.Name == "TS" {
		return stepsFirst
	}
	return channelsFirst
}

// common is of all data sets.
type common struct {
	Validation float64    `key:"validation" default:"0.1" in:"[0,1)" doc:"part of the training data to validate on after every epoch; 0 is none"`
	Stratified bool       `key:"stratified" doc:"split so that each part has its share of every class"`
	Normalize  *normalize `key:"normalize" doc:"(x - mean) / std, of all data"`
	Augment    []augment  `key:"augment" doc:"what is done to samples in training alone, in order"`
}

func (c *common) shared() *common { return c }

type normalize struct {
	Mean []float64 `key:"mean" need:"yes" doc:"of each channel, of tables of each column, or of all"`
	Std  []float64 `key:"std" need:"yes" in:"(0,inf)" doc:"of each channel, of tables of each column, or of all"`
}

// apply puts data under what holds for training and prediction. It makes float32 of what
// NumPy has as other numbers.
func (c *common) apply(ds train.Dataset) train.Dataset {
	switch {
	case ds == nil:
		return nil
	case c.Normalize == nil:
		return train.Map(ds)
	}
	return train.Map(ds, train.Normalize(c.Normalize.Mean, c.Normalize.Std))
}

type digits struct {
	Samples int `key:"samples" default:"6000" in:"[1,1e6]" doc:"to train and to validate on"`
	Test    int `key:"test" default:"2000" in:"[0,1e6]" doc:"to test on"`
	common
}

func (d *digits) open(seed uint64) (training, test train.Dataset, err error) {
	if d.Test > 0 {
		test = train.Digits(d.Test, seed+1)
	}
	return train.Digits(d.Samples, seed), test, nil
}

type mnist struct {
	Path config.Path `key:"path" need:"yes" doc:"folder of the four files, each plain or gzipped"`
	common
}

func (d *mnist) open(uint64) (training, test train.Dataset, err error) {
	if training, err = train.OpenMNIST(string(d.Path), true); err != nil {
		return nil, nil, err
	}
	test, err = train.OpenMNIST(string(d.Path), false)
	return training, test, err
}

type imageFolder struct {
	Path config.Path `key:"path" need:"yes" doc:"folder with a folder of images for each class"`
	Test config.Path `key:"test" doc:"another such folder, to test on, of the same classes"`
	Size []int       `key:"size" in:"[1,8000]" absent:"that of the first image" doc:"width and height to resize all images to"`
	Grey bool        `key:"grey" doc:"one channel"`
	common
}

func (d *imageFolder) check() error {
	if n := len(d.Size); n != 0 && n != 2 {
		return errors.Errorf("size has %d numbers, want width and height", n)
	}
	return nil
}

func (d *imageFolder) options() (opts []train.ImageOption) {
	if d.Grey {
		opts = append(opts, train.Grey())
	}
	if len(d.Size) > 0 {
		opts = append(opts, train.Size(d.Size[0], d.Size[1]))
	}
	return opts
}

func (d *imageFolder) open(uint64) (training, test train.Dataset, err error) {
	return both(d.Path, d.Test, func(path string) (train.Dataset, error) { return train.OpenImageFolder(path, d.options()...) })
}

// both opens the training data and, if there is a path, the test data alike.
func both(path, testPath config.Path, open func(path string) (train.Dataset, error)) (training, test train.Dataset, err error) {
	if training, err = open(string(path)); err != nil || testPath == "" {
		return training, nil, err
	}
	if test, err = open(string(testPath)); err != nil {
		return nil, nil, err
	}
	return training, test, sameClasses(training, test)
}
