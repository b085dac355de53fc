package winograd

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/thinnet/thinnet/internal/kernel/cpu"
	"github.com/thinnet/thinnet/internal/kernel/pool"
)

// sizes are the arguments of New.
type sizes struct{ n, h, w, c, oc, padH, padW int }

func (s sizes) conv() *Conv { return New(s.n, s.h, s.w, s.c, s.oc, s.padH, s.padW) }

func (s sizes) out() (oh, ow int) { return s.h + 2*s.padH - 2, s.w + 2*s.padW - 2 }

// products is the arithmetic of a pass by definition.
func (s sizes) products() int {
	oh, ow := s.out()
	return s.n * oh * ow * s.oc * s.c * 9
}

// each calls f with the places of every product x·w that goes into y.
func (s sizes) each(f func(y, x, w int)) {
	oh, ow := s.out()
	for i := range s.n {
		for oy := range oh {
			for ox := range ow {
				for ky := range 3 {
					for kx := range 3 {
						y, x := oy+ky-s.padH, ox+kx-s.padW
						if y < 0 || y >= s.h || x < 0 || x >= s.w {
							continue
						}
						for o := range s.oc {
							for c := range s.c {
								f(((i*oh+oy)*ow+ox)*s.oc+o, ((i*s.h+y)*s.w+x)*s.c+c, (o*s.c+c)*9+ky*3+kx)
							}
						}
					}
				}
			}
		}
	}
}

func everyLevel(t *testing.T, f func(t *testing.T)) {
	for level := cpu.Go; level <= cpu.Best(); level++ {
		t.Run(level.String(), func(t *testing.T) {
			defer cpu.Set(cpu.Set(level))
			f(t)
		})
	}
}

func normal(r *rand.Rand, n int, scale float64) []float32 {
	s := make([]float32, n)
	for i := range s {
		s[i] = float32(scale * r.NormFloat64())
	}
	return s
}

// guarded returns n elements that a pass must write and keep at their place, one
// float off a vector's boundary; intact says whether the words around are.
func guarded(n int) (s []float32, intact func() bool) {
	const margin = 33
	all := make([]float32, n+2*margin)
	for i := range all {
		all[i] = 99
	}
	return all[margin : margin+n], func() bool {
		edge := slices.Concat(all[:margin], all[margin+n:])
		return !slices.ContainsFunc(edge, func(f float32) bool { return f != 99 })
	}
}

// A passes is the operands and results of all passes.
type passes struct {
	sizes
	x, weight, bias, dy   []float32
	y, dx, dw             []float32
	wantY, wantDX, wantDW sums // set by define
}

func random(s sizes, seed uint64) *passes {
	r := rand.New(rand.NewPCG(seed, 1))
	oh, ow := s.out()
	return &passes{
		sizes:  s,
		x:      normal(r, s.n*s.h*s.w*s.c, 1),
		weight: normal(r, s.oc*s.c*9, 1/math.Sqrt(float64(9*s.c))),
		bias:   normal(r, s.oc, 1),
		dy:     normal(r, s.n*oh*ow*s.oc, 1),
	}
}

// run fills in the results; it fails if anything beyond them is written.
func (p *passes) run(t testing.TB, relu bool) {
	t.Helper()
	cv := p.conv()
	oh, ow := p.out()
	var ok [3]func() bool
	p.y, ok[0] = guarded(p.n * oh * ow * p.oc)
	p.dx, ok[1] = guarded(len(p.x))
	p.dw, ok[2] = guarded(len(p.weight))
	packed, okForward := guarded(cv.ForwardSize())
	cv.PackForward(packed, p.weight)
	cv.Forward(p.y, p.x, packed, p.bias, relu)
	packed, okBackward := guarded(cv.BackwardSize())
	cv.PackBackward(packed, p.weight)
	cv.BackwardData(p.dx, p.dy, packed)
	cv.BackwardWeights(p.dw, p.x, p.dy)
	for i, f := range append(ok[:], okForward, okBackward) {
		if !f() {
			t.Fatalf("%+v: pass %d wrote outside its result", p.sizes, i)
		}
	}
}

// sums are the results by definition, in float64, and the sums of the
// magnitudes.
type sums struct{ value, magnitude []float64 }

func (s sums) add(i int, v float64) {
	s.value[i] += v
	s.magnitude[i] += math.Abs(v)
}

func (p *passes) define() {
	none := func(n int) sums { return sums{make([]float64, n), make([]float64, n)} }
	oh, ow := p.out()
	y, dx, dw := none(p.n*oh*ow*p.oc), none(len(p.x)), none(len(p.weight))
	for i := range y.value {
		y.add(i, float64(p.bias[i%p.oc]))
	}
	p.each(func(i, x, w int) {
		y.add(i, float64(p.x[x])*float64(p.weight[w]))
		dx.add(x, float64(p.dy[i])*float64(p.weight[w]))
		dw.add(w, float64(p.dy[i])*float64(p.x[x]))
	})
	p.wantY, p.wantDX, p.wantDW = y, dx, dw
}

// near compares with the definition. A tile mixes its outputs, so what an error
// is small against is the largest sum of magnitudes, not each one's own.
func near(t testing.TB, s sizes, name string, got []float32, want sums, relu bool) {
	t.Helper()
	// The transforms enlarge an error by less than 8, see TestError; errors of
	// sums are small against the sum of magnitudes.
	tolerance := 16 * 0x1p-23 * slices.Max(want.magnitude)
	for i, f := range got {
		w := want.value[i]
		if relu {
			w = max(0, w)
		}
		if !(math.Abs(float64(f)-w) <= tolerance) {
			t.Fatalf("%+v: %s[%d] is %v, want %v ± %.1g", s, name, i, f, w, tolerance)
		}
	}
}

func (p *passes) check(t *testing.T) {
	p.define()
	everyLevel(t, func(t *testing.T) {
		for _, relu := range []bool{false, true} {
			p.run(t, relu)
			near(t, p.sizes, "y", p.y, p.wantY, relu)
			near(t, p.sizes, "dx", p.dx, p.wantDX, false)
			near(t, p.sizes, "dw", p.dw, p.wantDW, false)
		}
	})
}

// odd has every remainder of sizes by tiles and vectors, and every padding.
var odd = []sizes{
	{1, 1, 1, 1, 1, 1, 1},
	{1, 1, 1, 5, 3, 2, 2},
	{1, 3, 3, 4, 7, 0, 0},
	{2, 2, 3, 16, 16, 1, 1},
	{3, 4, 5, 17, 31, 1, 0},
	{2, 6, 7, 8, 33, 0, 2},
	{1, 8, 8, 32, 32, 1, 1},
	{2, 9, 10, 15, 49, 2, 1},
	{5, 7, 7, 20, 12, 1, 1},
	{1, 5, 30, 3, 65, 1, 1},
	{1, 14, 3, 70, 5, 1, 2},
	{1, 3, 3, 260, 18, 1, 1},
	{2, 3, 3, 18, 270, 1, 1},
	{9, 13, 14, 9, 10, 1, 1},
	{30, 8, 8, 6, 4, 1, 1},
}

func TestPasses(t *testing.T) {
	for i, s := range odd {
		random(s, uint64(i)).check(t)
	}
}

func FuzzPasses(f *testing.F) {
	for i, s := range odd {
		f.Add(uint64(i), s.n, s.h, s.w, s.c, s.oc, s.padH, s.padW)
	}
	f.Fuzz(func(t *testing.T, seed uint64, n, h, w, c, oc, padH, padW int) {
		within := func(v, lo, hi int) int { return lo + int(uint(v)%uint(hi-lo+1)) }
		s := sizes{within(n, 1, 5), within(h, 1, 12), within(w, 1, 12), within(c, 1, 40), within(oc, 1, 40), within(padH, 0, 2), within(padW, 0, 2)}
		if oh, ow := s.out(); oh < 1 || ow < 1 || s.products() > 1e6 {
			t.Skip()
		}
		random(s, seed).check(t)
	})
}

func TestThreadsDoNotChangeBits(t *testing.T) {
	defer pool.SetThreads(pool.Threads())
	everyLevel(t, func(t *testing.T) {
		for i, s := range []sizes{{7, 12, 13, 24, 40, 1, 1}, {40, 8, 8, 16, 16, 1, 1}, {1, 4, 4, 96, 130, 1, 1}} {
			p := random(s, uint64(i))
			var first passes
			for _, threads := range []int{1, 2, 5} {
				pool.SetThreads(threads)
				p.run(t, true)
				if threads == 1 {
					first = *p
				} else if !slices.Equal(p.y, first.y) || !slices.Equal(p.dx, first.dx) || !slices.Equal(p.dw, first.dw) {
					t.Fatalf("%+v: %d threads give other bits than 1", s, threads)
				}
			}
		}
	})
}

// TestNotFinite: what a NaN or an infinity touches by definition is not finite;
// it may spread to what shares a tile with that.
func TestNotFinite(t *testing.T) {
	finite := func(f float32) bool { return !math.IsNaN(float64(f)) && !math.IsInf(float64(f), 0) }
	everyLevel(t, func(t *testing.T) {
		for _, bad := range []float32{float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1))} {
			s := sizes{2, 9, 6, 5, 18, 1, 1}
			for place := range 3 {
				p := random(s, 5)
				input := [][]float32{p.x, p.weight, p.dy}[place]
				at := len(input) / 3
				input[at] = bad
				p.run(t, false)
				p.each(func(y, x, w int) {
					lost := (x == at && place == 0 && (finite(p.y[y]) || finite(p.dw[w]))) ||
						(w == at && place == 1 && (finite(p.y[y]) || finite(p.dx[x]))) ||
						(y == at && place == 2 && (finite(p.dx[x]) || finite(p.dw[w])))
					if lost {
						t.Fatalf("%v in operand %d is lost", bad, place)
					}
				})
				for i, f := range p.y[len(p.y)/2:] {
					if place == 0 && !finite(f) {
						t.Fatalf("y[%d] of the second image is %v, %v is in the first", i, f, bad)
					}
				}
			}
		}
	})
}

func TestAllocatesNothing(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector makes sync.Pool allocate")
	}
	s := sizes{4, 8, 8, 20, 40, 1, 1}
	p, cv := random(s, 1), s.conv()
	p.run(t, false)
	forward, backward := make([]float32, cv.ForwardSize()), make([]float32, cv.BackwardSize())
	if n := testing.AllocsPerRun(50, func() {
		cv.PackForward(forward, p.weight)
		cv.Forward(p.y, p.x, forward, p.bias, true)
		cv.PackBackward(backward, p.weight)
		cv.BackwardData(p.dx, p.dy, backward)
		cv.BackwardWeights(p.dw, p.x, p.dy)
	}); n >= 1 {
		t.Errorf("the passes make %v allocations, want 0", n)
	}
}

func Example() {
	cv := New(1, 4, 4, 1, 1, 1, 1)
	packed := make([]float32, cv.ForwardSize())
	cv.PackForward(packed, []float32{0, 0, 0, 0, 0, 1, 0, 0, 0}) // the pixel to the right
	x, y := make([]float32, 16), make([]float32, 16)
	for i := range x {
		x[i] = float32(i)
	}
	cv.Forward(y, x, packed, nil, false)
	for i := range 4 {
		for _, f := range y[4*i : 4*i+4] {
			fmt.Printf("%3.0f", math.Abs(float64(f))) // without the sign of a zero
		}
		fmt.Println()
	}
	// Output:
	//   1  2  3  0
	//   5  6  7  0
	//   9 10 11  0
	//  13 14 15  0
}

// raceDetector says that tests run under it, where a sync.Pool drops what it is
// given now and then.
var raceDetector bool

func TestFits(t *testing.T) {
	for _, s := range layers {
		if s.n > 1 && !Fits(s.n, s.h, s.w, s.c, s.oc, s.padH, s.padW) {
			t.Errorf("%+v does not fit", s)
		}
	}
	for _, s := range []sizes{
		{64, 32, 32, 3, 64, 1, 1},  // few channels
		{64, 2, 2, 64, 64, 1, 1},   // a quarter of a tile
		{64, 2, 32, 64, 64, 0, 0},  // no output
		{1, 7, 7, 512, 512, 1, 1},  // more filters than image
		{1, 8, 8, 16, 16, 1, 1},    // hardly any work
		{0, 32, 32, 64, 64, 1, 1},  // none
		{1, 32, 32, 64, 64, 3, 1},  // too much padding
		{1, 32, 32, 64, 64, 1, -1}, // less than none
	} {
		if Fits(s.n, s.h, s.w, s.c, s.oc, s.padH, s.padW) {
			t.Errorf("%+v fits", s)
		}
	}
}
