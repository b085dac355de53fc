package graphtest

import (
	"fmt"
	"math"
	"slices"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/cuda"
	"github.com/thinnet/thinnet/internal/cuda/cudatest"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// closeness is what a CUDA device, which computes in float32, may differ by from float64,
// relative to the largest element of a tensor.
const closeness = 2e-5

// device runs the net on CUDA device 0 where there is one that can compute it, and compares output, gradients
// and the next values of states with those of the CPU in float64. The second run is of a
// captured graph: it must have the same bits as the first.
func (p *probe) device(report func(format string, args ...any)) error {
	m, err := graph.Build(p.c.Func(), p.x.Shape(), graph.On(graph.CUDA(0)))
	var own *graph.NoKernel // of an op of the user's
	if cudatest.Missing(err) || errors.As(err, &own) && !cudatest.Required() {
		return nil
	}
	if err != nil {
		return errors.WithMessage(err, "on CUDA")
	}
	want, err := p.all(p.m, p.trainer)
	if err != nil {
		return err
	}
	names := make([]string, 0, len(want))
	for name := range want {
		names = append(names, name)
	}
	slices.Sort(names)
	loss := func(y, target *graph.Node) *graph.Node { return y.Layer("Dot").Apply(dot{}, y, target) }
	trainer := m.Trainer(loss, graph.InMode(p.mode))
	var first map[string][]float64
	for run := range 3 {
		if err := copyWeights(m, p.m); err != nil {
			return err
		}
		got, err := p.all(m, trainer)
		if err != nil {
			return errors.WithMessage(err, "on CUDA")
		}
		if run == 0 {
			first = got
		}
		for _, name := range names {
			if run == 0 {
				compare(name, got[name], want[name], closeness*norm(want[name]), report)
			} else {
				compare(fmt.Sprintf("%s of run %d", name, run+1), got[name], first[name], 0, report)
			}
		}
	}
	return nil
}

// all makes a step and returns its output and gradients, and the states after it, and puts
// the states back.
func (p *probe) all(m *graph.Model, t *graph.Trainer) (map[string][]float64, error) {
	m.SetStep(0)
	r, err := t.Step(p.x, p.cotangent)
	if err != nil {
		return nil, err
	}
	out := map[string][]float64{"output": asFloats(r.Output)}
	for _, g := range t.Gradients() {
		if g.Value != nil {
			out["gradient of "+g.Name] = asFloats(g.Value)
		}
	}
	before := map[string][]float64{}
	for _, w := range m.Weights() {
		if !w.Trainable {
			before[w.Name] = asFloats(w.Value)
		}
	}
	if err := t.Update(still{}); err != nil {
		return nil, err
	}
	for _, w := range m.Weights() {
		if !w.Trainable {
			out["state "+w.Name] = asFloats(w.Value)
			set(w.Value, before[w.Name])
		}
	}
	return out, nil
}

// still is a solver that leaves all parameters as they are.
type still struct{}

func (still) Step([]gorgonia.ValueGrad) error             { return nil }
func (still) StepOn(*cuda.Stream, []cuda.Parameter) error { return nil }

// copyWeights gives a model the weights of another one.
func copyWeights(to, from *graph.Model) error {
	have := map[string]*tensor.Dense{}
	for _, w := range from.Weights() {
		have[w.Name] = w.Value
	}
	for _, w := range to.Weights() {
		if have[w.Name] == nil {
			return errors.Errorf("the model on CUDA has a weight %s, and the other one has not", w.Name)
		}
		set(w.Value, asFloats(have[w.Name]))
	}
	return nil
}

func asFloats(d *tensor.Dense) (out []float64) {
	switch d.Dtype() {
	case tensor.Float64:
		return slices.Clone(d.Float64s())
	case tensor.Float32:
		for _, v := range d.Float32s() {
			out = append(out, float64(v))
		}
	case tensor.Int64:
		for _, v := range d.Int64s() {
			out = append(out, float64(v))
		}
	}
	return out
}

func set(d *tensor.Dense, values []float64) {
	for i, v := range values {
		switch d.Dtype() {
		case tensor.Float64:
			d.Float64s()[i] = v
		case tensor.Float32:
			d.Float32s()[i] = float32(v)
		case tensor.Int64:
			d.Int64s()[i] = int64(v)
		}
	}
}

// compare reports the first element that differs.
func compare(name string, got, want []float64, tolerance float64, report func(format string, args ...any)) {
	if len(got) != len(want) {
		report("on CUDA: %s has %d elements, want %d", name, len(got), len(want))
		return
	}
	for i, w := range want {
		if !(math.Abs(got[i]-w) <= tolerance) && !(math.IsNaN(got[i]) && math.IsNaN(w)) {
			report("on CUDA: element %d of %s is %.9g, want %.9g, tolerance %.2g", i, name, got[i], w, tolerance)
			return
		}
	}
}
