package kernel

import (
	"fmt"
	"testing"

	"github.com/thinnet/thinnet/internal/kernel/kerneltest"
)

func testAdd[T Float](t *testing.T) {
	for operands := 2; operands <= 9; operands++ {
		xs, want := make([][]T, operands), make([]T, several)
		for k := range xs {
			xs[k] = normal[T](several, fmt.Sprint("x", k))
			for i, v := range xs[k] {
				want[i] += v
			}
		}
		y := make([]T, several)
		AddAll(y, xs...)
		near(t, fmt.Sprintf("AddAll of %d", operands), y, widened(want), 0)
		if operands == 2 {
			Add(y, xs[0], xs[1])
			near(t, "Add", y, widened(want), 0)
		}
		AddAll(xs[1], xs...)
		near(t, fmt.Sprintf("AddAll of %d into one", operands), xs[1], widened(want), 0)
	}
}

func TestAdd(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T) {
		testAdd[float32](t)
		testAdd[float64](t)
	})
}
