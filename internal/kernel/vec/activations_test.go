package vec

import (
	"math"
	"testing"
)

// ulps is how far got is from want in units of the last place of want, NaN being
// like NaN.
func ulps(got, want float32) float64 {
	switch {
	case got == want || got != got && want != want:
		return 0
	case math.IsInf(float64(got), 0) || math.IsInf(float64(want), 0):
		return math.Inf(1)
	}
	unit := math.Abs(float64(math.Nextafter32(want, float32(math.Inf(1))) - want))
	return math.Abs(float64(got)-float64(want)) / max(unit, math.SmallestNonzeroFloat32)
}

// within one unit: the value in float64 is off by far less than a rounding, and
// what is closest to the middle of two numbers may be rounded to either.
func oneUlp(got, want float32) bool { return ulps(got, want) <= 1 }

var activations = []struct {
	name   string
	inputs int
	f      func(y []float32, in [][]float32)
}{
	{"Sigmoid", 1, func(y []float32, in [][]float32) { Sigmoid(y, in[0]) }},
	{"SigmoidGrad", 2, func(y []float32, in [][]float32) { SigmoidGrad(y, in[0], in[1]) }},
	{"Tanh", 1, func(y []float32, in [][]float32) { Tanh(y, in[0]) }},
	{"TanhGrad", 2, func(y []float32, in [][]float32) { TanhGrad(y, in[0], in[1]) }},
	{"Silu", 1, func(y []float32, in [][]float32) { Silu(y, in[0]) }},
	{"SiluGrad", 2, func(y []float32, in [][]float32) { SiluGrad(y, in[0], in[1]) }},
	{"Gelu", 1, func(y []float32, in [][]float32) { Gelu(y, in[0]) }},
	{"GeluGrad", 2, func(y []float32, in [][]float32) { GeluGrad(y, in[0], in[1]) }},
	{"GeluTanh", 1, func(y []float32, in [][]float32) { GeluTanh(y, in[0]) }},
	{"GeluTanhGrad", 2, func(y []float32, in [][]float32) { GeluTanhGrad(y, in[0], in[1]) }},
	{"Elu", 1, func(y []float32, in [][]float32) { Elu(y, in[0], 1.05, 1.7) }},
	{"EluGrad", 2, func(y []float32, in [][]float32) { EluGrad(y, in[0], in[1], 1.05, 1.7) }},
	{"Softplus", 1, func(y []float32, in [][]float32) { Softplus(y, in[0], 1.5, 20) }},
	{"Softplus without threshold", 1, func(y []float32, in [][]float32) { Softplus(y, in[0], 1, math.Inf(1)) }},
	{"SoftplusGrad", 2, func(y []float32, in [][]float32) { SoftplusGrad(y, in[0], in[1], 1.5, 20) }},
	{"ExpLine", 1, func(y []float32, in [][]float32) { ExpLine(y, in[0], 0.3) }},
	{"ScaleLine", 1, func(y []float32, in [][]float32) { ScaleLine(y, in[0], 1./3) }},
	{"ShiftLine", 1, func(y []float32, in [][]float32) { ShiftLine(y, in[0], 1./3, 1e-3) }},
}

// tolerance is one unit, or for gradients whose terms cancel something beside these
// terms, which are as large as dy.
func tolerance(name string, dy float64) func(got, want float32) bool {
	switch name {
	case "SiluGrad", "GeluGrad", "GeluTanhGrad":
		return beside(dy)
	}
	return oneUlp
}

func TestActivations(t *testing.T) {
	for _, c := range activations {
		t.Run(c.name, func(t *testing.T) { testLoop(t, c.name, c.inputs, tolerance(c.name, 4), c.f) })
	}
}

// Where a gradient crosses 0, or terms cancel, what counts is the error beside the
// terms.
func beside(scale float64) func(got, want float32) bool {
	return func(got, want float32) bool {
		return oneUlp(got, want) || math.Abs(float64(got)-float64(want)) <= 1e-8*scale
	}
}

// Every activation, at points all over the numbers of float32.
func TestActivationsEverywhere(t *testing.T) {
	var x, dy []float32
	for bits := uint32(0); bits < 0x7f800000; bits += 7919 {
		v := math.Float32frombits(bits)
		x = append(x, v, -v)
		dy = append(dy, 1, 1)
	}
	for _, c := range activations {
		want, got := make([]float32, len(x)), make([]float32, len(x))
		inGo(func() { c.f(want, [][]float32{x, dy}) })
		near := tolerance(c.name, 1)
		eachLevel(t, func(t *testing.T) {
			c.f(got, [][]float32{x, dy})
			for i, w := range want {
				if !near(got[i], w) {
					t.Fatalf("%s of %v: got %v, want %v", c.name, x[i], got[i], w)
				}
			}
		})
	}
}

func TestSoftmaxLines(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		for _, n := range lengths() {
			x, y := make([]float32, n), make([]float32, n)
			for i := range x {
				x[i] = float32(i*7919%2048)/100 - 15
			}
			var sum float64
			inGo(func() { sum = ExpSum(x, 5) })
			for name, got := range map[string]float64{"ExpSum": ExpSum(x, 5), "ExpLine": ExpLine(y, x, 5)} {
				// Each term is off by at most 1e-8 in both versions.
				if math.Abs(got-sum) > 2e-8*sum {
					t.Fatalf("%s of %d: got %v, want %v", name, n, got, sum)
				}
			}
		}
	})
	for name, f := range map[string]func(y []float32, in [][]float32){
		"SoftmaxGradLine":    func(y []float32, in [][]float32) { SoftmaxGradLine(y, in[0], in[1], 0.3) },
		"LogSoftmaxGradLine": func(y []float32, in [][]float32) { LogSoftmaxGradLine(y, in[0], in[1], 0.3) },
	} {
		testLoop(t, name, 2, beside(4), f)
	}
	testLoop(t, "BinaryEntropy", 2, beside(4), func(y []float32, in [][]float32) { BinaryEntropy(y, in[0], in[1]) })
	testLoop(t, "BinaryEntropyGrad", 3, beside(4), func(y []float32, in [][]float32) { BinaryEntropyGrad(y, in[0], in[1], in[2]) })
}

func FuzzActivations(f *testing.F) {
	f.Add([]byte("activations of any bits at all, two operands of them"))
	f.Fuzz(func(t *testing.T, data []byte) {
		x := floats(data)
		dy := make([]float32, len(x))
		for i := range dy {
			dy[i] = 1
		}
		for _, c := range activations {
			want := make([]float32, len(x))
			inGo(func() { c.f(want, [][]float32{x, dy}) })
			eachLevel(t, func(t *testing.T) {
				y := make([]float32, len(x))
				c.f(y, [][]float32{x, dy})
				compare(t, c.name, y, want, beside(1))
			})
		}
	})
}
