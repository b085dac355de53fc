package export

import (
	"math"
	"slices"
	"strconv"
	"testing"
)

func TestCount(t *testing.T) {
	// 7·7·73·127·337·92737·649657 = 2^63-1: the largest shape there can be.
	shape := []int{7, 7, 73, 127, 337, 92737, 649657}
	if strconv.IntSize == 32 {
		shape = []int{math.MaxInt}
	}
	if n, bytes, ok := count(shape, 1); n != math.MaxInt || bytes != math.MaxInt || !ok {
		t.Errorf("%v: got %d, %d, %t, want %d twice", shape, n, bytes, ok, math.MaxInt)
	}
	for _, c := range []struct {
		shape []int
		size  int
	}{
		{[]int{math.MaxInt}, 2},
		{[]int{math.MaxInt/2 + 1, 2}, 1}, // one more than fits an int, and still a uint
		{[]int{math.MaxInt, 2, 2}, 1},
		{[]int{math.MaxInt, math.MaxInt, math.MaxInt}, 8},
	} {
		if n, bytes, ok := count(c.shape, c.size); ok {
			t.Errorf("%v of %d bytes: got %d, %d, want not ok", c.shape, c.size, n, bytes)
		}
	}
	if n, bytes, ok := count([]int{math.MaxInt, 0, math.MaxInt}, 8); n != 0 || bytes != 0 || !ok {
		t.Errorf("with a 0: got %d, %d, %t, want 0, 0, true", n, bytes, ok)
	}
}

func TestRowMajor(t *testing.T) {
	data := []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}
	for _, c := range []struct{ shape, strides, want []int }{
		{nil, nil, []int{0}},
		{[]int{12}, []int{1}, data},
		{[]int{3}, []int{4}, []int{0, 4, 8}},          // a column
		{[]int{2, 2}, []int{4, 1}, []int{0, 1, 4, 5}}, // a corner
		{[]int{2, 3, 2}, []int{1, 2, 6}, []int{0, 6, 2, 8, 4, 10, 1, 7, 3, 9, 5, 11}},         // Fortran order
		{[]int{1, 3, 1, 4}, []int{99, 1, 99, 3}, []int{0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11}}, // axes of 1 do not move
		{[]int{2, 3}, []int{0, 1}, []int{0, 1, 2, 0, 1, 2}},                                   // broadcast
	} {
		if got := rowMajor(data, c.shape, c.strides); !slices.Equal(got, c.want) {
			t.Errorf("shape %v, strides %v: got %v, want %v", c.shape, c.strides, got, c.want)
		}
	}
	if got := rowMajor(data, []int{3, 4}, cStrides([]int{3, 4})); &got[0] != &data[0] {
		t.Error("an array in row-major order was copied")
	}
}
