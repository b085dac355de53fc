package vec

import "testing"

// A cell writes several slices, of which y is the one that is looked at; each has
// its turn.
var cellLoops = []struct {
	name            string
	outputs, inputs int
	f               func(out, in [][]float32)
}{
	{"Lstm", 6, 9, func(o, in [][]float32) {
		for k := range 4 {
			copy(o[k], in[k])
		}
		Lstm(o[0], o[1], o[2], o[3], o[4], o[5], in[4], in[5], in[6], in[7], in[8])
	}},
	{"LstmGrad", 5, 8, func(o, in [][]float32) {
		copy(o[4], in[7])
		LstmGrad(o[0], o[1], o[2], o[3], o[4], in[0], in[1], in[2], in[3], in[4], in[5], in[6])
	}},
	{"Gru", 5, 7, func(o, in [][]float32) {
		for k := range 3 {
			copy(o[k], in[k])
		}
		Gru(o[0], o[1], o[2], o[3], o[4], in[3], in[4], in[5], in[6])
	}},
	{"GruGrad", 5, 6, func(o, in [][]float32) {
		GruGrad(o[0], o[1], o[2], o[3], o[4], in[0], in[1], in[2], in[3], in[4], in[5])
	}},
	{"TanhOfSum", 1, 2, func(o, in [][]float32) { TanhOfSum(o[0], in[0], in[1]) }},
}

func TestCells(t *testing.T) {
	for _, c := range cellLoops {
		t.Run(c.name, func(t *testing.T) {
			eachLevel(t, func(t *testing.T) {
				for _, n := range lengths() {
					in := make([][]float32, c.inputs)
					for i := range in {
						in[i] = mixed(n+i, uint64(100*n+i))[i:]
					}
					want, got := make([][]float32, c.outputs), make([][]float32, c.outputs)
					checks := make([]func(string), c.outputs)
					for k := range want {
						want[k] = make([]float32, n)
						got[k], checks[k] = guarded(t, n, (n+k)%5)
					}
					inGo(func() { c.f(want, in) })
					c.f(got, in)
					for k := range want {
						// Inputs are some units large but for a few that are huge.
						compare(t, c.name, got[k], want[k], beside(16))
						checks[k](c.name)
					}
				}
			})
		})
	}
}

func FuzzCells(f *testing.F) {
	f.Add([]byte("0123456789abcdef0123456789abcdef0123"))
	f.Add(make([]byte, 4*9*37))
	f.Fuzz(func(t *testing.T, data []byte) {
		x := floats(data)
		n := len(x) / 9
		in := make([][]float32, 9)
		for i := range in {
			in[i] = x[i*n:][:n:n]
		}
		for _, c := range cellLoops {
			eachLevel(t, func(t *testing.T) {
				want, got := make([][]float32, c.outputs), make([][]float32, c.outputs)
				for k := range want {
					want[k], got[k] = make([]float32, n), make([]float32, n)
				}
				inGo(func() { c.f(want, in) })
				c.f(got, in)
				for k := range want {
					for i, w := range want[k] {
						// Of terms without bound, those that cancel may leave anything.
						if bounded(in, i) && !beside(1e4)(got[k][i], w) {
							t.Fatalf("%s: output %d, element %d: got %v, want %v", c.name, k, i, got[k][i], w)
						}
					}
				}
			})
		}
	})
}

// bounded reports whether element i of all inputs is a number of ordinary size.
func bounded(in [][]float32, i int) bool {
	for _, x := range in {
		if !(x[i] > -20 && x[i] < 20) {
			return false
		}
	}
	return true
}
