package nodes

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"gorgonia.org/tensor"
)

func TestSoftmaxOnCUDA(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, shape := range classShapes {
		x, dy := randomOf(r, 3, 4, shape...), randomOf(r, 0, 1, shape...)
		for axis := range shape {
			y := onBoth(t, softmax{axis}, 1e-6, x)
			onBoth(t, softmaxGrad{axis}, 1e-6, y, dy)
			y = onBoth(t, logSoftmax{axis}, 1e-6, x)
			onBoth(t, logSoftmaxGrad{axis}, 1e-6, y, dy)
		}
	}
}

// A line with a NaN or +Inf, of -Inf alone, and of large numbers.
func TestSoftmaxOfExtremesOnCUDA(t *testing.T) {
	inf := math.Inf(1)
	for _, inner := range []int{1, 3} {
		x := tensor.New(tensor.WithShape(6, 4, inner), tensor.Of(tensor.Float32))
		for k, line := range [][]float64{{0, math.NaN(), 1, 2}, {0, inf, 1, 2}, {-inf, -inf, -inf, -inf}, {-inf, 5, 5, -inf}, {1e30, 1e30, 0, 0}, {-1e4, 0, -90, -100}} {
			for j, v := range line {
				for i := range inner {
					x.Float32s()[(k*4+j)*inner+i] = float32(v)
				}
			}
		}
		onBoth(t, softmax{1}, 1e-6, x)
		onBoth(t, logSoftmax{1}, 1e-6, x)
	}
}

func TestBCEOnCUDA(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	for _, shape := range []graph.Shape{{1}, {300}, {5, 3}, {2, 3, 4}} {
		classes, inner := 1, 1
		if len(shape) > 1 {
			classes, inner = shape[1], shape[2:].TotalSize()
		}
		x, target, dy := randomOf(r, 0, 6, shape...), randomOf(r, 0.5, 0.2, shape...), randomOf(r, 0, 1, shape...)
		weights := repeat(weightsOf(classes), inner)
		for _, op := range []bceOp{{}, {weights: weights}, {pos: weights}, {pos: weights, weights: weights}} {
			onBoth(t, op, 1e-6, x, target)
			onBoth(t, bceGrad(op), 1e-6, x, target, dy)
			onBoth(t, bceTargetGrad(op), 1e-6, x, dy)
		}
	}
	// A sure answer, right or wrong: the loss and the gradient are small, and not 0.
	x := tensor.New(tensor.WithShape(4), tensor.WithBacking([]float32{30, -30, 200, -200}))
	one := tensor.New(tensor.WithShape(4), tensor.WithBacking([]float32{1, 1, 1, 1}))
	for i := range 4 {
		at := func(d *tensor.Dense) *tensor.Dense {
			return tensor.New(tensor.WithShape(1), tensor.WithBacking(d.Float32s()[i:i+1]))
		}
		onBoth(t, bceOp{}, 1e-6, at(x), at(one))
		onBoth(t, bceGrad{}, 1e-6, at(x), at(one), at(one))
	}
}

func TestAttentionWeightsOnCUDA(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	for _, shape := range []graph.Shape{{2, 3, 4}, {2, 3, 5, 7}, {1, 2, 40, 33}, {2, 2, 3, 1100}} {
		x, dy := randomOf(r, 0, 3, shape...), randomOf(r, 0, 1, shape...)
		last := len(shape) - 1
		lengths := tensor.New(tensor.WithShape(shape[0]), tensor.Of(tensor.Float32))
		for i := range lengths.Float32s() {
			lengths.Float32s()[i] = float32(i * shape[last] / 2)
		}
		masks := []graph.Shape{shape, shape[last-1:], {1}, shape[last:], append(graph.Shape{1}, shape[1:]...)}
		for k, ms := range masks {
			mask := randomOf(r, 0, 1, ms...)
			if len(ms) > 1 { // not a key for the first query
				for i := range ms[len(ms)-1] {
					mask.Float32s()[i] = float32(math.Inf(-1))
				}
			}
			y := onBoth(t, attentionWeights{scale: 0.37, causal: k%2 == 0, mask: true, lengths: true}, 1e-6, x, mask, lengths)
			onBoth(t, attentionWeightsGrad{0.37}, 1e-6, y, dy)
		}
		onBoth(t, attentionWeights{scale: 0.37, causal: true}, 1e-6, x)
		onBoth(t, attentionWeights{scale: 1, lengths: true}, 1e-6, x, lengths)
	}
}
