package graph

import (
	"slices"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/guard"
	"gorgonia.org/tensor"
)

// Frozen is what predictions read of a model: its weights, and what programs make of
// them before they run, with batch norm folded and in the order that kernels want. With
// the model function that is all of it. Package deploy keeps it in a file.
type Frozen struct {
	Shape   Shape // of the input, as given to [Build]
	Float64 bool
	Direct  bool // see [DirectConvolution]
	Seed    uint64

	Weights []Weight
	// Prepared has what is made of the weights, by how: of which of them and by which ops.
	// The order of packed weights depends on the level of instructions of the kernels.
	Prepared map[string]*tensor.Dense
}

// Freeze calls use with what predictions for batches of the given sizes read. The tensors
// are those of the model: use must not write to them, and not keep them. No weight changes
// meanwhile; use must not call methods that change one.
func (m *Model) Freeze(batches []int, use func(*Frozen) error) error {
	if err := m.built(); err != nil {
		return err
	}
	all := make([]*program, len(batches))
	for i, n := range batches {
		if n < 1 {
			return errors.Errorf("graph.Model.Freeze: the batch is %d, want at least 1", n)
		}
		err := alone(func() (err error) { // not kept: the sizes in use shall stay so
			all[i], err = m.build(programKey{mode: Eval, host: true}, m.shapeOf(n), nil, nil, nil)
			return err
		})
		if err != nil {
			return guard.At("graph.Model.Freeze", err)
		}
	}
	if err := m.fetch(); err != nil {
		return err
	}
	m.running.RLock()
	defer m.running.RUnlock()
	f := &Frozen{
		Shape: m.Shape(), Float64: m.dtype == tensor.Float64, Direct: m.direct, Seed: m.seed,
		Prepared: map[string]*tensor.Dense{},
	}
	for _, w := range m.store.order {
		f.Weights = append(f.Weights, w.Weight)
	}
	for _, p := range all {
		if err := m.freeze(p, f); err != nil {
			return guard.At("graph.Model.Freeze", err)
		}
	}
	return guard.Call("the function", func() error { return use(f) })
}

// freeze adds what p makes of the weights, but for what is known by no key.
func (m *Model) freeze(p *program, f *Frozen) error {
	base, err := p.plan.leaves()
	if err != nil {
		return err
	}
	for i, w := range p.weights {
		if id, used := p.plan.index[p.nodes[i]]; used {
			base[id] = w.Value
		}
	}
	set, err := p.prepared.of(p.plan, m.version.Load(), base, func(key string, version uint64) *made {
		if v := f.Prepared[key]; v != nil {
			return &made{value: v}
		}
		if v := p.stored[key]; v != nil {
			return v
		}
		return m.programs.made(key, version)
	})
	if err != nil {
		return err
	}
	for k, w := range p.plan.wanted {
		if w.key != "" {
			f.Prepared[w.key] = set.vals[k].value
		}
	}
	return nil
}

// FromFrozen makes a model of values that are there, in place of drawing weights and
// making of them what predictions want; the shape for [Build] is f.Shape. It reads them where they are and never writes to
// them, so they may lie in a file that is mapped to memory. The model predicts and does
// not learn: what would change its weights is an error. What f.Prepared lacks is made as
// it is wanted.
//
// The model function must declare all of f.Weights and no other ones.
func FromFrozen(f *Frozen) Option {
	return func(m *Model) {
		m.frozen = true
		m.store.given = map[string]*tensor.Dense{}
		if f == nil { // the first weight will be missed
			return
		}
		m.seed, m.direct = f.Seed, f.Direct
		if f.Float64 {
			m.dtype = tensor.Float64
		}
		for _, w := range f.Weights {
			m.store.given[w.Name] = w.Value
		}
		m.store.made = make(map[string]*made, len(f.Prepared))
		for key, v := range f.Prepared {
			if v != nil {
				m.store.made[key] = &made{value: withEngine(v)}
			}
		}
	}
}

// take returns the value that is given for a weight.
func (st *store) take(name string, dt tensor.Dtype, shape Shape) (*tensor.Dense, error) {
	v := st.given[name]
	switch {
	case v == nil:
		return nil, errors.Errorf("there is no value of %s among those given; want those of this model", name)
	case v.Dtype() != dt || !sameShape(v.Shape(), shape):
		return nil, errors.Errorf("the value given for %s has type %v and shape %v, want %v and %v", name, v.Dtype(), v.Shape(), dt, shape)
	case !inOrder(v):
		return nil, errors.Errorf("the value given for %s is a view, want a tensor in row-major order", name)
	}
	return withEngine(v), nil
}

// untaken returns an error for a value that is of no weight.
func (st *store) untaken() error {
	for _, name := range sortedNames(st.given) {
		if st.byName[name] == nil {
			return errors.Errorf("the model function declares no %s, of which a value is given; want that of the model that was frozen", name)
		}
	}
	return nil
}

func sortedNames(of map[string]*tensor.Dense) []string {
	names := make([]string, 0, len(of))
	for name := range of {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
