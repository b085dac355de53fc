package winograd

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/thinnet/thinnet/internal/kernel/pool"
)

// odd has every remainder of sizes by tiles and vectors, and every padding.
var odd = []Size{
	{1, 1, 1, 1, 1, 3, 1, 1},
	{1, 1, 1, 5, 3, 3, 2, 2},
	{1, 3, 3, 4, 7, 3, 0, 0},
	{2, 2, 3, 16, 16, 3, 1, 1},
	{3, 4, 5, 17, 31, 3, 1, 0},
	{2, 6, 7, 8, 33, 3, 0, 2},
	{1, 8, 8, 32, 32, 3, 1, 1},
	{2, 9, 10, 15, 49, 3, 2, 1},
	{5, 7, 7, 20, 12, 3, 1, 1},
	{1, 5, 30, 3, 65, 3, 1, 1},
	{1, 14, 3, 70, 5, 3, 1, 2},
	{1, 3, 3, 260, 18, 3, 1, 1},
	{2, 3, 3, 18, 270, 3, 1, 1},
	{9, 13, 14, 9, 10, 3, 1, 1},
	{30, 8, 8, 6, 4, 3, 1, 1},
	{1, 1, 1, 1, 1, 5, 2, 2},
	{1, 1, 1, 5, 3, 5, 4, 4},
	{1, 5, 5, 4, 7, 5, 0, 0},
	{2, 2, 3, 16, 16, 5, 2, 2},
	{3, 4, 5, 17, 31, 5, 1, 0},
	{2, 6, 7, 8, 33, 5, 0, 4},
	{1, 8, 8, 32, 32, 5, 2, 2},
	{2, 9, 10, 15, 49, 5, 3, 1},
	{5, 7, 7, 20, 12, 5, 2, 2},
	{1, 5, 15, 3, 65, 5, 2, 3},
	{1, 7, 2, 70, 5, 5, 1, 2},
	{1, 3, 3, 260, 18, 5, 2, 2},
	{2, 3, 3, 18, 270, 5, 2, 2},
	{9, 7, 8, 9, 10, 5, 2, 2},
}

func TestPasses(t *testing.T) {
	for i, s := range odd {
		random(s, uint64(i)).check(t)
	}
}

func FuzzPasses(f *testing.F) {
	for i, s := range odd {
		f.Add(uint64(i), s.N, s.H, s.W, s.C, s.OC, s.Kernel, s.PadH, s.PadW)
	}
	f.Fuzz(func(t *testing.T, seed uint64, n, h, w, c, oc, kernel, padH, padW int) {
		within := func(v, lo, hi int) int { return lo + int(uint(v)%uint(hi-lo+1)) }
		k := 3 + 2*within(kernel/2, 0, 1)
		s := Size{within(n, 1, 5), within(h, 1, 12), within(w, 1, 12), within(c, 1, 40), within(oc, 1, 40), k, within(padH, 0, k-1), within(padW, 0, k-1)}
		if oh, ow := s.out(); oh < 1 || ow < 1 || s.products() > 1e6 {
			t.Skip()
		}
		random(s, seed).check(t)
	})
}

func TestThreadsDoNotChangeBits(t *testing.T) {
	defer pool.SetThreads(pool.Threads())
	everyLevel(t, func(t *testing.T) {
		for i, s := range []Size{{7, 12, 13, 24, 40, 3, 1, 1}, {40, 8, 8, 16, 16, 3, 1, 1}, {1, 4, 4, 96, 130, 3, 1, 1}, {7, 12, 13, 24, 40, 5, 2, 2}, {1, 4, 4, 96, 130, 5, 2, 2}} {
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
			for i := range 6 {
				place, k := i%3, 3+i/3*2
				p := random(Size{2, 9, 6, 5, 18, k, 1, 1}, 5)
				input := [][]float32{p.x, p.weight, p.dy}[place]
				at := len(input) / 3
				input[at] = bad
				p.run(t, false)
				p.each(func(y, x, w int) {
					lost := (x == at && place == 0 && (finite(p.y[y]) || finite(p.dw[w]))) ||
						(w == at && place == 1 && (finite(p.y[y]) || finite(p.dx[x]))) ||
						(y == at && place == 2 && (finite(p.dx[x]) || finite(p.dw[w])))
					if lost {
						t.Fatalf("%v in operand %d is lost, k = %d", bad, place, k)
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
	for _, s := range []Size{{4, 8, 8, 20, 40, 3, 1, 1}, {4, 8, 8, 20, 40, 5, 2, 2}} {
		p, cv := random(s, 1), s.conv()
		p.run(t, false)
		forward, backward := make([]float32, cv.ForwardSize()), make([]float32, cv.BackwardSize())
		if n := testing.AllocsPerRun(50, func() {
			cv.PackForward(forward, p.weight)
			cv.Forward(p.y, p.x, forward, p.bias, true)
			cv.PackBackward(backward, p.weight)
			cv.Transposed(p.dx, p.dy, backward, nil, false)
			cv.BackwardWeights(p.dw, p.x, p.dy)
		}); n >= 1 {
			t.Errorf("%+v: the passes make %v allocations, want 0", s, n)
		}
	}
}

func Example() {
	cv := New(Size{N: 1, H: 4, W: 4, C: 1, OC: 1, Kernel: 3, PadH: 1, PadW: 1})
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
