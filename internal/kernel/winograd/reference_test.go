package winograd

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/thinnet/thinnet/internal/kernel/cpu"
)

func (s Size) conv() *Conv { return New(s) }

// products is the arithmetic of a pass by definition.
func (s Size) products() int {
	oh, ow := s.out()
	return s.N * oh * ow * s.OC * s.C * s.Kernel * s.Kernel
}

// each calls f with the places of every product x·w that goes into y.
func (s Size) each(f func(y, x, w int)) {
	oh, ow := s.out()
	for i := range s.N {
		for oy := range oh {
			for ox := range ow {
				for ky := range s.Kernel {
					for kx := range s.Kernel {
						y, x := oy+ky-s.PadH, ox+kx-s.PadW
						if y < 0 || y >= s.H || x < 0 || x >= s.W {
							continue
						}
						for o := range s.OC {
							for c := range s.C {
								f(((i*oh+oy)*ow+ox)*s.OC+o, ((i*s.H+y)*s.W+x)*s.C+c, ((o*s.C+c)*s.Kernel+ky)*s.Kernel+kx)
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
	Size
	x, weight, bias, dy   []float32
	y, dx, dw             []float32
	wantY, wantDX, wantDW sums // set by define
}

func random(s Size, seed uint64) *passes {
	r := rand.New(rand.NewPCG(seed, 1))
	taps := s.Kernel * s.Kernel
	oh, ow := s.out()
	return &passes{
		Size:   s,
		x:      normal(r, s.N*s.H*s.W*s.C, 1),
		weight: normal(r, s.OC*s.C*taps, 1/math.Sqrt(float64(taps*s.C))),
		bias:   normal(r, s.OC, 1),
		dy:     normal(r, s.N*oh*ow*s.OC, 1),
	}
}

// run fills in the results; it fails if anything beyond them is written.
func (p *passes) run(t testing.TB, relu bool) {
	t.Helper()
	cv := p.conv()
	oh, ow := p.out()
	var ok [3]func() bool
	p.y, ok[0] = guarded(p.N * oh * ow * p.OC)
	p.dx, ok[1] = guarded(len(p.x))
	p.dw, ok[2] = guarded(len(p.weight))
	packed, okForward := guarded(cv.ForwardSize())
	cv.PackForward(packed, p.weight)
	cv.Forward(p.y, p.x, packed, p.bias, relu)
	packed, okBackward := guarded(cv.BackwardSize())
	cv.PackBackward(packed, p.weight)
	cv.Transposed(p.dx, p.dy, packed, nil, false)
	cv.BackwardWeights(p.dw, p.x, p.dy)
	for i, f := range append(ok[:], okForward, okBackward) {
		if !f() {
			t.Fatalf("%+v: pass %d wrote outside its result", p.Size, i)
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
	y, dx, dw := none(p.N*oh*ow*p.OC), none(len(p.x)), none(len(p.weight))
	for i := range y.value {
		y.add(i, float64(p.bias[i%p.OC]))
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
func near(t testing.TB, s Size, name string, got []float32, want sums, relu bool) {
	t.Helper()
	// The transforms enlarge an error by less than 10, see TestError; errors of
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
			near(t, p.Size, "y", p.y, p.wantY, relu)
			near(t, p.Size, "dx", p.dx, p.wantDX, false)
			near(t, p.Size, "dw", p.dw, p.wantDW, false)
		}
	})
}

// raceDetector says that tests run under it, which takes long.
var raceDetector bool
