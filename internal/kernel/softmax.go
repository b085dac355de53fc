package kernel

import (
	"math"

	"github.com/thinnet/thinnet/internal/kernel/pool"
	"github.com/thinnet/thinnet/internal/kernel/vec"
)

// Softmax computes, along the middle axis of x of shape (outer, n, inner),
//
//	y = exp(x-max)/Σ exp(x-max)
//
// A line that is all -Inf, or holds +Inf or NaN, gives NaN, as in PyTorch. y may
// be x.
func Softmax[T Float](y, x []T, outer, n, inner int) {
	runLines(softmaxPass, y, x, nil, outer, n, inner)
}

func softmaxLine[T Float](y, x []T) {
	sum := vec.ExpLine(y, x, vec.Max(x))
	vec.ScaleLine(y, y, 1/sum)
}

func softmaxStrip[T Float](y, x []T, n, inner, width int) {
	var shifts, sums [strip]float64
	shift, sum := shifts[:width], sums[:width]
	stripMax(shift, x, n, inner)
	for j := range n {
		y, x := y[j*inner:][:width], x[j*inner:][:width]
		for i, v := range x {
			p := vec.Exp[T](float64(v) - shift[i])
			sum[i] += p
			y[i] = T(p)
		}
	}
	for i := range sum {
		sum[i] = 1 / sum[i]
	}
	for j := range n {
		y := y[j*inner:][:width]
		for i, p := range y {
			y[i] = T(float64(p) * sum[i])
		}
	}
}

// LogSoftmax computes the logarithm of [Softmax] without the loss of going
// through it: y = x - max - log Σ exp(x-max). y may be x.
func LogSoftmax[T Float](y, x []T, outer, n, inner int) {
	runLines(logSoftmaxPass, y, x, nil, outer, n, inner)
}

func logSoftmaxLine[T Float](y, x []T) {
	shift := vec.Max(x)
	vec.ShiftLine(y, x, shift, math.Log(vec.ExpSum(x, shift)))
}

func logSoftmaxStrip[T Float](y, x []T, n, inner, width int) {
	var shifts, sums [strip]float64
	shift, sum := shifts[:width], sums[:width]
	stripMax(shift, x, n, inner)
	for j := range n {
		for i, v := range x[j*inner:][:width] {
			sum[i] += vec.Exp[T](float64(v) - shift[i])
		}
	}
	for i := range sum {
		sum[i] = math.Log(sum[i])
	}
	for j := range n {
		y, x := y[j*inner:][:width], x[j*inner:][:width]
		for i, v := range x {
			y[i] = T(float64(v) - shift[i] - sum[i])
		}
	}
}

// A linePass is what is done along the lines of a tensor.
type linePass uint8

const (
	softmaxPass linePass = iota
	logSoftmaxPass
	softmaxGradPass
	logSoftmaxGradPass
)

// runLines makes a pass over the lines along the middle axis of tensors of shape
// (outer, n, inner): over each by itself where its elements are neighbours, else
// over bundles of at most strip neighbouring lines.
func runLines[T Float](pass linePass, out, a, b []T, outer, n, inner int) {
	if inner == 1 {
		pool.Run(outer, rowGrain(n), linesJob[T]{pass, out, a, b, n})
		return
	}
	strips := (inner + strip - 1) / strip
	pool.Run(outer*strips, rowGrain(n*min(strip, inner)), stripsJob[T]{pass, out, a, b, n, inner, strips})
}

type linesJob[T Float] struct {
	pass      linePass
	out, a, b []T
	n         int
}

func (j *linesJob[T]) Do(lo, hi int) {
	for k := lo; k < hi; k++ {
		out, a := j.out[k*j.n:][:j.n], j.a[k*j.n:][:j.n]
		switch j.pass {
		case softmaxPass:
			softmaxLine(out, a)
		case logSoftmaxPass:
			logSoftmaxLine(out, a)
		case softmaxGradPass:
			softmaxLineGrad(out, a, j.b[k*j.n:][:j.n])
		case logSoftmaxGradPass:
			logSoftmaxLineGrad(out, a, j.b[k*j.n:][:j.n])
		}
	}
}

type stripsJob[T Float] struct {
	pass             linePass
	out, a, b        []T
	n, inner, strips int
}

func (j *stripsJob[T]) Do(lo, hi int) {
	for k := lo; k < hi; k++ {
		first := k % j.strips * strip
		e, width := k/j.strips*j.n*j.inner+first, min(strip, j.inner-first)
		switch j.pass {
		case softmaxPass:
			softmaxStrip(j.out[e:], j.a[e:], j.n, j.inner, width)
		case logSoftmaxPass:
			logSoftmaxStrip(j.out[e:], j.a[e:], j.n, j.inner, width)
		case softmaxGradPass:
			softmaxStripGrad(j.out[e:], j.a[e:], j.b[e:], j.n, j.inner, width)
		case logSoftmaxGradPass:
			logSoftmaxStripGrad(j.out[e:], j.a[e:], j.b[e:], j.n, j.inner, width)
		}
	}
}

func stripMax[T Float](shift []float64, x []T, n, inner int) {
	fill(shift, math.Inf(-1))
	for j := range n {
		for i, v := range x[j*inner:][:len(shift)] {
			shift[i] = max(shift[i], float64(v))
		}
	}
}
