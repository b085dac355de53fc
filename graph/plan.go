package graph

import (
	"cmp"
	"reflect"
	"slices"
	"sync"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// A plan is a compiled graph: what to run in which order and where every value
// lives. It is immutable and shared by all machines that run it.
type plan struct {
	instrs []instr
	slots  []slot
	index  map[*gorgonia.Node]int // node to slot
	arena  map[tensor.Dtype]int   // elements needed
}

// A slot is a place for the value of one node.
type slot struct {
	node   *gorgonia.Node
	kind   slotKind
	offset int // in the arena of its type
}

type slotKind uint8

const (
	inputSlot slotKind = iota // bound from outside
	constSlot                 // bound once
	arenaSlot                 // written by an op of ours
	viewSlot                  // another shape of its first input
	stockSlot                 // returned by a stock op, perhaps sharing its inputs' memory
)

// An instr computes one slot.
type instr struct {
	own  *adapter    // an op of ours, or
	op   gorgonia.Op // a stock op
	in   []int
	out  int
	stmt stmtKind
	read *gorgonia.Value // where a read statement writes
	turn *sync.Mutex     // of a stock op that keeps state between calls
}

type stmtKind uint8

const (
	noStmt stmtKind = iota
	readStmt
	letStmt
)

// compile plans what the outputs need and nothing else, so that dead gradients
// cost nothing. Statements that hang on live nodes (gorgonia.Read, gorgonia.Set)
// are kept with what they need.
func compile(g *gorgonia.ExprGraph, outputs []*gorgonia.Node) (*plan, error) {
	// A subgraph has a fresh cache from id to node; that of g goes stale when
	// Gorgonia's backpropagation removes nodes.
	sub := g.SubgraphRoots(outputs...)
	p := &plan{index: map[*gorgonia.Node]int{}, arena: map[tensor.Dtype]int{}}
	open := map[*gorgonia.Node]bool{}
	var visit func(n *gorgonia.Node) error
	visit = func(n *gorgonia.Node) error {
		if _, done := p.index[n]; done {
			return nil
		}
		if open[n] {
			return errors.Errorf("the graph has a cycle through %v", n)
		}
		open[n] = true
		it := sub.From(n.ID())
		if it == nil { // only a statement needs n
			it = g.SubgraphRoots(n).From(n.ID())
		}
		var in []int
		for it.Next() { // children in order, duplicates kept
			c := it.Node().(*gorgonia.Node)
			if err := visit(c); err != nil {
				return err
			}
			in = append(in, p.index[c])
		}
		p.add(n, in)
		return nil
	}
	// In order of declaration: forward, then backward.
	byID := func(a, b *gorgonia.Node) int { return cmp.Compare(a.ID(), b.ID()) }
	for _, n := range slices.SortedFunc(slices.Values(sub.AllNodes()), byID) {
		if err := visit(n); err != nil {
			return nil, err
		}
	}
	p.place(outputs)
	return p, nil
}

func (p *plan) add(n *gorgonia.Node, in []int) {
	id := len(p.slots)
	p.index[n] = id
	s := slot{node: n}
	op := n.Op()
	i := instr{op: op, in: in, out: id}
	switch own, isOwn := op.(*adapter); {
	case op == nil:
		s.kind = inputSlot
		p.slots = append(p.slots, s)
		return
	case isOwn:
		i.own = own
		s.kind = arenaSlot
		if _, view := own.op.(Viewer); view {
			s.kind = viewSlot
		}
	case isConstant(op) && len(in) == 0:
		s.kind = constSlot
		p.slots = append(p.slots, s)
		return
	default:
		s.kind = stockSlot
		i.stmt, i.read = statement(op)
		// An op that is no pointer has nowhere to keep state. Of the others some
		// write to themselves as they run, max pooling where its maxima lie.
		if reflect.TypeOf(op).Kind() == reflect.Pointer {
			i.turn = new(sync.Mutex)
		}
	}
	p.slots = append(p.slots, s)
	p.instrs = append(p.instrs, i)
}

func isConstant(op gorgonia.Op) bool {
	_, ok := op.(interface{ Value() gorgonia.Value })
	return ok
}

// statement recognises Gorgonia's two statements. Their types and the target of
// a read are not exported, so they are known by name and read by reflection.
func statement(op gorgonia.Op) (stmtKind, *gorgonia.Value) {
	switch t := reflect.TypeOf(op); t.String() {
	case "gorgonia.letOp":
		return letStmt, nil
	case "gorgonia.readOp":
		return readStmt, (*gorgonia.Value)(reflect.ValueOf(op).Field(0).UnsafePointer())
	}
	return noStmt, nil
}
