package convlast

import (
	"unsafe"

	"github.com/thinnet/thinnet/internal/kernel"
	"github.com/thinnet/thinnet/internal/kernel/pool"
	"github.com/thinnet/thinnet/internal/kernel/tile"
)

// weights is how the gradient with respect to the weights is computed: for each
// tap it is the product of the matrix of inputs that the tap sees, transposed, and
// that of the outputs, both used where they lie:
//
//	dw[k,c,o] = Σ over n, p of x[n, p·Stride - Pad + k·Dilation, c] · dy[n,p,o]
//
// A unit of work is some tiles of that matrix over a chunk of the samples. Each
// chunk has its own sums, which are added in order.
type weights struct {
	g                    kernel.Conv
	cin, cout            int // channels of a group
	taps                 int
	fromSample, toSample int
	strips               []strip // of one group
	columns              int     // tiles side by side in one group
	chunks, samples      int     // samples to a chunk
	splits               int     // parts of the tiles
	block                int     // samples that stay in the cache
}

func newWeights(g kernel.Conv) *weights {
	p := &weights{
		g: g, cin: g.C / g.Groups, cout: g.OC / g.Groups, taps: volume(g.Kernel),
		fromSample: volume(g.In) * g.C, toSample: volume(g.Out) * g.OC,
		columns: ceil(g.OC/g.Groups, tile.Cols()),
	}
	p.makeStrips()
	p.share()
	return p
}

// tiles returns the number of tiles.
func (p *weights) tiles() int { return p.g.Groups * len(p.strips) * p.columns }

// rows returns the number of rows of the matrix of a group.
func (p *weights) rows() int { return p.taps * p.cin }

// size returns the number of weights.
func (p *weights) size() int { return p.g.Groups * p.rows() * p.cout }

// share splits the work by the geometry alone. Chunks of samples are better than
// parts of the tiles, for which all samples pass through the cache, as long as
// their sums are few beside the samples.
func (p *weights) share() {
	p.chunks, p.samples, p.splits, p.block = 1, max(1, p.g.N), 1, 1
	if p.g.N == 0 || p.size() == 0 {
		return
	}
	sample := p.fromSample + p.toSample
	work := volume(p.g.Out) * p.rows() * p.g.OC
	want := max(1, min(units, p.g.N*work/worth))
	p.chunks = max(1, min(p.g.N, want, p.g.N*sample/(4*p.size())))
	p.samples = ceil(p.g.N, p.chunks)
	p.chunks = ceil(p.g.N, p.samples)
	p.splits = min(p.tiles(), ceil(want, p.chunks))
	p.block = max(1, min(p.samples, cached/max(1, sample)))
}

func (p *weights) run(dw, x, dy []float32) {
	if p.size() == 0 {
		return
	}
	s := passes.Borrow(p.chunks * p.size())
	pool.Run(p.chunks*p.splits, 1, weightsJob{
		weights: p, sums: s.Start(),
		x: unsafe.Pointer(unsafe.SliceData(x)), dy: unsafe.Pointer(unsafe.SliceData(dy)),
	})
	pool.Run(p.g.Groups*ceil(p.rows(), sumRows), ceil(1<<13, sumRows*p.cout*p.chunks), sumJob{p, s.Numbers, dw})
	s.GiveBack()
}

type weightsJob struct {
	*weights
	sums, x, dy unsafe.Pointer
}

// Do computes tiles: a unit is a part of them, over a chunk of samples.
func (j *weightsJob) Do(lo, hi int) {
	for u := lo; u < hi; u++ {
		chunk, split := u/j.splits, u%j.splits
		t0, t1 := j.tiles()*split/j.splits, j.tiles()*(split+1)/j.splits
		sums := unsafe.Add(j.sums, 4*chunk*j.size())
		n0, n1 := chunk*j.samples, min((chunk+1)*j.samples, j.g.N)
		for n := n0; n < n1 || n == n0; n += j.block {
			for t := t0; t < t1; t++ {
				j.tile(sums, t, n, min(n+j.block, n1), n > n0)
			}
		}
	}
}

// tile computes a tile over the samples [n0, n1).
func (j *weightsJob) tile(sums unsafe.Pointer, t, n0, n1 int, accumulate bool) {
	column, s, group := t%j.columns, &j.strips[t/j.columns%len(j.strips)], t/j.columns/len(j.strips)
	first := column * tile.Cols()
	step := 4 * j.cout
	to := unsafe.Add(sums, 4*((group*j.rows()+s.row)*j.cout+first))
	a := tile.Args{C: to, CStep: step, Rows: s.rows, Cols: min(tile.Cols(), j.cout-first), Accumulate: accumulate}
	if !accumulate && (n0 == n1 || len(s.parts) != 1 || s.parts[0].rows != s.rows) {
		tile.Mul(&a) // zeros, where not one part covers all
		a.Accumulate = true
	}
	if n0 == n1 {
		return
	}
	for i := range s.parts {
		part := &s.parts[i]
		a.C, a.Rows = unsafe.Add(to, part.skip*step), part.rows
		x := unsafe.Add(j.x, 4*(n0*j.fromSample+part.from+group*j.cin))
		dy := unsafe.Add(j.dy, 4*(n0*j.toSample+part.to+group*j.cout+first))
		l := arrange([4]loop{part.points[2], part.points[1], part.points[0], {n1 - n0, j.fromSample, j.toSample}})
		a.AStep, a.BStep = 4*l[0].from, 4*l[0].row
		for h := range l[3].n {
			for k := range l[2].n {
				a.A = unsafe.Add(x, 4*(h*l[3].from+k*l[2].from))
				a.B = unsafe.Add(dy, 4*(h*l[3].row+k*l[2].row))
				products(&a, l[0], l[1])
			}
		}
	}
}

// products adds the products of outer times depth points to a tile, in calls of
// bounded length.
func products(a *tile.Args, depth, outer loop) {
	x, dy := a.A, a.B
	for d := 0; d < depth.n; d += longest {
		a.Depth = min(longest, depth.n-d)
		turns := longest / a.Depth
		a.ADelta = 4 * (outer.from - a.Depth*depth.from)
		a.BDelta = 4 * (outer.row - a.Depth*depth.row)
		for o := 0; o < outer.n; o += turns {
			a.Outer = min(turns, outer.n-o)
			a.A = unsafe.Add(x, 4*(o*outer.from+d*depth.from))
			a.B = unsafe.Add(dy, 4*(o*outer.row+d*depth.row))
			tile.Mul(a)
			a.Accumulate = true
		}
	}
}
