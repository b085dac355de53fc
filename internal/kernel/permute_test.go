package kernel

import (
	"fmt"
	"testing"
)

// permutations returns all orders of 0..n-1.
func permutations(n int) [][]int {
	if n == 0 {
		return [][]int{{}}
	}
	var all [][]int
	for _, p := range permutations(n - 1) {
		for k := range n {
			q := append(append(append([]int{}, p[:k]...), n-1), p[k:]...)
			all = append(all, q)
		}
	}
	return all
}

func testPermute[T Float](t *testing.T, shape, axes []int) {
	x := normal[T](volume(shape), "x")
	out := make([]int, len(axes))
	for i, k := range axes {
		out[i] = shape[k]
	}
	want := make([]float64, len(x))
	source := make([]int, len(axes))
	eachIndex(out, func(e int, index []int) {
		for i, k := range axes {
			source[k] = index[i]
		}
		want[e] = float64(x[at(source, shape)])
	})
	y := make([]T, len(x))
	Permute(y, x, shape, axes)
	near(t, fmt.Sprintf("%v by %v", shape, axes), y, want, 0)
}

func TestPermute(t *testing.T) {
	for _, shape := range [][]int{{}, {4}, {0, 3}, {37, 70}, {1000, 50}, {3, 1, 5}, {2, 3, 4, 5}, {33, 2, 1, 34}, {2, 3, 2, 3, 2}} {
		for _, axes := range permutations(len(shape)) {
			testPermute[float32](t, shape, axes)
			testPermute[float64](t, shape, axes)
		}
	}
}
