package onnx

import (
	"io"
	"os"
	"path/filepath"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/atomicfile"
	"github.com/thinnet/thinnet/internal/guard"
	"github.com/thinnet/thinnet/internal/onnximport"
	"gorgonia.org/tensor"
)

// Load reads an ONNX file as a model that predicts, and that can be trained further:
//
//	m, err := onnx.Load("resnet18.onnx")
//	y, err := m.Predict(x)
//
// The input keeps the sizes of the file, and the batch, its first axis, is of any size if
// the file leaves that open. Weights have the names of the file's initialisers, and those of
// floats are parameters, but for single numbers and what has infinite ones, such as a mask.
// In training Dropout draws and BatchNormalization takes the statistics of the batch,
// whatever training_mode says. A file of float64 makes a model of float64.
//
// Options: [InputShape], [Output], [Bind], [BuildOptions].
func Load(path string, opts ...LoadOption) (*graph.Model, error) {
	m, err := load(path, opts)
	return m, guard.At("onnx.Load", named(err, path))
}

func load(path string, opts []LoadOption) (*graph.Model, error) {
	f, err := open(path, opts)
	if err != nil {
		return nil, err
	}
	return graph.Build(f.Declare, f.Shape(), f.build...)
}

// A LoadOption adjusts [Load], [Open] or [Read].
type LoadOption func(*loading)

type loading struct {
	shape  graph.Shape
	output string
	bound  []binding
	build  []graph.Option
}

type binding struct {
	input string
	value *tensor.Dense
}

// InputShape gives the sizes that the file leaves open. It has all axes of the input,
// the batch first, which is 1 without it.
func InputShape(sizes ...int) LoadOption { return func(l *loading) { l.shape = sizes } }

// Output chooses what the model computes: another output of the file than the first one, or
// any value that a node makes, such as what goes into the last layer.
func Output(name string) LoadOption { return func(l *loading) { l.output = name } }

// Bind gives an input a constant value. A model has one input: a file of several is
// loaded with all but one bound.
func Bind(input string, value *tensor.Dense) LoadOption {
	return func(l *loading) { l.bound = append(l.bound, binding{input, value}) }
}

// BuildOptions are those that [Load] passes to [graph.Build], such as [graph.Seed].
func BuildOptions(opts ...graph.Option) LoadOption {
	return func(l *loading) { l.build = append(l.build, opts...) }
}

// A File is the graph of an ONNX file, as a part of models.
type File struct {
	of    *onnximport.File
	shape graph.Shape
	build []graph.Option
}

// Open reads an ONNX file to use its graph as a part of a model, with another last layer for
// instance:
//
//	f, err := onnx.Open("resnet18.onnx", onnx.Output("features"))
//	...
//	m, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
//		return nodes.Linear(s.In("head"), f.Declare(s, x), 5)
//	}, f.Shape())
//
// The options are those of [Load].
func Open(path string, opts ...LoadOption) (*File, error) {
	f, err := open(path, opts)
	return f, guard.At("onnx.Open", named(err, path))
}

// Read is [Open] of a reader of size bytes. External data, which lie in files of their own,
// are an error.
func Read(r io.ReaderAt, size int64, opts ...LoadOption) (*File, error) {
	f, err := read(r, size, "", opts)
	return f, guard.At("onnx.Read", err)
}

// named says of which file an error is.
func named(err error, path string) error {
	if path == "" {
		return err
	}
	return errors.WithMessage(err, path)
}

func open(path string, opts []LoadOption) (*File, error) {
	if path == "" {
		return nil, errors.New("the path is empty, want that of an ONNX file")
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, errors.WithStack(atomicfile.WithoutPath(err))
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, errors.WithStack(atomicfile.WithoutPath(err))
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("is not a file, want one")
	}
	return read(file, info.Size(), filepath.Dir(path), opts)
}

func read(r io.ReaderAt, size int64, folder string, opts []LoadOption) (*File, error) {
	var l loading
	guard.Apply(&l, opts)
	f := &File{}
	if err := guard.Call("reading an ONNX file", func() (err error) {
		if f.of, err = onnximport.Parse(r, size, onnximport.Folder(folder)); err != nil {
			return err
		}
		if l.output != "" {
			if err := f.of.SetOutput(l.output); err != nil {
				return errors.WithMessage(err, "onnx.Output")
			}
		}
		for _, b := range l.bound {
			if err := f.of.Bind(b.input, b.value); err != nil {
				return errors.WithMessage(err, "onnx.Bind")
			}
		}
		if err := f.of.Supported(); err != nil {
			return err
		}
		if f.shape, err = f.of.Shape(l.shape); err != nil {
			return err
		}
		if f.of.Double() {
			f.build = append(f.build, graph.Float64())
		}
		f.build = append(f.build, l.build...)
		return nil
	}); err != nil {
		return nil, err
	}
	return f, nil
}

// Declare declares the graph of the file for the input x. It is a [graph.Func]. Weights get
// their names within s.
func (f *File) Declare(s *graph.Scope, x *graph.Node) *graph.Node {
	if f == nil || f.of == nil {
		return s.Errorf("the ONNX file is nil, want one of onnx.Open")
	}
	return f.of.Declare(s, x)
}

// Shape returns that of the input.
func (f *File) Shape() graph.Shape {
	if f == nil {
		return nil
	}
	return f.shape.Clone()
}

// Outputs returns the names of the outputs of the file, of which [Output] chooses one.
func (f *File) Outputs() []string {
	if f == nil || f.of == nil {
		return nil
	}
	return f.of.Outputs()
}
