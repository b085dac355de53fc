package graph

import (
	"fmt"
	"sync"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// programs builds programs on demand and keeps them: a model has one cache for
// predictions, and each trainer one for its loss.
type programs struct {
	mu    sync.Mutex
	byKey map[programKey]*program
}

// programKey tells the programs of a cache apart.
type programKey struct {
	mode   Mode
	grads  bool
	input  string // shape
	target string // type and shape, empty without a loss
}

// A program is a graph of the model, compiled, with the machines that have run
// it and wait to run again.
type program struct {
	plan        *plan
	x, y        *Node
	target      *Node // nil without a loss
	loss        *Node // nil without a loss
	step        *Node // nil if nothing draws
	weights     []*weight
	nodes       []*gorgonia.Node // of the weights
	grads       []*gorgonia.Node // by position in the model, nil where there is none
	assigns     []assignment
	projections []func() error

	mu   sync.Mutex
	free []*machine
}

// building is held while a graph is declared or compiled: Gorgonia keeps
// package-level state and races with itself.
var building sync.Mutex

// get returns the program for an input shape and, with a loss, for a target.
func (c *programs) get(m *Model, key programKey, input Shape, loss Loss, target *tensor.Dense) (*program, error) {
	key.input = fmt.Sprint(input)
	if target != nil {
		key.target = fmt.Sprint(target.Dtype(), target.Shape())
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if p := c.byKey[key]; p != nil {
		return p, nil
	}
	building.Lock()
	defer building.Unlock()
	p, err := m.build(key, input, loss, target)
	if err != nil {
		return nil, err
	}
	if c.byKey == nil {
		c.byKey = map[programKey]*program{}
	}
	c.byKey[key] = p
	return p, nil
}

// build declares and compiles a program.
func (m *Model) build(key programKey, input Shape, loss Loss, target *tensor.Dense) (*program, error) {
	b, x, y, err := m.declare(key.mode, input)
	if err != nil {
		return nil, err
	}
	p := &program{x: x, y: y}
	if loss != nil {
		p.target = b.input(targetName, target.Dtype(), target.Shape())
		p.loss = loss(y, p.target)
		p.projections, err = b.finishLoss(&p.loss, key.mode)
		if err != nil {
			return nil, err
		}
	}
	if key.grads {
		if p.grads, err = b.gradients(p.loss); err != nil {
			return nil, err
		}
	}
	if key.grads && key.mode == Train {
		p.assigns = b.assigns
	}
	if p.plan, err = compile(b.graph, p.outputs()); err != nil {
		return nil, err
	}
	p.step = b.step
	for _, w := range m.store.order {
		if n := b.weights[w.Name]; n != nil {
			p.weights = append(p.weights, w)
			p.nodes = append(p.nodes, n.n)
		}
	}
	return p, nil
}

// finishLoss checks the loss and, in training, adds the penalties to it; it
// returns the constraints.
func (b *builder) finishLoss(loss **Node, mode Mode) ([]func() error, error) {
	l := *loss
	switch {
	case b.err != nil:
		return nil, b.err
	case l.inert():
		return nil, errors.New("the loss function returned nil, want a scalar node")
	case l.Dims() != 0:
		return nil, errors.Errorf("the loss has shape %v, want a scalar; use a mean or sum reduction", l.Shape())
	case mode != Train:
		return nil, nil
	}
	if terms := b.penalties(); len(terms) > 0 {
		*loss = (&Scope{b: b, path: "loss"}).Apply(addScalars{}, append([]*Node{l}, terms...)...)
	}
	return b.projections(), b.err
}

// outputs returns the nodes whose values a caller reads after a run.
func (p *program) outputs() []*gorgonia.Node {
	out := []*gorgonia.Node{p.y.n}
	if p.loss != nil {
		out = append(out, p.loss.n)
	}
	for _, g := range p.grads {
		if g != nil {
			out = append(out, g)
		}
	}
	for _, a := range p.assigns {
		out = append(out, a.value.n)
	}
	return out
}

// take returns a machine that no one else uses.
func (p *program) take() (*machine, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if k := len(p.free); k > 0 {
		m := p.free[k-1]
		p.free = p.free[:k-1]
		return m, nil
	}
	m, err := newMachine(p.plan)
	if err != nil {
		return nil, err
	}
	for i, w := range p.weights {
		m.bind(p.nodes[i], w.Value)
	}
	return m, nil
}

// give hands a machine back.
func (p *program) give(m *machine) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.free = append(p.free, m)
}

func (p *program) bind(m *machine, x, target *tensor.Dense, step uint64) {
	m.bind(p.x.n, x)
	if p.target != nil {
		m.bind(p.target.n, target)
	}
	if p.step != nil {
		m.bind(p.step.n, denseOver([]int{int(step)}, Shape{1}))
	}
}
