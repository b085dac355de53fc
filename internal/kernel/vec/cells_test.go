package vec

import (
	"math"
	"testing"
)

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
						compareCells(t, c.name, got[k], want[k], in)
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
					compareCells(t, c.name, got[k], want[k], in)
				}
			})
		}
	})
}

// compareCells wants numbers of ordinary size to be as near as roundings of terms of
// up to some hundred leave them, of which some cancel, and NaN to stay.
func compareCells(t *testing.T, name string, got, want []float32, in [][]float32) {
	t.Helper()
	for i, w := range want {
		g := got[i]
		if bounded(in, i) && !(math.Abs(float64(g)-float64(w)) <= 2e-5) && !(g != g && w != w) {
			t.Fatalf("%s: element %d of %d: got %v, want %v", name, i, len(want), g, w)
		}
	}
}

// Units that are saturated are so at every level.
func TestSaturatedCells(t *testing.T) {
	inf := float32(math.Inf(1))
	eachLevel(t, func(t *testing.T) {
		for _, x := range []float32{30, 88, 100, 1e10, math.MaxFloat32, inf} {
			for _, x := range []float32{x, -x} {
				on := float32(0)
				if x > 0 {
					on = 1
				}
				pad := func(v float32) []float32 {
					s := make([]float32, 19)
					for i := range s {
						s[i] = v
					}
					return s
				}
				in, forget, cell, out, c, h := pad(x), pad(x), pad(x), pad(x), pad(0), pad(0)
				zero := pad(0)
				Lstm(in, forget, cell, out, c, h, zero, zero, zero, zero, pad(0.5))
				sign := 2*on - 1
				for i, got := range [][]float32{in, forget, cell, out, c, h} {
					want := []float32{on, on, sign, on, 1.5 * on, on * float32(math.Tanh(1.5))}[i]
					for _, g := range got {
						if !(math.Abs(float64(g-want)) < 1e-6) {
							t.Fatalf("%v: output %d is %v, want %v", x, i, got, want)
						}
					}
				}
			}
		}
	})
}

// A gate that is 0 by the definition is some 1e-38 in assembly: an infinity that it
// shuts off stays one there, and is NaN in Go.
func TestShutCellsOfInfinities(t *testing.T) {
	inf := float32(math.Inf(1))
	of := func(v float32) []float32 { return []float32{v} }
	lstm := func() float32 {
		c, zero := of(0), of(0)
		Lstm(of(0), of(-1e4), of(0), of(0), c, of(0), zero, zero, zero, zero, of(inf))
		return c[0]
	}
	gru := func() float32 {
		h, zero := of(0), of(0)
		Gru(of(0), of(-1e4), of(0), of(0), h, zero, zero, zero, of(inf))
		return h[0]
	}
	for name, cell := range map[string]func() float32{"Lstm": lstm, "Gru": gru} {
		eachLevel(t, func(t *testing.T) {
			if got := cell(); got != inf {
				t.Errorf("%s: the state is %v, want +Inf", name, got)
			}
		})
		inGo(func() {
			if got := cell(); got == got {
				t.Errorf("%s in Go: the state is %v, want NaN, that of 0 times infinity", name, got)
			}
		})
	}
}

// bounded reports whether element i of all inputs is less than 5 in size, or NaN.
func bounded(in [][]float32, i int) bool {
	for _, x := range in {
		if x[i] <= -5 || x[i] >= 5 {
			return false
		}
	}
	return true
}
