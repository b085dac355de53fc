package graph

import (
	"fmt"
	"slices"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/guard"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// A Declaration is what a model function declares in a mode and for a batch size:
// ops as node functions apply them, before a program rewrites them. It is for what
// reads a model and does not run it, such as a writer of files.
type Declaration struct {
	// Nodes are those that the output and the updates need, each after its inputs.
	Nodes []DeclaredNode
	// Output is the number of the node that the function returns.
	Output int
	// Updates are the next values of the state: see [Scope.Assign].
	Updates []Update
}

// A DeclaredNode is one value of a [Declaration].
type DeclaredNode struct {
	Source Source
	Op     Op            // that makes it, of an [FromOp] node
	Stock  string        // the stock operation that makes it, of a [FromStock] node
	In     []int         // numbers of what the op is applied to
	Weight Weight        // of a [FromWeight] node; its Value is the live tensor
	Value  *tensor.Dense // of a [FromConstant] node
	Shape  Shape
	Dtype  tensor.Dtype
	Path   string // of the scope that made it
	Kind   string // of the node function that made it, such as Conv2D
}

// At returns where the node is declared, for errors: its path and its kind.
func (n DeclaredNode) At(err error) error { return locate(err, n.Path, n.Kind) }

// An Update is the number of the node that is a state's next value.
type Update struct {
	State string // its name
	Value int
}

// A Source says what a value comes from.
type Source uint8

const (
	FromOp       Source = iota // an op of ours
	FromStock                  // a stock operation of Gorgonia's
	FromInput                  // the input of the model
	FromStep                   // the number of the step: see [Scope.Step]
	FromWeight                 // a parameter or a state
	FromConstant               // a value fixed in the model function
)

// Declare runs the model function once more, in a mode and for a batch size, and
// returns what it declares. It allocates no values and runs nothing.
func (m *Model) Declare(mode Mode, batch int) (d *Declaration, err error) {
	if err := m.built(); err != nil {
		return nil, err
	}
	if batch < 1 {
		return nil, errors.Errorf("graph.Model.Declare: the batch is %d, want at least 1", batch)
	}
	shape := m.shape.Clone()
	shape[0] = batch
	err = alone(func() error {
		b, _, y, err := m.declare(mode, shape)
		if err == nil {
			d, err = b.declaration(y)
		}
		return err
	})
	return d, guard.At("graph.Model.Declare", err)
}

func (b *builder) declaration(y *Node) (*Declaration, error) {
	roots := []*gorgonia.Node{y.n}
	for _, a := range b.assigns {
		roots = append(roots, a.value.n)
	}
	p, err := trace(b.graph, roots)
	if err != nil {
		return nil, err
	}
	d := &Declaration{Nodes: make([]DeclaredNode, len(p.slots)), Output: p.index[y.n]}
	for id, s := range p.slots {
		d.Nodes[id] = b.leaf(s)
	}
	for _, i := range p.instrs {
		n := &d.Nodes[i.out]
		n.In = slices.Clone(i.in)
		n.Op, n.Path, n.Kind = i.own, i.path, i.kind
		if i.own == nil {
			n.Source, n.Stock, n.Kind = FromStock, fmt.Sprint(i.stock), "Lift"
		}
	}
	for _, a := range b.assigns {
		d.Updates = append(d.Updates, Update{a.state.Name, p.index[a.value.n]})
	}
	return d, nil
}

// leaf is the node of a slot, complete if no instruction writes it.
func (b *builder) leaf(s slot) DeclaredNode {
	n := DeclaredNode{Shape: s.shape.Clone(), Dtype: s.dtype}
	if of := b.nodes[s.node]; of != nil {
		n.Path = of.path
	}
	name := s.node.Name()
	switch w := b.store.byName[name]; {
	case s.kind != inputSlot && s.kind != constSlot:
	case s.kind == inputSlot && name == inputName:
		n.Source = FromInput
	case s.kind == inputSlot && name == stepName:
		n.Source = FromStep
	case s.kind == inputSlot && w != nil:
		n.Source, n.Weight = FromWeight, w.Weight
	default:
		n.Source = FromConstant
		if v, err := toDense(s.node.Value()); err == nil {
			n.Value = v
		}
	}
	return n
}
