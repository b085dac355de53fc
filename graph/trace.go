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

// trace lists what the outputs need, one instruction a node. Statements that hang
// on live nodes (gorgonia.Read, gorgonia.Set) are kept with what they need.
func trace(g *gorgonia.ExprGraph, outputs []*gorgonia.Node) (*plan, error) {
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
	return p, nil
}

func (p *plan) add(n *gorgonia.Node, in []int) {
	s := slot{node: n, shape: n.Shape()}
	i := instr{in: in, out: len(p.slots)}
	switch op := n.Op().(type) {
	case nil:
		s.kind = inputSlot
	case *adapter:
		i.own, i.path, i.kind = op.op, op.path, op.kind
		s.kind = arenaSlot
		if _, view := op.op.(Viewer); view {
			s.kind = viewSlot
		}
	default:
		if isConstant(op) && len(in) == 0 {
			s.kind = constSlot
			break
		}
		i.stock = op
		s.kind = stockSlot
		i.stmt, i.read = statement(op)
		// An op that is no pointer has nowhere to keep state. Of the others some
		// write to themselves as they run, max pooling where its maxima lie.
		if reflect.TypeOf(op).Kind() == reflect.Pointer {
			i.turn = new(sync.Mutex)
		}
	}
	if i.stmt == noStmt { // a statement has no type
		s.dtype = n.Dtype()
	}
	p.index[n] = p.newSlot(s)
	if i.own != nil || i.stock != nil {
		p.instrs = append(p.instrs, i)
	}
}

func isConstant(op gorgonia.Op) bool {
	_, ok := op.(interface{ Value() gorgonia.Value })
	return ok
}

type stmtKind uint8

const (
	noStmt stmtKind = iota
	readStmt
	letStmt
)

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
