package vec

import "math"

// The Go versions of the optimisers' updates. What is one number for all elements
// comes computed.

// incoming makes of the gradient g of an element p what the rules work on.
func incoming[T Float](g, p, scale, limit, decay T) T {
	g *= scale
	if g > limit {
		g = limit
	} else if g < -limit {
		g = -limit
	}
	if decay != 0 {
		g += decay * p
	}
	return g
}

func root[T Float](v T) T { return T(math.Sqrt(float64(v))) }

// deviation returns the root of the variance v-a², which rounding may leave a little
// below zero.
func deviation[T Float](v, a T) T { return root(max(v-a*a, 0)) }

func descendGo[T Float](p, g []T, scale, limit, decay, lr T) {
	g = g[:len(p)]
	for i := range p {
		p[i] -= lr * incoming(g[i], p[i], scale, limit, decay)
	}
}

func rollGo[T Float](p, b, g []T, scale, limit, decay, keep, add, lr T) {
	b, g = b[:len(p)], g[:len(p)]
	for i := range p {
		d := incoming(g[i], p[i], scale, limit, decay)
		b[i] = keep*b[i] + add*d
		p[i] -= lr * b[i]
	}
}

func nesterovGo[T Float](p, b, g []T, scale, limit, decay, keep, add, ahead, lr T) {
	b, g = b[:len(p)], g[:len(p)]
	for i := range p {
		d := incoming(g[i], p[i], scale, limit, decay)
		b[i] = keep*b[i] + add*d
		p[i] -= lr * (d + ahead*b[i])
	}
}

func adamGo[T Float](p, m, v, g []T, scale, limit, decay, shrink, keep1, add1, keep2, add2, rate, bias2, eps T) {
	m, v, g = m[:len(p)], v[:len(p)], g[:len(p)]
	for i := range p {
		d := incoming(g[i], p[i], scale, limit, decay)
		m[i] = keep1*m[i] + add1*d
		v[i] = keep2*v[i] + add2*d*d
		p[i] = shrink*p[i] - rate*m[i]/(root(v[i])/bias2+eps)
	}
}

func amsgradGo[T Float](p, m, v, most, g []T, scale, limit, decay, shrink, keep1, add1, keep2, add2, rate, bias2, eps T) {
	m, v, most, g = m[:len(p)], v[:len(p)], most[:len(p)], g[:len(p)]
	for i := range p {
		d := incoming(g[i], p[i], scale, limit, decay)
		m[i] = keep1*m[i] + add1*d
		v[i] = keep2*v[i] + add2*d*d
		most[i] = max(most[i], v[i])
		p[i] = shrink*p[i] - rate*m[i]/(root(most[i])/bias2+eps)
	}
}

func rmspropGo[T Float](p, v, g []T, scale, limit, decay, keep, add, eps, lr T) {
	v, g = v[:len(p)], g[:len(p)]
	for i := range p {
		d := incoming(g[i], p[i], scale, limit, decay)
		v[i] = keep*v[i] + add*d*d
		p[i] -= lr * d / (root(v[i]) + eps)
	}
}

func rmspropMomentumGo[T Float](p, v, b, g []T, scale, limit, decay, keep, add, eps, momentum, lr T) {
	v, b, g = v[:len(p)], b[:len(p)], g[:len(p)]
	for i := range p {
		d := incoming(g[i], p[i], scale, limit, decay)
		v[i] = keep*v[i] + add*d*d
		b[i] = momentum*b[i] + d/(root(v[i])+eps)
		p[i] -= lr * b[i]
	}
}

func rmspropCenteredGo[T Float](p, v, a, g []T, scale, limit, decay, keep, add, eps, lr T) {
	v, a, g = v[:len(p)], a[:len(p)], g[:len(p)]
	for i := range p {
		d := incoming(g[i], p[i], scale, limit, decay)
		v[i] = keep*v[i] + add*d*d
		a[i] = keep*a[i] + add*d
		p[i] -= lr * d / (deviation(v[i], a[i]) + eps)
	}
}

func rmspropBothGo[T Float](p, v, b, a, g []T, scale, limit, decay, keep, add, eps, momentum, lr T) {
	v, b, a, g = v[:len(p)], b[:len(p)], a[:len(p)], g[:len(p)]
	for i := range p {
		d := incoming(g[i], p[i], scale, limit, decay)
		v[i] = keep*v[i] + add*d*d
		a[i] = keep*a[i] + add*d
		b[i] = momentum*b[i] + d/(deviation(v[i], a[i])+eps)
		p[i] -= lr * b[i]
	}
}

func adagradGo[T Float](p, v, g []T, scale, limit, decay, rate, eps T) {
	v, g = v[:len(p)], g[:len(p)]
	for i := range p {
		d := incoming(g[i], p[i], scale, limit, decay)
		v[i] += d * d
		p[i] -= rate * d / (root(v[i]) + eps)
	}
}
