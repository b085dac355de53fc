package winograd

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/thinnet/thinnet/internal/kernel/pool"
)

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
