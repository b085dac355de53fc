package kernel

import "github.com/thinnet/thinnet/internal/kernel/pool"

// Unfold writes the matrix of columns of every sample of x, (N, C·taps, points): row
// (channel, tap), column (output position), element the input that this tap of the
// convolution sees there, 0 outside. The output channels of g do not count.
func Unfold[T Float](g *Conv, y, x []T) {
	pool.Run(g.N*g.C, rowGrain(boxSize(g.Kernel)*boxSize(g.Out)), unfoldJob[T]{g, y, x})
}

// Fold is the adjoint of [Unfold]: it writes all of dx, each element the sum of the
// elements of dy that are copies of it, in the order of the taps.
func Fold[T Float](g *Conv, dx, dy []T) {
	pool.Run(g.N*g.C, rowGrain(boxSize(g.Kernel)*boxSize(g.Out)), foldJob[T]{g, dx, dy})
}

type unfoldJob[T Float] struct {
	g    *Conv
	y, x []T
}

func (j *unfoldJob[T]) Do(lo, hi int) {
	g, rows := j.g, boxSize(j.g.Kernel)*boxSize(j.g.Out)
	eachSample[T](g, lo, hi, func(list []segment, n, c0, c1 int) {
		gatherColumns(g, j.y[(n*g.C+c0)*rows:], boxSize(g.Out), j.x, list, c0, c1)
	})
}

type foldJob[T Float] struct {
	g      *Conv
	dx, dy []T
}

func (j *foldJob[T]) Do(lo, hi int) {
	g, rows, size := j.g, boxSize(j.g.Kernel)*boxSize(j.g.Out), boxSize(j.g.In)
	clear(j.dx[lo*size : hi*size])
	v := vectorsOf[T]()
	eachSample[T](g, lo, hi, func(list []segment, n, c0, c1 int) {
		scatterColumns(g, v, j.dx, j.dy[(n*g.C+c0)*rows:], boxSize(g.Out), list, c0, c1)
	})
}

// eachSample calls f with each sample of the maps [lo, hi), the segments of its columns,
// and which of its channels are among the maps.
func eachSample[T Float](g *Conv, lo, hi int, f func(list []segment, n, c0, c1 int)) {
	s, points := borrowScratch[T](), boxSize(g.Out)
	for at := lo; at < hi; {
		n := at / g.C
		end := min(hi, (n+1)*g.C)
		s.segments = g.segments(s.segments[:0], n*points, (n+1)*points)
		f(s.segments, n, at-n*g.C, end-n*g.C)
		at = end
	}
	s.release()
}
