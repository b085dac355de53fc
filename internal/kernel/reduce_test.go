package kernel

import (
	"fmt"
	"testing"
)

func testReduceTo[T Float](t *testing.T, shape, to []int) {
	x := normal[T](volume(shape), "x")
	want := make([]float64, volume(to))
	eachIndex(shape, func(e int, index []int) { want[at(index, to)] += float64(x[e]) })
	y := make([]T, volume(to))
	ReduceTo(y, x, shape, to)
	// Where several axes are summed apart, the parts are rounded to T.
	near(t, fmt.Sprintf("%v to %v", shape, to), y, want, 4*rounding[T]())
}

func TestReduceTo(t *testing.T) {
	shape := []int{3, 2, 4, 3, 5}
	for summed := range 1 << len(shape) {
		to := append([]int{}, shape...)
		for k := range to {
			if summed>>k&1 == 1 {
				to[k] = 1
			}
		}
		testReduceTo[float32](t, shape, to)
		testReduceTo[float64](t, shape, to)
	}
	for k := range shape {
		testReduceTo[float64](t, shape, shape[k:])
	}
	testReduceTo[float64](t, shape, nil)
	testReduceTo[float64](t, nil, nil)
	testReduceTo[float64](t, []int{1, 3, 1}, []int{3, 1})
	testReduceTo[float64](t, []int{0, 3}, []int{3})
	testReduceTo[float64](t, []int{3, 0}, []int{3, 1})
	testReduceTo[float64](t, []int{2, 0, 3}, []int{1, 1, 1})
}

func TestSumAxis(t *testing.T) {
	for _, s := range [][3]int{
		{1, 40 * several, 1}, {50, 999, 1}, {1, 999, 50}, {1, 10, 5000}, {1, 40000, 2}, {4, 30, 7}, {3, 200, 130}, {30, 200, 30},
	} {
		x := normal[float32](s[0]*s[1]*s[2], "x")
		want := make([]float64, s[0]*s[2])
		for e, v := range x {
			want[e/(s[1]*s[2])*s[2]+e%s[2]] += float64(v)
		}
		y := make([]float32, len(want))
		SumAxis(y, x, s[0], s[1], s[2])
		near(t, fmt.Sprint(s), y, want, rounding[float32]())
		wide := normal[float64](len(x), "x") // rounding to float32 would hide the order
		sameBits(t, fmt.Sprint(s), func() []float64 {
			y := make([]float64, len(want))
			SumAxis(y, wide, s[0], s[1], s[2])
			return y
		})
	}
}

// In float32 alone, adding 1 stops at 2^24.
func TestSumCountsBeyondFloat32(t *testing.T) {
	const n = 1<<24 + 2
	x := make([]float32, n)
	fill(x, 1)
	if got := Sum(x); got != n {
		t.Errorf("sum of %d ones is %v", n, got)
	}
	if got := Sum([]float32{}); got != 0 {
		t.Errorf("sum of nothing is %v, want 0", got)
	}
}
