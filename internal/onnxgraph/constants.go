package onnxgraph

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/thinnet/thinnet/internal/onnxpb"
	"google.golang.org/protobuf/proto"
)

// The element types of constants.
const (
	Float32 = onnxpb.TensorProto_FLOAT
	Float64 = onnxpb.TensorProto_DOUBLE
	Int32   = onnxpb.TensorProto_INT32
	Int64   = onnxpb.TensorProto_INT64
	Bool    = onnxpb.TensorProto_BOOL
)

// Scalar is a number of the model's element type.
func (g *Graph) Scalar(v float64) Value { return g.Floats(nil, v) }

// Floats is a constant of the model's element type.
func (g *Graph) Floats(shape []int, v ...float64) Value {
	return g.Constant(g.Float, shape, Raw(g.Float, v))
}

// Raw are the bytes of numbers of type Float32 or Float64, in little-endian order.
func Raw(t Type, v []float64) (raw []byte) {
	for _, f := range v {
		if t == Float64 {
			raw = binary.LittleEndian.AppendUint64(raw, math.Float64bits(f))
		} else {
			raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(float32(f)))
		}
	}
	return raw
}

// Ints is a constant vector of type int64.
func (g *Graph) Ints(v ...int) Value { return g.IntTensor([]int{len(v)}, v...) }

// IntTensor is a constant of type int64.
func (g *Graph) IntTensor(shape []int, v ...int) Value {
	var raw []byte
	for _, n := range v {
		raw = binary.LittleEndian.AppendUint64(raw, uint64(n))
	}
	return g.Constant(Int64, shape, raw)
}

// Bools is a constant of type bool.
func (g *Graph) Bools(shape []int, v ...bool) Value {
	raw := make([]byte, len(v))
	for i, b := range v {
		if b {
			raw[i] = 1
		}
	}
	return g.Constant(Bool, shape, raw)
}

// Constant adds a constant, the bytes of its elements in little-endian order, once for each
// content. It is a node, not an initialiser, so that whoever reads the file tells it from a
// weight.
func (g *Graph) Constant(t Type, shape []int, raw []byte) Value {
	key := fmt.Sprintf("%v %v %s", t, shape, raw)
	v, ok := g.made[key]
	if !ok {
		v = Value{Name: g.unique("constant"), Dims: Fixed(shape...), Type: t}
		g.made[key] = v
		g.Compute(v.Name, "Constant", Attributes{"value": tensorProto("", t, shape, raw)}, []Value{v})
	}
	return v
}

// Weight adds a weight, the bytes of its elements in little-endian order.
func (g *Graph) Weight(name string, t Type, shape []int, raw []byte) Value {
	g.weights = append(g.weights, tensorProto(name, t, shape, raw))
	return Value{Name: name, Dims: Fixed(shape...), Type: t}
}

func tensorProto(name string, t Type, shape []int, raw []byte) *onnxpb.TensorProto {
	p := &onnxpb.TensorProto{DataType: proto.Int32(int32(t)), RawData: raw}
	if name != "" {
		p.Name = proto.String(name)
	}
	for _, d := range shape {
		p.Dims = append(p.Dims, int64(d))
	}
	return p
}
