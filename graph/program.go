package graph

import (
	"fmt"
	"slices"
	"sync"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/guard"
	"github.com/thinnet/thinnet/internal/kernel/pool"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// programs builds programs on demand and keeps those used last: a model has one
// cache for predictions, and each trainer one for its loss.
type programs struct {
	mu    sync.Mutex
	kept  []*program // the one used last comes last
	trims uint64     // how often trim was called

	frozen map[*weight]bool // see Freezing
}

// Bounds of a cache, for a server may see any number of batch sizes. A program
// takes some 100 KB, its idle machines are left to the collector, and building it
// again takes milliseconds. What it made of the weights can be several times their
// size; of that, maxPrepared bytes are kept, or what the program used last has.
const (
	maxPrograms = 64
	maxPrepared = 256 << 20
)

// programKey tells the programs of a cache apart, together with the shape of the input.
type programKey struct {
	mode   Mode
	grads  bool
	host   bool   // for the CPU, whatever the device of the model
	target string // type and shape, empty without a loss
}

// A program is a graph of the model, compiled, with the machines that have run
// it and wait to run again.
type program struct {
	key         programKey
	xShape      Shape
	tShape      Shape // with tDtype, of the target
	tDtype      tensor.Dtype
	plan        *plan
	x, y        *Node
	target      *Node // nil without a loss
	loss        *Node // nil without a loss
	step        *Node // nil if nothing draws
	weights     []*weight
	nodes       []*gorgonia.Node // of the weights
	grads       []*gorgonia.Node // by position in the model, nil where there is none
	assigns     []assignment
	projections []projection
	layers      []declared // of the model: see Trainer.Activations

	others   *programs // the cache that it is of
	stored   map[string]*made
	prepared preparer
	free     sync.Pool // of idle machines, for the collector to take
	frozen   bool
	resident *resident           // of a CUDA device, nil on the CPU
	kept     pool.Spare[machine] // of idle machines, in place of free in a frozen model
}

// get returns the program for an input shape and, with a loss, for a target.
func (c *programs) get(m *Model, key programKey, input Shape, loss Loss, target *tensor.Dense) (*program, error) {
	if target != nil {
		key.target = fmt.Sprint(target.Dtype(), target.Shape())
	}
	if p := c.find(key, input); p != nil {
		return p, nil
	}
	var p *program
	err := alone(func() (err error) {
		if p = c.find(key, input); p != nil { // built while this one waited
			return nil
		}
		if p, err = m.build(key, input, loss, target, c.frozen); err == nil {
			p.others = c
			c.keep(p)
		}
		return err
	})
	return p, err
}

// serves says whether p is the program for a key, an input and a target, as get
// would find it.
func (p *program) serves(key programKey, x, target *tensor.Dense) bool {
	return p.key.mode == key.mode && p.key.grads == key.grads && sameShape(p.xShape, x.Shape()) &&
		p.tDtype == target.Dtype() && sameShape(p.tShape, target.Shape())
}

// find returns a program that is there, or nil.
func (c *programs) find(key programKey, input Shape) *program {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, p := range c.kept {
		if p.key != key || !sameShape(p.xShape, input) {
			continue
		}
		if i < len(c.kept)-1 {
			c.kept = append(slices.Delete(c.kept, i, i+1), p)
			c.trim(maxPrepared)
		}
		return p
	}
	return nil
}

// made returns what a program made of a version of the weights, or nil.
func (c *programs) made(key string, version uint64) *made {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range c.kept {
		set := p.prepared.last.Load()
		if set == nil || set.version != version {
			continue
		}
		for k, w := range p.plan.wanted {
			if w.key == key {
				return set.vals[k]
			}
		}
	}
	return nil
}

// keep adds a program. If there are too many, the one goes that was not used for
// longest; whoever runs it just now runs it to the end.
func (c *programs) keep(p *program) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.kept) == maxPrograms {
		c.kept = slices.Delete(c.kept, 0, 1)
	}
	c.kept = append(c.kept, p)
	c.trim(maxPrepared)
}

// trim drops what programs made of the weights, so that no more than so many bytes
// are kept; the ones used last, and the very last one at any size, stay. A program
// makes it again when it runs.
func (c *programs) trim(most int) {
	c.trims++
	last := len(c.kept) - 1
	for i, p := range slices.Backward(c.kept) {
		set := p.prepared.last.Load()
		if set == nil {
			if i == last { // about to make it
				most -= p.plan.preparedBytes()
			}
			continue
		}
		for _, v := range set.vals {
			if v.seen < c.trims { // others may have it too
				v.seen = c.trims
				most -= v.bytes
			}
		}
		if most < 0 && i < last {
			p.prepared.last.Store(nil)
		}
	}
}

// build declares and compiles a program in which some parameters are frozen.
func (m *Model) build(key programKey, input Shape, loss Loss, target *tensor.Dense, frozen map[*weight]bool) (*program, error) {
	b, x, y, err := m.declare(key.mode, input)
	if err != nil {
		return nil, err
	}
	b.frozen = frozen
	p := &program{key: key, x: x, y: y, xShape: input.Clone(), stored: m.store.made, frozen: m.frozen}
	if loss != nil {
		p.layers = b.layers()
	}
	if loss != nil {
		p.tShape, p.tDtype = target.Shape().Clone(), target.Dtype()
		p.target = b.input(targetName, target.Dtype(), target.Shape())
		err = guard.Call("the loss function", func() (err error) {
			p.loss = loss(y, p.target)
			p.projections, err = b.finishLoss(&p.loss, key.mode)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	if key.grads && key.mode == Train || key.mode == Calibrate {
		p.assigns = b.assigns
	}
	if key.grads {
		if p.grads, err = b.gradients(p.loss); err != nil {
			return nil, err
		}
		p.grads = b.unshared(p.grads, p.values()...)
	}
	p.step = b.step
	for _, w := range m.store.order {
		if n := b.weights[w.Name]; n != nil {
			p.weights = append(p.weights, w)
			p.nodes = append(p.nodes, n.n)
		}
	}
	if m.resident != nil && !key.host {
		p.resident = m.resident
		return p, p.compileForDevice(b)
	}
	to := goal{outputs: p.outputs()}
	if !key.grads && key.mode != Calibrate { // there, weights change with every step
		to.fixed = p.nodes
	}
	if p.plan, err = compile(b.graph, to); err != nil {
		return nil, err
	}
	return p, nil
}

// finishLoss checks the loss and, in training, adds the penalties to it; it
// returns the constraints.
func (b *builder) finishLoss(loss **Node, mode Mode) ([]projection, error) {
	l := *loss
	switch {
	case b.err != nil:
		return nil, b.err
	case l.inert():
		return nil, errors.New("the loss function returned nil, want a scalar node")
	case l.b != b:
		return nil, errors.New("the loss function returned a node of another graph; make it of its arguments")
	case l.Dims() != 0:
		return nil, errors.Errorf("the loss has shape %v, want a scalar; use a mean or sum reduction", l.Shape())
	case l.Dtype() != b.dtype:
		return nil, errors.Errorf("the loss has type %v, want %v", l.Dtype(), b.dtype)
	case mode != Train:
		return nil, nil
	}
	if terms := b.penalties(); len(terms) > 0 {
		*loss = (&Scope{b: b, path: "loss", mode: b.mode}).Apply(addScalars{}, append([]*Node{l}, terms...)...)
	}
	return b.projections(), b.err
}

// values returns the nodes, gradients apart, whose values are read after a run.
func (p *program) values() []*Node {
	out := []*Node{p.y}
	if p.loss != nil {
		out = append(out, p.loss)
	}
	for _, a := range p.assigns {
		out = append(out, a.value)
	}
	return out
}

// outputs returns the nodes whose values are read after a run.
func (p *program) outputs() (out []*gorgonia.Node) {
	for _, v := range p.values() {
		out = append(out, v.n)
	}
	for _, g := range p.grads {
		if g != nil {
			out = append(out, g)
		}
	}
	return out
}

// take returns a machine that no one else uses.
func (p *program) take() (*machine, error) {
	if p.frozen {
		if m := p.kept.Borrow(); m.p != nil {
			return m, nil
		}
	} else if m, idle := p.free.Get().(*machine); idle {
		return m, nil
	}
	return p.newMachine()
}

// newMachine returns a machine that is bound to the weights.
func (p *program) newMachine() (*machine, error) {
	m, err := newMachine(p.plan)
	if err != nil {
		return nil, err
	}
	for i, w := range p.weights {
		m.bind(p.nodes[i], w.Value)
	}
	if p.resident != nil {
		m.device, err = newDeviceMachine(m, p.resident, p.results()...)
	}
	return m, err
}

// give hands a machine back.
func (p *program) give(m *machine) {
	if p.frozen {
		p.kept.GiveBack(m)
	} else {
		p.free.Put(m)
	}
}

// found returns what is there already of a version of the weights, or nil.
func (p *program) found(key string, version uint64) *made {
	if v := p.stored[key]; v != nil {
		return v
	}
	return p.others.made(key, version)
}

// bind gives a machine what one run is of. It is called while the weights stay as
// they are.
func (p *program) bind(m *machine, x, target *tensor.Dense, step, version uint64) error {
	m.bind(p.x.n, x)
	if p.target != nil {
		m.bind(p.target.n, target)
	}
	if m.device != nil {
		m.device.version = version
	}
	if p.step != nil {
		m.step.Ints()[0] = int(step)
		m.bind(p.step.n, m.step)
	}
	if len(p.plan.prepare) == 0 {
		return nil
	}
	set, err := p.prepared.of(p.plan, version, m.vals, p.found)
	if err != nil {
		return err
	}
	m.use(set)
	return nil
}
