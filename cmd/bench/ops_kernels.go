package main

import (
	"fmt"

	"github.com/thinnet/thinnet/internal/kernel"
	"github.com/thinnet/thinnet/internal/kernel/convlast"
	"github.com/thinnet/thinnet/internal/philox"
	"github.com/thinnet/thinnet/train"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// products are matrix products, sizes of squares and of layers.
func products() (ops []operation) {
	for _, s := range [][3]int{
		{64, 64, 64}, {256, 256, 256}, {1024, 1024, 1024}, {2048, 2048, 2048},
		{128, 1024, 1024}, {64, 1024, 3136}, {12544, 64, 800}, {65536, 32, 288}, {1, 1024, 1024},
	} {
		m, n, k := s[0], s[1], s[2]
		a, b, c := noise(m*k), noise(k*n), make([]float32, m*n)
		gflop := 2e-9 * float64(m) * float64(n) * float64(k)
		name := fmt.Sprintf("product of %dx%d and %dx%d", m, k, k, n)
		ops = append(ops, operation{name, "a·b", gflop, 0, func() { kernel.MatMul(c, a, b, m, n, k, false, false, false) }})
		if m == 128 {
			ops = append(ops,
				operation{name, "a·bᵀ", gflop, 0, func() { kernel.MatMul(c, a, b, m, n, k, false, true, false) }},
				operation{name, "aᵀ·b", gflop, 0, func() { kernel.MatMul(c, a, b, m, n, k, true, false, false) }})
		}
	}
	return ops
}

// convolve3x3 is the layer that most of the arithmetic of image networks is made
// of, by either method.
func convolve3x3() []operation {
	g := square(32, 64, 64, 32, 3, 1, 1)
	return append(convolution(g, "direct", false), convolution(g, "Winograd", true)...)
}

// convolveOther are convolutions of other kinds and sizes.
func convolveOther() (ops []operation) {
	for _, g := range []kernel.Conv{
		square(64, 3, 32, 32, 3, 1, 1),
		square(64, 128, 128, 8, 3, 1, 1),
		square(32, 32, 64, 32, 3, 2, 1),
		square(32, 32, 64, 32, 1, 2, 0),
		square(64, 32, 64, 14, 5, 1, 2),
	} {
		ops = append(ops, convolution(g, "", true)...)
	}
	return ops
}

// square is a convolution of n images of c channels and size by size pixels.
func square(n, c, oc, size, k, stride, pad int) kernel.Conv {
	out := (size+2*pad-k)/stride + 1
	return kernel.Conv{
		N: n, C: c, OC: oc, Groups: 1,
		In: [3]int{1, size, size}, Kernel: [3]int{1, k, k}, Out: [3]int{1, out, out},
		Stride: [3]int{1, stride, stride}, Pad: [3]int{0, pad, pad}, Dilation: [3]int{1, 1, 1},
	}
}

// convolution is the passes of a convolution. Training packs the weights, which
// change, every time.
func convolution(g kernel.Conv, method string, winograd bool) []operation {
	c := convlast.New(g, winograd)
	k, in, out := g.Kernel[2], g.In[2], g.Out[2]
	x, y, w := noise(g.N*g.C*in*in), make([]float32, g.N*g.OC*out*out), noise(g.OC*g.C*k*k)
	dx, dy, dw := make([]float32, len(x)), noise(len(y)), make([]float32, len(w))
	forward, backward := make([]float32, c.ForwardSize()), make([]float32, c.BackwardSize())
	c.PackForward(forward, w)
	gflop := 2e-9 * float64(len(y)) * float64(g.C*k*k)
	name := fmt.Sprintf("convolution %dx%d, %d to %d, stride %d, %dx%d, batch %d", k, k, g.C, g.OC, g.Stride[2], in, in, g.N)
	if method != "" {
		method = ", " + method
	}
	return []operation{
		{name, "forward" + method, gflop, 0, func() { c.Forward(y, x, forward, nil, false) }},
		{name, "forward, backward" + method, 3 * gflop, 0, func() {
			c.PackForward(forward, w)
			c.Forward(y, x, forward, nil, false)
			c.PackBackward(backward, w)
			c.Transposed(dx, dy, backward, nil, false)
			c.BackwardWeights(dw, x, dy)
		}},
	}
}

// masks are dropout on 16 MiB, in the order of memory and with channels innermost,
// and a copy. Backward is the same kernel.
func masks() []operation {
	x, y := noise(copied), make([]float32, copied)
	m := kernel.NewMask(philox.KeyOf(1, "drop"), 0, 0.5)
	const n, c, s = 64, 64, 32 * 32
	return []operation{
		{"copy of 16 MiB", "", 0, 2 * gigabytes(copied), func() { kernel.Copy(y, x) }},
		{"dropout of 16 MiB", "either", 0, 2 * gigabytes(copied), func() { kernel.MaskApply(m, y, x) }},
		{"dropout of 16 MiB, channels innermost", "either", 0, 2 * gigabytes(copied), func() { kernel.MaskApplyLast(m, y, x, n, c, s) }},
	}
}

// dropoutBesideCopy returns the time of a dropout in times that of a copy.
func dropoutBesideCopy(o options) (float64, error) {
	ops := masks()
	call := func(f func()) func() error { return func() error { f(); return nil } }
	a, b, err := inTurn(call(ops[0].f), call(ops[1].f), o)
	if err != nil {
		return 0, err
	}
	return b.median() / a.median(), nil
}

// memoryBound are nodes that do little with what they read, on 64 images of 64
// channels and 32x32 pixels, channels innermost: 16 MiB. Batch norm has to read x
// twice forward, and x and its gradient twice backward.
func memoryBound() []operation {
	const rows, c = 64 * 32 * 32, 64
	x, y, dx, dy := noise(rows*c), make([]float32, rows*c), make([]float32, rows*c), noise(rows*c)
	gamma, beta, stats, sums := noise(c), noise(c), make([]float32, 2*c), make([]float32, 2*c)
	of := kernel.Layout{Outer: rows, Groups: c, Inner: 1}
	n := kernel.Norm{Of: of, Affine: of, Eps: 1e-5, ReLU: true}
	size := gigabytes(rows * c)
	halves := kernel.Pool{
		Maps: 64 * c, In: [3]int{1, 32, 32}, Kernel: [3]int{1, 2, 2}, Out: [3]int{1, 16, 16},
		Stride: [3]int{1, 2, 2}, Dilation: [3]int{1, 1, 1},
	}
	pool := halves.Windows(c)
	small := noise(rows * c / 4)
	return []operation{
		{"batch norm and ReLU", "forward", 0, 3 * size, func() {
			kernel.Moments(stats, x, of)
			kernel.Normalize(n, y, x, stats, gamma, beta)
		}},
		{"batch norm and ReLU", "backward", 0, 5 * size, func() {
			kernel.NormalizeSums(n, sums, x, stats, gamma, beta, dy)
			kernel.NormalizeBackward(n, dx, x, stats, gamma, beta, dy, sums)
		}},
		{"max pooling 2x2", "forward", 0, 1.25 * size, func() { pool.MaxPool(small, x) }},
		{"max pooling 2x2", "backward", 0, 2.25 * size, func() { pool.MaxPoolGrad(dx, x, small) }},
		{"ReLU", "forward", 0, 2 * size, func() { kernel.ReLU(y, x) }},
		{"ReLU", "backward", 0, 3 * size, func() { kernel.ReLUGrad(dx, y, dy) }},
	}
}

// softmaxes are the two parts of cross entropy that go through all classes.
func softmaxes() []operation {
	const rows, classes = 8192, 1000
	x, logp, dx, dlogp := noise(rows*classes), make([]float32, rows*classes), make([]float32, rows*classes), noise(rows*classes)
	size := gigabytes(rows * classes)
	return []operation{
		{"log softmax of 8192x1000", "forward", 0, 2 * size, func() { kernel.LogSoftmax(logp, x, rows, classes, 1) }},
		{"log softmax of 8192x1000", "backward", 0, 3 * size, func() { kernel.LogSoftmaxBackward(dx, logp, dlogp, rows, classes, 1) }},
	}
}

// updates are optimisers on one parameter of 16 MiB.
func updates() []operation {
	p := parameter{dense(noise(copied)), dense(noise(copied))}
	step := func(o *train.Optimizer) func() {
		return func() { _ = o.Step([]gorgonia.ValueGrad{p}) }
	}
	return []operation{
		{"SGD with momentum, 16 MiB", "update", 0, 5 * gigabytes(copied), step(optimizer("sgd"))},
		{"Adam, 16 MiB", "update", 0, 7 * gigabytes(copied), step(optimizer("adam"))},
	}
}

type parameter struct{ value, grad *tensor.Dense }

func (p parameter) Value() gorgonia.Value         { return p.value }
func (p parameter) Grad() (gorgonia.Value, error) { return p.grad, nil }

func dense(x []float32) *tensor.Dense {
	return tensor.New(tensor.WithShape(len(x)), tensor.WithBacking(x))
}
