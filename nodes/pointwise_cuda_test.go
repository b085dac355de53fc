package nodes

import (
	"math"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
	"gorgonia.org/tensor"
)

// everyFloat is one in so many of all numbers of single precision, of both signs, with the
// infinities and NaN.
func everyFloat(step int) []float32 {
	x := []float32{0, float32(math.Copysign(0, -1)), float32(math.Inf(1)), float32(math.Inf(-1)), float32(math.NaN())}
	for b := 0; b <= math.MaxUint32; b += step {
		x = append(x, math.Float32frombits(uint32(b)))
	}
	return x
}

// TestCurvesOnCUDA holds activations to double precision. The error is in units in the last
// place of the result; floor is what else it may be off by, where terms cancel: in units in
// the last place of 1.
func TestCurvesOnCUDA(t *testing.T) {
	x := everyFloat(4001)
	dy := make([]float32, len(x))
	for i := range dy {
		dy[i] = 1
	}
	for _, row := range []struct {
		f                     kernel.Activation
		ulps, floor           float64
		slopeUlps, slopeFloor float64
	}{
		{kernel.Sigmoid(), 3, 0, 2, 0},
		{kernel.Tanh(), 3, 0, 3, 0},
		{kernel.SiLU(), 4, 1e-29, 4, 1},
		{kernel.GELU(), 4, 1e-29, 4, 1},
		{kernel.GELUTanh(), 4, 1, 4, 2},
		{kernel.ELU(1, 1), 3, 0, 3, 0},
		{kernel.ELU(1.0507009873554805, 1.6732632423543772), 3, 0, 3, 0},
		{kernel.Softplus(1, 20), 3, 0, 3, 0},
		{kernel.Softplus(3, 15), 4, 0.5, 4, 0.5},
	} {
		op := pointwise{f: row.f}
		name, _, ofOutput := row.f.Name()
		y := curve(t, name, op, row.ulps, row.floor, x)
		if !ofOutput {
			y = x // not looked at
		}
		curve(t, name+"_grad", pointwiseGrad{op}, row.slopeUlps, row.slopeFloor, x, y, dy)
	}
}

// curve compares op on the device with itself in double precision on the CPU.
func curve(t *testing.T, name string, op graph.Launcher, ulps, floor float64, in ...[]float32) []float32 {
	t.Helper()
	var single, double []*tensor.Dense
	for _, x := range in {
		wide := make([]float64, len(x))
		for i, v := range x {
			wide[i] = float64(v)
		}
		single = append(single, tensor.New(tensor.WithShape(len(x)), tensor.WithBacking(x)))
		double = append(double, tensor.New(tensor.WithShape(len(x)), tensor.WithBacking(wide)))
	}
	y, err := onDevice(t, op, single...)
	if err != nil {
		t.Fatal(err)
	}
	want := tensor.New(tensor.WithShape(len(in[0])), tensor.Of(tensor.Float64))
	if err := op.Forward(want, double...); err != nil {
		t.Fatal(err)
	}
	worst, at := 0.0, 0
	for i, w := range want.Float64s() {
		got := y.Float32s()[i]
		rounded := float32(w)
		if math.IsNaN(w) || math.IsInf(float64(rounded), 0) {
			if got != rounded && (w == w || got == got) {
				t.Errorf("%s of %v is %v, want %v", name, in[0][i], got, rounded)
			}
			continue
		}
		_, exponent := math.Frexp(w)
		ulp := math.Ldexp(1, max(exponent-24, -149))
		off := max(0, math.Abs(float64(got)-w)-floor*0x1p-23) / ulp
		if !(off <= worst) {
			worst, at = off, i
		}
	}
	if !(worst <= ulps) {
		t.Errorf("%s of %v is %v, want %v: off by %.1f units in the last place, want at most %v", name, in[0][at], y.Float32s()[at], want.Float64s()[at], worst, ulps)
	}
	return y.Float32s()
}
