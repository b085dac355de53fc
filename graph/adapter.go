package graph

import (
	"encoding/binary"
	"fmt"
	"hash"

	"github.com/chewxy/hm"
	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/guard"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// adapter makes an [Op] one of Gorgonia's. No other type of this module
// implements that interface, so all its traps are met here:
//
//   - Equal hashes merge nodes, whatever their inputs: every adapter of a graph
//     has its own number, in order of declaration.
//   - Gorgonia's TapeMachine may hand out an overwritten input: the adapter
//     claims no input and returns a fresh value.
//   - A panic in a machine's goroutine ends the process: it becomes an error.
type adapter struct {
	op     Op
	b      *builder
	path   string
	kind   string
	number uint32
	in     []hm.Type
	diff   []bool
	shape  Shape
	dtype  tensor.Dtype
}

var (
	_ gorgonia.Op   = (*adapter)(nil)
	_ gorgonia.SDOp = (*adapter)(nil)
)

func newAdapter(s *Scope, op Op, in []*gorgonia.Node, shape Shape) *adapter {
	a := &adapter{op: op, b: s.b, path: s.path, kind: s.kind, number: s.b.number(), shape: shape, dtype: in[0].Dtype()}
	_, differentiable := op.(Differentiable)
	partly, isPartly := op.(PartlyDifferentiable)
	for i, n := range in {
		a.in = append(a.in, n.Type())
		a.diff = append(a.diff, differentiable && n.Dtype() == s.b.dtype && (!isPartly || partly.HasGradient(i)))
	}
	return a
}

func (a *adapter) Arity() int { return len(a.in) }

// Type is a new function type at each call: Gorgonia's type inference returns
// it to a pool.
func (a *adapter) Type() hm.Type {
	var out hm.Type = a.dtype
	if a.shape.Dims() > 0 {
		out = gorgonia.TensorType{Dims: a.shape.Dims(), Of: a.dtype}
	}
	return hm.NewFnType(append(append([]hm.Type(nil), a.in...), out)...)
}

func (a *adapter) InferShape(...gorgonia.DimSizer) (tensor.Shape, error) {
	return a.shape.Clone(), nil
}

func (a *adapter) ReturnsPtr() bool     { return true }
func (a *adapter) CallsExtern() bool    { return false }
func (a *adapter) OverwritesInput() int { return -1 }
func (a *adapter) String() string       { return a.op.String() }
func (a *adapter) Hashcode() uint32     { return a.number }

func (a *adapter) WriteHash(h hash.Hash) {
	// A hash.Hash never returns an error.
	_ = binary.Write(h, binary.LittleEndian, a.number)
	fmt.Fprint(h, a.path, a.op)
}

// Do runs the op on Gorgonia's own machines.
func (a *adapter) Do(in ...gorgonia.Value) (gorgonia.Value, error) {
	dense := make([]*tensor.Dense, len(in))
	for i, v := range in {
		d, err := toDense(v)
		if err != nil {
			return nil, a.at(errors.WithMessagef(err, "input %d", i))
		}
		dense[i] = d
	}
	y := newDense(a.dtype, a.shape)
	if err := a.run(y, dense); err != nil {
		return nil, err
	}
	return fromDense(y), nil
}

// run calls Forward; its errors name the node.
func (a *adapter) run(y *tensor.Dense, in []*tensor.Dense) error {
	err := guard.Call("Forward", func() error { return a.op.Forward(y, in...) })
	if err != nil {
		return a.at(err)
	}
	return nil
}

func (a *adapter) at(err error) error { return locate(err, a.path, a.kind) }

func (a *adapter) DiffWRT(int) []bool { return a.diff }

// SymDiff declares the gradients of the op's inputs.
func (a *adapter) SymDiff(in gorgonia.Nodes, y, dy *gorgonia.Node) (gorgonia.Nodes, error) {
	wrapped := make([]*Node, len(in))
	for i, n := range in {
		wrapped[i] = a.b.wrap(n, a.path)
	}
	var grads []*Node
	if err := guard.Call("Backward", func() error {
		grads = a.op.(Differentiable).Backward(wrapped, a.b.wrap(y, a.path), a.b.wrap(dy, a.path))
		return nil
	}); err != nil {
		a.b.fail(a.path, a.kind, err)
	}
	if a.b.err != nil {
		return nil, a.b.err
	}
	if len(grads) != len(in) {
		return nil, a.at(errors.Errorf("Backward returned %d gradients, want %d", len(grads), len(in)))
	}
	out := make(gorgonia.Nodes, len(in))
	for i, g := range grads {
		switch {
		case !a.diff[i]:
			continue
		case g.inert():
			return nil, a.at(errors.Errorf("Backward returned no gradient for input %d", i))
		case !sameShape(g.Shape(), in[i].Shape()):
			return nil, a.at(errors.Errorf("Backward returned a gradient of shape %v for input %d of shape %v", g.Shape(), i, in[i].Shape()))
		}
		out[i] = g.n
	}
	return out, nil
}
