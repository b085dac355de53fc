package graph

import (
	"math"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/guard"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// A machine is the memory to run a plan once at a time. Machines of one plan
// are independent of each other.
type machine struct {
	p    *plan
	vals []*tensor.Dense   // by slot
	args [][]*tensor.Dense // by instruction: the values of its inputs
	made *prepared         // what vals has of it
	step *tensor.Dense     // the number of the step, where one is asked for
	x    *tensor.Dense     // of its own, for inputs that come without a tensor

	device *deviceMachine // nil on the CPU
}

func newMachine(p *plan) (*machine, error) {
	m := &machine{
		p: p, args: make([][]*tensor.Dense, len(p.instrs)),
		step: newDense(tensor.Int, Shape{1}),
	}
	var err error
	if m.vals, err = p.leaves(); err != nil {
		return nil, err
	}
	if p.device != nil { // the arena is there
		return m, nil
	}
	backing := map[tensor.Dtype]any{}
	for dt, n := range p.arena {
		backing[dt] = newBacking(dt, n)
	}
	for id, s := range p.slots {
		if s.kind == arenaSlot {
			m.vals[id] = denseOver(cut(backing[s.dtype], s.offset, s.shape.TotalSize()), s.shape)
		}
	}
	for k, i := range p.instrs {
		m.args[k] = make([]*tensor.Dense, len(i.in))
	}
	return m, nil
}

// leaves returns the values, by slot, that are there before any run: constants, and
// inputs that have a value.
func (p *plan) leaves() ([]*tensor.Dense, error) {
	vals := make([]*tensor.Dense, len(p.slots))
	for id, s := range p.slots {
		if s.kind != constSlot && s.kind != inputSlot || s.node.Value() == nil {
			continue
		}
		d, err := toDense(s.node.Value())
		if err != nil {
			return nil, errors.WithMessagef(err, "the value of %v", s.node)
		}
		vals[id] = d
	}
	return vals, nil
}

// bind gives an input its value for the next run.
func (m *machine) bind(n *gorgonia.Node, v *tensor.Dense) {
	if id, used := m.p.index[n]; used {
		m.vals[id] = v
	}
}

func (m *machine) value(n *gorgonia.Node) *tensor.Dense {
	if id := m.p.index[n]; m.device == nil {
		return m.vals[id]
	} else {
		return m.device.value(id)
	}
}

// run executes the plan. With a check, it is called after every instruction.
func (m *machine) run(check func(i *instr, y *tensor.Dense) error) error {
	if m.device != nil {
		return m.device.run(check)
	}
	for k := range m.p.instrs {
		i := &m.p.instrs[k]
		args := m.args[k]
		for j, in := range i.in {
			args[j] = m.vals[in]
		}
		if err := m.exec(i, args); err != nil {
			return err
		}
		if check != nil {
			if err := check(i, m.vals[i.out]); err != nil {
				return err
			}
		}
	}
	return nil
}

func (m *machine) exec(i *instr, args []*tensor.Dense) error {
	switch m.p.slots[i.out].kind {
	case arenaSlot:
		return i.run(m.vals[i.out], args)
	case viewSlot:
		return m.view(i, args[0])
	}
	return m.stock(i, args)
}

// run calls Forward; its errors name the node.
func (i *instr) run(y *tensor.Dense, in []*tensor.Dense) error {
	err := guard.Call("Forward", func() error { return i.own.Forward(y, in...) })
	if err != nil {
		return i.at(err)
	}
	return nil
}

// view gives the first input another shape. The root may be bound anew at each
// run; a header that still fits is kept.
func (m *machine) view(i *instr, x *tensor.Dense) error {
	if y := m.vals[i.out]; y != nil && y.Uintptr() == x.Uintptr() {
		return nil
	}
	y, err := reshaped(x, m.p.slots[i.out].shape)
	if err != nil {
		return i.at(errors.WithMessage(err, "view"))
	}
	m.vals[i.out] = y
	return nil
}

// nonFinite returns an error that names i if its value is not finite. What lies
// between the steps of an op is not looked at: packed weights have gaps that no one
// writes or reads, and what else is wrong there shows in the op's output.
func (p *plan) nonFinite(i *instr, y *tensor.Dense) error {
	if i.stmt != noStmt || p.slots[i.out].node == nil {
		return nil
	}
	if err := finite(y); err != nil {
		return i.at(err)
	}
	return nil
}

// finite returns an error that names the first element which is NaN or infinite.
func finite(y *tensor.Dense) error {
	at, v := -1, 0.0
	switch y.Dtype() {
	case tensor.Float32:
		at, v = firstNonFinite(y.Float32s())
	case tensor.Float64:
		at, v = firstNonFinite(y.Float64s())
	}
	if at < 0 {
		return nil
	}
	return errors.Errorf("element %d of %d is %v", at, y.Shape().TotalSize(), v)
}

func firstNonFinite[T float32 | float64](x []T) (int, float64) {
	for i, v := range x {
		if f := float64(v); math.IsNaN(f) || math.IsInf(f, 0) {
			return i, f
		}
	}
	return -1, 0
}
