//go:build amd64 && !noasm

package channels

import "github.com/thinnet/thinnet/internal/kernel/cpu"

// inside panics unless the kernels stay within x and y.
func (t taps) inside(y []float32, xs ...[]float32) {
	_ = y[t.points*t.n-1]
	for _, x := range xs {
		_ = x[reach(t.offs, t.points, t.step, t.n)-1]
	}
}

// rankTaps returns whether there is a kernel. The weights after the last count for
// nothing.
func rankTaps(t taps, y, x []float32, weights *[16]float32, last int) bool {
	t.inside(y, x)
	o, k := &t.offs[0], len(t.offs)
	switch four := k == 4 && last == 4; {
	case cpu.Get() == cpu.AVX512 && four:
		rankFour512(&y[0], &x[0], &weights[0], o, k, t.points, t.step, t.n)
	case cpu.Get() == cpu.AVX512:
		rankTaps512(&y[0], &x[0], &weights[0], o, k, t.points, t.step, t.n, last)
	case cpu.Get() == cpu.AVX2 && four:
		rankFour256(&y[0], &x[0], &weights[0], o, k, t.points, t.step, t.n)
	case cpu.Get() == cpu.AVX2:
		rankTaps256(&y[0], &x[0], &weights[0], o, k, t.points, t.step, t.n, last)
	default:
		return false
	}
	return true
}

func rankTapsGrad(t taps, dx, x, dy []float32, weights *[16]float32) bool {
	t.inside(dy, x, dx)
	o, k := &t.offs[0], len(t.offs)
	switch {
	case cpu.Get() == cpu.AVX512 && k == 4:
		rankGradFour512(&dx[0], &x[0], &dy[0], &weights[0], o, k, t.points, t.step, t.n, t.keep())
	case cpu.Get() == cpu.AVX512:
		rankGradTaps512(&dx[0], &x[0], &dy[0], &weights[0], o, k, t.points, t.step, t.n, t.keep())
	case cpu.Get() == cpu.AVX2 && k == 4:
		rankGradFour256(&dx[0], &x[0], &dy[0], &weights[0], o, k, t.points, t.step, t.n, t.keep())
	case cpu.Get() == cpu.AVX2:
		rankGradTaps256(&dx[0], &x[0], &dy[0], &weights[0], o, k, t.points, t.step, t.n, t.keep())
	default:
		return false
	}
	return true
}

// A place is how far a kernel has come, which may stop at a vector: the point and the
// channel.
type place struct{ p, c int }

// left returns how many points and channels of them the next call takes: the rest of a
// point, or all further ones.
func (at place) left(t taps) (points, n int) {
	if at.c > 0 {
		return 1, t.n - at.c
	}
	return t.points - at.p, t.n
}

// stopped moves on to where a call stopped, with left of its points left and done
// elements of the first of them done.
func (at *place) stopped(points, left, done int) {
	if left < points {
		at.p, at.c = at.p+points-left, 0
	}
	at.c += done
}

// skip moves on by the channels that a vector has at most, and returns how many these
// are.
func (at *place) skip(t taps) int {
	n := min(lanes, t.n-at.c)
	if at.c += n; at.c == t.n {
		at.p, at.c = at.p+1, 0
	}
	return n
}

// margin is how near a sum of float32 may come to that of float64 which it stands for,
// in terms of the sum of all.
func (t taps) margin() float32 { return 0x1p-22 * float32(len(t.offs)) }

func drawTaps(t taps, y, x []float32, words []uint32) {
	t.inside(y, x)
	_ = words[t.points*t.n-1]
	o, k := &t.offs[0], len(t.offs)
	for at := (place{}); at.p < t.points; {
		points, n := at.left(t)
		left, done := points, 0
		y0, x0 := at.p*t.n+at.c, at.p*t.step+at.c
		switch {
		case cpu.Get() == cpu.AVX512 && k == 4:
			left, done = sampleFour512(&y[y0], &x[x0], &words[y0], o, k, points, t.step, n, t.margin())
		case cpu.Get() == cpu.AVX512:
			left, done = sampleTaps512(&y[y0], &x[x0], &words[y0], o, k, points, t.step, n, t.margin())
		case cpu.Get() == cpu.AVX2 && k == 4:
			left, done = sampleFour256(&y[y0], &x[x0], &words[y0], o, k, points, t.step, n, t.margin())
		case cpu.Get() == cpu.AVX2:
			left, done = sampleTaps256(&y[y0], &x[x0], &words[y0], o, k, points, t.step, n, t.margin())
		}
		if at.stopped(points, left, done); at.p < t.points {
			p, c := at.p, at.c
			drawSome(t, y, x, words, p, c, at.skip(t))
		}
	}
}

func drawTapsGrad(t taps, dx, x, dy []float32, words []uint32) {
	t.inside(dy, x, dx)
	_ = words[t.points*t.n-1]
	o, k := &t.offs[0], len(t.offs)
	for at := (place{}); at.p < t.points; {
		points, n := at.left(t)
		left, done := points, 0
		y0, x0 := at.p*t.n+at.c, at.p*t.step+at.c
		switch {
		case cpu.Get() == cpu.AVX512 && k == 4:
			left, done = sampleGradFour512(&dx[x0], &x[x0], &dy[y0], &words[y0], o, k, points, t.step, n, t.margin(), t.keep())
		case cpu.Get() == cpu.AVX512:
			left, done = sampleGradTaps512(&dx[x0], &x[x0], &dy[y0], &words[y0], o, k, points, t.step, n, t.margin(), t.keep())
		case cpu.Get() == cpu.AVX2 && k == 4:
			left, done = sampleGradFour256(&dx[x0], &x[x0], &dy[y0], &words[y0], o, k, points, t.step, n, t.margin(), t.keep())
		case cpu.Get() == cpu.AVX2:
			left, done = sampleGradTaps256(&dx[x0], &x[x0], &dy[y0], &words[y0], o, k, points, t.step, n, t.margin(), t.keep())
		}
		if at.stopped(points, left, done); at.p < t.points {
			p, c := at.p, at.c
			drawSomeGrad(t, dx, x, dy, words, p, c, at.skip(t))
		}
	}
}

func ownTaps(t taps, y, x []float32) {
	t.inside(y, x)
	o, k := &t.offs[0], len(t.offs)
	for at := (place{}); at.p < t.points; {
		points, n := at.left(t)
		left, done := points, 0
		y0, x0 := at.p*t.n+at.c, at.p*t.step+at.c
		switch {
		case cpu.Get() == cpu.AVX512 && k == 4:
			left, done = ownFour512(&y[y0], &x[x0], o, k, points, t.step, n)
		case cpu.Get() == cpu.AVX512:
			left, done = ownTaps512(&y[y0], &x[x0], o, k, points, t.step, n)
		case cpu.Get() == cpu.AVX2 && k == 4:
			left, done = ownFour256(&y[y0], &x[x0], o, k, points, t.step, n)
		case cpu.Get() == cpu.AVX2:
			left, done = ownTaps256(&y[y0], &x[x0], o, k, points, t.step, n)
		}
		if at.stopped(points, left, done); at.p < t.points {
			p, c := at.p, at.c
			ownSome(t, y, x, p, c, at.skip(t))
		}
	}
}

func ownTapsGrad(t taps, dx, x, dy []float32) {
	t.inside(dy, x, dx)
	o, k := &t.offs[0], len(t.offs)
	for at := (place{}); at.p < t.points; {
		points, n := at.left(t)
		left, done := points, 0
		y0, x0 := at.p*t.n+at.c, at.p*t.step+at.c
		switch {
		case cpu.Get() == cpu.AVX512 && k == 4:
			left, done = ownGradFour512(&dx[x0], &x[x0], &dy[y0], o, k, points, t.step, n, t.keep())
		case cpu.Get() == cpu.AVX512:
			left, done = ownGradTaps512(&dx[x0], &x[x0], &dy[y0], o, k, points, t.step, n, t.keep())
		case cpu.Get() == cpu.AVX2 && k == 4:
			left, done = ownGradFour256(&dx[x0], &x[x0], &dy[y0], o, k, points, t.step, n, t.keep())
		case cpu.Get() == cpu.AVX2:
			left, done = ownGradTaps256(&dx[x0], &x[x0], &dy[y0], o, k, points, t.step, n, t.keep())
		}
		if at.stopped(points, left, done); at.p < t.points {
			p, c := at.p, at.c
			ownSomeGrad(t, dx, x, dy, p, c, at.skip(t))
		}
	}
}
