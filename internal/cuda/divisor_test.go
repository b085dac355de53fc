package cuda

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestDivisor(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	check := func(n, d int) {
		by := Divisor(d)
		if got := int(uint64(n) * (by & math.MaxUint32) >> (by >> 32)); got != n/d {
			t.Fatalf("%d/%d: got %d, want %d", n, d, got, n/d)
		}
	}
	numbers := []int{1, 2, 3, 5, 7, 49, 64, 641, 65535, 65537, 1<<30 - 1, 1 << 30, 1<<30 + 1, math.MaxInt32 - 1, math.MaxInt32}
	for range 2000 {
		numbers = append(numbers, 1+rng.IntN(math.MaxInt32>>rng.IntN(31)))
	}
	for _, d := range numbers {
		for _, n := range []int{0, 1, d - 1, d, math.MaxInt32 / d * d, math.MaxInt32/d*d - 1, math.MaxInt32, rng.IntN(math.MaxInt32)} {
			check(n, d)
		}
	}
}
