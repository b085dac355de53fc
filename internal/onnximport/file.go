package onnximport

import (
	"io"
	"slices"
	"strings"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/onnxpb"
	"google.golang.org/protobuf/proto"
)

const (
	maxSize  = 1<<31 - 1 // of a file: protocol buffers have no longer messages
	maxDepth = 100       // of messages in messages
	lastSet  = 21        // the newest set of operators
)

// A File is the graph of an ONNX file, checked: what its nodes read is there.
type File struct {
	opset   int
	nodes   []*onnxpb.NodeProto // each after those that it reads
	weights map[string]*stored
	bound   map[string]*array
	inputs  []input
	outputs []string
	output  string
	double  bool // its floats are float64
	outside Outside
	made    int // elements that constants of the graph may have, together
}

// An input is what a graph is given.
type input struct {
	name  string
	kind  kind
	shape []int // a size that is open is 0
	known bool  // whether the file tells the number of axes
}

// Parse reads a file of a size. External data are found by outside.
func Parse(r io.ReaderAt, size int64, outside Outside) (*File, error) {
	switch {
	case r == nil:
		return nil, errors.New("the reader is nil")
	case size < 0 || size > maxSize:
		return nil, errors.Errorf("it has %d bytes, want at most %d", size, maxSize)
	}
	data, err := io.ReadAll(io.NewSectionReader(r, 0, size))
	if err != nil {
		return nil, errors.WithStack(err)
	}
	if int64(len(data)) != size {
		return nil, errors.Errorf("it has %d bytes, want %d: it has become shorter", len(data), size)
	}
	m := &onnxpb.ModelProto{}
	if most := 1<<20 + len(data)/16; messages(data, m.ProtoReflect().Descriptor(), most, maxDepth) > most {
		return nil, errors.Errorf("it has over %d messages, too many for a file of %d bytes", most, len(data))
	}
	if err := (proto.UnmarshalOptions{RecursionLimit: maxDepth}).Unmarshal(data, m); err != nil {
		return nil, errors.New("is not an ONNX file, or was cut off: it is no message of protocol buffers")
	}
	if m.Graph == nil {
		return nil, errors.New("is not an ONNX file, or was cut off: it has no graph")
	}
	f := &File{weights: map[string]*stored{}, bound: map[string]*array{}, outside: outside}
	if f.opset, err = opsetOf(m); err != nil {
		return nil, err
	}
	return f, f.read(m.Graph)
}

func opsetOf(m *onnxpb.ModelProto) (int, error) {
	for _, set := range m.OpsetImport {
		if d := set.GetDomain(); d != "" && d != "ai.onnx" {
			continue
		}
		if v := set.GetVersion(); v < 1 || v > lastSet {
			return 0, errors.Errorf("it is of opset %d, want 1 to %d", v, lastSet)
		}
		return int(set.GetVersion()), nil
	}
	return 0, errors.New("it says nothing of the opset of its operators")
}

// read checks the graph.
func (f *File) read(g *onnxpb.GraphProto) error {
	if len(g.SparseInitializer) > 0 {
		return errors.New("it has sparse initialisers, want dense ones")
	}
	there := map[string]bool{}
	for _, p := range g.Initializer {
		name := p.GetName()
		if there[name] {
			return errors.Errorf("initialiser %q is there twice", name)
		}
		if err := checkName(name); err != nil {
			return errors.WithMessage(err, "an initialiser")
		}
		there[name] = true
		w, err := check(p, f.outside)
		if err != nil {
			return errors.WithMessagef(err, "initialiser %q", name)
		}
		w.learn = w.kind == floats && len(w.shape) > 0 && sizeOf(w.shape) > 0 && w.finite()
		f.weights[name] = w
		f.made += 8 * sizeOf(w.shape)
	}
	f.made += 1 << 22
	seen := map[string]bool{}
	for _, p := range g.Input {
		name := p.GetName()
		if seen[name] || name == "" {
			return errors.Errorf("input %q is there twice, or has no name", name)
		}
		if seen[name] = true; there[name] {
			continue // before IR version 4 initialisers are inputs too
		}
		in, err := inputOf(p)
		if err != nil {
			return errors.WithMessagef(err, "input %q", name)
		}
		there[name] = true
		f.inputs = append(f.inputs, in)
	}
	for i, n := range g.Node {
		if err := f.readNode(n, there, g.Node[i:]); err != nil {
			return errors.WithMessage(err, title(n))
		}
	}
	f.nodes = g.Node
	for _, p := range g.Output {
		if !there[p.GetName()] || p.GetName() == "" {
			return errors.Errorf("nothing makes the output %q", p.GetName())
		}
		f.outputs = append(f.outputs, p.GetName())
	}
	if len(f.outputs) == 0 {
		return errors.New("it has no outputs")
	}
	f.output = f.outputs[0]
	f.double = f.isDouble(g)
	return nil
}

// readNode checks that what a node reads is there.
func (f *File) readNode(n *onnxpb.NodeProto, there map[string]bool, from []*onnxpb.NodeProto) error {
	for _, in := range n.Input {
		if in == "" || there[in] {
			continue
		}
		if slices.ContainsFunc(from, func(m *onnxpb.NodeProto) bool { return slices.Contains(m.Output, in) }) {
			return errors.Errorf("it reads %q, which it or a node after it makes: nodes must come after what they read", in)
		}
		return errors.Errorf("it reads %q, which nothing makes", in)
	}
	for _, out := range n.Output {
		if out != "" && there[out] {
			return errors.Errorf("its output %q is made before", out)
		}
		there[out] = out != ""
	}
	return nil
}

// isDouble says whether the model is one of float64: its floating input is, or without
// one the first weight.
func (f *File) isDouble(g *onnxpb.GraphProto) bool {
	for _, p := range g.Input {
		if _, stored := f.weights[p.GetName()]; stored {
			continue
		}
		switch onnxpb.TensorProto_DataType(p.GetType().GetTensorType().GetElemType()) {
		case onnxpb.TensorProto_DOUBLE:
			return true
		case onnxpb.TensorProto_FLOAT:
			return false
		}
	}
	for _, p := range g.Initializer {
		if f.weights[p.GetName()].kind == floats {
			return typeOf(p) == onnxpb.TensorProto_DOUBLE
		}
	}
	return false
}

func inputOf(p *onnxpb.ValueInfoProto) (input, error) {
	in := input{name: p.GetName()}
	t := p.GetType().GetTensorType()
	if t == nil {
		return in, errors.New("it is no tensor")
	}
	e, ok := elements[onnxpb.TensorProto_DataType(t.GetElemType())]
	if !ok {
		return in, errors.Errorf("element type %v is not read, want numbers or booleans", onnxpb.TensorProto_DataType(t.GetElemType()))
	}
	in.kind, in.known = e.kind, t.Shape != nil
	for _, d := range t.GetShape().GetDim() {
		if n := d.GetDimValue(); n < 0 || n > maxElements {
			return in, errors.Errorf("the size of an axis is %d, want at least 1 and at most 2⁴⁰", n)
		}
		in.shape = append(in.shape, int(d.GetDimValue()))
	}
	return in, nil
}

// checkName wants a name that no value of a program has.
func checkName(name string) error {
	if name == "" || strings.HasPrefix(name, "(") {
		return errors.Errorf("the name is %q, want one that doesn't begin with a parenthesis", name)
	}
	return nil
}

// title is how errors call a node.
func title(n *onnxpb.NodeProto) string {
	if n.GetName() == "" && len(n.Output) > 0 {
		return n.GetOpType() + " that makes " + quoted(n.Output[0])
	}
	return n.GetOpType() + " " + quoted(n.GetName())
}
