package kernel

import (
	"math"
	"testing"

	"github.com/thinnet/thinnet/internal/kernel/kerneltest"
)

// several is a length of several chunks and a rest.
const several = 3*elementGrain + 5

func testActivate[T Float](t *testing.T) {
	for _, n := range []int{0, 1, several} {
		x, dy := normal[T](n, "x"), normal[T](n, "dy")
		want, wantGrad := make([]float64, n), make([]float64, n)
		for i, v := range x {
			want[i] = math.Tanh(float64(v))
			wantGrad[i] = float64(dy[i]) * (1 - want[i]*want[i])
		}
		y, dx := make([]T, n), make([]T, n)
		Activate(Tanh(), y, x)
		near(t, "Activate", y, want, rounding[T]())
		ActivateGrad(Tanh(), dx, x, y, dy)
		near(t, "ActivateGrad", dx, wantGrad, rounding[T]())

		for i, v := range x {
			want[i] = float64(T(0.3) * v)
		}
		Scale(y, x, 0.3)
		near(t, "Scale", y, want, 0)
		for i, v := range x {
			want[i] = math.Copysign(float64(T(0.3)), float64(v))
		}
		SignScale(y, x, 0.3)
		near(t, "SignScale", y, want, 0)
	}
	nan := T(math.NaN())
	y := make([]T, 3)
	SignScale(y, []T{0, nan, -2}, 3)
	near(t, "SignScale", y, []float64{0, 0, -3}, 0)
}

// The derivative of every activation, by differences.
func TestActivationGradients(t *testing.T) {
	for name, f := range map[string]Activation{
		"Sigmoid": Sigmoid(), "Tanh": Tanh(), "SiLU": SiLU(), "GELU": GELU(), "GELUTanh": GELUTanh(),
		"ELU": ELU(1.1, 1.6), "Softplus": Softplus(1.5, 20),
	} {
		x, w := normal[float64](100, "x"), normal[float64](100, "w")
		y, dx := make([]float64, 100), make([]float64, 100)
		Activate(f, y, x)
		ActivateGrad(f, dx, x, y, w)
		differences(t, name, x, dx, func() float64 {
			Activate(f, y, x)
			return dot(y, w)
		})
	}
}

func TestActivate(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T) {
		testActivate[float32](t)
		testActivate[float64](t)
	})
}

func testReLU[T Float](t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	zero := math.Copysign(0, -1)
	// A NaN of either sign must do: amd64 makes negative ones.
	x := []T{-2, T(zero), 0, 3, T(inf), T(-inf), T(nan), -T(nan)}
	y, dx := make([]T, len(x)), make([]T, len(x))
	dy := scaled(make([]T, len(x)), 0, 7)

	ReLU(y, x)
	near(t, "ReLU", y, []float64{0, 0, 0, 3, inf, 0, nan, nan}, 0)
	ReLUGrad(dx, y, dy)
	near(t, "ReLUGrad of the output", dx, []float64{0, 0, 0, 7, 7, 0, 7, 7}, 0)
	ReLUGrad(dx, x, dy)
	near(t, "ReLUGrad of the input", dx, []float64{0, 0, 0, 7, 7, 0, 7, 7}, 0)
	ReLUGrad(dx, []T{0, 0, 0}, []T{T(nan), T(inf), T(-inf)})
	near(t, "ReLUGrad stops NaN", dx[:3], []float64{0, 0, 0}, 0)

	LeakyReLU(y, x, 0.5)
	near(t, "LeakyReLU", y, []float64{-1, 0, 0, 3, inf, -inf, nan, nan}, 0)
	LeakyReLUGrad(dx, x, dy, 0.5)
	near(t, "LeakyReLUGrad", dx, []float64{3.5, 3.5, 3.5, 7, 7, 3.5, 3.5, 3.5}, 0)

	x, dy = normal[T](several, "x"), normal[T](several, "dy")
	y, dx = make([]T, several), make([]T, several)
	want, wantGrad := make([]float64, several), make([]float64, several)
	for i, v := range x {
		want[i] = math.Max(float64(v), 0)
		if v > 0 {
			wantGrad[i] = float64(dy[i])
		}
	}
	ReLU(y, x)
	near(t, "ReLU, several chunks", y, want, 0)
	ReLUGrad(dx, y, dy)
	near(t, "ReLUGrad, several chunks", dx, wantGrad, 0)
}

func TestReLU(t *testing.T) {
	testReLU[float32](t)
	testReLU[float64](t)
}
