package recurrent

import (
	"github.com/thinnet/thinnet/internal/kernel/pool"
	"github.com/thinnet/thinnet/internal/kernel/vec"
)

// A Forward is a run over a sequence.
type Forward[T Float] struct {
	Layer
	X            []T // (T, N, F)
	Weight, Bias []T // of the input: (gates·H, F) and (gates·H) or nil
	Packed       []T // the recurrent weight, by Pack
	H0, C0       []T // (N, H), or nil for 0
	Lengths      []T // (N): how many steps count, or nil for all
	Factors      []T // (N, H): what h is multiplied by on its way into the gates, or nil

	// Trace receives all that the gradient needs, or, if it is nil, States the
	// states; see [Layer.TraceSize] and [Layer.StatesSize].
	Trace, States []T
}

// Run computes the sequence. After its length a sample keeps its state, and the
// gates of these steps are 0.
func (f *Forward[T]) Run() {
	r := run[T]{Layer: f.Layer, lengths: f.Lengths, factors: f.Factors, packed: f.Packed}
	all := f.Steps * f.kept() * f.state()
	if f.Trace != nil {
		r.h = f.Trace[:f.hiddens()]
		r.gates = f.Trace[f.TraceSize()-all:]
		r.c, r.cStep = f.Trace[f.hiddens():][:f.cells()*f.hiddens()], f.state()
	} else {
		m := borrow[T, forGates](all)
		defer m.giveBack()
		r.h = f.States[:f.hiddens()]
		r.gates = m.numbers[:all]
		r.c = f.States[f.hiddens():]
	}
	start(r.hidden(0), f.H0)
	if f.Cell == LSTM {
		start(r.cell(0), f.C0)
	}
	f.project(&r)

	left := leftSize[T](f.Batch, f.Hidden)
	m := borrow[T, forSteps](2*left + f.Batch*f.Gates()*f.Hidden + f.state())
	defer m.giveBack()
	rest := m.numbers
	r.left[0], r.left[1], rest = rest[:left], rest[left:2*left], rest[2*left:]
	r.masked, r.sums = rest[:f.state()], rest[f.state():]
	r.prepare(0, 0, f.Hidden)
	for k := range f.Steps {
		r.k, r.t = k, f.step(k)
		pool.Run(f.blocks(), f.grain(), stepJob[T]{r})
	}
}

// RunUnpacked is f.Run for the recurrent weight and its bias as they are.
func RunUnpacked[T Float](f Forward[T], weight, bias []T) {
	m := borrow[T, forWeights](PackedSize[T](f.Layer))
	defer m.giveBack()
	f.Packed = m.numbers
	Pack(f.Layer, f.Packed, weight, bias)
	f.Run()
}

func start[T Float](dst, src []T) {
	if src == nil {
		clear(dst)
		return
	}
	copy(dst, src)
}

// project writes what the input of all steps adds to the gates, by one product.
func (f *Forward[T]) project(r *run[T]) {
	n := f.Gates() * f.Hidden
	p := product[T]{
		m: f.Steps * f.Batch, n: n, k: f.In, a: f.X, aStride: f.In,
		b: f.Weight, bStride: f.In, transB: true, bias: f.Bias,
		c: r.gates, cStride: f.kept() * f.Hidden,
	}
	if f.kept() == 0 { // where the states will be
		p.c, p.cStride = r.h, f.Hidden
		if !f.Reverse {
			p.c = r.h[f.state():]
		}
	}
	p.run()
}

// run is a sequence in progress.
type run[T Float] struct {
	Layer
	h, c, gates              []T
	cStep                    int // from one step's c to the next's: 0 if only the last is kept
	lengths, factors, packed []T
	sums, masked             []T
	left                     [2][]T // the h that goes into the gates of even and of odd steps, packed
	k, t                     int    // the step, and its time
}

// hidden and cell return the states after k steps.
func (r *run[T]) hidden(k int) []T { return r.h[r.stateAt(k)*r.state():][:r.state()] }
func (r *run[T]) cell(k int) []T   { return r.c[r.stateAt(k)*r.cStep:][:r.state()] }

// prepare packs the units [lo, hi) of the state after k steps for the next one.
func (r *run[T]) prepare(k, lo, hi int) {
	h := r.hidden(k)
	if r.factors != nil {
		for n := range r.Batch {
			at := n*r.Hidden + lo
			vec.Mul(r.masked[at:][:hi-lo], h[at:], r.factors[at:])
		}
		h = r.masked
	}
	packLeft(r.left[k%2], h, r.Batch, r.Hidden, r.Hidden, lo, hi)
}

// counts says whether time t is within the sequence of sample n.
func counts[T Float](lengths []T, n, t int) bool { return lengths == nil || t < int(lengths[n]) }

type stepJob[T Float] struct{ run[T] }

// Do computes a step for the blocks [lo, hi) of units.
func (j *stepJob[T]) Do(lo, hi int) {
	for b := lo; b < hi; b++ {
		j.compute(b)
	}
}

func (j *stepJob[T]) compute(b int) {
	lo, hi := j.block(b)
	units := hi - lo
	matrix, bias := packedAt(j.Layer, j.packed, b)
	cols := j.Gates() * units
	sums := j.sums[j.Batch*j.Gates()*lo:][:j.Batch*cols]
	product[T]{
		m: j.Batch, n: cols, k: j.Hidden, c: sums, cStride: cols,
		a: j.left[j.k%2], left: true, b: matrix, packed: true, bias: bias,
	}.run()
	before, after := j.hidden(j.k), j.hidden(j.k+1)
	for n := range j.Batch {
		at := n*j.Hidden + lo
		if counts(j.lengths, n, j.t) {
			j.row(n, lo, units, sums[n*cols:][:cols])
		} else {
			j.skip(n, lo, units)
			copy(after[at:][:units], before[at:])
		}
	}
	j.prepare(j.k+1, lo, hi)
}

// row computes the units [lo, lo+units) of sample n from their sums with the state.
func (j *stepJob[T]) row(n, lo, units int, s []T) {
	at := n*j.Hidden + lo
	before, after := j.hidden(j.k)[at:], j.hidden(j.k + 1)[at:][:units]
	switch j.Cell {
	case LSTM:
		g := j.gatesOf(n, lo)
		h := j.Hidden
		vec.Lstm(g[:units], g[h:], g[2*h:], g[3*h:], j.cell(j.k + 1)[at:], after,
			s, s[units:], s[2*units:], s[3*units:], j.cell(j.k)[at:])
	case GRU:
		g := j.gatesOf(n, lo)
		h := j.Hidden
		vec.Gru(g[:units], g[h:], g[2*h:], g[3*h:], after, s, s[units:], s[2*units:], before)
	case Tanh:
		vec.TanhOfSum(after, after, s)
	case ReLU:
		vec.Add(after, after, s)
		vec.Relu(after, after)
	}
}

// skip is row where the sequence is over: all but h.
func (j *stepJob[T]) skip(n, lo, units int) {
	at := n*j.Hidden + lo
	if j.Cell == LSTM && j.cStep > 0 {
		copy(j.cell(j.k + 1)[at:][:units], j.cell(j.k)[at:])
	}
	if j.kept() > 0 {
		for g := range j.kept() {
			clear(j.gatesOf(n, lo)[g*j.Hidden:][:units])
		}
	}
}

// gatesOf returns those of unit lo and all after it, of sample n.
func (r *run[T]) gatesOf(n, lo int) []T {
	return r.gates[(r.t*r.Batch+n)*r.kept()*r.Hidden+lo:]
}
