package channels

import (
	"math"

	"github.com/thinnet/thinnet/internal/kernel/vec"
)

// fours are the weights of windows of four, none of them 0.
func fours[T vec.Float](weights []float64) (w [4]float32, ok bool) {
	if len(weights) < len(w) || !vec.IsFloat32[T]() {
		return w, false
	}
	for r := range w {
		if w[r] = float32(weights[r]); w[r] == 0 {
			return w, false
		}
	}
	return w, true
}

// rankFours is RankPool for windows of four elements of float32. It sorts integers in
// their order, since choosing between these takes no branch: on random data every other
// one is mispredicted.
func rankFours(y, x []float32, offs [4]int, w [4]float32, points, step, channels int) {
	for p := range points {
		row := y[p*channels:][:channels]
		a, b := x[p*step+offs[0]:][:channels], x[p*step+offs[1]:][:channels]
		c, d := x[p*step+offs[2]:][:channels], x[p*step+offs[3]:][:channels]
		for i := range row {
			k0, k1, k2, k3 := order(a[i]), order(b[i]), order(c[i]), order(d[i])
			k0, k1 = max(k0, k1), min(k0, k1)
			k2, k3 = max(k2, k3), min(k2, k3)
			k0, k2 = max(k0, k2), min(k0, k2)
			k1, k3 = max(k1, k3), min(k1, k3)
			k1, k2 = max(k1, k2), min(k1, k2)
			row[i] = w[0]*unorder(k0) + w[1]*unorder(k1) + w[2]*unorder(k2) + w[3]*unorder(k3)
		}
	}
}

// order maps numbers to integers in their order, NaN to the largest.
func order(v float32) int32 {
	k := int32(math.Float32bits(v))
	k ^= k >> 31 & math.MaxInt32
	if v != v {
		k = math.MaxInt32
	}
	return k
}

func unorder(k int32) float32 { return math.Float32frombits(uint32(k ^ k>>31&math.MaxInt32)) }
