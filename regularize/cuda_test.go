package regularize_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/cuda/cudatest"
	"github.com/thinnet/thinnet/regularize"
	"gorgonia.org/tensor"
)

// onCUDA builds a model on device 0, or skips the test where there is none. With
// THINNET_CUDA=require that is a failure.
func onCUDA(t *testing.T, f graph.Func, shape graph.Shape, opts ...graph.Option) *graph.Model {
	t.Helper()
	m, err := graph.Build(f, shape, append(opts, graph.On(graph.CUDA(0)))...)
	cudatest.Check(t, err)
	return m
}

// drawingNodes are the nodes that draw, with all ways that kernels have.
func drawingNodes() map[string]graph.Func {
	always := regularize.RateFunc("always", func(p float64, _ uint64) float64 { return p })
	return map[string]graph.Func{
		"Dropout": func(s *graph.Scope, x *graph.Node) *graph.Node { return regularize.Dropout(s, x, 0.3) },
		"Dropout of nothing": func(s *graph.Scope, x *graph.Node) *graph.Node {
			return regularize.Dropout(s, x, 0.3, regularize.RateFunc("none", func(float64, uint64) float64 { return 0 }))
		},
		"Dropout of all": func(s *graph.Scope, x *graph.Node) *graph.Node { return regularize.Dropout(s, x, 1) },
		"Dropout at a rate": func(s *graph.Scope, x *graph.Node) *graph.Node {
			return regularize.Dropout(s, x, 1, regularize.RandomRate(0))
		},
		"Dropout classic": func(s *graph.Scope, x *graph.Node) *graph.Node {
			return regularize.Dropout(s, x, 0.7, regularize.Classic())
		},
		"SpatialDropout2D":     func(s *graph.Scope, x *graph.Node) *graph.Node { return regularize.SpatialDropout2D(s, x, 0.3) },
		"ChannelDropout":       func(s *graph.Scope, x *graph.Node) *graph.Node { return regularize.ChannelDropout(s, x, 0.3) },
		"NoiseShape":           shaped(1, 0, 1, 0),
		"NoiseShape, two axes": shaped(0, 1, 0, 1),
		"StochasticDepth": func(s *graph.Scope, x *graph.Node) *graph.Node {
			return regularize.StochasticDepth(s, x, 0.3, regularize.RowMode())
		},
		"AlphaDropout": func(s *graph.Scope, x *graph.Node) *graph.Node { return regularize.AlphaDropout(s, x, 0.3) },
		"AlphaDropout of nothing": func(s *graph.Scope, x *graph.Node) *graph.Node {
			return regularize.AlphaDropout(s, x, 0.3, regularize.RateFunc("none", func(float64, uint64) float64 { return 0 }))
		},
		"AlphaDropout of all": func(s *graph.Scope, x *graph.Node) *graph.Node { return regularize.AlphaDropout(s, x, 1) },
		"FeatureAlphaDropout": func(s *graph.Scope, x *graph.Node) *graph.Node { return regularize.FeatureAlphaDropout(s, x, 0.3) },
		"GaussianDropout":     func(s *graph.Scope, x *graph.Node) *graph.Node { return regularize.GaussianDropout(s, x, 0.3) },
		"GaussianNoise":       func(s *graph.Scope, x *graph.Node) *graph.Node { return regularize.GaussianNoise(s, x, 0.3) },
		"Swapout":             func(s *graph.Scope, x *graph.Node) *graph.Node { return regularize.Swapout(s, x, x, 0.3, 0.6) },
		"Swapout of all":      func(s *graph.Scope, x *graph.Node) *graph.Node { return regularize.Swapout(s, x, x, 0, 1) },
		"DropBlock2D":         func(s *graph.Scope, x *graph.Node) *graph.Node { return regularize.DropBlock2D(s, x, 0.3, 3) },
		"DropBlock2D, few":    func(s *graph.Scope, x *graph.Node) *graph.Node { return regularize.DropBlock2D(s, x, 0.004, 7, always) },
		"DropBlock2D, all":    func(s *graph.Scope, x *graph.Node) *graph.Node { return regularize.DropBlock2D(s, x, 1, 1) },
		"DropBlock2D coupled": func(s *graph.Scope, x *graph.Node) *graph.Node {
			return regularize.DropBlock2D(s, x, 0.3, 2, regularize.CoupleChannels())
		},
		"Cutout": func(s *graph.Scope, x *graph.Node) *graph.Node { return regularize.Cutout(s, x, 0.8, 3) },
		"FocusedDropout": func(s *graph.Scope, x *graph.Node) *graph.Node {
			return regularize.FocusedDropout(s, x, regularize.Participation(0.7))
		},
		"MaxDrop": func(s *graph.Scope, x *graph.Node) *graph.Node { return regularize.MaxDrop(s, x, 0.6) },
		"MaxDrop across": func(s *graph.Scope, x *graph.Node) *graph.Node {
			return regularize.MaxDrop(s, x, 0.6, regularize.AcrossChannels())
		},
	}
}

func shaped(dims ...int) graph.Func {
	return func(s *graph.Scope, x *graph.Node) *graph.Node {
		return regularize.Dropout(s, x, 0.3, regularize.NoiseShape(dims...))
	}
}

// What is drawn is the same on all devices, bit for bit, and so is what is made of it: of
// shapes with and without tails, of one element and of more than one block of threads, in
// several steps, and where x is no number.
func TestDrawsOnCUDAAreTheCPUs(t *testing.T) {
	shapes := []graph.Shape{{1, 1, 1, 1}, {3, 5, 4, 7}, {2, 3, 33, 31}, {5, 64, 8, 16}, {1, 300, 20, 3}}
	for name, f := range drawingNodes() {
		for _, shape := range shapes {
			for _, odd := range []bool{false, true} {
				sameOnCUDA(t, fmt.Sprintf("%s, %v, odd %v", name, shape, odd), f, shape, odd)
			}
		}
	}
}

func sameOnCUDA(t *testing.T, name string, f graph.Func, shape graph.Shape, odd bool) {
	t.Helper()
	there := onCUDA(t, f, shape, graph.Seed(seed))
	here := build(t, f, shape, graph.Seed(seed))
	r := rand.New(rand.NewPCG(1, 2))
	values := make([]float32, shape.TotalSize())
	for i := range values {
		values[i] = float32(r.NormFloat64())
		if odd && i%13 == 5 {
			values[i] = [...]float32{float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1)), 0, float32(math.Copysign(0, -1))}[r.IntN(5)]
		}
	}
	x := tensor.New(tensor.WithShape(shape...), tensor.WithBacking(values))
	for _, step := range []uint64{0, 1, 1 << 40} {
		want, err := here.Sample(x, step)
		if err != nil {
			t.Fatalf("%s: %+v", name, err)
		}
		got, err := there.Sample(x, step)
		if err != nil {
			t.Fatalf("%s on CUDA: %+v", name, err)
		}
		sameBits(t, fmt.Sprintf("%s, step %d", name, step), got.Float32s(), want.Float32s())
	}
}

// sameBits takes all NaN for one.
func sameBits(t *testing.T, name string, got, want []float32) {
	t.Helper()
	for i, v := range want {
		if math.Float32bits(got[i]) != math.Float32bits(v) && (v == v || got[i] == got[i]) {
			t.Errorf("%s: element %d of %d is %v, want %v", name, i, len(want), got[i], v)
			return
		}
	}
}

// A schedule may come to a rate that a node can't have.
func TestInfiniteVarianceOnCUDA(t *testing.T) {
	f := func(s *graph.Scope, x *graph.Node) *graph.Node {
		return regularize.GaussianDropout(s, x, 0.5, regularize.RateFunc("all", func(float64, uint64) float64 { return 1 }))
	}
	here, there := build(t, f, graph.Shape{2, 3}), onCUDA(t, f, graph.Shape{2, 3})
	for _, step := range []uint64{3, 1<<40 + 7} {
		_, want := here.Sample(tensor.New(tensor.WithShape(2, 3), tensor.Of(tensor.Float32)), step)
		_, err := there.Sample(tensor.New(tensor.WithShape(2, 3), tensor.Of(tensor.Float32)), step)
		if err == nil || want == nil || err.Error() != want.Error() {
			t.Errorf("step %d on CUDA: got %v, want %v", step, err, want)
		}
	}
}
