package onnxgraph

import (
	"fmt"
	"slices"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/onnxpb"
	"google.golang.org/protobuf/proto"
)

// A Type is an element type of ONNX.
type Type = onnxpb.TensorProto_DataType

// A Value is a tensor in a graph. The zero value is an input that is left out.
type Value struct {
	Name string
	Dims []Dim // of what is declared in a model; nil for others
	Type Type  // the same
	// Of is what an op leaves for the op that reads its output, where that is no tensor
	// in ONNX, such as the statistics of a normalisation. Name is then empty.
	Of any
}

// A Graph is a graph while it is built. The first mistake sticks to it.
type Graph struct {
	Float    Type // the element type of the model
	Training bool // whether the form is that of training

	input    Value
	nodes    []*onnxpb.NodeProto
	weights  []*onnxpb.TensorProto
	inputs   []*onnxpb.ValueInfoProto
	outputs  []*onnxpb.ValueInfoProto
	infos    []*onnxpb.ValueInfoProto
	names    map[string]bool  // of values and nodes
	computed map[string]bool  // values that are the output of a node
	made     map[string]Value // constants, by content
	path     string
	err      error
}

// New returns a graph with an input. No value but the weights may get one of the names
// in reserved.
func New(float Type, input Value, reserved ...string) *Graph {
	g := &Graph{Float: float, input: input, names: map[string]bool{}, computed: map[string]bool{}, made: map[string]Value{}}
	for _, name := range append(reserved, input.Name) {
		g.names[name] = true
	}
	g.inputs = append(g.inputs, info(input))
	return g
}

// Input is the input of the model.
func (g *Graph) Input() Value { return g.input }

// At names the layer whose nodes follow.
func (g *Graph) At(path string) { g.path = path }

// Errorf reports what has no form in ONNX.
func (g *Graph) Errorf(format string, args ...any) Value {
	if g.err == nil {
		g.err = errors.Errorf(format, args...)
	}
	return Value{}
}

// Err returns the first mistake.
func (g *Graph) Err() error { return g.err }

// unique returns name, or name with a number if it is taken, and takes it.
func (g *Graph) unique(name string) string {
	free := name
	for n := 2; g.names[free]; n++ {
		free = fmt.Sprintf("%s_%d", name, n)
	}
	g.names[free] = true
	return free
}

// Do adds a node without attributes and returns its output.
func (g *Graph) Do(op string, in ...Value) Value { return g.Node(op, nil, in...) }

// Node adds a node of one output.
func (g *Graph) Node(op string, attributes Attributes, in ...Value) Value {
	return g.Nodes(op, attributes, 1, in...)[0]
}

// Nodes adds a node of several outputs, all of which are named.
func (g *Graph) Nodes(op string, attributes Attributes, outputs int, in ...Value) []Value {
	name := g.unique(g.under(op))
	out := make([]Value, outputs)
	for i := range out {
		out[i].Name = name
		if i > 0 {
			out[i].Name = g.unique(fmt.Sprintf("%s:%d", name, i))
		}
	}
	g.Compute(name, op, attributes, out, in...)
	return out
}

func (g *Graph) under(op string) string {
	if g.path == "" {
		return op
	}
	return g.path + "/" + op
}

// Promise returns a value that [Graph.Compute] will make, named after what it is.
func (g *Graph) Promise(what string) Value { return Value{Name: g.unique(g.under(what))} }

// Compute adds a node whose outputs are given.
func (g *Graph) Compute(name, op string, attributes Attributes, out []Value, in ...Value) {
	node := &onnxpb.NodeProto{Name: &name, OpType: &op, Attribute: attributes.protos()}
	for i, v := range in {
		if v.Name == "" && v.Of != nil {
			g.Errorf("input %d of %s is no tensor in ONNX", i, op)
		}
		node.Input = append(node.Input, v.Name)
	}
	for len(node.Input) > 0 && node.Input[len(node.Input)-1] == "" {
		node.Input = node.Input[:len(node.Input)-1]
	}
	for _, v := range out {
		node.Output = append(node.Output, v.Name)
		g.computed[v.Name] = true
	}
	g.nodes = append(g.nodes, node)
}

// Describe writes the shape and the type of a value into the file.
func (g *Graph) Describe(v Value) {
	known := func(have *onnxpb.ValueInfoProto) bool { return have.GetName() == v.Name }
	if g.computed[v.Name] && !slices.ContainsFunc(g.infos, known) {
		g.infos = append(g.infos, info(v))
	}
}

// Output makes v an output of the graph, called name.
func (g *Graph) Output(name string, v Value) {
	isOutput := func(have *onnxpb.ValueInfoProto) bool { return have.GetName() == v.Name }
	switch {
	case v.Name == "":
		g.Errorf("the output %s is no tensor in ONNX", name)
		return
	case g.names[name]:
		g.Errorf("the name of the output is %q, which is that of an input or a weight; want another one", name)
		return
	case g.computed[v.Name] && !slices.ContainsFunc(g.outputs, isOutput):
		g.rename(v.Name, name)
	default:
		g.Compute(g.unique(name+"/Identity"), "Identity", nil, []Value{{Name: name}}, v)
	}
	g.names[name], g.computed[name] = true, true
	v.Name = name
	g.outputs = append(g.outputs, info(v))
}

func (g *Graph) rename(from, to string) {
	for _, n := range g.nodes {
		for _, names := range [][]string{n.Input, n.Output} {
			for i, name := range names {
				if name == from {
					names[i] = to
				}
			}
		}
	}
	// The outputs of a graph are described there.
	g.infos = slices.DeleteFunc(g.infos, func(v *onnxpb.ValueInfoProto) bool { return v.GetName() == from })
}

// Proto returns the graph. It is an error if a node reads what none makes.
func (g *Graph) Proto(name string) (*onnxpb.GraphProto, error) {
	there := map[string]bool{"": true}
	for _, v := range g.inputs {
		there[v.GetName()] = true
	}
	for _, w := range g.weights {
		there[w.GetName()] = true
	}
	for _, n := range g.nodes {
		for _, in := range n.Input {
			if !there[in] {
				g.Errorf("%s reads %s, which nothing makes before it", n.GetName(), in)
			}
		}
		for _, out := range n.Output {
			there[out] = true
		}
	}
	for _, out := range g.outputs {
		if !there[out.GetName()] {
			g.Errorf("nothing makes the output %s", out.GetName())
		}
	}
	return &onnxpb.GraphProto{
		Name: proto.String(name), Node: g.nodes, Initializer: g.weights,
		Input: g.inputs, Output: g.outputs, ValueInfo: g.infos,
	}, g.err
}

// info describes a value of a known shape.
func info(v Value) *onnxpb.ValueInfoProto {
	shape := &onnxpb.TensorShapeProto{}
	for _, d := range v.Dims {
		dim := &onnxpb.TensorShapeProto_Dimension{Value: &onnxpb.TensorShapeProto_Dimension_DimValue{DimValue: int64(d.Fixed)}}
		if d.Batch != 0 {
			dim.Value = &onnxpb.TensorShapeProto_Dimension_DimParam{DimParam: d.String()}
		}
		shape.Dim = append(shape.Dim, dim)
	}
	return &onnxpb.ValueInfoProto{Name: proto.String(v.Name), Type: &onnxpb.TypeProto{
		Value: &onnxpb.TypeProto_TensorType{TensorType: &onnxpb.TypeProto_Tensor{ElemType: proto.Int32(int32(v.Type)), Shape: shape}},
	}}
}
