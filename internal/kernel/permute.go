package kernel

// Permute transposes x of a shape: axis i of y is axis axes[i] of x. axes is a
// permutation. y may not be x.
func Permute[T Float](y, x []T, shape, axes []int) {
	out := permutedAxes(shape, axes)
	last := out[len(out)-1]
	switch {
	case len(x) == 0:
	case len(out) == 1:
		Parallel(len(x), elementGrain, func(lo, hi int) { copy(y[lo:hi], x[lo:hi]) })
	case last.step == 1:
		permuteRows(y, x, out[:len(out)-1], last.n)
	default:
		permuteTiles(y, x, out)
	}
}

// A permutedAxis is an axis of the result: its length and how far x moves per
// index.
type permutedAxis struct{ n, step int }

// permutedAxes returns the axes of the result, outermost first, without those
// of length 1 and with neighbours that stay neighbours merged.
func permutedAxes(shape, axes []int) []permutedAxis {
	out := make([]permutedAxis, 0, len(shape)+1)
	for _, k := range axes {
		next := permutedAxis{shape[k], volume(shape[k+1:])}
		if next.n == 1 {
			continue
		}
		if len(out) > 0 {
			last := &out[len(out)-1]
			if last.step == next.step*next.n {
				last.n *= next.n
				last.step = next.step
				continue
			}
		}
		out = append(out, next)
	}
	if len(out) == 0 {
		out = append(out, permutedAxis{1, 1})
	}
	return out
}

// permuteRows copies rows of n elements that are contiguous on both sides.
func permuteRows[T Float](y, x []T, outer []permutedAxis, n int) {
	Parallel(len(x)/n, rowGrain(n), func(lo, hi int) {
		for row := lo; row < hi; row++ {
			from, rest := 0, row
			for k := len(outer) - 1; k >= 0; k-- {
				from += rest % outer[k].n * outer[k].step
				rest /= outer[k].n
			}
			copy(y[row*n:][:n], x[from:][:n])
		}
	})
}

// tile is the side of the squares in which the two innermost axes, that of y
// and that of x, are exchanged: the cache lines of a square stay in the level-1
// cache until they are used up.
const tile = 32

func permuteTiles[T Float](y, x []T, out []permutedAxis) {
	// p is the innermost axis of y, q that of x.
	p, q := out[len(out)-1], permutedAxis{}
	type axis struct{ n, from, to int } // from and to are steps in x and in y
	rest := make([]axis, 0, len(out))
	qTo, to := 0, p.n
	for k := len(out) - 2; k >= 0; k-- {
		if out[k].step == 1 {
			q, qTo = out[k], to
		} else {
			rest = append(rest, axis{out[k].n, out[k].step, to})
		}
		to *= out[k].n
	}
	pTiles, qTiles := (p.n+tile-1)/tile, (q.n+tile-1)/tile
	tasks := len(x) / (p.n * q.n) * pTiles * qTiles
	Parallel(tasks, rowGrain(min(p.n, tile)*min(q.n, tile)), func(lo, hi int) {
		for task := lo; task < hi; task++ {
			p0, q0, outer := task%pTiles*tile, task/pTiles%qTiles*tile, task/(pTiles*qTiles)
			from, to := p0*p.step+q0, p0+q0*qTo
			for _, ax := range rest {
				i := outer % ax.n
				outer /= ax.n
				from += i * ax.from
				to += i * ax.to
			}
			permuteTile(y[to:], x[from:], min(tile, p.n-p0), min(tile, q.n-q0), p.step, qTo)
		}
	})
}

// permuteTile exchanges the axes of width lines of x, xStep apart, of height
// elements. Four lines at a time, it reads along x and writes neighbours: 1.2 to
// 6 times as fast, by the shape, as going along one side alone.
func permuteTile[T Float](y, x []T, width, height, xStep, yStep int) {
	p := 0
	for ; p+4 <= width; p += 4 {
		x0, x1 := x[p*xStep:][:height], x[(p+1)*xStep:][:height]
		x2, x3 := x[(p+2)*xStep:][:height], x[(p+3)*xStep:][:height]
		at := p
		for i, v := range x0 {
			y := y[at : at+4 : at+4]
			y[0], y[1], y[2], y[3] = v, x1[i], x2[i], x3[i]
			at += yStep
		}
	}
	for ; p < width; p++ {
		at := p
		for _, v := range x[p*xStep:][:height] {
			y[at] = v
			at += yStep
		}
	}
}
