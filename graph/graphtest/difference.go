package graphtest

import (
	"math"
	"slices"

	"github.com/thinnet/thinnet/graph"
	"gorgonia.org/tensor"
)

const (
	// step is the best one for central differences in float64, the cube root of
	// the rounding error.
	step = 6e-6
	// sample is the number of elements checked in a larger tensor.
	sample = 60
)

// A checked tensor is an input or a parameter compared with differences.
type checked struct {
	name string
	zero bool // the loss does not change with it
}

// differences compares the gradients of all inputs and parameters with central
// differences.
func (p *probe) differences(report func(format string, args ...any)) []checked {
	if _, err := p.step(); err != nil {
		report("%v", err)
		return nil
	}
	got := map[string][]float64{}
	for _, g := range p.trainer.Gradients() {
		if g.Value != nil {
			got[g.Name] = slices.Clone(g.Value.Float64s())
		}
	}
	var out []checked
	for _, w := range p.m.Weights() {
		if !w.Trainable {
			continue
		}
		zero, err := p.compare(w, got[w.Name], report)
		if err != nil {
			report("%s: %v", w.Name, err)
			return out
		}
		out = append(out, checked{w.Name, zero})
	}
	return out
}

// compare checks one tensor and reports the worst of its wrong elements. A
// gradient of nil is 0.
func (p *probe) compare(w graph.Weight, got []float64, report func(format string, args ...any)) (zero bool, err error) {
	var worst struct {
		i                    int
		got, want, tolerance float64
	}
	wrong, largest := 0, 0.0
	elements := chosen(w)
	for _, i := range elements {
		want, err := p.difference(w.Value.Float64s(), i)
		if err != nil {
			return false, err
		}
		g := 0.0
		if got != nil {
			g = got[i]
		}
		largest = max(largest, math.Abs(want))
		tolerance := p.c.Tolerance * (1 + math.Abs(want))
		if off := math.Abs(g - want); !(off <= tolerance) { // this way round, NaN is wrong too
			if wrong == 0 || off > math.Abs(worst.got-worst.want) {
				worst.i, worst.got, worst.want, worst.tolerance = i, g, want, tolerance
			}
			wrong++
		}
	}
	if wrong > 0 {
		report("%s of shape %v: %d of %d elements are wrong; worst is %v: got %.12g, want %.12g, tolerance %.2g",
			w.Name, w.Value.Shape(), wrong, len(elements), index(w.Value.Shape(), worst.i), worst.got, worst.want, worst.tolerance)
	}
	return largest <= p.c.Tolerance, nil
}

// difference is the derivative of the loss with respect to element i of v.
func (p *probe) difference(v []float64, i int) (float64, error) {
	old := v[i]
	defer func() { v[i] = old }()
	h := step * max(1, math.Abs(old))
	v[i] = old + h
	above, err := p.step()
	if err != nil {
		return 0, err
	}
	up := v[i]
	v[i] = old - h
	below, err := p.step()
	// The values that were used differ by a little other than 2h.
	return (above.Loss - below.Loss) / (up - v[i]), err
}

// chosen returns the elements of a weight to check: all, or a fixed sample.
func chosen(w graph.Weight) []int {
	n := w.Value.Shape().TotalSize()
	if n <= sample {
		all := make([]int, n)
		for i := range all {
			all[i] = i
		}
		return all
	}
	some := random("sample " + w.Name).Perm(n)[:sample]
	slices.Sort(some)
	return some
}

// index returns the coordinates of element i.
func index(shape tensor.Shape, i int) []int {
	at := make([]int, len(shape))
	for k := len(shape) - 1; k >= 0; k-- {
		at[k] = i % shape[k]
		i /= shape[k]
	}
	return at
}
