package kernel

import (
	"github.com/thinnet/thinnet/internal/kernel/pool"
	"github.com/thinnet/thinnet/internal/kernel/vec"
)

// Permute transposes x of a shape: axis i of y is axis axes[i] of x. axes is a
// permutation. y may not be x.
func Permute[T Float](y, x []T, shape, axes []int) {
	if len(x) == 0 {
		return
	}
	p := sparePermutations.Borrow()
	p.merge(shape, axes)
	last := p.axes[len(p.axes)-1]
	switch {
	case len(p.axes) == 1:
		Copy(y[:len(x)], x)
	case last.step == 1:
		pool.Run(len(x)/last.n, rowGrain(last.n), permuteRowsJob[T]{y, x, p.axes[:len(p.axes)-1], last.n})
	default:
		permuteTiles(y, x, p)
	}
	sparePermutations.GiveBack(p)
}

// A permutedAxis is an axis of the result: its length, how far x moves per index,
// and, where that is needed, how far y does.
type permutedAxis struct{ n, step, to int }

// A permutation is kept to be used again.
type permutation struct {
	axes []permutedAxis
	rest []permutedAxis // without the two that are exchanged
}

var sparePermutations pool.Spare[permutation]

// merge sets the axes of the result, outermost first, without those of length 1
// and with neighbours that stay neighbours merged.
func (p *permutation) merge(shape, axes []int) {
	p.axes = p.axes[:0]
	for _, k := range axes {
		next := permutedAxis{n: shape[k], step: volume(shape[k+1:])}
		if next.n == 1 {
			continue
		}
		if len(p.axes) > 0 {
			last := &p.axes[len(p.axes)-1]
			if last.step == next.step*next.n {
				last.n *= next.n
				last.step = next.step
				continue
			}
		}
		p.axes = append(p.axes, next)
	}
	if len(p.axes) == 0 {
		p.axes = append(p.axes, permutedAxis{n: 1, step: 1})
	}
}

// permuteRowsJob copies rows of n elements that are contiguous on both sides.
type permuteRowsJob[T Float] struct {
	y, x  []T
	outer []permutedAxis
	n     int
}

func (j *permuteRowsJob[T]) Do(lo, hi int) {
	for row := lo; row < hi; row++ {
		from, rest := 0, row
		for k := len(j.outer) - 1; k >= 0; k-- {
			from += rest % j.outer[k].n * j.outer[k].step
			rest /= j.outer[k].n
		}
		copy(j.y[row*j.n:][:j.n], j.x[from:][:j.n])
	}
}

// tile is the side of the squares in which the two innermost axes, that of y
// and that of x, are exchanged: the cache lines of a square stay in the level-1
// cache until they are used up.
const tile = 32

func permuteTiles[T Float](y, x []T, perm *permutation) {
	// p is the innermost axis of y, q that of x.
	out := perm.axes
	p, q := out[len(out)-1], permutedAxis{}
	perm.rest = perm.rest[:0]
	to := p.n
	for k := len(out) - 2; k >= 0; k-- {
		ax := out[k]
		ax.to = to
		if ax.step == 1 {
			q = ax
		} else {
			perm.rest = append(perm.rest, ax)
		}
		to *= ax.n
	}
	pTiles, qTiles := (p.n+tile-1)/tile, (q.n+tile-1)/tile
	tasks := len(x) / (p.n * q.n) * pTiles * qTiles
	pool.Run(tasks, rowGrain(min(p.n, tile)*min(q.n, tile)), permuteTilesJob[T]{y, x, p, q, perm.rest, pTiles, qTiles})
}

type permuteTilesJob[T Float] struct {
	y, x           []T
	p, q           permutedAxis
	rest           []permutedAxis
	pTiles, qTiles int
}

func (j *permuteTilesJob[T]) Do(lo, hi int) {
	for task := lo; task < hi; task++ {
		p0, q0, outer := task%j.pTiles*tile, task/j.pTiles%j.qTiles*tile, task/(j.pTiles*j.qTiles)
		from, to := p0*j.p.step+q0, p0+q0*j.q.to
		for _, ax := range j.rest {
			i := outer % ax.n
			outer /= ax.n
			from += i * ax.step
			to += i * ax.to
		}
		vec.Transpose(j.y[to:], j.x[from:], min(tile, j.p.n-p0), min(tile, j.q.n-q0), j.q.to, j.p.step)
	}
}
