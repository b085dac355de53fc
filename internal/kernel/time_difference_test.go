package kernel

import (
	"fmt"
	"testing"

	"github.com/thinnet/thinnet/internal/kernel/kerneltest"
)

// testTimeDifference compares with the definition, and the gradient with the adjoint:
// what of y depends on x[i,t] is y[i,t], with -1, and y[i,t-1].
func testTimeDifference[T Float](t *testing.T) {
	for _, s := range [][3]int{{1, 2, 1}, {3, 2, 5}, {2, 7, 17}, {4, 33, 64}, {9, 50, 100}} {
		n, steps, width := s[0], s[1], s[2]
		x, dy := normal[T](n*steps*width, "x"), normal[T](n*(steps-1)*width, "dy")
		y, dx := make([]T, len(dy)), make([]T, len(x))
		wantY, wantDX := make([]float64, len(dy)), make([]float64, len(x))
		for i := range n {
			for p := range steps - 1 {
				for k := range width {
					e, from := (i*(steps-1)+p)*width+k, (i*steps+p)*width+k
					wantY[e] = float64(x[from+width] - x[from])
					wantDX[from] -= float64(dy[e])
					wantDX[from+width] += float64(dy[e])
				}
			}
		}
		TimeDifference(y, x, n, steps, width)
		near(t, fmt.Sprint("TimeDifference ", s), y, wantY, 0)
		TimeDifferenceGrad(dx, dy, n, steps, width)
		near(t, fmt.Sprint("TimeDifferenceGrad ", s), dx, wantDX, 1e-6) // a rounding of float32
	}
}

func TestTimeDifference(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T) {
		testTimeDifference[float32](t)
		testTimeDifference[float64](t)
	})
}
