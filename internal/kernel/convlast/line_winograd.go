package convlast

import (
	"math"
	"unsafe"

	"github.com/thinnet/thinnet/internal/kernel"
	"github.com/thinnet/thinnet/internal/kernel/pool"
	"github.com/thinnet/thinnet/internal/kernel/tile"
)

// Along one axis, kernels of three taps that move by one take 6 products for 4
// outputs by Winograd's F(4, 3) where the definition takes 12:
//
//	y = Aᵀ [ Σ over channels of (G w) ⊙ (Bᵀ d) ],   dw = Gᵀ [ Σ over windows of (Bᵀ d) ⊙ (A dy) ]
//
// for a window d of 6 inputs and its 4 outputs y. With channels innermost the
// transforms are matrix products too, of a constant matrix and the points of a
// window; at a border they leave out what lies outside.
//
// The matrices interpolate at 0, ±√½, ±√2 and ∞, whose errors are small: 1.4 times
// those of the definition in y and dx, 0.8 times in dw; see TestLineWinogradError and
// package winograd.
//
// Source: Lavin, Gray, Fast Algorithms for Convolutional Neural Networks,
// https://arxiv.org/abs/1509.09308.

const (
	windowIn  = 6 // inputs of a window, and points of the transforms
	windowOut = 4 // its outputs
)

var (
	rootHalf, root2 = float32(math.Sqrt(0.5)), float32(math.Sqrt(2))

	matrixB = [6][6]float32{ // Bᵀ
		{1, 0, -2.5, 0, 1, 0},
		{0, -2 * rootHalf, -2, rootHalf, 1, 0},
		{0, 2 * rootHalf, -2, -rootHalf, 1, 0},
		{0, -root2 / 2, -0.5, root2, 1, 0},
		{0, root2 / 2, -0.5, -root2, 1, 0},
		{0, 1, 0, -2.5, 0, 1},
	}
	matrixA = [6][4]float32{
		{1, 0, 0, 0},
		{1, rootHalf, 0.5, rootHalf / 2},
		{1, -rootHalf, 0.5, -rootHalf / 2},
		{1, root2, 2, 2 * root2},
		{1, -root2, 2, -2 * root2},
		{0, 0, 0, 1},
	}
	matrixG = [6][3]float32{
		{1, 0, 0},
		{-2. / 3, -2 * rootHalf / 3, -1. / 3},
		{-2. / 3, 2 * rootHalf / 3, -1. / 3},
		{1. / 6, root2 / 6, 1. / 3},
		{1. / 6, -root2 / 6, 1. / 3},
		{0, 0, 1},
	}
	matrixAT = transposedA()
	matrixGT = transposedG()
)

func transposedA() (t [4][6]float32) {
	for i, row := range matrixA {
		for j, v := range row {
			t[j][i] = v
		}
	}
	return t
}

func transposedG() (t [3][6]float32) {
	for i, row := range matrixG {
		for j, v := range row {
			t[j][i] = v
		}
	}
	return t
}

// lineShape is lines of a convolution along its inner axis.
type lineShape struct {
	number, in, out, pad int
	windows              int // of a line
}

// lineOf returns a geometry as lines with three taps that move by one, if it is
// that and there are any inputs.
func lineOf(g kernel.Conv) (lineShape, bool) {
	ones := [3]int{1, 1, 1}
	outer := g.Pad == [3]int{0, 0, g.Pad[2]} && g.In[0] == g.Out[0] && g.In[1] == g.Out[1]
	s := lineShape{g.N * g.In[0] * g.In[1], g.In[2], g.Out[2], g.Pad[2], ceil(g.Out[2], windowOut)}
	return s, min(s.number, s.in) > 0 && outer && g.Groups == 1 && g.Kernel == [3]int{1, 1, 3} && g.Stride == ones && g.Dilation == ones
}

// transposed returns the shape of the input's gradient.
func (s lineShape) transposed() lineShape {
	return lineShape{s.number, s.out, s.in, 2 - s.pad, ceil(s.in, windowOut)}
}

// inputs returns the part [lo, hi) of window t that lies in its line, and the input
// at lo, counted through the lines.
func (s *lineShape) inputs(t int) (lo, hi, at int) {
	first := t%s.windows*windowOut - s.pad
	lo, hi = min(max(0, -first), windowIn), min(windowIn, s.in-first)
	return lo, max(lo, hi), t/s.windows*s.in + first + lo
}

// outputs returns the number of outputs of window t, and the first, counted through
// the lines.
func (s *lineShape) outputs(t int) (n, at int) {
	first := t % s.windows * windowOut
	return min(windowOut, s.out-first), t/s.windows*s.out + first
}

// linePass computes y of x, or dx of dy.
type linePass struct {
	*pass // packs the weights that are transformed
	lineShape
	block int // windows of a unit of work
}

// lineBlock is the number of windows that are transformed at a time.
const lineBlock = 56

func newLinePass(s lineShape, direct *pass) *linePass {
	windows := s.number * s.windows
	return &linePass{direct, s, ceil(windows, ceil(windows, lineBlock))}
}

func (l *linePass) size() int { return 2 * l.pass.size() }

func (l *linePass) layout() string { return "transformed, " + l.pass.layout() }

// pack transforms the weights, panel by panel: the rows of a tap are those of a
// point then.
func (l *linePass) pack(packed, w []float32) {
	s := passes.Borrow(l.pass.size())
	l.pass.pack(s.Numbers, w)
	pool.Run(l.panels.count(), 1, filterJob{l, unsafe.Pointer(&packed[0]), s.Start()})
	s.GiveBack()
}

type filterJob struct {
	*linePass
	packed, w unsafe.Pointer
}

// Do transforms panels.
func (j *filterJob) Do(lo, hi int) {
	for i := lo; i < hi; i++ {
		_, first, width := j.panels.at(i)
		n := j.cin * tile.ColStep(width)
		a := tile.Args{
			A: unsafe.Pointer(&matrixG), AStep: 4 * 3, InPlace: true, Outer: 1, Depth: 3,
			B: unsafe.Add(j.w, 4*j.panels.offset(0, first)), BStep: n,
			C: unsafe.Add(j.packed, 8*j.panels.offset(0, first)), CStep: n,
		}
		multiply(&a, windowIn, n/4)
	}
}

// multiply computes a product of any size in tiles, of a left operand that is used
// in place.
func multiply(a *tile.Args, rows, cols int) {
	t := *a
	for c := 0; c < cols; c += tile.Cols() {
		t.Cols = min(tile.Cols(), cols-c)
		t.B = unsafe.Add(a.B, 4*c)
		if a.Bias != nil {
			t.Bias = unsafe.Add(a.Bias, 4*c)
		}
		parts := ceil(rows, tile.Rows())
		for i := range parts {
			r := rows * i / parts
			t.Rows = rows*(i+1)/parts - r
			t.A = unsafe.Add(a.A, r*a.AStep)
			t.C = unsafe.Add(a.C, r*a.CStep+4*c)
			tile.Mul(&t)
		}
	}
}

func (l *linePass) run(to, from, packed, bias []float32, relu bool) {
	pool.Run(ceil(l.number*l.windows, l.block), 1, lineJob{
		linePass: l, to: unsafe.Pointer(&to[0]), from: unsafe.Pointer(&from[0]),
		packed: unsafe.Pointer(&packed[0]), bias: unsafe.Pointer(unsafe.SliceData(bias)), relu: relu,
	})
}

type lineJob struct {
	*linePass
	to, from, packed, bias unsafe.Pointer
	relu                   bool
}

// plane returns the numbers of a point in the transforms of n windows, an odd number
// of cache lines: the points of a window would fall into one set of the cache else.
func plane(n int) int { return (ceil(n, 16) | 1) * 16 }

// Do computes blocks of windows.
func (j *lineJob) Do(lo, hi int) {
	in, out := plane(j.block*j.cin), plane(j.block*j.cout)
	s := jobs.Borrow(windowIn * (in + out))
	v, m := s.Start(), unsafe.Pointer(&s.Numbers[windowIn*in])
	for u := lo; u < hi; u++ {
		first := u * j.block
		n := min(j.block, j.number*j.windows-first)
		for t := range n {
			j.transform(unsafe.Add(v, 4*t*j.cin), in, j.from, j.cin, first+t)
		}
		for point := range windowIn {
			j.products(unsafe.Add(m, 4*point*out), unsafe.Add(v, 4*point*in), point, n)
		}
		for t := range n {
			rows, at := j.outputs(first + t)
			a := tile.Args{
				A: unsafe.Pointer(&matrixAT), AStep: 4 * windowIn, InPlace: true, Outer: 1, Depth: windowIn,
				B: unsafe.Add(m, 4*t*j.cout), BStep: 4 * out,
				C: unsafe.Add(j.to, 4*at*j.cout), CStep: 4 * j.cout, Bias: j.bias, ReLU: j.relu,
			}
			multiply(&a, rows, j.cout)
		}
	}
	s.GiveBack()
}

// transform computes Bᵀ d of window t.
func (s *lineShape) transform(v unsafe.Pointer, plane int, x unsafe.Pointer, channels, t int) {
	lo, hi, at := s.inputs(t)
	a := tile.Args{
		A: unsafe.Pointer(&matrixB[0][lo%windowIn]), AStep: 4 * windowIn, InPlace: true, Outer: 1, Depth: hi - lo,
		B: x, BStep: 4 * channels, C: v, CStep: 4 * plane,
	}
	if lo < hi { // else nothing is read
		a.B = unsafe.Add(x, 4*at*channels)
	}
	multiply(&a, windowIn, channels)
}

// products multiplies the transforms of n windows with the filters at a point.
func (j *lineJob) products(m, v unsafe.Pointer, point, n int) {
	for i := range j.panels.count() {
		_, first, width := j.panels.at(i)
		step := tile.ColStep(width)
		a := tile.Args{
			A: v, AStep: 4 * j.cin, InPlace: true, Outer: 1, Depth: j.cin,
			B: unsafe.Add(j.packed, 8*j.panels.offset(0, first)+point*j.cin*step), BStep: step,
			C: unsafe.Add(m, 4*first), CStep: 4 * j.cout,
		}
		multiply(&a, n, width)
	}
}
