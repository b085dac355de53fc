package winograd

import (
	"unsafe"

	"github.com/thinnet/thinnet/internal/kernel/pool"
	"github.com/thinnet/thinnet/internal/kernel/tile"
)

// A weightsPass is the work of the weights' gradient. One job sums, over the
// tiles of a chunk, the products of a group of input channels and a group of
// output channels. The chunks have sums of their own, which are added in their
// order: the result does not depend on who did what.
type weightsPass struct {
	*pass
	chunk, chunks     int // tiles
	block             int // tiles transformed at a time
	inGroup, inSize   int // groups of input channels, channels of one
	outGroup, outSize int

	width, step, perChunk int // from an input channel to the next, a point, a chunk
}

func newWeightsPass(p *pass) *weightsPass {
	j := &weightsPass{pass: p, inGroup: 1, outGroup: 1}
	j.width = round(p.oc)
	j.step = apart(p.c * j.width)
	j.perChunk = points * j.step

	// A group of channels transforms again what others transform too, which
	// costs little where there are many channels; a chunk of tiles has sums of
	// its own, which cost little where there are many tiles.
	groups := min(p.c*p.oc/fewProducts, fewSums)
	for j.inGroup*j.outGroup < groups {
		if p.c/j.inGroup > p.oc/j.outGroup {
			j.inGroup *= 2
		} else {
			j.outGroup *= 2
		}
	}
	j.inSize = round(up(p.c, j.inGroup))
	j.inGroup = up(p.c, j.inSize)
	j.outSize = up(up(p.oc, j.outGroup), p.panel) * p.panel
	j.outGroup = up(p.oc, j.outSize)
	j.chunks = max(1, min(up(fewSums, j.inGroup*j.outGroup), p.tiles/fewDeep), p.tiles/mostDeep)
	j.chunk = up(p.tiles, j.chunks)
	j.chunks = up(p.tiles, j.chunk)
	j.block = up(j.chunk, up(j.chunk, mostTransformed))
	return j
}

const (
	fewProducts = 8192 // of channels in a group
	fewSums     = 4    // jobs
	fewDeep     = 72   // tiles in a chunk
	mostDeep    = 256  // tiles in a chunk

	// Tiles that are transformed before they are summed: 36 times as many vectors
	// should not be far too much for the second level of the cache.
	mostTransformed = 40
)

// BackwardWeights computes dw, the gradient of the filters, of the shape
// (oc, c, k, k), from x and dy.
func (cv *Conv) BackwardWeights(dw, x, dy []float32) {
	p := cv.weights
	space := sumSpaces.Borrow(p.chunks * p.perChunk)
	defer space.GiveBack()
	sums, _ := cut(space.Numbers, p.chunks*p.perChunk)
	pool.Run(p.chunks*p.inGroup*p.outGroup, 1, productJob{
		weightsPass: p,
		sums:        sums,
		x:           x[:p.n*p.h*p.w*p.c],
		dy:          dy[:p.n*p.oh*p.ow*p.oc],
	})
	if p.chunks > 1 {
		pool.Run(p.perChunk, sumGrain, sumJob{p.chunks, p.perChunk, sums})
	}
	pool.Run(p.width/lanes*up(p.c, packDepth), 1, filterJob{p, dw[:p.taps*p.c*p.oc], sums})
}

// productJob makes the sums of products of V, the input, and Z, the gradient of
// the output.
type productJob struct {
	*weightsPass
	sums, x, dy []float32
}

func (j *productJob) Do(lo, hi int) {
	inWidth, outWidth := round(j.inSize), round(min(j.outSize, j.oc))
	vStep, zStep := apart(j.block*inWidth), apart(j.block*outWidth)
	space := jobSpaces.Borrow(points * (vStep + zStep))
	defer space.GiveBack()
	v, rest := cut(space.Numbers, points*vStep)
	z, _ := cut(rest, points*zStep)
	for i := lo; i < hi; i++ {
		chunk, group := i/(j.inGroup*j.outGroup), i%(j.inGroup*j.outGroup)
		c, o := group/j.outGroup*j.inSize, group%j.outGroup*j.outSize
		in, out := min(j.inSize, j.c-c), min(j.outSize, j.oc-o)
		end := min((chunk+1)*j.chunk, j.tiles)
		for first := chunk * j.chunk; first < end; first += j.block {
			n := min(j.block, end-first)
			at := j.at(first)
			for t := range n {
				input(v[t*inWidth:], vStep, j.x, j.window(at).channels(c), in, j.zero)
				gradient(z[t*outWidth:], zStep, j.dy, j.outWindow(at).channels(o), out, j.zero, j.k)
				at = j.next(at)
			}
			var soon ahead
			if m := min(j.block, end-first-n); m > 0 {
				soon.part = [2][]float32{j.seen(j.x, first+n, m), j.made(j.dy, first+n, m)}
			}
			j.multiply(j.sums[chunk*j.perChunk+c*j.width+o:], v, vStep, inWidth, in, z, zStep, outWidth, out, n, first > chunk*j.chunk, &soon)
		}
	}
}

// multiply computes the (in, out) products of the transposed v and z over n tiles.
func (j *productJob) multiply(sums, v []float32, vStep, inWidth, in int, z []float32, zStep, outWidth, out, n int, accumulate bool, soon *ahead) {
	rows, cols := tile.Split(in), tile.Cols()
	a := tile.Args{Outer: 1, Depth: n, AStep: 4 * inWidth, BStep: 4 * outWidth, CStep: 4 * j.width, Accumulate: accumulate}
	soon.plan(points * up(out, cols) * rows.Len())
	for point := range points {
		for k := 0; k < out; k += cols {
			a.Cols = min(cols, out-k)
			a.B = unsafe.Pointer(&z[point*zStep+k])
			for i := range rows.Len() {
				var row int
				row, a.Rows = rows.At(i)
				a.A = unsafe.Pointer(&v[point*vStep+row])
				a.C = unsafe.Pointer(&sums[point*j.step+row*j.width+k])
				tile.Mul(&a)
				soon.ask()
			}
		}
	}
}

// sumGrain is how many sums are added in one go.
const sumGrain = 4096

// sumJob adds the sums of all chunks to those of the first.
type sumJob struct {
	chunks, n int
	sums      []float32
}

func (j *sumJob) Do(lo, hi int) {
	for k := 1; k < j.chunks; k++ {
		add(j.sums[lo:hi], j.sums[k*j.n+lo:k*j.n+hi])
	}
}

// filterJob transforms the sums.
type filterJob struct {
	*weightsPass
	dw, sums []float32
}

func (j *filterJob) Do(lo, hi int) {
	blocks := up(j.c, packDepth)
	for i := lo; i < hi; i++ {
		o, c := i/blocks*lanes, i%blocks*packDepth
		n := min(packDepth, j.c-c)
		m := j.sums[c*j.width+o:]
		dw := j.dw[(o*j.c+c)*j.taps:]
		if rows := j.oc - o; rows < lanes {
			var full [lanes * packDepth * maxTaps]float32
			filterGradient(n, m, j.width, j.step, full[:], packDepth*j.taps, j.taps, j.k)
			for r := range rows {
				copy(dw[r*j.c*j.taps:][:n*j.taps], full[r*packDepth*j.taps:])
			}
			continue
		}
		filterGradient(n, m, j.width, j.step, dw, j.taps*j.c, j.taps, j.k)
	}
}
