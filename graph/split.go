package graph

import (
	"slices"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/guard"
)

// split computes ops in their steps where they have any, but for those to keep whole.
func (p *plan) split(fixed bool, whole func(Op) bool) error {
	var instrs []instr
	for _, i := range p.instrs {
		op, ok := i.own.(Splitter)
		if !ok || whole(op) {
			instrs = append(instrs, i)
			continue
		}
		steps, err := p.steps(&i, op, fixed)
		if err != nil {
			return err
		}
		instrs = append(instrs, steps...)
	}
	p.instrs = instrs
	return nil
}

// steps returns those of one instruction.
func (p *plan) steps(i *instr, op Splitter, fixed bool) (steps []instr, err error) {
	var parts []Part
	if err := i.ask("Split", func() { parts = op.Split(fixed, p.shapes(i)...) }); err != nil {
		return nil, err
	}
	if len(parts) == 0 {
		return []instr{*i}, nil
	}
	values := slices.Clone(i.in)
	for k, part := range parts {
		if part.Op == nil {
			return nil, i.at(errors.Errorf("step %d of %v has no op", k, op))
		}
		step := instr{own: part.Op, path: i.path, kind: i.kind, out: i.out}
		for _, in := range part.In {
			if in < 0 || in >= len(values) {
				return nil, i.at(errors.Errorf("step %d of %v reads value %d, want one of %d", k, op, in, len(values)))
			}
			step.in = append(step.in, values[in])
		}
		if k < len(parts)-1 {
			var shape Shape
			if err := guard.Call("InferShape", func() (err error) {
				shape, err = part.Op.InferShape(p.shapes(&step)...)
				return err
			}); err != nil {
				return nil, i.at(err)
			}
			step.out = p.newSlot(slot{shape: shape, dtype: p.slots[i.out].dtype, kind: arenaSlot})
			values = append(values, step.out)
		}
		steps = append(steps, step)
	}
	return steps, nil
}

// hoist moves what depends on fixed inputs and constants alone out of the way of
// every run. Outputs stay: they are read from a machine's own memory.
func (p *plan) hoist(fixed map[int]bool, keep map[int]bool) {
	if len(fixed) == 0 {
		return
	}
	var instrs []instr
	for _, i := range p.instrs {
		s := &p.slots[i.out]
		still := i.own != nil && !keep[i.out] && s.kind == arenaSlot
		for _, in := range i.in {
			still = still && (fixed[in] || p.slots[in].kind == constSlot)
		}
		if !still {
			instrs = append(instrs, i)
			continue
		}
		fixed[i.out] = true
		s.kind = preparedSlot
		p.prepare = append(p.prepare, i)
	}
	p.instrs = instrs
	p.want(fixed)
}
