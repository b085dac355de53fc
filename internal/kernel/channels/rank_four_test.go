package channels

import (
	"math"
	"math/rand/v2"
	"testing"
)

// Windows of four give what any window gives, to the bit, but for the sign of a zero.
func TestRankFours(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	special := []float32{0, float32(math.Copysign(0, -1)), float32(math.NaN()), -float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1)), 1, 1, -1}
	w := [4]float32{0.5, 0.25, 0.125, -3}
	var slow ranking[float32]
	for range 20000 {
		x := make([]float32, 4)
		for i := range x {
			x[i] = float32(r.NormFloat64())
			if r.IntN(2) == 0 {
				x[i] = special[r.IntN(len(special))]
			}
		}
		want := float32(0)
		for i, k := range slow.of(x, []int{0, 1, 2, 3}, 4) {
			want += w[i] * k.value
		}
		var y [1]float32
		rankFours(y[:], x, [4]int{0, 1, 2, 3}, w, 1, 1, 1)
		if got := y[0]; got != want && !(got != got && want != want) {
			t.Fatalf("of %v: got %v, want %v", x, got, want)
		}
	}
	if _, ok := fours[float32]([]float64{1, 0.5, 0, 1}); ok {
		t.Error("a weight of 0 leaves its element out, even if infinite")
	}
}
