package cuda

import (
	"math"
	"math/rand/v2"
	"testing"
)

// Two sums over a block follow each other: the second must not overtake the first.
func TestSumOfBlocks(t *testing.T) {
	const n = 1000
	parts := make([]float32, 2*n)
	want := [2]float64{}
	r := rand.New(rand.NewPCG(5, 6))
	for i := range parts {
		parts[i] = r.Float32()
		want[i/n] += float64(parts[i])
	}
	y := on(t, [][]float32{make([]float32, 8), parts}, func(c *Commands, at []Value) {
		for k := range 8 { // each in another order
			c.Blocks("nll_mean_join", 1, Block, at[0].Add(k), at[1], n)
		}
	})[0]
	for k := range y {
		if w := want[0] / want[1]; math.Abs(float64(y[k])-w) > 1e-6*w {
			t.Errorf("launch %d: the quotient of the sums is %v, want %v", k, y[k], w)
		}
	}
}

// Elements behind the last stay as they are, whatever n is.
func TestTail(t *testing.T) {
	for _, n := range []int{1, 2, 3, 4, 5, 7, 8, 1023, 1025, 3*Block*4 + 1} {
		x, y := make([]float32, n+8), make([]float32, n+8)
		for i := range x {
			x[i], y[i] = float32(i+1), -1
		}
		y = on(t, [][]float32{y, x}, func(c *Commands, at []Value) { c.Fours("relu", n, at[0], at[1], n) })[0]
		for i := range y {
			want := float32(-1)
			if i < n {
				want = x[i]
			}
			if y[i] != want {
				t.Fatalf("n %d: element %d is %v, want %v", n, i, y[i], want)
			}
		}
	}
}
