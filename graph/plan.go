package graph

import (
	"sync"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// A plan is a compiled graph: what to run in which order and where every value
// lives. It is immutable and shared by all machines that run it.
type plan struct {
	prepare []instr // what depends on weights alone, run once for each version of them
	instrs  []instr
	slots   []slot
	index   map[*gorgonia.Node]int // node to slot
	arena   map[tensor.Dtype]int   // elements needed
}

// A slot is a place for one value: that of a node, or one between the steps in
// which an op is computed.
type slot struct {
	node   *gorgonia.Node // nil if it is that of no node
	shape  Shape
	dtype  tensor.Dtype
	kind   slotKind
	last   bool // channels lie innermost in memory
	offset int  // in the arena of its type
}

type slotKind uint8

const (
	inputSlot    slotKind = iota // bound from outside
	constSlot                    // bound once
	arenaSlot                    // written by an op of ours
	preparedSlot                 // the same, once for each version of the weights
	viewSlot                     // another shape of its first input
	stockSlot                    // returned by a stock op, perhaps sharing its inputs' memory
)

// An instr computes one slot.
type instr struct {
	own   Op          // an op of ours, or
	stock gorgonia.Op // a stock op
	in    []int
	out   int

	path, kind string // where the op was declared

	stmt stmtKind
	read *gorgonia.Value // where a read statement writes
	turn *sync.Mutex     // of a stock op that keeps state between calls
}

// at says at which node err happened.
func (i *instr) at(err error) error {
	if i.own == nil {
		return errors.WithMessagef(err, "stock operation %v", i.stock)
	}
	return locate(err, i.path, i.kind)
}

// goal is what a plan is made for.
type goal struct {
	outputs []*gorgonia.Node
	// fixed are inputs that stay as they are between many runs: the weights, in
	// programs without gradients.
	fixed []*gorgonia.Node
}

// compile plans what the outputs need and nothing else, so that dead gradients
// cost nothing.
func compile(g *gorgonia.ExprGraph, to goal) (*plan, error) {
	p, err := trace(g, to.outputs)
	if err != nil {
		return nil, err
	}
	p.adoptSums()
	p.absorb(p.slotsOf(to.outputs))
	p.chooseLayouts(to.outputs)
	if err := p.split(len(to.fixed) > 0); err != nil {
		return nil, err
	}
	p.hoist(p.slotsOf(to.fixed), p.slotsOf(to.outputs))
	p.place(to.outputs)
	return p, nil
}

// slotsOf returns the slots of those nodes that the plan has.
func (p *plan) slotsOf(nodes []*gorgonia.Node) map[int]bool {
	out := map[int]bool{}
	for _, n := range nodes {
		if id, used := p.index[n]; used {
			out[id] = true
		}
	}
	return out
}

// newSlot adds the place of a value that an op of ours writes.
func (p *plan) newSlot(s slot) int {
	p.slots = append(p.slots, s)
	return len(p.slots) - 1
}

// shapes returns those of the inputs of i.
func (p *plan) shapes(i *instr) []Shape {
	out := make([]Shape, len(i.in))
	for k, in := range i.in {
		out[k] = p.slots[in].shape
	}
	return out
}
