package kernel

import "testing"

func testLerp[T Float](t *testing.T) {
	for _, n := range []int{0, 1, several} {
		for _, share := range []float64{0, 0.25, 0.3, 1} {
			x, y := normal[T](n, "x"), normal[T](n, "y")
			want := make([]float64, n)
			for i, v := range x {
				want[i] = float64(y[i] + T(T(share)*(v-y[i])))
				if share == 1 {
					want[i] = float64(v)
				}
			}
			Lerp(y, x, share)
			near(t, "Lerp", y, want, 0)
		}
	}
}

func TestLerp(t *testing.T) {
	t.Run("float32", testLerp[float32])
	t.Run("float64", testLerp[float64])
}
