package onnximport

import (
	"slices"
	"strconv"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/onnxpb"
)

// A call is a node of the graph while it is declared. What is wrong with it fails.
type call struct {
	*run
	n  *onnxpb.NodeProto
	in []*value // nil is one that is left out
}

// has says whether input i is there.
func (c *call) has(i int) bool { return i < len(c.in) && c.in[i] != nil }

// x is input i.
func (c *call) x(i int) *value {
	if !c.has(i) {
		fail("there is no input %d, want one", i)
	}
	return c.in[i]
}

// image is input 0, with at least one spatial axis, as (N, C, ...).
func (c *call) image() *value {
	x := c.x(0)
	if d := len(x.shape); d < 3 || d > 5 {
		fail("its input has shape %v, want (N, C, ...) with one to three spatial axes", x.shape)
	}
	return x
}

// array is input i, which has to be known.
func (c *call) array(i int) *array {
	x := c.x(i)
	if x.known == nil {
		fail("input %d, %q, is computed from the input of the model, want one that is known before it runs", i, c.n.Input[i])
	}
	return x.known()
}

// ints are the whole numbers of input i.
func (c *call) ints(i int) []int { return c.array(i).whole() }

// number is the only element of input i, or otherwise if that is not there.
func (c *call) number(i int, otherwise float64) float64 {
	if !c.has(i) {
		return otherwise
	}
	a := c.array(i)
	if len(a.data) != 1 {
		fail("input %d has shape %v, want one number", i, a.shape)
	}
	return a.data[0]
}

func (c *call) attribute(name string, want onnxpb.AttributeProto_AttributeType) *onnxpb.AttributeProto {
	for _, a := range c.n.Attribute {
		if a.GetName() != name {
			continue
		}
		if t := a.GetType(); t != want && t != onnxpb.AttributeProto_UNDEFINED {
			fail("attribute %q is of type %v, want %v", name, t, want)
		}
		return a
	}
	return nil
}

func (c *call) attrInt(name string, otherwise int) int {
	if a := c.attribute(name, onnxpb.AttributeProto_INT); a != nil {
		return int(a.GetI())
	}
	return otherwise
}

func (c *call) attrFloat(name string, otherwise float64) float64 {
	if a := c.attribute(name, onnxpb.AttributeProto_FLOAT); a != nil {
		return shortest(a.GetF())
	}
	return otherwise
}

// shortest is the decimal number that whoever wrote a float32 meant: 1e-5, which is
// another number in float64 than the float32 nearest to it.
func shortest(f float32) float64 {
	v, err := strconv.ParseFloat(strconv.FormatFloat(float64(f), 'g', -1, 32), 64)
	if err != nil {
		return float64(f)
	}
	return v
}

func (c *call) attrString(name, otherwise string) string {
	if a := c.attribute(name, onnxpb.AttributeProto_STRING); a != nil {
		return string(a.GetS())
	}
	return otherwise
}

// attrInts are those of an attribute, nil if it is not there.
func (c *call) attrInts(name string) []int {
	a := c.attribute(name, onnxpb.AttributeProto_INTS)
	if a == nil {
		return nil
	}
	out := make([]int, len(a.Ints))
	for i, n := range a.Ints {
		out[i] = int(n)
	}
	return out
}

// intsOr are those of an attribute, or else of input i; nil if both are not there. Which
// of the two it is depends on the opset.
func (c *call) intsOr(name string, i int) []int {
	if v := c.attrInts(name); v != nil || !c.has(i) {
		return v
	}
	return c.ints(i)
}

// axis counts an axis of a number of dimensions from the start.
func (c *call) axis(axis, dims int) int {
	if axis < -dims || axis >= dims {
		fail("the axis is %d, want %d ≤ axis < %d", axis, -dims, dims)
	}
	return (axis + dims) % dims
}

// axes counts axes from the start and puts them in order.
func (c *call) axes(axes []int, dims int) []int {
	out := make([]int, len(axes))
	for i, axis := range axes {
		out[i] = c.axis(axis, dims)
	}
	slices.Sort(out)
	if len(slices.Compact(slices.Clone(out))) < len(out) {
		fail("the axes are %v, want each once", axes)
	}
	return out
}

// one is a result of one output.
func one(v *value) []*value { return []*value{v} }

// node is a result of one output, which a node function computed of floats.
func node(n *graph.Node) []*value { return one(computed(floats, n)) }

// The types of attributes.
const (
	onnxTensor  = onnxpb.AttributeProto_TENSOR
	onnxFloats  = onnxpb.AttributeProto_FLOATS
	onnxStrings = onnxpb.AttributeProto_STRINGS
)
