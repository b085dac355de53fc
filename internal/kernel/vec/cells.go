package vec

import "math"

// The Go versions of the recurrent cells, for one time step. Each unit is computed
// in float64 and rounded.

func lstmGo[T Float](in, forget, cell, out, c, h, sIn, sForget, sCell, sOut, before []T) {
	for k := range in {
		a := logistic(float64(in[k]) + float64(sIn[k]))
		f := logistic(float64(forget[k]) + float64(sForget[k]))
		g := math.Tanh(float64(cell[k]) + float64(sCell[k]))
		o := logistic(float64(out[k]) + float64(sOut[k]))
		state := f*float64(before[k]) + a*g
		in[k], forget[k], cell[k], out[k] = T(a), T(f), T(g), T(o)
		c[k], h[k] = T(state), T(o*math.Tanh(state))
	}
}

func lstmGradGo[T Float](dIn, dForget, dCell, dOut, dc, in, forget, cell, out, c, before, dh []T) {
	for k := range dIn {
		a, f, g, o := float64(in[k]), float64(forget[k]), float64(cell[k]), float64(out[k])
		y := math.Tanh(float64(c[k]))
		dOut[k] = T(float64(dh[k]) * y * (o * (1 - o)))
		state := float64(dh[k])*o*(1-y*y) + float64(dc[k])
		dIn[k] = T(state * g * (a * (1 - a)))
		dForget[k] = T(state * float64(before[k]) * (f * (1 - f)))
		dCell[k] = T(state * a * (1 - g*g))
		dc[k] = T(state * f)
	}
}

func gruGo[T Float](r, z, a, m, h, sr, sz, sa, before []T) {
	for k := range r {
		reset := logistic(float64(r[k]) + float64(sr[k]))
		update := logistic(float64(z[k]) + float64(sz[k]))
		candidate := math.Tanh(float64(a[k]) + reset*float64(sa[k]))
		r[k], z[k], a[k], m[k] = T(reset), T(update), T(candidate), sa[k]
		h[k] = T(update*(float64(before[k])-candidate) + candidate)
	}
}

func gruGradGo[T Float](dr, dz, da, dm, carry, r, z, a, m, before, dh []T) {
	for k := range dr {
		reset, update, candidate, d := float64(r[k]), float64(z[k]), float64(a[k]), float64(dh[k])
		dz[k] = T(d * (float64(before[k]) - candidate) * (update * (1 - update)))
		slope := d * (1 - update) * (1 - candidate*candidate)
		dr[k] = T(slope * float64(m[k]) * (reset * (1 - reset)))
		da[k], dm[k] = T(slope), T(slope*reset)
		carry[k] = T(d * update)
	}
}

func tanhOfSumGo[T Float](y, a, b []T) {
	for k := range y {
		y[k] = T(math.Tanh(float64(a[k]) + float64(b[k])))
	}
}
