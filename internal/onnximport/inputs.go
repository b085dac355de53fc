package onnximport

import (
	"slices"
	"strings"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/onnxpb"
	"gorgonia.org/tensor"
)

// Bind gives an input a value.
func (f *File) Bind(name string, d *tensor.Dense) error {
	at := slices.IndexFunc(f.inputs, func(in input) bool { return in.name == name })
	if at < 0 {
		return errors.Errorf("there is no input %q to bind, want one of %s", name, f.inputNames())
	}
	if d == nil {
		return errors.Errorf("the tensor for input %q is nil", name)
	}
	a, ok := dense(d)
	if !ok {
		return errors.Errorf("the tensor for input %q has elements of type %v, want numbers or booleans in row-major order", name, d.Dtype())
	}
	f.bound[name] = a
	f.inputs = slices.Delete(f.inputs, at, at+1)
	return nil
}

func (f *File) inputNames() string {
	names := make([]string, len(f.inputs))
	for i, in := range f.inputs {
		names[i] = quoted(in.name)
	}
	return strings.Join(names, ", ")
}

// SetOutput chooses the output: one of the file, or any value that a node makes.
func (f *File) SetOutput(name string) error {
	makes := func(n *onnxpb.NodeProto) bool { return slices.Contains(n.Output, name) }
	if name == "" || !slices.ContainsFunc(f.nodes, makes) && !slices.Contains(f.outputs, name) {
		return errors.Errorf("there is no value %q; the outputs are %q, and any value that a node makes can be one", name, f.outputs)
	}
	f.output = name
	return nil
}

// Outputs are those of the file.
func (f *File) Outputs() []string { return slices.Clone(f.outputs) }

// Double says whether the file is one of float64.
func (f *File) Double() bool { return f.double }

// Shape returns that of the one input that is not bound, with given sizes where the file
// leaves them open. An open batch is 1.
func (f *File) Shape(given graph.Shape) (graph.Shape, error) {
	if len(f.inputs) != 1 {
		if len(f.inputs) == 0 {
			return nil, errors.New("all inputs are bound, want one that is left")
		}
		return nil, errors.Errorf("there are the inputs %s, want one: bind the others to constants by onnx.Bind", f.inputNames())
	}
	in := f.inputs[0]
	switch {
	case !in.known && given == nil:
		return nil, errors.Errorf("the file says nothing of the shape of input %q, want onnx.InputShape", in.name)
	case !in.known:
		return given.Clone(), nil
	case given != nil && len(given) != len(in.shape):
		return nil, errors.Errorf("InputShape is %v, want %d sizes for input %q", given, len(in.shape), in.name)
	}
	shape := make(graph.Shape, len(in.shape))
	for axis, n := range in.shape {
		shape[axis] = n
		switch {
		case given != nil && n != 0 && axis > 0 && given[axis] != n:
			return nil, errors.Errorf("InputShape is %v, want %d at axis %d of input %q", given, n, axis, in.name)
		case given != nil:
			shape[axis] = given[axis]
		case n == 0 && axis == 0:
			shape[axis] = 1
		case n == 0:
			return nil, errors.Errorf("the file leaves axis %d of input %q open, want its size by onnx.InputShape", axis, in.name)
		}
	}
	return shape, nil
}
