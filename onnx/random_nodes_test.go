package onnx_test

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"github.com/thinnet/thinnet/internal/onnxpb"
	"google.golang.org/protobuf/proto"
)

func volume(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}

// An attrs is the attributes of a node: int, []int, float64, string, []string or a tensor.
type attrs map[string]any

// node adds a node of one output, which is the last value then.
func (g *randomGraph) node(op string, a attrs, in ...string) string {
	return g.nodeOf(op, a, 1, 0, in...)
}

// nodeOf adds a node, of whose outputs one is the last value then.
func (g *randomGraph) nodeOf(op string, a attrs, outputs, last int, in ...string) string {
	n := &onnxpb.NodeProto{OpType: &op, Input: in}
	for range outputs {
		n.Output = append(n.Output, g.name())
	}
	names := []string{}
	for name := range a {
		names = append(names, name)
	}
	slices.Sort(names)
	text := ""
	for _, name := range names {
		p := &onnxpb.AttributeProto{Name: proto.String(name)}
		switch v := a[name].(type) {
		case int:
			p.Type, p.I = onnxpb.AttributeProto_INT.Enum(), proto.Int64(int64(v))
		case float64:
			p.Type, p.F = onnxpb.AttributeProto_FLOAT.Enum(), proto.Float32(float32(v))
		case string:
			p.Type, p.S = onnxpb.AttributeProto_STRING.Enum(), []byte(v)
		case []int:
			p.Type = onnxpb.AttributeProto_INTS.Enum()
			for _, n := range v {
				p.Ints = append(p.Ints, int64(n))
			}
		case []string:
			p.Type = onnxpb.AttributeProto_STRINGS.Enum()
			for _, s := range v {
				p.Strings = append(p.Strings, []byte(s))
			}
		case *onnxpb.TensorProto:
			p.Type, p.T = onnxpb.AttributeProto_TENSOR.Enum(), v
		}
		n.Attribute = append(n.Attribute, p)
		text += fmt.Sprintf(" %s=%v", name, a[name])
	}
	g.g.Node = append(g.g.Node, n)
	if op != "Constant" {
		g.text += fmt.Sprintf(" -> %s(%v)%s", op, in, text)
	}
	g.last = n.Output[last]
	return g.last
}

func (g *randomGraph) name() string {
	g.names++
	return fmt.Sprint("v", g.names)
}

// weight is an initialiser of normal numbers, or a constant.
func (g *randomGraph) weight(shape ...int) string {
	return g.floats(shape, func() float64 { return g.NormFloat64() })
}

// positive is a weight of numbers from 0.5 to 2.
func (g *randomGraph) positive(shape ...int) string {
	return g.floats(shape, func() float64 { return 0.5 + 1.5*g.Float64() })
}

func (g *randomGraph) floats(shape []int, f func() float64) string {
	var raw []byte
	for range volume(shape) {
		raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(float32(f())))
	}
	return g.stored(fmt.Sprintf("float%v", shape), onnxpb.TensorProto_FLOAT, shape, raw)
}

func (g *randomGraph) ints(shape []int, v ...int) string {
	var raw []byte
	for _, n := range v {
		raw = binary.LittleEndian.AppendUint64(raw, uint64(n))
	}
	return g.stored(fmt.Sprintf("int%v", v), onnxpb.TensorProto_INT64, shape, raw)
}

func (g *randomGraph) list(v ...int) string { return g.ints([]int{len(v)}, v...) }

func (g *randomGraph) stored(text string, t onnxpb.TensorProto_DataType, shape []int, raw []byte) string {
	p := &onnxpb.TensorProto{DataType: proto.Int32(int32(t)), RawData: raw}
	for _, d := range shape {
		p.Dims = append(p.Dims, int64(d))
	}
	name := fmt.Sprintf("%s %s", g.name(), text)
	if p.Name = &name; g.IntN(3) > 0 {
		g.g.Initializer = append(g.g.Initializer, p)
		return name
	}
	p.Name = nil
	last := g.last
	g.node("Constant", attrs{"value": p})
	g.g.Node[len(g.g.Node)-1].Output[0], g.last = name, last
	return name
}

// either puts whole numbers in an attribute before an opset, and in an input from it on.
func (g *randomGraph) either(since int, name string, v []int, a attrs, in ...string) []string {
	if g.opset < since {
		a[name] = v
		return in
	}
	return append(in, g.list(v...))
}

func (g *randomGraph) coin() bool { return g.IntN(2) == 0 }

// any is a random number from one to another.
func (g *randomGraph) any(from, to int) int { return from + g.IntN(to-from+1) }

func (g *randomGraph) each(n, from, to int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = g.any(from, to)
	}
	return out
}

// axis is one of the last value, counted from either side.
func (g *randomGraph) axis() (axis, written int) {
	axis = g.IntN(len(g.at))
	if g.coin() && g.opset >= 11 {
		return axis, axis - len(g.at)
	}
	return axis, axis
}

// axes are some axes, at least one.
func (g *randomGraph) axes() []int {
	p := g.Perm(len(g.at))
	p = p[:g.any(1, len(p))]
	if g.coin() {
		slices.Sort(p)
	}
	for i := range p {
		if g.opset >= 11 && g.coin() {
			p[i] -= len(g.at)
		}
	}
	return p
}

// broadcastable is a shape that goes with that of the last value, whose first axis, the
// batch, it leaves.
func (g *randomGraph) broadcastable() []int {
	s := slices.Clone(g.at)
	if g.coin() {
		s = s[g.IntN(len(s)+1):]
	}
	for i := range s {
		if i == len(s)-len(g.at) || len(s) == len(g.at) && i == 0 || g.IntN(3) == 0 {
			s[i] = 1
		}
	}
	return s
}
