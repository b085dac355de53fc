package kernel

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/thinnet/thinnet/internal/kernel/kerneltest"
	"github.com/thinnet/thinnet/internal/philox"
)

var poolCases = []struct {
	name string
	g    Pool
}{
	{"2x2", squarePool(3, 8, 2, 2, 0)},
	{"2x2, odd size", squarePool(3, 7, 2, 2, 0)},
	{"2x2, stride 1", squarePool(3, 6, 2, 1, 0)},
	{"2x2, padded", squarePool(3, 6, 2, 2, 1)},
	{"3x3, stride 2", squarePool(2, 9, 3, 2, 1)},
	{"3x3, stride 1", squarePool(2, 9, 3, 1, 1)},
	{"global", squarePool(4, 5, 5, 1, 0)},
	{"many maps", squarePool(400, 10, 3, 2, 1)},
	{"no maps", squarePool(0, 4, 2, 2, 0)},
	{"1-D, ceil mode", Pool{
		Maps: 3, In: [3]int{1, 1, 10}, Kernel: [3]int{1, 1, 3}, Out: [3]int{1, 1, 6},
		Stride: [3]int{1, 1, 2}, Pad: [3]int{0, 0, 1}, Dilation: [3]int{1, 1, 1}, PadHigh: [3]int{0, 0, 1},
	}},
	{"2x2, ceil mode", Pool{
		Maps: 3, In: [3]int{1, 5, 5}, Kernel: [3]int{1, 2, 2}, Out: [3]int{1, 3, 3},
		Stride: [3]int{1, 2, 2}, Dilation: [3]int{1, 1, 1},
	}},
	{"asymmetric padding", Pool{
		Maps: 2, In: [3]int{1, 6, 5}, Kernel: [3]int{1, 3, 2}, Out: [3]int{1, 6, 6},
		Stride: [3]int{1, 1, 1}, Pad: [3]int{0, 2, 0}, Dilation: [3]int{1, 1, 1}, PadHigh: [3]int{0, 0, 2},
	}},
	{"dilated", Pool{
		Maps: 2, In: [3]int{1, 9, 8}, Kernel: [3]int{1, 2, 3}, Out: [3]int{1, 4, 4},
		Stride: [3]int{1, 2, 1}, Pad: [3]int{0, 0, 1}, Dilation: [3]int{1, 3, 2}, PadHigh: [3]int{0, 0, 1},
	}},
	{"3-D", Pool{
		Maps: 2, In: [3]int{5, 6, 7}, Kernel: [3]int{2, 3, 2}, Out: [3]int{3, 3, 3},
		Stride: [3]int{2, 2, 2}, Pad: [3]int{1, 0, 0}, Dilation: [3]int{1, 1, 1},
	}},
	{"2x2 images in depth", Pool{
		Maps: 2, In: [3]int{3, 4, 6}, Kernel: [3]int{1, 2, 2}, Out: [3]int{3, 2, 3},
		Stride: [3]int{1, 2, 2}, Dilation: [3]int{1, 1, 1},
	}},
	{"windows in padding", Pool{
		Maps: 2, In: [3]int{1, 2, 2}, Kernel: [3]int{1, 2, 2}, Out: [3]int{1, 4, 4},
		Stride: [3]int{1, 2, 2}, Pad: [3]int{0, 3, 2}, Dilation: [3]int{1, 1, 1}, PadHigh: [3]int{0, 3, 4},
	}},
}

// eachWindow calls f for each output of the pooling with the offsets of the
// inputs in its window, in row-major order, and with how many places of the
// window lie in the padded input.
func eachWindow(g *Pool, f func(out int, in []int, padded int)) {
	out := 0
	for m := range g.Maps {
		for d := range g.Out[0] {
			for h := range g.Out[1] {
				for w := range g.Out[2] {
					var in []int
					padded := 0
					for kd := range g.Kernel[0] {
						for kh := range g.Kernel[1] {
							for kw := range g.Kernel[2] {
								offset, inside, counts := m, true, true
								for a, at := range [3][2]int{{d, kd}, {h, kh}, {w, kw}} {
									i := at[0]*g.Stride[a] - g.Pad[a] + at[1]*g.Dilation[a]
									inside = inside && 0 <= i && i < g.In[a]
									counts = counts && -g.Pad[a] <= i && i < g.In[a]+g.PadHigh[a]
									offset = offset*g.In[a] + i
								}
								if inside {
									in = append(in, offset)
								}
								if counts {
									padded++
								}
							}
						}
					}
					f(out, in, padded)
					out++
				}
			}
		}
	}
}

// choices returns n draws from a few values, so that many are equal.
func choices(n int, from ...float32) []float32 {
	r := rand.New(philox.NewSource(philox.KeyOf(1, "choices"), 0))
	x := make([]float32, n)
	for i := range x {
		x[i] = from[r.IntN(len(from))]
	}
	return x
}

func sameFloat(a, b float32) bool { return a == b || a != a && b != b }

func TestMaxPool(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for _, values := range [][]float32{{-3, -2, -1}, {-1, 0, 1, 2, 3, 4, 5, 6, 7}, {1, 2, 3, 4, nan}, {-inf, inf, 1, nan}, {-inf}} {
		for _, c := range poolCases {
			g := &c.g
			x := choices(g.Maps*boxSize(g.In), values...)
			dy := choices(g.Maps*boxSize(g.Out), 1, 2, 3) // whose sums are exact
			wantY, wantDx := make([]float32, len(dy)), make([]float32, len(x))
			eachWindow(g, func(out int, in []int, _ int) {
				if wantY[out] = -inf; len(in) == 0 {
					return
				}
				winner := in[0]
				for _, i := range in {
					if x[i] > x[winner] || x[i] != x[i] {
						winner = i
					}
				}
				wantY[out] = x[winner]
				wantDx[winner] += dy[out]
			})
			y, dx := dirty[float32](len(dy)), dirty[float32](len(x))
			MaxPoolForward(g, y, x)
			MaxPoolBackward(g, dx, x, dy)
			if !slices.EqualFunc(y, append(wantY, 99), sameFloat) {
				t.Errorf("%s of %v: y is\n%v, want\n%v", c.name, values, y, wantY)
			}
			if !slices.Equal(dx, append(wantDx, 99)) {
				t.Errorf("%s of %v: dx is\n%v, want\n%v", c.name, values, dx, wantDx)
			}
		}
	}
}

// TestMaxPoolTies: of equals the first in row-major order takes the gradient, of
// NaNs the last, in a window of each kind of loop.
func TestMaxPoolTies(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct{ x, want []float64 }{
		{[]float64{1, 1, 1, 1}, []float64{5, 0, 0, 0}},
		{[]float64{0, 2, 2, 1}, []float64{0, 5, 0, 0}},
		{[]float64{nan, 2, nan, 3}, []float64{0, 0, 5, 0}},
		{[]float64{3, nan, 1, 2}, []float64{0, 5, 0, 0}},
		{[]float64{math.Inf(-1), math.Inf(-1), math.Inf(-1), math.Inf(-1)}, []float64{5, 0, 0, 0}},
		{[]float64{math.Inf(1), math.Inf(-1), 0, math.Inf(1)}, []float64{5, 0, 0, 0}},
	} {
		for _, stride := range []int{1, 2} { // 2 takes the loops for squares
			g, dx := squarePool(1, 2, 2, stride, 0), make([]float64, 4)
			MaxPoolBackward(&g, dx, c.x, []float64{5})
			if !slices.Equal(dx, c.want) {
				t.Errorf("stride %d: gradient of max %v is %v, want %v", stride, c.x, dx, c.want)
			}
		}
	}
}

func testAvgPool[T Float](t *testing.T) {
	for _, c := range poolCases {
		for _, include := range []bool{false, true} {
			g := c.g
			g.CountIncludePad = include
			x, dy := normal[T](g.Maps*boxSize(g.In), "x"), normal[T](g.Maps*boxSize(g.Out), "dy")
			wantY, wantDx := make([]sum, len(dy)), make([]sum, len(x))
			eachWindow(&g, func(out int, in []int, padded int) {
				count := len(in)
				if include {
					count = padded
				}
				for _, i := range in {
					wantY[out].add(float64(x[i]) / float64(count))
					wantDx[i].add(float64(dy[out]) / float64(count))
				}
			})
			y, dx := dirty[T](len(dy)), dirty[T](len(x))
			AvgPoolForward(&g, y, x)
			AvgPoolBackward(&g, dx, dy)
			expectPool(t, c.name+": y", y, wantY)
			expectPool(t, c.name+": dx", dx, wantDx)
		}
	}
}

// expectPool compares with sums of quotients: each term may err by an ε of its
// own, besides what the additions do.
func expectPool[T Float](t *testing.T, name string, got []T, want []sum) {
	t.Helper()
	if got[len(want)] != 99 {
		t.Fatalf("%s: wrote beyond its end", name)
	}
	for i, s := range want {
		tolerance := float64(s.terms+2) * epsilon[T]() * s.magnitude
		if !(math.Abs(float64(got[i])-s.value) <= tolerance) {
			t.Fatalf("%s[%d] is %v, want %v ± %.1g", name, i, got[i], s.value, tolerance)
		}
	}
}

func TestAvgPool(t *testing.T) {
	t.Run("float32", testAvgPool[float32])
	t.Run("float64", testAvgPool[float64])
}

// TestAvgPoolKnown is worked by hand from PyTorch's rule: a window that sticks out
// beyond the padded input in ceil mode counts what lies in it.
func TestAvgPoolKnown(t *testing.T) {
	g := Pool{
		Maps: 1, In: [3]int{1, 1, 4}, Kernel: [3]int{1, 1, 3}, Out: [3]int{1, 1, 3},
		Stride: [3]int{1, 1, 2}, Pad: [3]int{0, 0, 1}, Dilation: [3]int{1, 1, 1}, PadHigh: [3]int{0, 0, 1},
	}
	for _, c := range []struct {
		include bool
		want    []float32
	}{{true, []float32{1, 3, 2}}, {false, []float32{1.5, 3, 4}}} {
		g.CountIncludePad = c.include
		y := make([]float32, 3)
		AvgPoolForward(&g, y, []float32{1, 2, 3, 4})
		if !slices.Equal(y, c.want) {
			t.Errorf("CountIncludePad %v: y is %v, want %v", c.include, y, c.want)
		}
	}
}

// TestPoolBits: the bits don't depend on the number of CPUs.
func TestPoolBits(t *testing.T) {
	for _, g := range []Pool{squarePool(500, 12, 2, 2, 0), squarePool(500, 12, 3, 2, 1)} {
		x, dy := normal[float32](g.Maps*boxSize(g.In), "x"), normal[float32](g.Maps*boxSize(g.Out), "dy")
		var want [][]float32
		kerneltest.EachThreads(t, func(t *testing.T) {
			var got [][]float32
			for range 2 {
				got = append(got, make([]float32, len(dy)), make([]float32, len(x)))
			}
			MaxPoolForward(&g, got[0], x)
			MaxPoolBackward(&g, got[1], x, dy)
			AvgPoolForward(&g, got[2], x)
			AvgPoolBackward(&g, got[3], dy)
			if want == nil {
				want = got
			}
			for i, name := range []string{"max y", "max dx", "avg y", "avg dx"} {
				if !slices.Equal(got[i], want[i]) {
					t.Errorf("%+v: %s has other bits than with one CPU", g, name)
				}
			}
		})
	}
}
