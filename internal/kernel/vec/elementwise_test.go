package vec

import (
	"encoding/binary"
	"math"
	"testing"
)

var elementwise = []struct {
	name   string
	inputs int
	f      func(y []float32, in [][]float32)
}{
	{"Add", 2, func(y []float32, in [][]float32) { Add(y, in[0], in[1]) }},
	{"Sub", 2, func(y []float32, in [][]float32) { Sub(y, in[0], in[1]) }},
	{"Mul", 2, func(y []float32, in [][]float32) { Mul(y, in[0], in[1]) }},
	{"Div", 2, func(y []float32, in [][]float32) { Div(y, in[0], in[1]) }},
	{"Add3", 3, func(y []float32, in [][]float32) { Add3(y, in[0], in[1], in[2]) }},
	{"Add4", 4, func(y []float32, in [][]float32) { Add4(y, in[0], in[1], in[2], in[3]) }},
	{"AddScalar", 1, func(y []float32, in [][]float32) { AddScalar(y, in[0], -1.25) }},
	{"MulScalar", 1, func(y []float32, in [][]float32) { MulScalar(y, in[0], -1.3) }},
	{"Relu", 1, func(y []float32, in [][]float32) { Relu(y, in[0]) }},
	{"ReluGrad", 2, func(y []float32, in [][]float32) { ReluGrad(y, in[0], in[1]) }},
	{"LeakyGrad", 2, func(y []float32, in [][]float32) { LeakyGrad(y, in[0], in[1], -0.3) }},
	{"MulCells", 2, func(y []float32, in [][]float32) { MulCells(y, in[0], in[1]) }},
	{"SquaredError", 2, func(y []float32, in [][]float32) { SquaredError(y, in[0], in[1]) }},
	{"SquaredErrorGrad", 3, func(y []float32, in [][]float32) { SquaredErrorGrad(y, in[0], in[1], in[2]) }},
	{"AbsError", 2, func(y []float32, in [][]float32) { AbsError(y, in[0], in[1]) }},
	{"AbsErrorGrad", 3, func(y []float32, in [][]float32) { AbsErrorGrad(y, in[0], in[1], in[2]) }},
	{"Huber", 2, func(y []float32, in [][]float32) { Huber(y, in[0], in[1], 0.7) }},
	{"HuberGrad", 3, func(y []float32, in [][]float32) { HuberGrad(y, in[0], in[1], in[2], 0.7) }},
	{"SignScale", 1, func(y []float32, in [][]float32) { SignScale(y, in[0], 0.3) }},
}

func TestElementwise(t *testing.T) {
	for _, c := range elementwise {
		t.Run(c.name, func(t *testing.T) { testLoop(t, c.name, c.inputs, nil, c.f) })
	}
}

// floats reads bytes as numbers.
func floats(data []byte) []float32 {
	x := make([]float32, len(data)/4)
	for i := range x {
		x[i] = math.Float32frombits(binary.LittleEndian.Uint32(data[4*i:]))
	}
	return x
}

func FuzzElementwise(f *testing.F) {
	f.Add([]byte("0123456789abcdef0123456789abcdef"))
	f.Add(make([]byte, 4*4*37))
	f.Fuzz(func(t *testing.T, data []byte) {
		x := floats(data)
		n := len(x) / 4
		in := [][]float32{x[:n:n], x[n : 2*n : 2*n], x[2*n : 3*n : 3*n], x[3*n : 4*n : 4*n]}
		for _, c := range elementwise {
			want := make([]float32, n)
			inGo(func() { c.f(want, in) })
			eachLevel(t, func(t *testing.T) {
				y := make([]float32, n)
				c.f(y, in)
				compare(t, c.name, y, want, same)
			})
		}
	})
}
