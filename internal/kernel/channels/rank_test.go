package channels

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/thinnet/thinnet/internal/kernel/kerneltest"
	"github.com/thinnet/thinnet/internal/philox"
)

var rankWeights = []float64{0.5, 0.25, 0, -0.125}

// ranks returns what a window sees, the largest first.
func ranks(x []float32, at func(int) int, seen []int) (out []int) {
	for _, i := range seen {
		out = append(out, at(i))
	}
	slices.SortStableFunc(out, func(a, b int) int {
		u, v := x[a], x[b]
		switch {
		case u == v || u != u && v != v:
			return 0
		case u > v || u != u:
			return -1
		}
		return 1
	})
	return out[:min(len(out), len(rankWeights))]
}

func init() {
	type naive = func(x []float32, at func(int) int, seen []int, count int, y *float64, dy float64, dx []float64)
	own := func(x []float32, at func(int) int, seen []int) (mean, sum float64) {
		for _, i := range seen {
			if v := float64(x[at(i)]); !(v <= 0) {
				mean, sum = mean+v*v, sum+v
			}
		}
		if sum == 0 || math.IsInf(sum, 1) {
			return sum, sum
		}
		return mean / sum, sum
	}
	add := func(name string, backward bool, f func(w *Windows, y, x, dy []float32), want naive) {
		poolKernels = append(poolKernels, struct {
			name     string
			backward bool
			f        func(w *Windows, y, x, dy []float32)
			want     naive
		}{name, backward, f, want})
	}
	add("RankPool", false, func(w *Windows, y, x, _ []float32) { RankPool(w, rankWeights, y, x) },
		func(x []float32, at func(int) int, seen []int, _ int, y *float64, _ float64, _ []float64) {
			for r, i := range ranks(x, at, seen) {
				if rankWeights[r] != 0 {
					*y += rankWeights[r] * float64(x[i])
				}
			}
		})
	add("RankPoolGrad", true, func(w *Windows, dx, x, dy []float32) { RankPoolGrad(w, rankWeights, dx, x, dy) },
		func(x []float32, at func(int) int, seen []int, _ int, _ *float64, dy float64, dx []float64) {
			for r, i := range ranks(x, at, seen) {
				dx[i] += rankWeights[r] * dy
			}
		})
	add("OwnPool", false, func(w *Windows, y, x, _ []float32) { OwnPool(w, y, x) },
		func(x []float32, at func(int) int, seen []int, _ int, y *float64, _ float64, _ []float64) {
			*y, _ = own(x, at, seen)
		})
	add("OwnPoolGrad", true, func(w *Windows, dx, x, dy []float32) { OwnPoolGrad(w, dx, x, dy) },
		func(x []float32, at func(int) int, seen []int, _ int, _ *float64, dy float64, dx []float64) {
			mean, sum := own(x, at, seen)
			for _, i := range seen {
				if v := float64(x[at(i)]); !(v <= 0) {
					dx[at(i)] += dy * (2*v - mean) / sum
				}
			}
		})
}

// naivePick draws as the documentation of SamplePool says.
func naivePick(x []float32, seen []int, u float64) int {
	total := 0.0
	for _, i := range seen {
		total += max(0, float64(x[i]))
	}
	sum, last := 0.0, -1
	for _, i := range seen {
		if sum += max(0, float64(x[i])); x[i] > 0 {
			if last = i; sum > u*total {
				break
			}
		}
	}
	return last
}

func TestSamplePool(t *testing.T) {
	key := philox.KeyOf(1, "pool")
	for i, p := range poolings {
		for _, c := range []int{1, 3, 16, 35} {
			if size(p.in)*c > 100000 {
				continue
			}
			const images = 2
			x, dy := poolData(&p, images, c, uint64(i))
			y, dx := make([]float64, len(dy)), make([]float64, len(x))
			p.each(func(o int, seen []int, _ int) {
				for k := range images * c {
					image, channel := k/c, k%c
					e := k*size(p.out) + o
					word := philox.Block(philox.At(9, uint64(e/4)), key)[e%4]
					var at []int
					for _, s := range seen {
						at = append(at, (image*size(p.in)+s)*c+channel)
					}
					to := (image*size(p.out)+o)*c + channel
					if won := naivePick(x, at, float64(word)*0x1p-32); won >= 0 {
						y[to] = float64(x[won])
						dx[won] += float64(dy[to])
					}
				}
			})
			w := p.windows(c)
			name := fmt.Sprintf("SamplePool of %s, %d channels", p.name, c)
			check := func(t *testing.T) {
				got := run(t, name, len(y), func(y []float32) { SamplePool(w, key, 9, y, x) })
				for e, v := range y {
					if float64(got[e]) != v {
						t.Fatalf("%s: element %d is %v, want %v", name, e, got[e], v)
					}
				}
				got = run(t, name, len(dx), func(dx []float32) { SamplePoolGrad(w, key, 9, dx, x, dy) })
				for e, v := range dx {
					if math.Abs(float64(got[e])-v) > 1e-6*max(1, math.Abs(v)) { // a sum of few
						t.Fatalf("%s: gradient %d is %v, want %v", name, e, got[e], v)
					}
				}
			}
			kerneltest.EachThreads(t, check)
			kerneltest.EachLevel(t, check)
		}
	}
}

func TestSamplePoolOfOddWindows(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	p := square(2, 2, 2, 2, 0, 1)
	w := p.windows(1)
	for _, c := range []struct {
		x    []float32
		y    float32
		dx   int // where the gradient goes, -1 for nowhere
		name string
	}{
		{[]float32{0, 0, 0, 0}, 0, -1, "zeros"},
		{[]float32{-1, -2, 0, -3}, 0, -1, "nothing positive"},
		{[]float32{-1, 0, 7, -3}, 7, 2, "one positive"},
		{[]float32{1, nan, 2, 3}, nan, -1, "no number"},
		{[]float32{1, 2, inf, 3}, inf, 2, "infinite"},
	} {
		for step := range uint64(5) {
			y, dx := make([]float32, 1), make([]float32, 4)
			SamplePool(w, philox.Key{}, step, y, c.x)
			SamplePoolGrad(w, philox.Key{}, step, dx, c.x, []float32{1})
			want := make([]float32, 4)
			if c.dx >= 0 {
				want[c.dx] = 1
			}
			mean := make([]float32, 1)
			if OwnPool(w, mean, c.x); mean[0] != c.y && !(mean[0] != mean[0] && c.y != c.y) {
				t.Errorf("%s: got a mean of %v, want %v", c.name, mean, c.y)
			}
			if y[0] != c.y && !(y[0] != y[0] && c.y != c.y) || !slices.Equal(dx, want) {
				t.Errorf("%s: got %v and gradient %v, want %v and %v", c.name, y, dx, c.y, want)
			}
		}
	}
}
