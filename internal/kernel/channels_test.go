package kernel

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/thinnet/thinnet/internal/kernel/kerneltest"
)

func testLast[T Float](t *testing.T, n, c, s int) {
	x := normal[T](n*c*s, "x")
	want := make([]float64, len(x))
	for i := range n {
		for ch := range c {
			for p := range s {
				want[(i*s+p)*c+ch] = float64(x[(i*c+ch)*s+p])
			}
		}
	}
	y, back := make([]T, len(x)), make([]T, len(x))
	ToLast(y, x, n, c, s)
	near(t, fmt.Sprintf("ToLast of %d×%d×%d", n, c, s), y, want, 0)
	ToFirst(back, y, n, c, s)
	near(t, fmt.Sprintf("ToFirst of %d×%d×%d", n, c, s), back, scaled(widened(x), 1, 0), 0)
}

func widened[T Float](x []T) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = float64(v)
	}
	return y
}

func TestChannelsLast(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T) {
		for _, c := range []int{0, 1, 2, 3, 4, 15, 16, 17, 64} {
			for _, s := range []int{1, 2, 7, 16, 31, 49, 64, 400} {
				testLast[float32](t, 2, c, s)
			}
		}
		testLast[float64](t, 3, 5, 33)
		testLast[float32](t, 1, 3, 40000)
		testLast[float32](t, 1, 20000, 5)
		testLast[float32](t, 1000, 3, 4)
	})
	x := normal[float32](3*17*1001, "x")
	sameBits(t, "ToLast", func() []float32 {
		y := make([]float32, len(x))
		ToLast(y, x, 3, 17, 1001)
		return y
	})
}

func FuzzChannelsLast(f *testing.F) {
	f.Add(uint8(1), uint8(3), uint16(49))
	f.Add(uint8(2), uint8(33), uint16(100))
	f.Fuzz(func(t *testing.T, n, c uint8, s uint16) {
		kerneltest.EachLevel(t, func(t *testing.T) { testLast[float32](t, int(n%4), int(c), int(s%512)) })
	})
}

func BenchmarkChannelsLast(b *testing.B) {
	for _, c := range [][3]int{{64, 64, 1024}, {64, 128, 256}, {64, 256, 64}, {64, 512, 49}, {64, 3, 1024}, {64, 1, 784}} {
		n := c[0] * c[1] * c[2]
		x, y := make([]float32, n), make([]float32, n)
		for i := range x {
			x[i] = rand.Float32()
		}
		name := fmt.Sprintf("%dx%dx%d/", c[0], c[1], c[2])
		bench(b, name+"copy", n, func() { Copy(y, x) })
		bench(b, name+"ToLast", n, func() { ToLast(y, x, c[0], c[1], c[2]) })
		bench(b, name+"ToFirst", n, func() { ToFirst(y, x, c[0], c[1], c[2]) })
	}
}
