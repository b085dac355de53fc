package thinnet

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/regularize"
	"gorgonia.org/tensor"
)

// A float32 program merges ops, reorders memory and runs assembly; a float64 one does
// none of this. Random networks, of convolutions on one to three axes and of what
// stands between them, compute the same in both: output, loss and gradients, in
// training and in evaluation.
func TestFloat32AgainstFloat64(t *testing.T) {
	for seed := range uint64(150) {
		r := rand.New(rand.NewPCG(seed, 1))
		dims := 1 + r.IntN(3)
		shape := graph.Shape{1 + r.IntN(4), 1 + r.IntN(5)}
		for range dims {
			shape = append(shape, 4+r.IntN(8))
		}
		net := func(s *graph.Scope, x *graph.Node) *graph.Node { return tangled(s, x, seed, dims) }
		fast := runBoth(t, net, shape, seed)
		exact := runBoth(t, net, shape, seed, graph.Float64())
		largest := 1.0
		for _, c := range exact {
			_, scale := distance(c.value, c.value)
			largest = max(largest, scale)
		}
		for i, want := range exact {
			got := fast[i]
			// Some hundred roundings, which a normalisation of few values may
			// enlarge. What is 0 but for rounding, as the gradient of what a
			// normalisation takes away, is of terms of any size.
			if d, scale := distance(got.value, want.value); scale > 1e-9*largest && !(d <= 2e-3*scale+2e-5*largest) {
				t.Errorf("seed %d, input %v: %s is off by %v, its size is %v", seed, shape, want.name, d, scale)
			}
		}
	}
}

// distance returns the 2-norms of a-b and of b.
func distance(a, b []float64) (d, scale float64) {
	for i, v := range b {
		d += (a[i] - v) * (a[i] - v)
		scale += v * v
	}
	return math.Sqrt(d), math.Sqrt(scale)
}

func runBoth(t *testing.T, net graph.Func, shape graph.Shape, seed uint64, opts ...graph.Option) (out []computed) {
	t.Helper()
	m := build(t, net, shape, append(opts, graph.Seed(seed))...)
	numbers := func(shape graph.Shape, key uint64) *tensor.Dense {
		r := rand.New(rand.NewPCG(seed, key))
		x := tensor.New(tensor.WithShape(shape...), tensor.Of(m.Dtype()))
		for i := range shape.TotalSize() {
			if v := r.NormFloat64(); m.Dtype() == tensor.Float32 {
				x.Float32s()[i] = float32(v)
			} else {
				x.Float64s()[i] = float64(float32(v))
			}
		}
		return x
	}
	keep := func(name string, x *tensor.Dense) {
		c := computed{name: name}
		switch x.Dtype() {
		case tensor.Float32:
			for _, v := range x.Float32s() {
				c.value = append(c.value, float64(v))
			}
		default:
			c.value = append(c.value, x.Float64s()...)
		}
		out = append(out, c)
	}
	x, target := numbers(shape, 2), numbers(m.OutputShape(), 3)
	y, err := m.Predict(x)
	if err != nil {
		t.Fatalf("seed %d: %+v", seed, err)
	}
	keep("the prediction", y)
	tr := m.Trainer(nodes.MSE())
	r, err := tr.Step(x, target)
	if err != nil {
		t.Fatalf("seed %d: %+v", seed, err)
	}
	keep("the output", r.Output)
	out = append(out, computed{"the loss", []float64{r.Loss}})
	for _, g := range tr.Gradients() {
		if g.Value != nil {
			keep("the gradient of "+g.Name, g.Value)
		}
	}
	return out
}

// tangled is a network of random layers, each on a random value before it.
func tangled(s *graph.Scope, x *graph.Node, seed uint64, dims int) *graph.Node {
	r := rand.New(rand.NewPCG(seed, 4))
	convs := []func(*graph.Scope, *graph.Node, int, int, ...nodes.ConvOption) *graph.Node{nodes.Conv1D, nodes.Conv2D, nodes.Conv3D}
	norms := []func(*graph.Scope, *graph.Node, ...nodes.BatchNormOption) *graph.Node{nodes.BatchNorm1D, nodes.BatchNorm2D, nodes.BatchNorm3D}
	drops := []func(*graph.Scope, *graph.Node, float64, ...regularize.Option) *graph.Node{regularize.SpatialDropout1D, regularize.SpatialDropout2D, regularize.SpatialDropout3D}
	values := []*graph.Node{x}
	for n := range 4 + r.IntN(10) {
		v := values[len(values)-1]
		if r.IntN(4) == 0 {
			v = values[r.IntN(len(values))]
		}
		at := s.In(fmt.Sprint("layer", n))
		few := v.Dim(0)*graph.Shape(v.Shape()[2:]).TotalSize() < 8
		switch k := r.IntN(14); {
		case k < 3:
			var opts []nodes.ConvOption
			if r.IntN(3) == 0 && !few {
				opts = append(opts, nodes.Stride(2))
			}
			if r.IntN(3) == 0 {
				opts = append(opts, nodes.NoBias())
			}
			size := 3 + 2*r.IntN(2)
			v = convs[dims-1](at, v, 1+r.IntN(40), size, append(opts, nodes.Pad(size/2))...)
		case k == 3:
			v = convs[dims-1](at, v, 1+r.IntN(20), 1)
		case k < 7 && !few: // statistics of few values enlarge roundings
			v = norms[dims-1](at, v)
		case k < 9:
			v = nodes.ReLU(v)
		case k == 9 && dims == 2 && min(v.Dim(2), v.Dim(3)) > 1:
			v = nodes.MaxPool2D(v, 2)
		case k == 9 && dims == 1 && v.Dim(2) > 1:
			v = nodes.MaxPool1D(v, 2)
		case k == 10:
			v = drops[dims-1](at, v, 0.3)
		case k == 11:
			v = regularize.Dropout(at, v, 0.3)
		case k == 12:
			for _, other := range values {
				if other != v && fmt.Sprint(other.Shape()) == fmt.Sprint(v.Shape()) {
					v = nodes.Add(v, other)
					break
				}
			}
		case k == 13:
			for _, other := range values {
				if fmt.Sprint(other.Shape()[2:], other.Dim(0)) == fmt.Sprint(v.Shape()[2:], v.Dim(0)) {
					v = nodes.Concat(1, v, other)
					break
				}
			}
		}
		values = append(values, v)
	}
	return nodes.Linear(s.In("fc"), nodes.Flatten(values[len(values)-1]), 3)
}
