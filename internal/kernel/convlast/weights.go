package convlast

import (
	"unsafe"

	"github.com/thinnet/thinnet/internal/kernel"
	"github.com/thinnet/thinnet/internal/kernel/pool"
	"github.com/thinnet/thinnet/internal/kernel/tile"
)

// weights is how the gradient with respect to the weights is computed. For each
// tap it is the product of the matrix of inputs that the tap sees, transposed, and
// that of the outputs, both where they lie:
//
//	dw[k,c,o] = Σ over n, p of x[n, p·Stride - Pad + k·Dilation, c] · dy[n,p,o]
//
// A unit of work is some tiles of that matrix over a chunk of the samples. Each
// chunk has its own sums, which are added in order.
type weights struct {
	g                    kernel.Conv
	cin, cout            int // channels of a group
	fromSample, toSample int
	strips               []strip // of one group
	columns              int     // tiles side by side in one group
	chunks, samples      int     // samples to a chunk
	splits               int     // parts of the tiles
	block                int     // samples that stay in the cache
}

// A strip is some rows of the matrix (taps, channels), as many as a tile has: the
// products over the points of a box.
type strip struct {
	row, rows int
	from, to  int     // of the first point
	points    [3]loop // steps of x and of dy
}

func newWeights(g kernel.Conv) *weights {
	p := &weights{
		g: g, cin: g.C / g.Groups, cout: g.OC / g.Groups,
		fromSample: volume(g.In) * g.C, toSample: volume(g.Out) * g.OC,
	}
	if g.Kernel == [3]int{1, 1, 1} && g.Stride == g.Kernel && g.Pad == [3]int{} && g.In == g.Out {
		g.In = [3]int{1, 1, volume(g.In)}
		g.Out = g.In
	}
	p.columns = ceil(p.cout, tile.Cols())
	row := 0
	for d := range g.Kernel[0] {
		for h := range g.Kernel[1] {
			for w := 0; w < g.Kernel[2]; {
				taps := p.together(g, w)
				p.addStrips(g, [3]int{d, h, w}, row, taps*p.cin)
				row += taps * p.cin
				w += taps
			}
		}
	}
	p.share()
	return p
}

// seen returns the outputs [lo, hi) that see the input through tap k of an axis.
func seen(g kernel.Conv, axis, k int) (lo, hi int) {
	first, stride := k*g.Dilation[axis]-g.Pad[axis], g.Stride[axis]
	lo = min(g.Out[axis], ceil(max(0, -first), stride))
	hi = min(g.Out[axis], ceil(max(0, g.In[axis]-first), stride))
	return lo, max(lo, hi)
}

// together returns how many taps from w on along the inner axis see runs of
// memory that lie end to end, for the same outputs.
func (p *weights) together(g kernel.Conv, w int) int {
	n := 1
	if g.Groups > 1 || g.Dilation[2] > 1 {
		return n
	}
	lo, hi := seen(g, 2, w)
	for ; w+n < g.Kernel[2]; n++ {
		if l, h := seen(g, 2, w+n); l != lo || h != hi {
			break
		}
	}
	return n
}

// addStrips adds the rows of some taps, the first of which is k.
func (p *weights) addStrips(g kernel.Conv, k [3]int, row, rows int) {
	s := strip{row: row}
	from, to := g.C, g.OC
	for a := 2; a >= 0; a-- {
		lo, hi := seen(g, a, k[a])
		s.from += (lo*g.Stride[a] - g.Pad[a] + k[a]*g.Dilation[a]) * from
		s.to += lo * to
		s.points[2-a] = loop{hi - lo, g.Stride[a] * from, to}
		from *= g.In[a]
		to *= g.Out[a]
	}
	for _, n := range even(rows, tile.Rows()) {
		s.rows = n
		p.strips = append(p.strips, s)
		s.row += n
		s.from += n
	}
}

// tiles returns the number of tiles.
func (p *weights) tiles() int { return p.g.Groups * len(p.strips) * p.columns }

// rows returns the number of rows of the matrix of a group.
func (p *weights) rows() int { return volume(p.g.Kernel) * p.cin }

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
	work := volume(p.g.Out) * p.size()
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
	s := borrow(p.chunks * p.size())
	j := weightsJob{
		weights: p, sums: unsafe.Pointer(&s.numbers[0]),
		x: unsafe.Pointer(unsafe.SliceData(x)), dy: unsafe.Pointer(unsafe.SliceData(dy)),
	}
	pool.Run(p.chunks*p.splits, 1, j)
	pool.Run(p.g.Groups*p.cout, ceil(1<<13, p.rows()*p.chunks), sumJob{p, s.numbers, dw})
	s.release()
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
	a := tile.Args{
		C:     unsafe.Add(sums, 4*((group*j.rows()+s.row)*j.cout+first)),
		CStep: 4 * j.cout,
		Rows:  s.rows, Cols: min(tile.Cols(), j.cout-first),
		Accumulate: accumulate,
	}
	loops := [4]loop{s.points[0], s.points[1], s.points[2], {n1 - n0, j.fromSample, j.toSample}}
	total := 1
	for _, l := range loops {
		total *= l.n
	}
	if total == 0 {
		if !accumulate {
			tile.Mul(&a) // zeros
		}
		return
	}
	x := unsafe.Add(j.x, 4*(n0*j.fromSample+s.from+group*j.cin))
	dy := unsafe.Add(j.dy, 4*(n0*j.toSample+s.to+group*j.cout+first))
	order(&loops)
	depth, outer, third, fourth := loops[0], loops[1], loops[2], loops[3]
	a.AStep, a.BStep = 4*depth.from, 4*depth.row
	for i := range fourth.n {
		for k := range third.n {
			a.A = unsafe.Add(x, 4*(i*fourth.from+k*third.from))
			a.B = unsafe.Add(dy, 4*(i*fourth.row+k*third.row))
			products(&a, depth, outer)
		}
	}
}

// order puts two long loops first, merging neighbours whose points lie evenly.
func order(l *[4]loop) {
	one := loop{n: 1}
	for i := 0; i < 3; i++ {
		a, b := &l[0], &l[i+1]
		if b.n == 1 || a.n*a.from != b.from || a.n*a.row != b.row {
			if b.n != 1 {
				break
			}
			continue
		}
		a.n *= b.n
		*b = one
	}
	longest := 1
	for i := 2; i < 4; i++ {
		if l[i].n > l[longest].n {
			longest = i
		}
	}
	l[1], l[longest] = l[longest], l[1]
	if l[0].n < 4 && l[1].n > l[0].n {
		l[0], l[1] = l[1], l[0]
	}
}

// products adds the products of outer times depth points to a tile, in calls of
// bounded length.
func products(a *tile.Args, depth, outer loop) {
	x, dy := a.A, a.B
	for d := 0; d < depth.n; d += longest {
		a.Depth = min(longest, depth.n-d)
		turns := max(1, longest/a.Depth)
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

// A sumJob adds up the chunks and puts the sums, in the order (group, taps,
// channels, outputs of the group), into that of w.
type sumJob struct {
	*weights
	sums, dw []float32
}

// Do handles output channels.
func (j *sumJob) Do(lo, hi int) {
	taps, rows := volume(j.g.Kernel), j.rows()
	for o := lo; o < hi; o++ {
		dw := j.dw[o*rows:][:rows]
		from := o/j.cout*rows*j.cout + o%j.cout
		for chunk := range j.chunks {
			sums := j.sums[chunk*j.size()+from:]
			at := 0
			for k := range taps {
				for c := 0; c < j.cin; c++ {
					to := &dw[c*taps+k]
					if chunk == 0 {
						*to = sums[at]
					} else {
						*to += sums[at]
					}
					at += j.cout
				}
			}
		}
	}
}
