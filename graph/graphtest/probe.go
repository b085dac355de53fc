package graphtest

import (
	"math"
	"strings"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
	"gorgonia.org/tensor"
)

// inputs is the scope of a net's inputs; its parentheses keep their names apart
// from those of parameters.
const inputs = "(in)"

// A probe evaluates the loss of a case in one mode.
type probe struct {
	c         Case
	mode      graph.Mode
	m         *graph.Model
	trainer   *graph.Trainer
	x         *tensor.Dense // what a model must have; the net's inputs are weights
	cotangent *tensor.Dense
}

func newProbe(c Case, mode graph.Mode) (*probe, error) {
	x := tensor.New(tensor.WithShape(1, 1), tensor.WithBacking([]float64{0}))
	m, err := graph.Build(c.Func(), x.Shape(), graph.Float64())
	if err != nil {
		return nil, err
	}
	for _, w := range m.Weights() {
		perturb(w)
	}
	loss := func(y, target *graph.Node) *graph.Node { return y.Layer("Dot").Apply(dot{}, y, target) }
	return &probe{
		c: c, mode: mode, m: m, x: x,
		trainer:   m.Trainer(loss, graph.InMode(mode)),
		cotangent: cotangent(m.OutputShape().TotalSize()),
	}, nil
}

// Func returns a model function that applies the net to the inputs of the case, which
// are weights of the model: it doesn't look at the input of its own, of any shape.
func (c Case) Func() graph.Func {
	return func(s *graph.Scope, _ *graph.Node) *graph.Node {
		in := make([]*graph.Node, len(c.In))
		for i, input := range c.In {
			in[i] = input.declare(s.In(inputs), i)
		}
		return c.Net(s, in...)
	}
}

// cotangent returns n numbers of both signs with sizes between 1/2 and 3/2: none
// is so near 0 that it hides an element.
func cotangent(n int) *tensor.Dense {
	r := random("cotangent")
	c := make([]float64, n)
	for i := range c {
		c[i] = math.Copysign(0.5+r.Float64(), r.Float64()-0.5)
	}
	return tensor.New(tensor.WithShape(1, n), tensor.WithBacking(c))
}

// perturb makes a weight generic. Zeros would hide terms, and ones factors.
// Positive state, such as a variance, stays positive.
func perturb(w graph.Weight) {
	if isInput(w.Name) || w.Value.Dtype() != tensor.Float64 {
		return
	}
	r := random(w.Name)
	v := w.Value.Float64s()
	for i := range v {
		u := r.Float64()
		if !w.Trainable && v[i] > 0 {
			v[i] *= 0.5 + u
		} else {
			v[i] += u - 0.5
		}
	}
}

func isInput(name string) bool { return strings.HasPrefix(name, inputs+".") }

// step runs the net forward and backward.
func (p *probe) step() (graph.Result, error) {
	p.m.SetStep(0)
	r, err := p.trainer.Step(p.x, p.cotangent)
	return r, errors.WithMessage(err, "running the net")
}
