package graphtest

import (
	"math"
	"slices"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// agreement is what the machines may differ by, relative to the largest element
// of a tensor: they run the same kernels, but may add gradients in another
// order.
const agreement = 1e-12

// An embedded case is its net in a graph of Gorgonia's.
type embedded struct {
	g       *gorgonia.ExprGraph
	names   []string         // "output", then the parameters that have a gradient
	outputs []*gorgonia.Node // the output and the gradients
}

// oracles runs the net on [graph.VM] and on Gorgonia's TapeMachine and compares
// output and gradients with those of the trainer.
func (p *probe) oracles(report func(format string, args ...any)) (err error) {
	defer func() {
		if r := recover(); r != nil { // Gorgonia's way of saying some things
			err = errors.Errorf("comparing the machines: panic: %v", r)
		}
	}()
	r, err := p.step()
	if err != nil {
		return err
	}
	want := map[string][]float64{"output": slices.Clone(r.Output.Float64s())}
	for _, g := range p.trainer.Gradients() {
		if g.Value != nil {
			want[g.Name] = slices.Clone(g.Value.Float64s())
		}
	}
	e, err := p.embed(want)
	if err != nil {
		return err
	}
	vm, err := graph.NewVM(e.g, e.outputs...)
	if err != nil {
		return err
	}
	if err := e.compare("graph.VM", vm, want, report); err != nil {
		return err
	}
	// A graph of its own: nodes keep the values that a machine gave them.
	if e, err = p.embed(want); err != nil {
		return err
	}
	return e.compare("gorgonia.TapeMachine", gorgonia.NewTapeMachine(e.g), want, report)
}

// embed declares the net once more, with the gradients that are wanted.
func (p *probe) embed(want map[string][]float64) (*embedded, error) {
	g := gorgonia.NewGraph()
	s := graph.Embed(g, p.mode, graph.Float64())
	y := p.c.Func()(s, nil)
	c := s.In("(cotangent)").State("value", p.cotangent.Shape(), graph.Values(p.cotangent.Float64s()))
	loss := s.In("(loss)").Apply(dot{}, y, c).Gorgonia()
	if p.mode == graph.Train {
		for _, term := range s.Penalties() {
			if s.Err() == nil {
				loss = gorgonia.Must(gorgonia.Add(loss, term.Gorgonia()))
			}
		}
	}
	if err := s.Err(); err != nil {
		return nil, err
	}
	e := &embedded{g: g, names: []string{"output"}, outputs: []*gorgonia.Node{y.Gorgonia()}}
	var wrt gorgonia.Nodes
	for _, w := range p.m.Weights() {
		for _, n := range g.ByName(w.Name) {
			if err := gorgonia.Let(n, value(w.Value)); err != nil {
				return nil, errors.Wrap(err, w.Name)
			}
			if _, has := want[w.Name]; has {
				wrt = append(wrt, n)
				e.names = append(e.names, w.Name)
			}
		}
	}
	if len(wrt) == 0 {
		return e, nil
	}
	grads, err := gorgonia.Grad(loss, wrt...)
	e.outputs = append(e.outputs, grads...)
	return e, errors.Wrap(err, "differentiating by gorgonia.Grad")
}

// value returns a scalar as Gorgonia wants it.
func value(d *tensor.Dense) gorgonia.Value {
	if d.Dims() > 0 {
		return d
	}
	if d.Dtype() == tensor.Int64 {
		return gorgonia.NewI64(d.Int64s()[0])
	}
	return gorgonia.NewF64(d.Float64s()[0])
}

func (e *embedded) compare(machine string, vm gorgonia.VM, want map[string][]float64, report func(format string, args ...any)) error {
	defer vm.Close()
	if err := vm.RunAll(); err != nil {
		return errors.WithMessage(err, machine)
	}
	for k, n := range e.outputs {
		name := e.names[k]
		got, err := elements(n.Value())
		if err != nil {
			return errors.WithMessagef(err, "%s: %s", machine, name)
		}
		tolerance := agreement * norm(want[name])
		if len(got) != len(want[name]) {
			report("%s: %s has %d elements, want %d", machine, name, len(got), len(want[name]))
			continue
		}
		for i, w := range want[name] {
			if !(math.Abs(got[i]-w) <= tolerance) {
				report("%s: %s differs from the trainer's at element %v: got %.17g, want %.17g, tolerance %.2g",
					machine, name, index(n.Shape(), i), got[i], w, tolerance)
				break
			}
		}
	}
	return nil
}

func elements(v gorgonia.Value) ([]float64, error) {
	switch d := v.(type) {
	case *gorgonia.F64:
		return []float64{float64(*d)}, nil
	case *tensor.Dense:
		if d.Dtype() == tensor.Float64 {
			return d.Float64s(), nil
		}
	}
	return nil, errors.Errorf("the value is %T, want float64", v)
}

// norm returns the largest size of an element.
func norm(x []float64) float64 {
	largest := 0.0
	for _, v := range x {
		largest = max(largest, math.Abs(v))
	}
	return largest
}
