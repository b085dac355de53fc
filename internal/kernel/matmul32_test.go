package kernel

import (
	"math"
	"testing"

	"github.com/thinnet/thinnet/internal/kernel/kerneltest"
)

func testPacked[T Float](t *testing.T) {
	for _, s := range [][3]int{{1, 1, 1}, {1, 40, 70}, {5, 33, 7}, {70, 20, 600}, {4, 5, 0}} {
		m, n, k := s[0], s[1], s[2]
		a, b, bias := normal[T](m*k, "a"), normal[T](k*n, "b"), normal[T](n, "bias")
		for mode := range 8 {
			trans, relu, biased := mode&1 != 0, mode&2 != 0, mode&4 != 0
			packed, c := make([]T, PackedSize(n, k)), make([]T, m*n)
			Pack(packed, b, n, k, trans)
			if biased {
				MatMulPacked(c, a, packed, bias, m, n, k, trans, relu)
			} else {
				MatMulPacked(c, a, packed, nil, m, n, k, trans, relu)
			}
			want, magnitude := naiveMatMul(a, b, m, n, k, false, trans)
			for i := range want {
				if biased {
					want[i] += float64(bias[i%n])
					magnitude[i] += math.Abs(float64(bias[i%n]))
				}
				if relu {
					want[i] = max(want[i], 0)
				}
				if tol := float64(k+2) * epsilon[T]() * magnitude[i]; !(math.Abs(float64(c[i])-want[i]) <= tol) {
					t.Fatalf("m, n, k %v, mode %d: c[%d] is %v, want %v ± %.1g", s, mode, i, c[i], want[i], tol)
				}
			}
		}
	}
}

func TestMatMulPacked(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T) {
		t.Run("float32", testPacked[float32])
		t.Run("float64", testPacked[float64])
		t.Run("defined", testPacked[defined])
	})
}
