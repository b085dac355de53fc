package convlast

import (
	"unsafe"

	"github.com/thinnet/thinnet/internal/kernel/pool"
	"github.com/thinnet/thinnet/internal/kernel/tile"
)

// lineWeights computes dw by F(4, 3), in the chunks of samples of the direct method
// and with its sums.
type lineWeights struct {
	*weights
	lineShape
}

func (l *lineWeights) run(dw, x, dy []float32) {
	s := passes.Borrow(l.chunks * l.size())
	pool.Run(l.chunks, 1, lineWeightsJob{l, s.Start(), unsafe.Pointer(&x[0]), unsafe.Pointer(&dy[0])})
	pool.Run(ceil(l.rows(), sumRows), ceil(1<<13, sumRows*l.cout*l.chunks), sumJob{l.weights, s.Numbers, dw})
	s.GiveBack()
}

type lineWeightsJob struct {
	*lineWeights
	sums, x, dy unsafe.Pointer
}

// Do handles chunks of samples.
func (j *lineWeightsJob) Do(lo, hi int) {
	in, out, size := plane(lineBlock*j.cin), plane(lineBlock*j.cout), j.cin*j.cout
	s := jobs.Borrow(windowIn * (in + out + size))
	v, z := s.Start(), unsafe.Pointer(&s.Numbers[windowIn*in])
	sum := unsafe.Pointer(&s.Numbers[windowIn*(in+out)])
	perSample := j.number / j.g.N * j.windows
	for u := lo; u < hi; u++ {
		t0, t1 := u*j.samples*perSample, min((u+1)*j.samples, j.g.N)*perSample
		for t := t0; t < t1; t += lineBlock {
			n := min(lineBlock, t1-t)
			for i := range n {
				j.transform(unsafe.Add(v, 4*i*j.cin), in, j.x, j.cin, t+i)
				j.transformOutputs(unsafe.Add(z, 4*i*j.cout), out, t+i)
			}
			for point := range windowIn {
				j.products(unsafe.Add(sum, 4*point*size), unsafe.Add(v, 4*point*in), unsafe.Add(z, 4*point*out), n, t > t0)
			}
		}
		a := tile.Args{
			A: unsafe.Pointer(&matrixGT), AStep: 4 * windowIn, InPlace: true, Outer: 1, Depth: windowIn,
			B: sum, BStep: 4 * size, C: unsafe.Add(j.sums, 4*u*j.size()), CStep: 4 * size,
		}
		multiply(&a, 3, size)
	}
	s.GiveBack()
}

// transformOutputs computes A dy of window t.
func (j *lineWeightsJob) transformOutputs(z unsafe.Pointer, plane, t int) {
	n, at := j.outputs(t)
	a := tile.Args{
		A: unsafe.Pointer(&matrixA), AStep: 4 * windowOut, InPlace: true, Outer: 1, Depth: n,
		B: unsafe.Add(j.dy, 4*at*j.cout), BStep: 4 * j.cout, C: z, CStep: 4 * plane,
	}
	multiply(&a, windowIn, j.cout)
}

// products adds up the products of n windows at a point.
func (j *lineWeightsJob) products(sum, v, z unsafe.Pointer, n int, accumulate bool) {
	a := tile.Args{Outer: 1, Depth: n, AStep: 4 * j.cin, BStep: 4 * j.cout, CStep: 4 * j.cout, Accumulate: accumulate}
	for c := 0; c < j.cout; c += tile.Cols() {
		a.Cols = min(tile.Cols(), j.cout-c)
		a.B = unsafe.Add(z, 4*c)
		parts := ceil(j.cin, tile.Rows())
		for i := range parts {
			r := j.cin * i / parts
			a.Rows = j.cin*(i+1)/parts - r
			a.A = unsafe.Add(v, 4*r)
			a.C = unsafe.Add(sum, 4*(r*j.cout+c))
			tile.Mul(&a)
		}
	}
}
