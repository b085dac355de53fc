package graph_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/regularize"
	"gorgonia.org/gorgonia"
)

func declaredNet(s *graph.Scope, x *graph.Node) *graph.Node {
	x = nodes.BatchNorm1D(s.In("bn"), nodes.Linear(s.In("fc"), x, 3, nodes.NoBias()))
	x = regularize.Dropout(s.In("drop"), nodes.ReLU(x), 0.5)
	words := nodes.Embedding(s.In("words"), s.Ints(graph.Shape{1}, []int{2}), 4, 3)
	x = nodes.Add(x, words)
	return graph.Lift(func(in ...*gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.Neg(in[0]) }, x)
}

// A declaration has the nodes of a mode and a batch size, each after its inputs.
func TestDeclare(t *testing.T) {
	m, err := graph.Build(declaredNet, graph.Shape{4, 2})
	if err != nil {
		t.Fatalf("%+v", err)
	}
	for _, c := range []struct {
		mode        graph.Mode
		has, hasNot string
		updates     int
		output      string
	}{
		{mode: graph.Eval, has: "Linear Normalize ReLU Embedding Add stock", hasNot: "Dropout Moments", output: "(5, 3)"},
		{mode: graph.Train, has: "Linear Moments Track Normalize ReLU Dropout Embedding Add stock", hasNot: "Stack", updates: 3, output: "(5, 3)"},
	} {
		d, err := m.Declare(c.mode, 5)
		if err != nil {
			t.Fatalf("%+v", err)
		}
		var ops []string
		for i, n := range d.Nodes {
			for _, in := range n.In {
				if in >= i {
					t.Errorf("in %v mode node %d has input %d, want one before it", c.mode, i, in)
				}
			}
			switch n.Source {
			case graph.FromOp:
				kind, _, _ := strings.Cut(n.Op.String(), "{")
				ops = append(ops, kind)
			case graph.FromStock:
				ops = append(ops, "stock")
			case graph.FromWeight:
				if n.Weight.Value == nil || !n.Weight.Value.Shape().Eq(n.Shape) {
					t.Errorf("in %v mode weight %q has no value of shape %v", c.mode, n.Weight.Name, n.Shape)
				}
			case graph.FromConstant:
				if fmt.Sprint(n.Value.Data()) != "[2]" {
					t.Errorf("in %v mode the constant is %v, want [2]", c.mode, n.Value)
				}
			}
		}
		all := strings.Join(ops, " ")
		for _, op := range strings.Fields(c.has) {
			if !strings.Contains(all, op) {
				t.Errorf("in %v mode there are %s, want %s among them", c.mode, all, op)
			}
		}
		for _, op := range strings.Fields(c.hasNot) {
			if strings.Contains(all, op) {
				t.Errorf("in %v mode there are %s, want no %s", c.mode, all, op)
			}
		}
		if got := fmt.Sprint(d.Nodes[d.Output].Shape); got != c.output || d.Nodes[d.Output].Source != graph.FromStock {
			t.Errorf("in %v mode the output has shape %s, want %s", c.mode, got, c.output)
		}
		if len(d.Updates) != c.updates {
			t.Errorf("in %v mode there are updates %v, want %d", c.mode, d.Updates, c.updates)
		}
	}
}

func TestDeclareMistakes(t *testing.T) {
	m, err := graph.Build(declaredNet, graph.Shape{4, 2})
	if err != nil {
		t.Fatalf("%+v", err)
	}
	for want, declare := range map[string]func() (*graph.Declaration, error){
		"the batch is 0, want at least 1":       func() (*graph.Declaration, error) { return m.Declare(graph.Eval, 0) },
		"the mode is 9, want Eval":              func() (*graph.Declaration, error) { return m.Declare(9, 1) },
		"bn: BatchNorm1D: expected more than 1": func() (*graph.Declaration, error) { return m.Declare(graph.Train, 1) },
		"the model is not built":                func() (*graph.Declaration, error) { return (*graph.Model)(nil).Declare(graph.Eval, 1) },
	} {
		if _, err := declare(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got error %v, want one with %q", err, want)
		}
	}
	d, err := m.Declare(graph.Eval, 1)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	for _, n := range d.Nodes {
		if n.Path == "fc" && n.Source == graph.FromOp {
			if got := n.At(errors.New("wrong")).Error(); got != "fc: Linear: wrong" {
				t.Errorf("got %q, want the path and the kind before the error", got)
			}
		}
	}
}

func ExampleModel_Declare() {
	m, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.ReLU(nodes.Linear(s.In("fc"), x, 3))
	}, graph.Shape{4, 2})
	if err != nil {
		fmt.Println(err)
		return
	}
	d, err := m.Declare(graph.Eval, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	for i, n := range d.Nodes {
		switch n.Source {
		case graph.FromInput:
			fmt.Println(i, "the input", n.Shape)
		case graph.FromWeight:
			fmt.Println(i, n.Weight.Name, n.Shape)
		case graph.FromOp:
			fmt.Println(i, n.Op, "of", n.In, n.Shape)
		}
	}
	// Output:
	// 0 the input (1, 2)
	// 1 fc.weight (3, 2)
	// 2 fc.bias (3)
	// 3 Linear of [0 1 2] (1, 3)
	// 4 ReLU of [3] (1, 3)
}
