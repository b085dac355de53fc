package nodes

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
	"gorgonia.org/tensor"
)

// Side by side, overlapping, padded, apart, dilated, with a last window in ceil mode.
var cudaPools = []kernel.Pool{
	{Maps: 6, In: extents{1, 8, 6}, Kernel: extents{1, 2, 2}, Out: extents{1, 4, 3}, Stride: extents{1, 2, 2}},
	{Maps: 35, In: extents{1, 7, 9}, Kernel: extents{1, 3, 3}, Out: extents{1, 4, 5}, Stride: extents{1, 2, 2}, Pad: extents{0, 1, 1}},
	{Maps: 2, In: extents{1, 5, 8}, Kernel: extents{1, 3, 2}, Out: extents{1, 5, 3}, Stride: extents{1, 1, 3}, Pad: extents{0, 1, 0}},
	{Maps: 3, In: extents{1, 1, 11}, Kernel: extents{1, 1, 3}, Out: extents{1, 1, 4}, Stride: extents{1, 1, 2}, Dilation: extents{1, 1, 2}},
	{Maps: 1, In: extents{1, 7, 7}, Kernel: extents{1, 2, 2}, Out: extents{1, 4, 4}, Stride: extents{1, 2, 2}},
	{Maps: 1, In: extents{1, 1, 1}, Kernel: extents{1, 1, 1}, Out: extents{1, 1, 1}},
}

// cudaPooled calls f with each of them, an input of many equal numbers, and a gradient.
func cudaPooled(f func(of pooled, x, dy *tensor.Dense)) {
	r := rand.New(rand.NewPCG(41, 1))
	for _, g := range cudaPools {
		for axis := range 3 {
			g.Stride[axis], g.Dilation[axis] = max(1, g.Stride[axis]), max(1, g.Dilation[axis])
		}
		g.PadHigh = g.Pad
		of := pooled{g: &g, x: graph.Shape{1, g.Maps, g.In[0], g.In[1], g.In[2]}, y: graph.Shape{1, g.Maps, g.Out[0], g.Out[1], g.Out[2]}}
		x := randomOf(r, 0, 1, of.x...)
		for i, v := range x.Float32s() {
			x.Float32s()[i] = float32(math.Round(3 * float64(v)))
		}
		f(of, x, randomOf(r, 0, 1, of.y...))
	}
}

func TestPoolOnCUDA(t *testing.T) {
	cudaPooled(func(of pooled, x, dy *tensor.Dense) {
		for _, padded := range []bool{false, true} {
			if of.g.CountIncludePad = padded; of.g.Dilation == (extents{1, 1, 1}) {
				onBoth(t, avgPool{of}, 1e-7, x)
				onBoth(t, avgPoolGrad{avgPool{of}}, 1e-6, dy)
			}
		}
		for _, odd := range []float64{0, math.NaN(), math.Inf(1), math.Inf(-1)} {
			for i := 0; i < len(x.Float32s()); i += 3 {
				x.Float32s()[i] = float32(odd)
			}
			onBoth(t, maxPool{of}, 0, x)
			onBoth(t, maxPoolGrad{maxPool{of}}, 0, x, dy)
		}
	})
}

func TestAdaptivePoolOnCUDA(t *testing.T) {
	r := rand.New(rand.NewPCG(42, 1))
	for _, s := range []struct{ in, out extents }{
		{extents{1, 7, 9}, extents{1, 3, 4}}, {extents{1, 4, 4}, extents{1, 2, 2}}, {extents{1, 2, 3}, extents{1, 5, 4}},
		{extents{1, 1, 77}, extents{1, 1, 1}}, {extents{1, 3, 3}, extents{1, 1, 1}},
	} {
		op := adaptiveAvgPool{maps: 21, in: s.in, out: s.out, x: graph.Shape{3, 7, s.in[1], s.in[2]}, y: graph.Shape{3, 7, s.out[1], s.out[2]}}
		onBoth(t, op, 1e-6, randomOf(r, 0, 1, op.x...))
		onBoth(t, adaptiveAvgPoolGrad{op}, 1e-6, randomOf(r, 0, 1, op.y...))
	}
}

func TestRankPoolOnCUDA(t *testing.T) {
	cudaPooled(func(of pooled, x, dy *tensor.Dense) {
		for _, weights := range [][]float64{{1}, {0.5, 0.25, 0, -0.125}, {0, 1}} {
			op := rankPool{of, weights, of.g.Windows(1)}
			onBoth(t, op, 1e-6, x)
			onBoth(t, rankPoolGrad{op}, 1e-6, x, dy)
		}
		x.Float32s()[len(x.Float32s())/2] = float32(math.NaN())
		op := rankPool{of, []float64{0, 2}, of.g.Windows(1)}
		onBoth(t, op, 1e-6, x)
		onBoth(t, rankPoolGrad{op}, 1e-6, x, dy)
	})
}
