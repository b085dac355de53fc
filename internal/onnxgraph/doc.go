// Package onnxgraph builds the graph of an ONNX file. An op of a model that can say what
// it is in ONNX's operators implements [Op] by its means; package onnx walks a model and
// asks each of its ops.
//
// A dimension of a value is a number, or a multiple of the size of the batch, which a
// graph leaves open: see [Dim].
package onnxgraph

// An Op is a part of a model that has a form in ONNX's operators.
type Op interface {
	// ONNX adds to the graph of c the nodes that compute the op, and returns what they
	// compute. What has no form is reported by [Graph.Errorf].
	ONNX(c *Call) Value
}

// A Numeric op has numbers in its form, which its String tells, and which must not depend on
// the size of the batch.
type Numeric interface {
	Op
	Numeric()
}

// A Call is an op on its inputs.
type Call struct {
	*Graph
	In  []Value
	Out []Dim // the shape of the output
}

// With is a call of another op, a part of this one, in the same graph.
func (c *Call) With(out []Dim, in ...Value) *Call { return &Call{c.Graph, in, out} }
