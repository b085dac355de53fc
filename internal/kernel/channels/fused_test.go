package channels

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/thinnet/thinnet/internal/kernel/kerneltest"
)

// pairwise are images with windows of 2 or of 2 by 2, some with a rest.
var pairwise = []pooling{
	square(6, 8, 2, 2, 0, 1), square(7, 9, 2, 2, 0, 1), square(2, 3, 2, 2, 0, 1),
	{name: "squares in a volume", in: [3]int{3, 5, 6}, out: [3]int{3, 2, 3}, kernel: [3]int{1, 2, 2}, stride: [3]int{1, 2, 2}, by: [3]int{1, 1, 1}},
	{name: "pairs", in: [3]int{1, 1, 20}, out: [3]int{1, 1, 10}, kernel: [3]int{1, 1, 2}, stride: [3]int{1, 1, 2}, by: [3]int{1, 1, 1}},
	{name: "pairs and a rest", in: [3]int{1, 2, 7}, out: [3]int{1, 2, 3}, kernel: [3]int{1, 1, 2}, stride: [3]int{1, 1, 2}, by: [3]int{1, 1, 1}},
}

// fusedSample is a sample whose rows are the positions of images.
func fusedSample(p *pooling, images, c int, seed uint64) (s *sample, f Fused, dy []float32) {
	s = newSample(images*size(p.in), c, seed)
	f = Fused{Windows: p.windows(c), K: s.cols.Map}
	_, dy = poolData(p, images, c, seed)
	if seed%3 > 0 {
		r := rand.New(rand.NewPCG(seed, 9))
		for range images * c {
			f.Factor = append(f.Factor, float32(r.IntN(3)))
		}
	}
	return s, f, dy
}

// unfused computes the output, the sums and the gradient step by step.
func unfused(s *sample, f Fused, images int, dy []float32) (y []float32, sums []float64, dx []float32) {
	v, d := make([]float32, s.matrix()), make([]float32, s.matrix())
	Affine(v, s.x, f.K, s.rows, s.c, true)
	scale := func(x []float32) {
		for e := range x {
			if f.Factor != nil {
				x[e] *= f.Factor[e/(len(x)/images)*s.c+e%s.c]
			}
		}
	}
	scale(v)
	y = make([]float32, len(dy))
	f.MaxPool(y, v)
	f.MaxPoolGrad(d, v, dy)
	scale(d)
	sums, dx = make([]float64, 2*s.c), v
	Sums(sums[:s.c], sums[s.c:], s.x, d, f.K, s.rows, s.c)
	Grad(dx, s.x, d, behindReLU(s.cols), s.rows, s.c)
	return y, sums, dx
}

func TestFused(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T) {
		for i, p := range pairwise {
			for _, c := range []int{1, 3, 8, 15, 16, 17, 31, 32, 40, 64, 67} {
				checkFused(t, &p, 3, c, uint64(i+c))
			}
		}
	})
}

// checkFused compares all to the bit: numbers have few bits, and factors are powers
// of two, so nothing is rounded.
func checkFused(t *testing.T, p *pooling, images, c int, seed uint64) {
	t.Helper()
	s, f, dy := fusedSample(p, images, c, seed)
	if !Pairwise(p.in, p.out, p.by, p.window) {
		t.Fatalf("%s: windows are not pairwise", p.name)
	}
	y, sums, dx := unfused(s, f, images, dy)
	same(t, "y of "+p.name, run(t, p.name, len(y), func(y []float32) { f.Pool(y, s.x) }), y)
	got := make([]float64, 2*c)
	f.Sums(got[:c], got[c:], s.x, dy)
	same(t, "sums of "+p.name, got, sums)
	same(t, "dx of "+p.name, run(t, p.name, len(dx), func(dx []float32) { f.Grad(dx, s.x, dy, s.cols.P, s.cols.Q) }), dx)
}

func FuzzFused(f *testing.F) {
	f.Add(uint8(6), uint8(8), uint8(17), uint64(1))
	f.Add(uint8(7), uint8(9), uint8(40), uint64(3))
	f.Fuzz(func(t *testing.T, h, w, c uint8, seed uint64) {
		p := square(2+int(h%30), 2+int(w%30), 2, 2, 0, 1)
		kerneltest.EachLevel(t, func(t *testing.T) { checkFused(t, &p, 2, 1+int(c%70), seed) })
	})
}

func same[T float32 | float64](t *testing.T, name string, got, want []T) {
	t.Helper()
	for i, w := range want {
		if g := got[i]; g != w && (g == g || w == w) {
			t.Fatalf("%s: element %d is %v, want %v", name, i, g, w)
		}
	}
}

func TestFusedOfNaN(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T) {
		for i, p := range pairwise {
			for _, c := range []int{3, 16, 35} {
				s, f, dy := fusedSample(&p, 2, c, uint64(3*i))
				r := rand.New(rand.NewPCG(1, 2))
				for e := range s.x {
					if r.IntN(6) == 0 {
						s.x[e] = float32(math.NaN())
					}
				}
				y, _, dx := unfused(s, f, 2, dy)
				same(t, "y of "+p.name, run(t, p.name, len(y), func(y []float32) { f.Pool(y, s.x) }), y)
				same(t, "dx of "+p.name, run(t, p.name, len(dx), func(dx []float32) { f.Grad(dx, s.x, dy, s.cols.P, s.cols.Q) }), dx)
			}
		}
	})
}

func TestFusedHasTheSameBitsOnAnyThreadsAndAllocatesNothing(t *testing.T) {
	for _, p := range pairwise {
		s, f, dy := fusedSample(&p, 40, 20, 1)
		for i := range s.x {
			s.x[i] += float32(i%1000) * 1e-3
		}
		var want []float32
		var wantSums []float64
		kerneltest.EachThreads(t, func(t *testing.T) {
			y, dx, sums := make([]float32, len(dy)), make([]float32, len(s.x)), make([]float64, 40)
			all := func() {
				f.Pool(y, s.x)
				f.Sums(sums[:20], sums[20:], s.x, dy)
				f.Grad(dx, s.x, dy, s.cols.P, s.cols.Q)
			}
			all()
			if want == nil {
				want, wantSums = slices.Concat(y, dx), sums
			}
			if !slices.Equal(slices.Concat(y, dx), want) || !slices.Equal(sums, wantSums) {
				t.Errorf("%s has other bits than on one thread", p.name)
			}
			if n := testing.AllocsPerRun(10, all); n >= 1 {
				t.Errorf("%s: %v allocations, want 0", p.name, n)
			}
		})
	}
}

func BenchmarkFused(b *testing.B) {
	const images, c = 64, 32
	p := square(32, 32, 2, 2, 0, 1)
	s, f, dy := fusedSample(&p, images, c, 1)
	dx, y, sum := make([]float32, len(s.x)), make([]float32, len(dy)), make([]float64, 2*c)
	benchCopy(b, dx, s.x)
	bench(b, "forward", 4*(len(s.x)+len(y)), func() { f.Pool(y, s.x) })
	bench(b, "sums", 4*(len(s.x)+len(y)), func() { f.Sums(sum[:c], sum[c:], s.x, dy) })
	bench(b, "backward", 4*(2*len(s.x)+len(y)), func() { f.Grad(dx, s.x, dy, s.cols.P, s.cols.Q) })
}
