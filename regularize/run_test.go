package regularize_test

import (
	"slices"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/philox"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// A trial is a node applied to a parameter, which so has a gradient.
type trial struct {
	m  *graph.Model
	tr *graph.Trainer
}

// try builds the node over x, in Train mode unless options say otherwise.
func try(t testing.TB, f graph.Func, shape graph.Shape, x []float64, opts ...graph.TrainerOption) trial {
	t.Helper()
	m := build(t, func(s *graph.Scope, _ *graph.Node) *graph.Node {
		return f(s, s.Param("x", shape, graph.Zeros()))
	}, graph.Shape{1, 1}, graph.Seed(seed), graph.Float64())
	copy(m.Weights()[0].Value.Float64s(), x) // no initialiser may give NaN
	return trial{m, m.Trainer(dot, opts...)}
}

// seed is that of every trial.
const seed = 42

// at returns the output y at a step, and the gradient of Σ y·dy.
func (tr trial) at(t testing.TB, step uint64, dy []float64) (y, dx []float64) {
	t.Helper()
	tr.m.SetStep(step)
	r, err := tr.tr.Step(row(0), row(dy...))
	if err != nil {
		t.Fatalf("%+v", err)
	}
	return slices.Clone(r.Output.Float64s()), slices.Clone(tr.tr.Gradients()[0].Value.Float64s())
}

func build(t testing.TB, f graph.Func, shape graph.Shape, opts ...graph.Option) *graph.Model {
	t.Helper()
	m, err := graph.Build(f, shape, opts...)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	return m
}

func row(v ...float64) *tensor.Dense {
	return tensor.New(tensor.WithShape(1, len(v)), tensor.WithBacking(v))
}

// dot is the sum of y times a cotangent of as many elements.
func dot(y, dy *graph.Node) *graph.Node {
	return graph.Lift(func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
		flat, err := gorgonia.Reshape(in[0], in[1].Shape())
		if err != nil {
			return nil, err
		}
		product, err := gorgonia.HadamardProd(flat, in[1])
		if err != nil {
			return nil, err
		}
		return gorgonia.Sum(product)
	}, y, dy)
}

// factors computes what a stream draws, straight from Philox: element e reads
// the 16 bits at half-word e%8 of block e/8 and is dropped iff they are below
// p·65536.
func factors(path string, step uint64, p float64, n int) []float64 {
	threshold := uint32(p*65536 + 0.5)
	k := make([]float64, n)
	for e := range k {
		word := philox.Block(philox.At(step, uint64(e/8)), philox.KeyOf(seed, path))[e%8/2]
		if half := word >> (16 * (e % 2)) & 0xffff; half >= threshold {
			k[e] = 65536 / float64(65536-threshold)
		}
	}
	return k
}

// stepThat returns the first step at which the stream keeps exactly the elements
// with a 1.
func stepThat(path string, p float64, keep ...int) uint64 {
	for step := uint64(0); ; step++ {
		same := func(k float64, keep int) bool { return (k != 0) == (keep == 1) }
		if slices.EqualFunc(factors(path, step, p, len(keep)), keep, same) {
			return step
		}
	}
}

func constant(v float64, n int) []float64 { return slices.Repeat([]float64{v}, n) }

// wantClose fails where got differs from want by more than tolerance.
func wantClose(t *testing.T, what string, got, want []float64, tolerance float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s has %d elements, want %d", what, len(got), len(want))
	}
	for i, w := range want {
		if d := got[i] - w; !(d <= tolerance && d >= -tolerance) {
			t.Errorf("%s: got %v, want %v, tolerance %v", what, got, want, tolerance)
			return
		}
	}
}
