package graph

import (
	"slices"
	"sync"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/guard"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// A plan is a compiled graph: what to run in which order and where every value
// lives. It is immutable and shared by all machines that run it.
type plan struct {
	prepare []instr  // what depends on weights alone, run once for each version of them
	wanted  []wanted // what of that is read
	instrs  []instr
	slots   []slot
	index   map[*gorgonia.Node]int // node to slot
	arena   map[tensor.Dtype]int   // elements needed
	device  *devicePlan            // nil for the CPU
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
	absorbedSlot                 // never there: other ops took over the work
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

// ask calls a method of i's op; its panics are errors that name the node.
func (i *instr) ask(method string, f func()) error {
	err := guard.Call(method, func() error { f(); return nil })
	if err != nil {
		return i.at(err)
	}
	return nil
}

// goal is what a plan is made for.
type goal struct {
	outputs []*gorgonia.Node
	// fixed are inputs that stay as they are between many runs: the weights, in
	// programs without gradients.
	fixed []*gorgonia.Node
	// plain asks for the ops as they were declared, without what the CPU makes of them; those
	// without a kernel for CUDA in their steps.
	plain bool
}

// compile plans what the outputs need and nothing else, so that dead gradients
// cost nothing.
func compile(g *gorgonia.ExprGraph, to goal) (*plan, error) {
	p, err := trace(g, to.outputs)
	if err != nil {
		return nil, err
	}
	p.adoptSums()
	if to.plain {
		if err := p.split(false, launches); err != nil {
			return nil, err
		}
		p.place(to.outputs)
		return p, nil
	}
	if p.setsValues() {
		to.fixed = nil
	} else {
		if err := p.absorb(p.slotsOf(to.outputs)); err != nil {
			return nil, err
		}
		if err := p.chooseLayouts(to.outputs); err != nil {
			return nil, err
		}
	}
	if err := p.split(len(to.fixed) > 0, func(Op) bool { return false }); err != nil {
		return nil, err
	}
	p.hoist(p.slotsOf(to.fixed), p.slotsOf(to.outputs))
	p.place(to.outputs)
	return p, nil
}

// setsValues says whether the graph has a statement that changes a value. When an
// op reads then matters, so none is moved.
func (p *plan) setsValues() bool {
	return slices.ContainsFunc(p.instrs, func(i instr) bool { return i.stmt == letStmt })
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
