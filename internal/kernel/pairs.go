package kernel

// A pairAxis is an axis over which two operands are read together: its length
// and how far each operand moves per index, 0 where it is broadcast.
type pairAxis struct{ n, a, b int }

// A pairRow is a stretch of n elements of the result from y on. The operands
// start at a and b and move by aStep and bStep, each 0 or 1.
type pairRow struct{ y, a, b, n, aStep, bStep int }

// pairAxes merges the axes of a broadcast into as few as describe it, innermost
// first. Equal shapes give one axis, a channel in the middle three.
func pairAxes(shape, as, bs []int) []pairAxis {
	axes := make([]pairAxis, 0, len(shape)+1)
	aLen, bLen := 1, 1
	for i := 1; i <= len(shape); i++ {
		next := pairAxis{n: shape[len(shape)-i]}
		if i <= len(as) && as[len(as)-i] != 1 {
			next.a, aLen = aLen, aLen*next.n
		}
		if i <= len(bs) && bs[len(bs)-i] != 1 {
			next.b, bLen = bLen, bLen*next.n
		}
		if next.n == 1 {
			continue
		}
		if len(axes) > 0 {
			last := &axes[len(axes)-1]
			if next.a == last.a*last.n && next.b == last.b*last.n {
				last.n *= next.n
				continue
			}
		}
		axes = append(axes, next)
	}
	if len(axes) == 0 {
		axes = append(axes, pairAxis{1, 1, 1})
	}
	return axes
}

// eachPair calls f, in parallel, for rows that together cover the result of
// broadcasting operands of shapes as and bs to shape.
func eachPair(shape, as, bs []int, f func(pairRow)) {
	axes := pairAxes(shape, as, bs)
	inner, outer := axes[0], axes[1:]
	rows := 1
	for _, ax := range outer {
		rows *= ax.n
	}
	if rows == 1 {
		Parallel(inner.n, elementGrain, func(lo, hi int) {
			f(pairRow{lo, lo * inner.a, lo * inner.b, hi - lo, inner.a, inner.b})
		})
		return
	}
	if inner.n == 0 {
		return
	}
	Parallel(rows, rowGrain(inner.n), func(lo, hi int) {
		for row := lo; row < hi; row++ {
			r := pairRow{y: row * inner.n, n: inner.n, aStep: inner.a, bStep: inner.b}
			rest := row
			for _, ax := range outer {
				i := rest % ax.n
				rest /= ax.n
				r.a += i * ax.a
				r.b += i * ax.b
			}
			f(r)
		}
	})
}
