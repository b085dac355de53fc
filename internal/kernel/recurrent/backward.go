package recurrent

import (
	"github.com/thinnet/thinnet/internal/kernel/pool"
	"github.com/thinnet/thinnet/internal/kernel/vec"
)

// A Backward is a run over a sequence from its end, by backpropagation through time.
type Backward[T Float] struct {
	Layer
	Trace   []T // of the [Forward] run
	Weight  []T // the recurrent one, (gates·H, H)
	DStates []T // the gradient of the states; see [Layer.StatesSize]
	Lengths []T // as forward
	Factors []T

	Grad []T // receives the gradients; see [Layer.GradSize]
}

// Run computes the gradients of what goes into the gates at all steps, and of the
// first h and c.
func (b *Backward[T]) Run() {
	gates := b.Steps * b.width() * b.state()
	r := reverse[T]{
		run: run[T]{
			Layer: b.Layer, lengths: b.Lengths, factors: b.Factors, cStep: b.state(),
			h: b.Trace[:b.hiddens()], c: b.Trace[b.hiddens():][:b.cells()*b.hiddens()],
			gates: b.Trace[b.TraceSize()-b.Steps*b.kept()*b.state():],
		},
		dh: b.DStates[:b.hiddens()], grad: b.Grad[:gates],
		first: b.Grad[gates:][:b.state()], dc: b.Grad[gates+b.state():],
	}
	copy(r.dc, b.DStates[b.hiddens():])

	packed := borrow[T, forWeights](b.packedSize())
	defer packed.giveBack()
	r.packed = packed.numbers
	for i := range b.blocks() {
		lo, hi := b.block(i)
		b.pack(r.packedAt(i), b.Weight, lo, hi)
	}
	left := r.leftSize()
	m := borrow[T, forSteps](2*left + 2*b.state())
	defer m.giveBack()
	rest := m.numbers
	r.left[0], r.left[1], rest = rest[:left], rest[left:2*left], rest[2*left:]
	r.sums, r.carry = rest[:b.state()], rest[b.state():][:b.state()]
	clear(r.carry)
	for k := b.Steps - 1; k >= -1; k-- { // k = -1 is what comes out at the start
		r.k = k
		if k >= 0 {
			r.t = b.step(k)
		}
		pool.Run(b.blocks(), b.grain(), backJob[T]{r})
	}
}

// The recurrent weight of a block is packed in the parts in which the gradients of a
// GRU's gates lie: those that r is not multiplied by, and n.
func (l Layer) parts() (first, second int) {
	if l.Cell == GRU {
		return 2 * l.Hidden, l.Hidden
	}
	return l.Gates() * l.Hidden, 0
}

func (b *Backward[T]) pack(dst, weight []T, lo, hi int) {
	first, second := b.parts()
	pack(dst, weight[lo:], hi-lo, first, b.Hidden, false)
	if second > 0 {
		pack(dst[packedSize[T](hi-lo, first):], weight[first*b.Hidden+lo:], hi-lo, second, b.Hidden, false)
	}
}

func (b *Backward[T]) packedSize() int {
	size := 0
	for i := range b.blocks() {
		lo, hi := b.block(i)
		size += backSize[T](b.Layer, hi-lo)
	}
	return size
}

func backSize[T Float](l Layer, units int) int {
	first, second := l.parts()
	return packedSize[T](units, first) + packedSize[T](units, second)
}

// reverse is a run backwards in progress.
type reverse[T Float] struct {
	run[T]
	dh, grad, first []T
	dc              []T // comes in as that of the c at the end, and ends as that at the start
	carry           []T // what reaches the state before by other ways than the gates
}

func (r *reverse[T]) packedAt(b int) []T {
	return r.packed[b*backSize[T](r.Layer, r.units()):]
}

// gradOf returns the gradients of the gates at the time of step k, (N, width·H).
func (r *reverse[T]) gradOf(k int) []T {
	size := r.state() * r.width()
	return r.grad[r.step(k)*size:][:size]
}

type backJob[T Float] struct{ reverse[T] }

// Do computes the blocks [lo, hi) of units.
func (j *backJob[T]) Do(lo, hi int) {
	for b := lo; b < hi; b++ {
		j.compute(b)
	}
}

// compute sums the gradients of the state after step k, then takes the step.
func (j *backJob[T]) compute(b int) {
	lo, hi := j.block(b)
	units := hi - lo
	sums := j.sums[j.Batch*lo:][:j.Batch*units]
	if j.k == j.Steps-1 {
		clear(sums)
	} else {
		j.product(b, sums, units)
	}
	given := j.dh[j.stateAt(j.k+1)*j.state():]
	for n := range j.Batch {
		at := n*j.Hidden + lo
		s := sums[n*units:][:units]
		if j.factors != nil {
			vec.Mul(s, s, j.factors[at:])
		}
		carry := j.carry[at:][:units]
		if j.carries() {
			vec.Add3(s, s, given[at:], carry)
		} else {
			vec.Add(s, s, given[at:])
		}
		switch {
		case j.k < 0:
			copy(j.first[at:][:units], s)
		case counts(j.lengths, n, j.t):
			if j.lengths != nil && j.Cell != GRU { // whose row writes all of it
				clear(carry)
			}
			j.row(n, lo, units, s)
		default:
			copy(carry, s)
			for g := range j.width() {
				clear(j.gradOf(j.k)[(n*j.width()+g)*j.Hidden+lo:][:units])
			}
		}
	}
	if j.k >= 0 {
		j.prepare(lo, hi)
	}
}

// carries says whether anything reaches a state by other ways than the gates.
func (r *reverse[T]) carries() bool { return r.Cell == GRU || r.lengths != nil }

// leftSize is the size of the gradients of the gates of a step, packed in their parts.
func (r *reverse[T]) leftSize() int {
	first, second := r.parts()
	return leftSize[T](r.Batch, first) + leftSize[T](r.Batch, second)
}

// prepare packs what step k says of the units [lo, hi) for the step before it.
func (r *reverse[T]) prepare(lo, hi int) {
	first, second := r.parts()
	grad, stride, dst := r.gradOf(r.k), r.width()*r.Hidden, r.left[r.k%2]
	for at := 0; at < first; at += r.Hidden {
		packLeft(dst, grad, r.Batch, first, stride, at+lo, at+hi)
	}
	if second > 0 {
		packLeft(dst[leftSize[T](r.Batch, first):], grad[3*r.Hidden:], r.Batch, second, stride, lo, hi)
	}
}

// product computes what the gates of the step after this one say of the state.
func (j *backJob[T]) product(b int, sums []T, units int) {
	first, second := j.parts()
	grad, weight := j.left[(j.k+1)%2], j.packedAt(b)
	p := product[T]{
		m: j.Batch, n: units, k: first, c: sums, cStride: units,
		a: grad, left: true, b: weight[:packedSize[T](units, first)], packed: true,
	}
	p.run()
	if second > 0 {
		p.k, p.a, p.add = second, grad[leftSize[T](j.Batch, first):], true
		p.b = weight[packedSize[T](units, first):][:packedSize[T](units, second)]
		p.run()
	}
}

// row computes the gradients of the units [lo, lo+units) of sample n from dh, that
// of the state after the step.
func (j *backJob[T]) row(n, lo, units int, dh []T) {
	at, h := n*j.Hidden+lo, j.Hidden
	d := j.gradOf(j.k)[n*j.width()*h+lo:]
	carry := j.carry[at:][:units]
	after := j.hidden(j.k + 1)[at:]
	switch j.Cell {
	case LSTM:
		g := j.gatesOf(n, lo)
		vec.LstmGrad(d[:units], d[h:], d[2*h:], d[3*h:], j.dc[at:],
			g, g[h:], g[2*h:], g[3*h:], j.cell(j.k + 1)[at:], j.cell(j.k)[at:], dh)
	case GRU:
		g := j.gatesOf(n, lo)
		vec.GruGrad(d[:units], d[h:], d[2*h:], d[3*h:], carry,
			g, g[h:], g[2*h:], g[3*h:], j.hidden(j.k)[at:], dh)
	case Tanh:
		vec.TanhGrad(d[:units], after, dh)
	case ReLU:
		vec.ReluGrad(d[:units], after, dh)
	}
}
