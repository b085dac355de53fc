package graph

import (
	stderrors "errors"
	"iter"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// ErrNoStatistics is the error of [Model.Calibrate] where there is nothing to estimate.
var ErrNoStatistics = stderrors.New("the model has no running statistics, or all of them are frozen")

// Calibrate estimates the running statistics of a model anew, from batches of inputs:
// it runs a program of [Calibrate] mode on one after the other, with the number of
// samples before the batch as the step. The states that this program assigns start from
// their first values; other programs see the old ones until the end, and keep them after
// an error. Parameters stay as they are. train.RecalibrateBatchNorm does this with a
// data set.
//
// A norm in [Calibrate] mode pools: after n batches its statistics are those of all
// their samples together, whatever the sizes of the batches.
func (m *Model) Calibrate(batches iter.Seq2[*tensor.Dense, error]) error {
	if err := m.built(); err != nil {
		return err
	}
	if batches == nil {
		return errors.New("the batches are nil, want an iterator")
	}
	c := calibration{m: m, states: map[*weight]*tensor.Dense{}, machines: map[*program]*machine{}}
	for x, err := range batches {
		if err != nil {
			return err
		}
		if err := c.add(x); err != nil {
			return err
		}
	}
	if c.samples == 0 {
		return errors.New("there is no batch, want at least one")
	}
	return m.Exclusively(func() error {
		for w, value := range c.states {
			copyInto(w.Value, value)
		}
		return nil
	})
}

// A calibration in progress has states of its own.
type calibration struct {
	m        *Model
	samples  int // so far
	states   map[*weight]*tensor.Dense
	machines map[*program]*machine // bound to states
}

// add takes one batch in.
func (c *calibration) add(x *tensor.Dense) error {
	x, err := c.m.input(x)
	if err != nil {
		return err
	}
	p, err := c.m.programs.get(c.m, programKey{mode: Calibrate}, x.Shape(), nil, nil)
	if err != nil {
		return err
	}
	if len(p.assigns) == 0 {
		return errors.WithStack(ErrNoStatistics)
	}
	mach, err := c.machine(p)
	if err != nil {
		return err
	}
	c.m.running.RLock()
	defer c.m.running.RUnlock()
	if err := p.bind(mach, x, nil, uint64(c.samples), c.m.version.Load()); err != nil {
		return err
	}
	if err := mach.run(nil); err != nil {
		return err
	}
	for _, a := range p.assigns {
		copyInto(c.states[a.state], mach.value(a.value.n))
	}
	c.samples += x.Shape()[0]
	return nil
}

// machine returns the machine of a program, which reads the states of c.
func (c *calibration) machine(p *program) (*machine, error) {
	if mach := c.machines[p]; mach != nil {
		return mach, nil
	}
	mach, err := p.newMachine()
	if err != nil {
		return nil, err
	}
	for _, a := range p.assigns {
		w := a.state
		if c.states[w] != nil {
			continue
		}
		if c.states[w], err = initial(w.Name, c.m.seed, w.Value.Dtype(), w.Value.Shape(), w.init); err != nil {
			return nil, err
		}
	}
	for i, w := range p.weights {
		if own := c.states[w]; own != nil {
			mach.bind(p.nodes[i], own)
		}
	}
	c.machines[p] = mach
	return mach, nil
}
