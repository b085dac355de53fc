package kernel

import (
	"math"
	"testing"
)

// pairLosses are the losses of loss.go with their definitions, branch by branch.
var pairLosses = []struct {
	name    string
	forward func(losses, x, t []float64)
	grad    func(dx, x, t, dloss []float64)
	want    func(d float64) float64
}{
	{
		"squared", SquaredError[float64], SquaredErrorGrad[float64],
		func(d float64) float64 { return d * d },
	},
	{
		"absolute", AbsError[float64], AbsErrorGrad[float64],
		math.Abs,
	},
	{
		"Huber 0.7",
		func(losses, x, t []float64) { Huber(losses, x, t, 0.7) },
		func(dx, x, t, dloss []float64) { HuberGrad(dx, x, t, dloss, 0.7) },
		func(d float64) float64 {
			if math.Abs(d) <= 0.7 {
				return d * d / 2
			}
			return 0.7 * (math.Abs(d) - 0.7/2)
		},
	},
}

func TestPairLosses(t *testing.T) {
	x, target, dloss := normal[float64](200, "x"), normal[float64](200, "t"), normal[float64](200, "dy")
	for i, v := range x { // differences do not see kinks, at 0 and at 0.7
		for d := math.Abs(v - target[i]); d < 0.01 || math.Abs(d-0.7) < 0.01; d = math.Abs(x[i] - target[i]) {
			x[i] += 0.003
		}
	}
	for _, c := range pairLosses {
		losses, dx, dt := make([]float64, 200), make([]float64, 200), make([]float64, 200)
		want := make([]float64, 200)
		for i := range x {
			want[i] = c.want(x[i] - target[i])
		}
		c.forward(losses, x, target)
		near(t, c.name, losses, want, rounding[float64]())

		loss := func() float64 { c.forward(losses, x, target); return dot(losses, dloss) }
		c.grad(dx, x, target, dloss)
		differences(t, c.name+": dx", x, dx, loss)
		c.grad(dt, target, x, dloss)
		differences(t, c.name+": dt", target, dt, loss)
	}
}

// At the kinks PyTorch's conventions hold, and NaN is not swallowed by a loss.
func TestPairLossesAtTheEdges(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	x, zero, ones := []float32{0, 2, -2, float32(inf), float32(nan)}, make([]float32, 5), []float32{1, 1, 1, 1, 1}
	y := make([]float32, 5)
	SquaredError(y, x, zero)
	near(t, "SquaredError", y, []float64{0, 4, 4, inf, nan}, 0)
	SquaredErrorGrad(y, x, zero, ones)
	near(t, "SquaredErrorGrad", y, []float64{0, 4, -4, inf, nan}, 0)
	AbsError(y, x, zero)
	near(t, "AbsError", y, []float64{0, 2, 2, inf, nan}, 0)
	AbsErrorGrad(y, x, zero, ones)
	near(t, "AbsErrorGrad", y, []float64{0, 1, -1, 1, 0}, 0)
	Huber(y, x, zero, 2)
	near(t, "Huber", y, []float64{0, 2, 2, inf, nan}, 0)
	HuberGrad(y, x, zero, ones, 2)
	near(t, "HuberGrad", y, []float64{0, 2, -2, 2, nan}, 0)
}

func TestLossesInSeveralChunks(t *testing.T) {
	x, target := normal[float32](several, "x"), normal[float32](several, "t")
	y, want := make([]float32, several), make([]float64, several)
	for i, v := range x {
		want[i] = math.Abs(float64(v) - float64(target[i]))
	}
	AbsError(y, x, target)
	near(t, "AbsError", y, want, rounding[float32]())
}
