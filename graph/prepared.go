package graph

import (
	"sync"
	"sync/atomic"

	"gorgonia.org/tensor"
)

// prepared is what a program's plan makes of one version of the weights. It is
// never changed: machines that run go on with the one they began with.
type prepared struct {
	version uint64
	vals    []*tensor.Dense // by slot; nil for all others
}

// preparer keeps the last one for all machines of a program, until [programs.trim]
// drops it.
type preparer struct {
	making sync.Mutex
	last   atomic.Pointer[prepared]
}

// of returns what the plan makes of the weights of a version; base holds the
// weights and the constants by slot.
func (c *preparer) of(p *plan, version uint64, base []*tensor.Dense) (*prepared, error) {
	if set := c.last.Load(); set != nil && set.version == version {
		return set, nil
	}
	c.making.Lock()
	defer c.making.Unlock()
	if set := c.last.Load(); set != nil && set.version == version { // made while this one waited
		return set, nil
	}
	set := &prepared{version: version, vals: make([]*tensor.Dense, len(p.slots))}
	for k := range p.prepare {
		i := &p.prepare[k]
		args := make([]*tensor.Dense, len(i.in))
		for j, in := range i.in {
			if args[j] = set.vals[in]; args[j] == nil {
				args[j] = base[in]
			}
		}
		y := newDense(p.slots[i.out].dtype, p.slots[i.out].shape)
		if err := i.run(y, args); err != nil {
			return nil, err
		}
		set.vals[i.out] = y
	}
	c.last.Store(set)
	return set, nil
}

// use makes the machine read from a set.
func (m *machine) use(set *prepared) {
	if m.made == set {
		return
	}
	m.made = set
	for k := range m.p.prepare {
		out := m.p.prepare[k].out
		m.vals[out] = set.vals[out]
	}
}
