package graph

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// builder is one graph while it is being declared.
type builder struct {
	graph  *gorgonia.ExprGraph
	store  *store
	mode   Mode
	dtype  tensor.Dtype
	seed   uint64
	direct bool // see DirectConvolution

	err         error                    // the first mistake
	applied     map[string]*Node         // by applicationKey
	nodes       map[*gorgonia.Node]*Node // our node of each of Gorgonia's
	order       []declared               // for the summary
	counts      map[string]int           // of layers without a scope, by kind
	numbers     uint32                   // of adapters
	step        *Node
	weights     map[string]*Node // parameters and state, by name
	streams     map[string]bool  // claimed by random nodes, by path: whether they draw
	drawn       map[string]Shape // by Scope.DrawsOver, by path
	warnings    []warning
	ifLast      []lastWarning
	assigns     []assignment
	penalised   []penalty
	terms       []*Node // see Scope.AddLoss
	constrained []constraint
	frozen      map[*weight]bool // these get no gradient
}

// declared is a node and the layer that made it.
type declared struct {
	node       *Node
	kind, text string
}

// assignment gives a state its next value at the end of a training step.
type assignment struct {
	state *weight
	value *Node
}

func newBuilder(st *store, mode Mode, dt tensor.Dtype) *builder {
	b := &builder{
		graph: gorgonia.NewGraph(), store: st, mode: mode, dtype: dt,
		applied: map[string]*Node{}, nodes: map[*gorgonia.Node]*Node{},
		counts: map[string]int{}, weights: map[string]*Node{}, streams: map[string]bool{},
		drawn: map[string]Shape{},
	}
	if err := mode.check(); err != nil {
		b.fail("", "", err)
	}
	return b
}

// fail keeps the first mistake.
func (b *builder) fail(path, kind string, err error) {
	if b.err == nil {
		b.err = locate(err, path, kind)
	}
}

// locate says at which node err happened.
func locate(err error, path, kind string) error {
	switch {
	case path == "" && kind == "":
		return err
	case path == "":
		return errors.WithMessage(err, kind)
	case kind == "":
		return errors.WithMessage(err, path)
	}
	return errors.WithMessagef(err, "%s: %s", path, kind)
}

func (b *builder) number() uint32 {
	b.numbers++
	return b.numbers
}

// own records a node that s has just applied.
func (b *builder) own(key string, n *gorgonia.Node, s *Scope) *Node {
	node := &Node{b: b, n: n, path: s.path, own: s.own}
	b.applied[key] = node
	b.nodes[n] = node
	b.order = append(b.order, declared{node, s.kind, s.text})
	return node
}

// wrap returns our node for one of Gorgonia's.
func (b *builder) wrap(n *gorgonia.Node, path string) *Node {
	if own, ok := b.nodes[n]; ok {
		return own
	}
	own := &Node{b: b, n: n, path: path}
	b.nodes[n] = own
	return own
}

// input declares a value that is bound when a program runs. Gorgonia merges
// inputs of equal names; names in parentheses cannot be those of parameters.
func (b *builder) input(name string, dt tensor.Dtype, shape Shape) *Node {
	n := newInput(b.graph, name, dt, shape)
	return b.wrap(n, name)
}

func newInput(g *gorgonia.ExprGraph, name string, dt tensor.Dtype, shape Shape) *gorgonia.Node {
	if shape.Dims() == 0 {
		return gorgonia.NewScalar(g, dt, gorgonia.WithName(name))
	}
	return gorgonia.NewTensor(g, dt, shape.Dims(), gorgonia.WithShape(shape...), gorgonia.WithName(name))
}

const (
	inputName  = "(input)"
	targetName = "(target)"
	stepName   = "(step)"
)

func (b *builder) stepNode() *Node {
	if b.step == nil {
		b.step = b.input(stepName, tensor.Int, Shape{1})
		// On Gorgonia's machines, which know no steps, it is step 0 until the
		// user binds another. A fresh value of the right shape always binds.
		if err := gorgonia.Let(b.step.n, newDense(tensor.Int, Shape{1})); err != nil {
			b.fail("", "", errors.Wrap(err, "binding the step"))
		}
	}
	return b.step
}
