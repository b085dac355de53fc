package channels

import "github.com/thinnet/thinnet/internal/kernel/pool"

// Normalisation, ReLU, a factor for each channel of each image, and max pooling by
// windows of 2, or of 2 by 2, side by side, in one pass over x:
//
//	y = factor[n,c] · max(0, v of the window),   v = (x-mean[c])·a[c] + b[c]
//
// Factors are not negative, and where one is 0 so is y, even for NaN. Nothing is as
// large as x but x and its gradient.

// Pairwise reports whether windows, as [NewWindows] takes them, are such ones.
func Pairwise(in, out, dilation [3]int, at func(axis, p int) Window) bool {
	pairs, squares := sideBySide(in, out, dilation, at)
	return pairs || squares
}

// A Fused is the arguments that its three functions share. No factors are all 1.
type Fused struct {
	*Windows
	K      Map
	Factor []float32 // (N, C)
}

// Pool computes y.
func (f Fused) Pool(y, x []float32) {
	mem := Borrow()
	stride := f.stride()
	params := mem.Floats(paramRows*stride + f.channels)
	f.fill(params, f.K)
	ones := params[paramRows*stride:]
	fill(ones, 1)
	pool.Run(f.images(len(x))*len(f.lines), f.lineGrain(), fusedPool{f, y, x, params, ones})
	mem.GiveBack()
}

// stride is the length of a row of parameters: whole vectors.
func (w *Windows) stride() int { return (w.channels + lanes - 1) / lanes * lanes }

// fill writes the coefficients of the forward pass.
func (f *Fused) fill(params []float32, k Map) {
	stride := f.stride()
	clear(params)
	copy(params[meanRow*stride:], k.Mean[:f.channels])
	copy(params[aRow*stride:], k.A[:f.channels])
	copy(params[bRow*stride:], k.B[:f.channels])
}

// factor returns the factors of an image, nil if all are 1.
func (f *Fused) factor(image int) []float32 {
	if f.Factor == nil {
		return nil
	}
	return f.Factor[image*f.channels:][:f.channels]
}

// eachPiece calls g for pieces of line l that one call takes, with where they begin in x
// and y.
func (w *Windows) eachPiece(l int, g func(x, y, points int)) {
	w.eachSquares(func(p, points int) {
		g((w.lines[l].x+2*p)*w.channels, (l*w.out[2]+p)*w.channels, points)
	})
}

// row is how far the second line of a window is from the first, in elements.
func (w *Windows) row() int { return w.in[2] * w.channels }

type fusedPool struct {
	Fused
	y, x, params, ones []float32
}

func (j *fusedPool) Do(lo, hi int) {
	for u := lo; u < hi; u++ {
		l, x0, y0 := j.split(u)
		factor := j.factor(u / len(j.lines))
		if factor == nil {
			factor = j.ones
		}
		j.eachPiece(l, func(x, y, points int) {
			normPool(j.y[y0+y:], j.x[x0+x:], j.params, factor, j.squares, points, j.row(), j.stride(), j.channels)
		})
	}
}

// Sums computes, for each channel, the sum of the gradient of v, given dy, and that
// of its products with x-mean.
func (f Fused) Sums(sum, dot []float64, x, dy []float32) {
	images, c := f.images(len(x)), f.channels
	mem := Borrow()
	buf := mem.Floats(paramRows*f.stride() + 2*images*c)
	params, partial := buf[:paramRows*f.stride()], buf[paramRows*f.stride():]
	f.fill(params, f.K)
	pool.Run(images, f.imageGrain(), fusedSums{f, partial, x, dy, params})
	clear(sum[:c])
	clear(dot[:c])
	for image := range images {
		part, factor := partial[image*2*c:][:2*c], f.factor(image)
		for i := range c {
			k := 1.0
			if factor != nil {
				if k = float64(factor[i]); k == 0 {
					continue // what it is a factor of may be NaN
				}
			}
			sum[i] += k * float64(part[i])
			dot[i] += k * float64(part[c+i])
		}
	}
	mem.GiveBack()
}

type fusedSums struct {
	Fused
	partial, x, dy, params []float32
}

func (j *fusedSums) Do(lo, hi int) {
	for image := lo; image < hi; image++ {
		part := j.partial[image*2*j.channels:][:2*j.channels]
		clear(part)
		x0, y0 := image*j.inSize(), image*j.outSize()
		for l := range j.lines {
			j.eachPiece(l, func(x, y, points int) {
				normPoolSums(part, part[j.channels:], j.x[x0+x:], j.dy[y0+y:], j.params, j.squares, points, j.row(), j.stride(), j.channels)
			})
		}
	}
}

// Grad computes dx = a·d + p·(x-mean) + q, where d is the gradient of v. dx may be x.
func (f Fused) Grad(dx, x, dy []float32, p, q []float32) {
	pool.Run(f.images(len(x)), f.imageGrain(), fusedGrad{f, dx, x, dy, p, q})
}

type fusedGrad struct {
	Fused
	dx, x, dy, p, q []float32
}

func (j *fusedGrad) Do(lo, hi int) {
	mem := Borrow()
	stride, c := j.stride(), j.channels
	params := mem.Floats(paramRows * stride)
	j.fill(params, j.K)
	copy(params[pRow*stride:], j.p[:c])
	copy(params[qRow*stride:], j.q[:c])
	scale := params[scaleRow*stride:][:c]
	copy(scale, j.K.A)
	for image := lo; image < hi; image++ {
		if factor := j.factor(image); factor != nil {
			for i, k := range factor {
				scale[i] = j.K.A[i] * k
			}
		}
		j.image(image, params)
	}
	mem.GiveBack()
}

func (j *fusedGrad) image(image int, params []float32) {
	x, dx := j.x[image*j.inSize():][:j.inSize()], j.dx[image*j.inSize():][:j.inSize()]
	y0 := image * j.outSize()
	for l := range j.lines {
		j.eachPiece(l, func(at, y, points int) {
			normPoolGrad(dx[at:], x[at:], j.dy[y0+y:], params, j.squares, points, j.row(), j.stride(), j.channels)
		})
		at, seen := j.lines[l].x*j.channels, 2*j.out[2]*j.channels
		j.unseen(dx, x, at+seen, at+j.row())
		if j.squares {
			j.unseen(dx, x, at+j.row()+seen, at+2*j.row())
		}
	}
	if lines := 2 * j.out[1]; j.squares {
		for plane := range j.in[0] {
			j.unseen(dx, x, (plane*j.in[1]+lines)*j.row(), (plane+1)*j.in[1]*j.row())
		}
	}
}

// unseen handles elements that no window sees.
func (j *fusedGrad) unseen(dx, x []float32, lo, hi int) {
	if rows := (hi - lo) / j.channels; rows > 0 {
		columnAffine(dx[lo:hi], x[lo:hi], j.K.Mean[:j.channels], j.p[:j.channels], j.q[:j.channels], rows, false)
	}
}
