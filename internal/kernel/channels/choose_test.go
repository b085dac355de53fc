package channels

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/thinnet/thinnet/internal/kernel/cpu"
	"github.com/thinnet/thinnet/internal/kernel/kerneltest"
	"github.com/thinnet/thinnet/internal/philox"
)

// chosen runs all poolings in which elements count by order or share, forward and
// backward, and returns what they write.
func chosen(t *testing.T, name string, w *Windows, x, dy []float32) (all [][]float32) {
	key := philox.KeyOf(1, "pool")
	for _, weights := range [][]float64{{0.5, 0.25, 0.125, 0.0625}, {0.5, 0.3}, rankWeights, {1, .9, .8, .7, .6, .5, .4, .3, .2, .1}} {
		all = append(all,
			run(t, name, len(dy), func(y []float32) { RankPool(w, weights, y, x) }),
			run(t, name, len(x), func(dx []float32) { RankPoolGrad(w, weights, dx, x, dy) }))
	}
	return append(all,
		run(t, name, len(dy), func(y []float32) { SamplePool(w, key, 7, y, x) }),
		run(t, name, len(x), func(dx []float32) { SamplePoolGrad(w, key, 7, dx, x, dy) }),
		run(t, name, len(dy), func(y []float32) { OwnPool(w, y, x) }),
		run(t, name, len(x), func(dx []float32) { OwnPoolGrad(w, dx, x, dy) }))
}

// sameBits tells whether two numbers have the same bits, or are NaN.
func sameBits(a, b float32) bool {
	return math.Float32bits(a) == math.Float32bits(b) || a != a && b != b
}

// choosingData is half zeros, and a ninth special numbers if there are any.
func choosingData(n int, seed uint64, special ...float32) []float32 {
	r := rand.New(rand.NewPCG(seed, 3))
	x := make([]float32, n)
	for i := range x {
		x[i] = max(0, float32(r.NormFloat64()))
		if len(special) > 0 && r.IntN(9) == 0 {
			x[i] = special[r.IntN(len(special))]
		}
	}
	return x
}

var specials = []float32{
	float32(math.NaN()), -float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1)), float32(math.Copysign(0, -1)), -1, -2,
	math.SmallestNonzeroFloat32, 5 * math.SmallestNonzeroFloat32, 1e-42, 1e-35, 1e30, math.MaxFloat32, 1, 1,
}

// Every level gives the same bits, on any number of threads.
func TestChoosingHasTheSameBitsAtEveryLevel(t *testing.T) {
	for i := range poolings {
		for _, c := range []int{1, 3 + 13*(i%2), 35} {
			checkLevels(t, &poolings[i], c, 2+i%2, uint64(i))
		}
		checkLevels(t, &poolings[i], 1, fewMaps+i%3*70, uint64(i)) // maps in blocks
	}
}

func checkLevels(t *testing.T, p *pooling, c, images int, seed uint64) {
	t.Helper()
	if size(p.in)*c*images > 100000 {
		return
	}
	w := p.windows(c)
	n := images * size(p.in) * c
	for k, x := range [][]float32{choosingData(n, seed), choosingData(n, seed, specials...), choosingData(n, seed, 1, 2)} {
		dy := choosingData(images*size(p.out)*c, seed+1, -1, 0.3)
		name := fmt.Sprintf("%s, %d channels, %d images, data %d", p.name, c, images, k)
		before := cpu.Set(cpu.Go)
		want := chosen(t, name, w, x, dy)
		cpu.Set(before)
		check := func(t *testing.T) {
			for k, got := range chosen(t, name, w, x, dy) {
				for e, v := range got {
					if !sameBits(v, want[k][e]) {
						t.Fatalf("%s: pooling %d: element %d is %v, want %v", name, k, e, v, want[k][e])
					}
				}
			}
		}
		kerneltest.EachLevel(t, check)
		kerneltest.EachThreads(t, check)
	}
}

// Blocks of maps give what images of one channel do.
func TestMapsInBlocks(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T) {
		for i := range poolings[:11] {
			p := &poolings[i]
			w, alone := p.windows(1), p.windows(1)
			alone.block = nil
			for _, maps := range []int{fewMaps, 64, 131} {
				x, dy := choosingData(maps*size(p.in), uint64(i)), choosingData(maps*size(p.out), uint64(i+1))
				want := chosen(t, p.name, alone, x, dy)
				for k, got := range chosen(t, p.name, w, x, dy) {
					if !slices.Equal(got, want[k]) {
						t.Fatalf("%d maps of %s: pooling %d differs", maps, p.name, k)
					}
				}
			}
		}
	})
}

func TestMapsInBlocksAllocateNothing(t *testing.T) {
	p := square(9, 8, 3, 2, 1, 1)
	w, weights := p.windows(1), []float64{0.5, 0.25}
	x, dy := choosingData(131*size(p.in), 1), choosingData(131*size(p.out), 2)
	y, dx := make([]float32, len(dy)), make([]float32, len(x))
	for name, f := range map[string]func(){
		"rank":           func() { RankPool(w, weights, y, x) },
		"rank, gradient": func() { RankPoolGrad(w, weights, dx, x, dy) },
		"draw":           func() { SamplePool(w, philox.Key{}, 1, y, x) },
		"draw, gradient": func() { SamplePoolGrad(w, philox.Key{}, 1, dx, x, dy) },
		"mean":           func() { OwnPool(w, y, x) },
		"mean, gradient": func() { OwnPoolGrad(w, dx, x, dy) },
	} {
		if n := testing.AllocsPerRun(20, f); n >= 1 {
			t.Errorf("%s: %v allocations, want 0", name, n)
		}
	}
}

func FuzzChoosing(f *testing.F) {
	f.Add(uint8(7), uint8(9), uint8(2), uint8(2), uint8(0), uint8(1), uint8(17), uint8(2), uint64(1))
	f.Add(uint8(9), uint8(4), uint8(3), uint8(1), uint8(1), uint8(2), uint8(0), uint8(80), uint64(2))
	f.Fuzz(func(t *testing.T, h, w, kernel, stride, pad, by, c, images uint8, seed uint64) {
		p := square(1+int(h%20), 1+int(w%20), 1+int(kernel%5), 1+int(stride%4), int(pad%3), 1+int(by%3))
		if p.out[1] < 1 || p.out[2] < 1 {
			return
		}
		checkLevels(t, &p, 1+int(c%70), 1+int(images%90), seed)
	})
}

// Where rounding decides, the kernels leave an element to Go: words about those at which
// the sum of the first taps is reached.
func TestDrawingNearTheEdge(t *testing.T) {
	for _, count := range []int{1, 2, 3, 4, 9, 16} {
		r := rand.New(rand.NewPCG(1, uint64(count)))
		p := pooling{name: "row", in: [3]int{1, 1, count}, out: [3]int{1, 1, 1}, kernel: [3]int{1, 1, count}, stride: [3]int{1, 1, 1}, by: [3]int{1, 1, 1}}
		const n = 37
		w := p.windows(n)
		for range 300 {
			x, words := make([]float32, count*n), make([]uint32, n)
			for i := range x {
				x[i] = max(0, float32(r.NormFloat64()))
			}
			for c := range words {
				sum, top := 0.0, 0.0
				for k := range count {
					sum += float64(x[k*n+c])
				}
				for k := range 1 + r.IntN(count) {
					top += float64(x[k*n+c])
				}
				words[c] = uint32(max(0, min(1<<32-1, math.Floor(top/max(sum, 1e-9)*0x1p32)+float64(r.IntN(200)-100))))
			}
			w.each(0, func(_, _ int, offs []int, points, step, _ int) {
				at := struct{ y, dx []float32 }{make([]float32, n), make([]float32, len(x))}
				var want, wantDX []float32
				dy := choosingData(n, 1)
				kerneltest.EachLevel(t, func(t *testing.T) {
					window := taps{offs, points, step, n, true}
					draw(window, at.y, x, words)
					drawGrad(window, at.dx, x, dy, words)
					if want == nil {
						want, wantDX = slices.Clone(at.y), slices.Clone(at.dx)
					}
					if !slices.Equal(at.y, want) || !slices.Equal(at.dx, wantDX) {
						t.Fatalf("%d taps: draws differ from those in Go", count)
					}
				})
			})
		}
	}
}
