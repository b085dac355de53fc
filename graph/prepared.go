package graph

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"gorgonia.org/tensor"
)

// prepared is what a program's plan makes of one version of the weights. It is
// never changed: machines that run go on with the one they began with.
type prepared struct {
	version uint64
	vals    []*made // in the order of plan.wanted
}

// made is a value made of the weights alone. Programs share those of one key.
type made struct {
	value *tensor.Dense
	bytes int    // of memory that it keeps; 0 if others keep it
	seen  uint64 // when [programs.trim] counted it last
}

// fits says whether there is a value for a slot. One that was given may not be of its shape.
func (v *made) fits(s slot) bool {
	return v != nil && v.value.Dtype() == s.dtype && sameShape(v.value.Shape(), s.shape) && inOrder(v.value)
}

// wanted is a slot of a plan that runs read and that is made of the weights.
type wanted struct {
	slot int
	key  string // of how it is made; empty for what no other program has
}

// want lists what runs read of what is made of the weights; what lies in between is
// let go of. The fixed slots are those of weights.
func (p *plan) want(fixed map[int]bool) {
	keys := map[int]string{}
	for id := range fixed {
		if s := p.slots[id]; s.kind == inputSlot {
			keys[id] = s.node.Name()
		}
	}
	read := map[int]bool{}
	for _, i := range p.instrs {
		for _, in := range i.in {
			read[in] = true
		}
	}
	for k := range p.prepare {
		i := &p.prepare[k]
		if keys[i.out] = p.keyOf(i, keys); read[i.out] {
			p.wanted = append(p.wanted, wanted{i.out, keys[i.out]})
		}
	}
}

// keyOf returns the key of what an instruction makes: ops that print alike, on the same
// inputs, make the same. A constant has no name that other programs know it by.
func (p *plan) keyOf(i *instr, keys map[int]string) string {
	h := sha256.New()
	s := p.slots[i.out]
	fmt.Fprintf(h, "%T %v %v %v", i.own, i.own, s.dtype, s.shape) // a hash never errs
	for _, in := range i.in {
		if keys[in] == "" {
			return ""
		}
		fmt.Fprintf(h, "\n%q %v", keys[in], p.slots[in].shape)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// preparer keeps the last one for all machines of a program, until [programs.trim]
// drops it.
type preparer struct {
	making sync.Mutex
	last   atomic.Pointer[prepared]
}

// of returns what the plan makes of the weights of a version; base holds the
// weights and the constants by slot, and find what others made, or nil.
func (c *preparer) of(p *plan, version uint64, base []*tensor.Dense, find func(key string, version uint64) *made) (*prepared, error) {
	if set := c.last.Load(); set != nil && set.version == version {
		return set, nil
	}
	c.making.Lock()
	defer c.making.Unlock()
	if set := c.last.Load(); set != nil && set.version == version { // made while this one waited
		return set, nil
	}
	set := &prepared{version: version, vals: make([]*made, len(p.wanted))}
	m := maker{p: p, base: base, vals: map[int]*tensor.Dense{}}
	for k, w := range p.wanted {
		if w.key != "" {
			set.vals[k] = find(w.key, version)
		}
		if set.vals[k].fits(p.slots[w.slot]) {
			continue
		}
		v, err := m.value(w.slot)
		if err != nil {
			return nil, err
		}
		set.vals[k] = &made{value: v, bytes: p.slots[w.slot].bytes()}
	}
	c.last.Store(set)
	return set, nil
}

// A maker makes values of the weights, and what they need.
type maker struct {
	p    *plan
	base []*tensor.Dense
	vals map[int]*tensor.Dense // made by slot
}

func (m *maker) value(slot int) (*tensor.Dense, error) {
	s := m.p.slots[slot]
	if s.kind != preparedSlot {
		return m.base[slot], nil
	}
	if v := m.vals[slot]; v != nil {
		return v, nil
	}
	i := &m.p.prepare[slices.IndexFunc(m.p.prepare, func(i instr) bool { return i.out == slot })]
	args := make([]*tensor.Dense, len(i.in))
	for k, in := range i.in {
		var err error
		if args[k], err = m.value(in); err != nil {
			return nil, err
		}
	}
	y := newDense(s.dtype, s.shape)
	m.vals[slot] = y
	return y, i.run(y, args)
}

// use makes the machine read from a set.
func (m *machine) use(set *prepared) {
	if m.made == set {
		return
	}
	m.made = set
	for k, w := range m.p.wanted {
		m.vals[w.slot] = set.vals[k].value
	}
}
