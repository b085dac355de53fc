package onnx

import (
	"slices"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/guard"
	"github.com/thinnet/thinnet/internal/onnxgraph"
	"github.com/thinnet/thinnet/internal/onnxpb"
	"gorgonia.org/tensor"
)

var types = map[tensor.Dtype]onnxgraph.Type{
	tensor.Float32: onnxgraph.Float32, tensor.Float64: onnxgraph.Float64,
	tensor.Int: onnxgraph.Int64, tensor.Int64: onnxgraph.Int64, tensor.Int32: onnxgraph.Int32,
}

// emit builds the graph of a file.
func (d declaration) emit(m *graph.Model, c config) (*onnxpb.GraphProto, error) {
	float := types[m.Dtype()]
	input := onnxgraph.Value{Name: c.input, Type: float, Dims: []onnxgraph.Dim{{Batch: 1}}}
	input.Dims = append(input.Dims, onnxgraph.Fixed(m.Shape()[1:]...)...)
	var reserved []string
	for _, n := range d.Nodes {
		if n.Source == graph.FromWeight {
			reserved = append(reserved, n.Weight.Name)
		}
	}
	if slices.Contains(reserved, c.input) {
		return nil, errors.Errorf("the name of the input is %q, which is that of a weight; want another one", c.input)
	}
	g := onnxgraph.New(float, input, reserved...)
	g.Training = c.training
	values := make([]onnxgraph.Value, len(d.Nodes))
	for i, n := range d.Nodes {
		v, err := d.value(g, i, values)
		if err != nil {
			return nil, n.At(err)
		}
		if values[i] = v; v.Name != "" {
			g.Describe(v)
		}
	}
	g.Output(c.output, values[d.Output])
	for _, u := range d.Updates {
		g.Output(u.State+".next", values[u.Value])
	}
	return g.Proto("model")
}

// value adds what makes node i.
func (d declaration) value(g *onnxgraph.Graph, i int, values []onnxgraph.Value) (v onnxgraph.Value, err error) {
	n := d.Nodes[i]
	t, err := typeOf(n)
	if err != nil {
		return v, err
	}
	switch n.Source {
	case graph.FromInput:
		return g.Input(), nil
	case graph.FromStep:
		return onnxgraph.Value{Of: n.Source}, nil // what draws needs no number in ONNX
	case graph.FromWeight:
		return weight(g, n, t)
	case graph.FromConstant:
		return constant(g, n, t)
	}
	g.At(n.Path)
	call := &onnxgraph.Call{Graph: g, Out: d.dims[i]}
	for _, in := range n.In {
		call.In = append(call.In, values[in])
	}
	err = guard.Call("ONNX", func() error {
		op, ok := n.Op.(onnxgraph.Op)
		switch {
		case n.Source == graph.FromStock:
			v = stock(call, n.Stock)
		case ok:
			v = op.ONNX(call)
		default:
			g.Errorf("%v has no form in ONNX", n.Op)
		}
		return g.Err()
	})
	if err == nil { // an op that has no form for any batch says so first
		err = d.wrong[i]
	}
	if v.Of == nil {
		v.Dims, v.Type = d.dims[i], t
	}
	return v, err
}

func weight(g *onnxgraph.Graph, n graph.DeclaredNode, t onnxgraph.Type) (onnxgraph.Value, error) {
	raw, err := rawBytes(n.Weight.Value)
	if err != nil {
		return onnxgraph.Value{}, err
	}
	return g.Weight(n.Weight.Name, t, n.Shape, raw), nil
}

func constant(g *onnxgraph.Graph, n graph.DeclaredNode, t onnxgraph.Type) (onnxgraph.Value, error) {
	raw, err := rawBytes(n.Value)
	if err != nil {
		return onnxgraph.Value{}, err
	}
	return g.Constant(t, n.Shape, raw), nil
}

// rawBytes are the elements in little-endian order.
func rawBytes(d *tensor.Dense) ([]byte, error) {
	if d == nil {
		return nil, errors.New("a value in the model function is no tensor")
	}
	return encoded(d)
}
