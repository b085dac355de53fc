package main

import (
	"os"
	"path/filepath"
	"slices"
	"unicode/utf8"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/config"
	"github.com/thinnet/thinnet/train"
)

type cifar10 struct {
	Path config.Path `key:"path" need:"yes" doc:"folder of data_batch_1.bin to data_batch_5.bin, as many as there are, and test_batch.bin, each plain or gzipped"`
	common
}

func (d *cifar10) open(uint64) (training, test train.Dataset, err error) {
	var batches []string
	for _, pattern := range []string{"data_batch_[1-5].bin", "data_batch_[1-5].bin.gz"} {
		found, err := filepath.Glob(filepath.Join(string(d.Path), pattern))
		if err != nil {
			return nil, nil, errors.WithStack(err)
		}
		batches = append(batches, found...)
	}
	if len(batches) == 0 {
		return nil, nil, errors.Errorf("%s has no data_batch_1.bin, want the binary version of CIFAR-10", d.Path)
	}
	if training, err = train.OpenCIFAR10(batches...); err != nil {
		return nil, nil, err
	}
	for _, name := range []string{"test_batch.bin", "test_batch.bin.gz"} {
		path := filepath.Join(string(d.Path), name)
		if _, err := os.Stat(path); err == nil {
			test, err = train.OpenCIFAR10(path)
			return training, test, err
		}
	}
	return training, nil, nil
}

type csvTable struct {
	Path    config.Path `key:"path" need:"yes" doc:"the file, plain or gzipped"`
	Test    config.Path `key:"test" doc:"another such file, to test on"`
	Target  string      `key:"target" absent:"the last column" doc:"the column that names the class"`
	Comma   string      `key:"comma" default:"," doc:"what separates cells"`
	Header  bool        `key:"header" default:"true" doc:"the first line names the columns"`
	Classes []string    `key:"classes" absent:"those of the file, sorted" doc:"the classes in order, for a file that may lack one"`
	common
}

func (d *csvTable) check() error {
	if utf8.RuneCountInString(d.Comma) != 1 {
		return errors.Errorf("comma is %q, want one character", d.Comma)
	}
	return nil
}

// comma is what separates cells.
func (d *csvTable) comma() rune {
	r, _ := utf8.DecodeRuneInString(d.Comma)
	return r
}

func (d *csvTable) open(uint64) (training, test train.Dataset, err error) {
	opts := []train.CSVOption{train.Comma(d.comma())}
	if !d.Header {
		opts = append(opts, train.NoHeader())
	}
	if d.Target != "" {
		opts = append(opts, train.TargetColumn(d.Target))
	}
	classes := d.Classes
	return both(d.Path, d.Test, func(path string) (train.Dataset, error) {
		with := opts
		if len(classes) > 0 {
			with = append(slices.Clone(opts), train.ClassNames(classes...))
		}
		ds, err := train.OpenCSV(path, with...)
		if err == nil {
			classes = classNames(ds) // the test data is numbered alike
		}
		return ds, err
	})
}

type npy struct {
	X     config.Path `key:"x" need:"yes" doc:"samples (n, ...)"`
	T     config.Path `key:"t" need:"yes" doc:"classes (n), whole numbers from 0"`
	TestX config.Path `key:"test_x" doc:"samples to test on"`
	TestT config.Path `key:"test_t" doc:"their classes"`
	common
}

func (d *npy) check() error { return pair(string(d.TestX), string(d.TestT)) }

// pair wants both samples and classes to test on, or none.
func pair(x, t string) error {
	if (x == "") != (t == "") {
		return errors.New("one of test_x and test_t is given, want both or none")
	}
	return nil
}

func (d *npy) open(uint64) (training, test train.Dataset, err error) {
	if training, err = train.OpenNPY(string(d.X), string(d.T)); err != nil || d.TestX == "" {
		return training, nil, err
	}
	test, err = train.OpenNPY(string(d.TestX), string(d.TestT))
	return training, test, err
}

type npz struct {
	Path  config.Path `key:"path" need:"yes" doc:"the file"`
	X     string      `key:"x" default:"x" doc:"name of the samples (n, ...) in it"`
	T     string      `key:"t" default:"t" doc:"name of the classes (n), whole numbers from 0"`
	TestX string      `key:"test_x" doc:"name of the samples to test on"`
	TestT string      `key:"test_t" doc:"name of their classes"`
	common
}

func (d *npz) check() error { return pair(d.TestX, d.TestT) }

func (d *npz) open(uint64) (training, test train.Dataset, err error) {
	if training, err = train.OpenNPZ(string(d.Path), d.X, d.T); err != nil || d.TestX == "" {
		return training, nil, err
	}
	test, err = train.OpenNPZ(string(d.Path), d.TestX, d.TestT)
	return training, test, err
}

type ts struct {
	Path config.Path `key:"path" need:"yes" doc:"the file, plain or gzipped"`
	Test config.Path `key:"test" doc:"another such file, to test on"`
	Pad  int         `key:"pad_to" in:"[0,1e7]" absent:"the longest of the training data" doc:"steps of each series; shorter ones end in 0"`
	common
}

func (d *ts) open(uint64) (training, test train.Dataset, err error) {
	pad := d.Pad
	return both(d.Path, d.Test, func(path string) (train.Dataset, error) {
		var opts []train.TSOption
		if pad > 0 {
			opts = append(opts, train.PadTo(pad))
		}
		ds, err := train.OpenTS(path, opts...)
		if err != nil || pad > 0 {
			return ds, err
		}
		x, _, err := ds.Batch([]int{0})
		if err == nil {
			pad = x.Shape()[1]
		}
		return ds, err
	})
}

// classNames returns nil where they are not known.
func classNames(ds train.Dataset) []string {
	if l, ok := ds.(train.Labelled); ok {
		return l.Classes()
	}
	return nil
}

func sameClasses(training, test train.Dataset) error {
	if a, b := classNames(training), classNames(test); !slices.Equal(a, b) {
		return errors.Errorf("the test data has the classes %q, want those of the training data, %q", b, a)
	}
	return nil
}
