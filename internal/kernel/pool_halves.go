package kernel

import "github.com/thinnet/thinnet/internal/kernel/pool"

// Squares of 2 by 2 side by side are the common pooling, so they have loops of
// their own.

// halves reports whether the windows are such squares of an image.
func (g *Pool) halves() bool {
	return g.Kernel == [3]int{1, 2, 2} && g.Stride == [3]int{1, 2, 2} && g.Dilation == [3]int{1, 1, 1} &&
		g.Pad == [3]int{} && g.In[0] == g.Out[0] && 2*g.Out[1] <= g.In[1] && 2*g.Out[2] <= g.In[2]
}

// eachPair calls f with the offsets in y of each line of outputs, and in x of the
// first of the two lines under it, in the maps [lo, hi).
func (g *Pool) eachPair(lo, hi int, f func(y, x int)) {
	height, width := g.Out[1], g.Out[2]
	for image := lo * g.In[0]; image < hi*g.In[0]; image++ {
		for h := range height {
			f((image*height+h)*width, (image*g.In[1]+2*h)*g.In[2])
		}
	}
}

func maxHalvesForward[T Float](g *Pool, y, x []T) {
	pool.Run(g.Maps, g.grain(), maxHalves[T]{g, y, x})
}

type maxHalves[T Float] struct {
	g    *Pool
	y, x []T
}

func (j *maxHalves[T]) Do(lo, hi int) {
	g, y, x := j.g, j.y, j.x
	g.eachPair(lo, hi, func(out, in int) {
		row := y[out:][:g.Out[2]]
		above, below := x[in:][:2*len(row)], x[in+g.In[2]:][:2*len(row)]
		for i := range row {
			row[i] = max(above[2*i], above[2*i+1], below[2*i], below[2*i+1])
		}
	})
}

func maxHalvesBackward[T Float](g *Pool, dx, x, dy []T) {
	pool.Run(g.Maps, g.grain(), maxHalvesGrads[T]{g, dx, x, dy})
}

type maxHalvesGrads[T Float] struct {
	g         *Pool
	dx, x, dy []T
}

func (j *maxHalvesGrads[T]) Do(lo, hi int) {
	g, dx, x, dy := j.g, j.dx, j.x, j.dy
	width, size := g.In[2], boxSize(g.In)
	clear(dx[lo*size : hi*size])
	g.eachPair(lo, hi, func(out, in int) {
		row := dy[out:][:g.Out[2]]
		above, below := x[in:][:2*len(row)], x[in+width:][:2*len(row)]
		for i, d := range row {
			dx[in+2*i+winner2x2(above[2*i], above[2*i+1], below[2*i], below[2*i+1], width)] = d
		}
	})
}

// winner2x2 returns the offset of the element of a, b above c, d that takes the
// gradient; the lines are width apart. It is written for conditional moves: which
// one is largest can't be predicted.
func winner2x2[T Float](a, b, c, d T, width int) int {
	if s := a + b + c + d; s != s {
		return nanWinner2x2(a, b, c, d, width)
	}
	upper, lower := 0, width
	if b > a {
		upper = 1
	}
	if d > c {
		lower = width + 1
	}
	if max(c, d) > max(a, b) {
		upper = lower
	}
	return upper
}

// nanWinner2x2 is winner2x2 where there may be a NaN; Inf - Inf comes here too.
func nanWinner2x2[T Float](a, b, c, d T, width int) int {
	winner, top := 0, a
	if b > top || b != b {
		winner, top = 1, b
	}
	if c > top || c != c {
		winner, top = width, c
	}
	if d > top || d != d {
		winner = width + 1
	}
	return winner
}

func avgHalvesForward[T Float](g *Pool, y, x []T) {
	pool.Run(g.Maps, g.grain(), avgHalves[T]{g, y, x})
}

type avgHalves[T Float] struct {
	g    *Pool
	y, x []T
}

func (j *avgHalves[T]) Do(lo, hi int) {
	g, y, x := j.g, j.y, j.x
	g.eachPair(lo, hi, func(out, in int) {
		row := y[out:][:g.Out[2]]
		above, below := x[in:][:2*len(row)], x[in+g.In[2]:][:2*len(row)]
		for i := range row {
			row[i] = (above[2*i] + above[2*i+1] + below[2*i] + below[2*i+1]) / 4
		}
	})
}

func avgHalvesBackward[T Float](g *Pool, dx, dy []T) {
	pool.Run(g.Maps, g.grain(), avgHalvesGrads[T]{g, dx, dy})
}

type avgHalvesGrads[T Float] struct {
	g      *Pool
	dx, dy []T
}

func (j *avgHalvesGrads[T]) Do(lo, hi int) {
	g, dx, dy := j.g, j.dx, j.dy
	size := boxSize(g.In)
	clear(dx[lo*size : hi*size])
	g.eachPair(lo, hi, func(out, in int) {
		row := dy[out:][:g.Out[2]]
		above, below := dx[in:][:2*len(row)], dx[in+g.In[2]:][:2*len(row)]
		for i, d := range row {
			part := d / 4
			above[2*i], above[2*i+1], below[2*i], below[2*i+1] = part, part, part, part
		}
	})
}
