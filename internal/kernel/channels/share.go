package channels

import (
	"math"

	"github.com/thinnet/thinnet/internal/kernel/vec"
)

// OwnPool writes Σ v²/Σ v to y for each window, over its positive elements: the mean
// of what SamplePool draws. A window of nothing positive gives 0, one with an infinity
// gives infinity.
func OwnPool[T vec.Float](w *Windows, y, x []T) {
	choosing[T]{w: w, rule: byShare, y: y, x: x}.run()
}

// OwnPoolGrad writes the gradient of ⟨OwnPool(x), dy⟩ with respect to x to all of dx.
// That of a positive element is (2·v - y)/Σ v.
func OwnPoolGrad[T vec.Float](w *Windows, dx, x, dy []T) {
	choosing[T]{w: w, rule: byShare, dx: dx, x: x, dy: dy}.run()
}

// mostShared is the number of taps up to which there are kernels, and up to which the
// mean may be computed in float32: it is if the sum is from leastTotal to mostTotal, else
// in float64.
const (
	mostShared            = 16
	leastTotal, mostTotal = 0x1p-50, 0x1p50
)

// A mean is that of a window weighted by its elements, and the sum of these.
type mean[T vec.Float] struct{ value, total T }

// meanOf returns the mean computed in float32, and whether it may be.
func meanOf[T vec.Float](x []T, offs []int) (m mean[T], ok bool) {
	squares := T(0)
	for _, off := range offs {
		if v := x[off]; !(v <= 0) {
			m.total += v
			squares += T(v * v)
		}
	}
	if m.total == 0 {
		return mean[T]{}, true
	}
	m.value = squares / m.total
	return m, vec.IsFloat32[T]() && len(offs) <= mostShared && m.total >= leastTotal && m.total <= mostTotal
}

// longMeanOf does so in float64.
func longMeanOf[T vec.Float](x []T, offs []int) (m mean[float64]) {
	squares := 0.0
	for _, off := range offs {
		if v := float64(x[off]); !(v <= 0) {
			m.total += v
			squares += v * v
		}
	}
	m.value = squares / m.total
	if math.IsInf(m.total, 1) {
		m.value = m.total
	}
	return m
}

func own[T vec.Float](t taps, y, x []T) {
	if t.fit(mostShared) && vec.IsFloat32[T]() {
		ownTaps(t, vec.Float32s(y), vec.Float32s(x))
		return
	}
	for p := range t.points {
		ownSome(t, y, x, p, 0, t.n)
	}
}

// ownSome handles n channels of a point from c on.
func ownSome[T vec.Float](t taps, y, x []T, p, c, n int) {
	for ; n > 0; c, n = c+1, n-1 {
		x := x[p*t.step+c:]
		m, ok := meanOf(x, t.offs)
		if !ok {
			m.value = T(longMeanOf(x, t.offs).value)
		}
		y[p*t.n+c] = m.value
	}
}

func ownGrad[T vec.Float](t taps, dx, x, dy []T) {
	if t.fit(mostShared) && vec.IsFloat32[T]() {
		ownTapsGrad(t, vec.Float32s(dx), vec.Float32s(x), vec.Float32s(dy))
		return
	}
	for p := range t.points {
		ownSomeGrad(t, dx, x, dy, p, 0, t.n)
	}
}

func ownSomeGrad[T vec.Float](t taps, dx, x, dy []T, p, c, n int) {
	for ; n > 0; c, n = c+1, n-1 {
		dx, x, dy := dx[p*t.step+c:], x[p*t.step+c:], dy[p*t.n+c]
		ready(t, dx)
		if m, ok := meanOf(x, t.offs); ok {
			inverse := 1 / m.total // not used if that is 0
			for _, off := range t.offs {
				if v := x[off]; !(v <= 0) {
					dx[off] += T(T((v+v-m.value)*inverse) * dy)
				}
			}
			continue
		}
		m := longMeanOf(x, t.offs)
		for _, off := range t.offs {
			if v := float64(x[off]); !(v <= 0) {
				dx[off] += T(float64(dy) * (2*v - m.value) / m.total)
			}
		}
	}
}
