package thinnet

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// A whole network, embedded in a graph of Gorgonia's, computes on Gorgonia's own
// TapeMachine and on graph.VM what graph.Model computes: the loss and the gradient
// of every parameter, from equal seeds, at two steps with their masks.
func TestNetworksOnEveryMachine(t *testing.T) {
	x, classes := normal(3, 4, 1, 28, 28), []int{3, 1, 4, 1}
	for name, f := range classics {
		t.Run(name, func(t *testing.T) {
			tape := embed(t, f, x, classes)
			tape.vm = gorgonia.NewTapeMachine(tape.g)
			own := embed(t, f, x, classes)
			vm, err := graph.NewVM(own.g, own.outputs...)
			if err != nil {
				t.Fatalf("%+v", err)
			}
			own.vm = vm
			for _, step := range []int{0, 7} {
				want := modelStep(t, f, x, classes, step)
				tape.check(t, fmt.Sprintf("TapeMachine, step %d", step), step, want)
				own.check(t, fmt.Sprintf("graph.VM, step %d", step), step, want)
			}
		})
	}
}

// A computed is the value of a loss or of a gradient.
type computed struct {
	name  string
	value []float64
}

func modelStep(t *testing.T, f graph.Func, x *tensor.Dense, classes []int, step int) []computed {
	t.Helper()
	m := build(t, f, x.Shape(), graph.Float64(), graph.Seed(1))
	m.SetStep(uint64(step))
	tr := m.Trainer(nodes.CrossEntropy())
	r, err := tr.Step(x, tensor.New(tensor.WithShape(len(classes)), tensor.WithBacking(classes)))
	if err != nil {
		t.Fatalf("%+v", err)
	}
	out := []computed{{"loss", []float64{r.Loss}}}
	for _, g := range tr.Gradients() {
		out = append(out, computed{"gradient of " + g.Name, slices.Clone(g.Value.Float64s())})
	}
	return out
}

// An embedded is a network in a graph of Gorgonia's with its loss and gradients.
type embedded struct {
	g       *gorgonia.ExprGraph
	step    *gorgonia.Node
	outputs gorgonia.Nodes
	vm      gorgonia.VM
}

func embed(t *testing.T, f graph.Func, x *tensor.Dense, classes []int) *embedded {
	t.Helper()
	g := gorgonia.NewGraph()
	s := graph.Embed(g, graph.Train, graph.Float64(), graph.Seed(1))
	y := f(s, s.Wrap(gorgonia.NodeFromAny(g, x, gorgonia.WithName("x"))))
	loss := nodes.CrossEntropy()(y, s.Ints(graph.Shape{len(classes)}, classes))
	if err := s.Err(); err != nil {
		t.Fatalf("%+v", err)
	}
	var parameters gorgonia.Nodes
	for _, w := range build(t, f, x.Shape()).Weights() {
		if w.Trainable {
			parameters = append(parameters, g.ByName(w.Name)...)
		}
	}
	grads, err := gorgonia.Grad(loss.Gorgonia(), parameters...)
	if err != nil {
		t.Fatal(err)
	}
	return &embedded{g: g, step: s.Step().Gorgonia(), outputs: append(gorgonia.Nodes{loss.Gorgonia()}, grads...)}
}

// check runs a step and compares. The same kernels run on all machines, which may
// add gradients in another order; so they agree to some last bits of the largest
// element.
func (e *embedded) check(t *testing.T, machine string, step int, want []computed) {
	t.Helper()
	if err := gorgonia.Let(e.step, tensor.New(tensor.WithShape(1), tensor.WithBacking([]int{step}))); err != nil {
		t.Fatal(err)
	}
	if err := e.vm.RunAll(); err != nil {
		t.Fatalf("%s: %+v", machine, err)
	}
	if len(e.outputs) != len(want) {
		t.Fatalf("%s: got %d values, want %d", machine, len(e.outputs), len(want))
	}
	for i, w := range want {
		largest := 0.0
		for _, v := range w.value {
			largest = max(largest, math.Abs(v))
		}
		wantClose(t, machine+": "+w.name, floats(t, e.outputs[i].Value()), w.value, 1e-12*largest, 0)
	}
	e.vm.Reset()
}
