package recurrent_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/thinnet/thinnet/internal/kernel/kerneltest"
	"github.com/thinnet/thinnet/internal/kernel/recurrent"
)

// inputs are those of a run, for both element types.
type inputs[T recurrent.Float] struct {
	x, weight, state, biasIH, biasHH, h0, c0, lengths, factors []T
}

func draw(r *rand.Rand, l recurrent.Layer) inputs[float64] {
	normal := func(n int) []float64 {
		v := make([]float64, n)
		for i := range v {
			v[i] = float64(float32(r.NormFloat64() / 2))
		}
		return v
	}
	rows := l.Gates() * l.Hidden
	in := inputs[float64]{
		x: normal(l.Steps * l.Batch * l.In), weight: normal(rows * l.In), state: normal(rows * l.Hidden),
		biasIH: normal(rows), biasHH: normal(rows),
	}
	if r.IntN(2) == 0 {
		in.h0, in.c0 = normal(l.Batch*l.Hidden), normal(l.Batch*l.Hidden)
	}
	if r.IntN(2) == 0 {
		in.factors = normal(l.Batch * l.Hidden)
	}
	if r.IntN(2) == 0 {
		in.lengths = make([]float64, l.Batch)
		for n := range in.lengths {
			in.lengths[n] = float64(r.IntN(l.Steps + 1))
		}
	}
	return in
}

func (in inputs[T]) float32s() inputs[float32] {
	narrow := func(v []T) []float32 {
		if v == nil {
			return nil
		}
		out := make([]float32, len(v))
		for i, x := range v {
			out[i] = float32(x)
		}
		return out
	}
	return inputs[float32]{
		narrow(in.x), narrow(in.weight), narrow(in.state), narrow(in.biasIH), narrow(in.biasHH),
		narrow(in.h0), narrow(in.c0), narrow(in.lengths), narrow(in.factors),
	}
}

// states runs the layer and returns its states.
func states[T recurrent.Float](l recurrent.Layer, in inputs[T], traced bool) []T {
	f := recurrent.Forward[T]{Layer: l, X: in.x, Weight: in.weight, Bias: in.biasIH, H0: in.h0, Lengths: in.lengths, Factors: in.factors}
	if l.Cell == recurrent.LSTM {
		f.C0 = in.c0
	}
	out := make([]T, l.StatesSize())
	if traced {
		f.Trace = make([]T, l.TraceSize())
	} else {
		f.States = out
	}
	recurrent.RunUnpacked(f, in.state, in.biasHH)
	if traced {
		recurrent.States(l, out, f.Trace)
	}
	return out
}

// definition computes the states one number at a time.
func definition(l recurrent.Layer, in inputs[float64]) []float64 {
	size := l.Batch * l.Hidden
	out := make([]float64, l.StatesSize())
	h, c := make([]float64, size), make([]float64, size)
	copy(h, in.h0)
	if l.Cell == recurrent.LSTM {
		copy(c, in.c0)
	}
	at := func(k int) []float64 {
		if l.Reverse {
			k = l.Steps - k
		}
		return out[k*size:][:size]
	}
	sigmoid := func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
	copy(at(0), h)
	for k := range l.Steps {
		t := k
		if l.Reverse {
			t = l.Steps - 1 - k
		}
		before, after := at(k), at(k+1)
		for n := range l.Batch {
			for j := range l.Hidden {
				i := n*l.Hidden + j
				if after[i] = before[i]; in.lengths != nil && t >= int(in.lengths[n]) {
					continue
				}
				var of, from [4]float64
				for g := range l.Gates() {
					row := g*l.Hidden + j
					of[g], from[g] = in.biasIH[row], in.biasHH[row]
					for q := range l.In {
						of[g] += in.weight[row*l.In+q] * in.x[(t*l.Batch+n)*l.In+q]
					}
					for q := range l.Hidden {
						v := before[n*l.Hidden+q]
						if in.factors != nil {
							v *= in.factors[n*l.Hidden+q]
						}
						from[g] += in.state[row*l.Hidden+q] * v
					}
				}
				switch l.Cell {
				case recurrent.LSTM:
					c[i] = sigmoid(of[1]+from[1])*c[i] + sigmoid(of[0]+from[0])*math.Tanh(of[2]+from[2])
					after[i] = sigmoid(of[3]+from[3]) * math.Tanh(c[i])
				case recurrent.GRU:
					r, z := sigmoid(of[0]+from[0]), sigmoid(of[1]+from[1])
					after[i] = (1-z)*math.Tanh(of[2]+r*from[2]) + z*before[i]
				case recurrent.Tanh:
					after[i] = math.Tanh(of[0] + from[0])
				case recurrent.ReLU:
					after[i] = max(of[0]+from[0], 0)
				}
			}
		}
	}
	if l.Cell == recurrent.LSTM {
		copy(out[(l.Steps+1)*size:], c)
	}
	return out
}

func check(t *testing.T, r *rand.Rand, l recurrent.Layer) {
	t.Helper()
	in := draw(r, l)
	want := definition(l, in)
	largest := 1.0
	for _, v := range want {
		largest = max(largest, math.Abs(v))
	}
	for _, traced := range []bool{true, false} {
		for i, v := range states(l, in, traced) {
			if math.Abs(v-want[i]) > 1e-10*largest {
				t.Fatalf("%+v, trace %v: state %d is %v, want %v", l, traced, i, v, want[i])
			}
		}
		// A step rounds sums of some 100 terms, and hands it on.
		for i, v := range states(l, in.float32s(), traced) {
			if math.Abs(float64(v)-want[i]) > 1e-5*float64(l.Steps)*largest {
				t.Fatalf("%+v, trace %v, float32: state %d is %v, want %v", l, traced, i, v, want[i])
			}
		}
	}
}

func TestStatesAreThoseOfTheDefinition(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(7, 8))
		for i := range 60 {
			check(t, r, recurrent.Layer{
				Cell: recurrent.Cell(i % 4), Steps: 1 + r.IntN(6), Batch: 1 + r.IntN(9), In: 1 + r.IntN(20), Hidden: 1 + r.IntN(80), Reverse: i%8 > 3,
			})
		}
		check(t, r, recurrent.Layer{Cell: recurrent.LSTM, Steps: 3, Batch: 17, In: 3, Hidden: 513})
		check(t, r, recurrent.Layer{Cell: recurrent.GRU, Steps: 2, Batch: 2, In: 2, Hidden: 301, Reverse: true})
	})
}

// NaN and infinity in a sample reach its own states and no others.
func TestNaNStaysInItsSample(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(3, 4))
		for cell := range recurrent.Cell(4) {
			l := recurrent.Layer{Cell: cell, Steps: 4, Batch: 5, In: 3, Hidden: 40}
			in := draw(r, l)
			in.lengths, in.factors = nil, nil
			in.x[(1*l.Batch+2)*l.In] = math.NaN() // step 1 of sample 2
			for i, v := range states(l, in.float32s(), false) {
				n := i / l.Hidden % l.Batch
				after := i/(l.Batch*l.Hidden) > 1
				if nan := v != v; nan != (n == 2 && after) {
					t.Fatalf("cell %d: state %d of sample %d is %v", cell, i, n, v)
				}
			}
		}
	})
}

func FuzzStates(f *testing.F) {
	f.Add(uint64(1), uint8(0), uint8(3), uint8(4), uint8(5), uint8(33))
	f.Add(uint64(2), uint8(5), uint8(1), uint8(1), uint8(1), uint8(1))
	f.Fuzz(func(t *testing.T, seed uint64, kind, steps, batch, in, hidden uint8) {
		l := recurrent.Layer{
			Cell: recurrent.Cell(kind % 4), Steps: 1 + int(steps%5), Batch: 1 + int(batch%20), In: 1 + int(in%30), Hidden: 1 + int(hidden%150), Reverse: kind&4 != 0,
		}
		kerneltest.EachLevel(t, func(t *testing.T) { check(t, rand.New(rand.NewPCG(seed, 1)), l) })
	})
}

func BenchmarkLSTM(b *testing.B) {
	for _, l := range []recurrent.Layer{
		{Cell: recurrent.LSTM, Steps: 50, Batch: 32, In: 256, Hidden: 256},
		{Cell: recurrent.LSTM, Steps: 50, Batch: 1, In: 256, Hidden: 256},
		{Cell: recurrent.LSTM, Steps: 70, Batch: 20, In: 650, Hidden: 650},
	} {
		in := draw(rand.New(rand.NewPCG(1, 1)), l).float32s()
		in.lengths, in.factors = nil, nil
		f := recurrent.Forward[float32]{Layer: l, X: in.x, Weight: in.weight, Bias: in.biasIH, Trace: make([]float32, l.TraceSize())}
		g := recurrent.Backward[float32]{
			Layer: l, Trace: f.Trace, Weight: in.state, DStates: make([]float32, l.StatesSize()), Grad: make([]float32, l.GradSize()),
		}
		name := fmt.Sprintf("%dx%dx%dx%d", l.Steps, l.Batch, l.In, l.Hidden)
		flop := 2 * float64(l.Steps*l.Batch*4*l.Hidden)
		b.Run(name+"/forward", func(b *testing.B) {
			for b.Loop() {
				recurrent.RunUnpacked(f, in.state, in.biasHH)
			}
			b.ReportMetric(flop*float64(l.In+l.Hidden)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
		})
		b.Run(name+"/backward", func(b *testing.B) {
			for b.Loop() {
				g.Run()
			}
			b.ReportMetric(flop*float64(l.Hidden)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
		})
	}
}
