package graph

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
)

// VM runs a graph of Gorgonia's, made of stock ops, of ours, or of both. It is
// to Gorgonia's TapeMachine what a [Model]'s own programs are built on: it
// drops what no output needs and never overwrites a value that is still in use.
//
// Before a run, bind the inputs with [gorgonia.Let]; after it, the outputs hold
// their values.
type VM struct {
	m       *machine
	outputs []*gorgonia.Node
}

var _ gorgonia.VM = (*VM)(nil)

// NewVM compiles what the outputs need; without any, the whole graph, and then
// every node holds its value after a run.
func NewVM(g *gorgonia.ExprGraph, outputs ...*gorgonia.Node) (*VM, error) {
	if g == nil {
		return nil, errors.New("the graph is nil")
	}
	for i, n := range outputs {
		if n == nil || n.Graph() != g {
			return nil, errors.Errorf("output %d is nil or belongs to another graph", i)
		}
	}
	if len(outputs) == 0 {
		for _, n := range g.AllNodes() {
			if kind, _ := statementOf(n); kind == noStmt {
				outputs = append(outputs, n)
			}
		}
	}
	if len(outputs) == 0 {
		return nil, errors.New("the graph is empty, want at least one node to compute")
	}
	p, err := compile(g, goal{outputs: outputs})
	if err != nil {
		return nil, err
	}
	m, err := newMachine(p)
	if err != nil {
		return nil, err
	}
	return &VM{m, outputs}, nil
}

func statementOf(n *gorgonia.Node) (stmtKind, *gorgonia.Value) {
	if n.Op() == nil {
		return noStmt, nil
	}
	return statement(n.Op())
}

// RunAll runs the program once.
func (vm *VM) RunAll() error {
	for id, s := range vm.m.p.slots {
		if s.kind != inputSlot {
			continue
		}
		if s.node.Value() == nil {
			return errors.Errorf("input %q has no value; bind one with gorgonia.Let", s.node.Name())
		}
		d, err := toDense(s.node.Value())
		if err != nil {
			return errors.WithMessagef(err, "input %q", s.node.Name())
		}
		vm.m.vals[id] = d
	}
	if err := vm.m.run(nil); err != nil {
		return err
	}
	for _, n := range vm.outputs {
		if n.Op() == nil || isConstant(n.Op()) {
			continue
		}
		if err := gorgonia.UnsafeLet(n, fromDense(vm.m.value(n))); err != nil {
			return errors.Wrapf(err, "binding the value of %v", n)
		}
	}
	return nil
}

// Reset does nothing: a run starts afresh by itself.
func (vm *VM) Reset() {}

// Close does nothing: the collector frees the memory.
func (vm *VM) Close() error { return nil }
