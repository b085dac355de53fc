package nodes

import (
	"math/rand/v2"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel/recurrent"
	"gorgonia.org/tensor"
)

// recurrentInputs are those of a sequence, in their order.
func recurrentInputs(r *rand.Rand, q sequence) []*tensor.Dense {
	rows := q.Gates() * q.Hidden
	in := []*tensor.Dense{
		randomOf(r, 0, 1, q.Steps, q.Batch, q.In), randomOf(r, 0, 0.3, rows, q.In), randomOf(r, 0, 0.3, rows, q.Hidden),
	}
	if q.bias {
		in = append(in, randomOf(r, 0, 1, rows), randomOf(r, 0, 1, rows))
	}
	if q.h0 {
		in = append(in, randomOf(r, 0, 1, q.Batch, q.Hidden))
	}
	if q.c0 {
		in = append(in, randomOf(r, 0, 1, q.Batch, q.Hidden))
	}
	if q.lengths {
		lengths := randomOf(r, 0, 1, q.Batch)
		for i := range lengths.Float32s() {
			lengths.Float32s()[i] = float32(r.IntN(q.Steps + 1))
		}
		in = append(in, lengths)
	}
	if q.factors {
		in = append(in, randomOf(r, 1, 1, q.Batch, q.Hidden))
	}
	return in
}

// Sums of up to 80 products for each gate, over a few steps: 1e-5 is some 10 roundings.
const recurrentTolerance = 1e-5

func TestRecurrencesOnCUDA(t *testing.T) {
	device(t)
	r := rand.New(rand.NewPCG(1, 2))
	sizes := []recurrent.Layer{
		{Steps: 5, Batch: 3, In: 7, Hidden: 6},
		{Steps: 1, Batch: 1, In: 1, Hidden: 1},
		{Steps: 3, Batch: 9, In: 5, Hidden: 67},
	}
	for _, cell := range []recurrent.Cell{recurrent.LSTM, recurrent.GRU, recurrent.Tanh, recurrent.ReLU} {
		for options := range 64 {
			bit := func(i int) bool { return options>>i&1 == 1 }
			q := sequence{Layer: sizes[options%len(sizes)], bias: bit(0), h0: bit(1), lengths: bit(2), factors: bit(3)}
			q.Cell, q.Reverse = cell, bit(4)
			q.c0 = q.h0 && cell == recurrent.LSTM && bit(5)
			if bit(5) && !q.c0 {
				continue
			}
			compareRecurrence(t, r, q)
		}
	}
}

// compareRecurrence compares all ops of a sequence, each on what the CPU made of the one
// before it.
func compareRecurrence(t *testing.T, r *rand.Rand, q sequence) {
	t.Helper()
	in, at := recurrentInputs(r, q), q.at()
	both := func(op graph.Launcher, in ...*tensor.Dense) *tensor.Dense {
		t.Helper()
		return onBoth(t, op, recurrentTolerance, in...)
	}
	with := func(d *tensor.Dense, inputs ...int) []*tensor.Dense {
		out := []*tensor.Dense{d}
		for _, i := range inputs {
			if i >= 0 {
				out = append(out, in[i])
			}
		}
		return out
	}
	trace := both(recurrentTrace{q}, in...)
	states := both(recurrentStates{q}, in...)
	both(tracedStates{q}, append([]*tensor.Dense{trace}, in...)...)
	both(outputs{q}, with(states, at.lengths)...)
	both(outputsGrad{q}, with(randomOf(r, 0, 1, q.Batch, q.Steps, q.Hidden), at.lengths)...)
	for _, cell := range []bool{false, true} {
		if !cell || q.Cell == recurrent.LSTM {
			both(endOf{q, cell}, states)
			both(endGrad{q, cell}, randomOf(r, 0, 1, q.Batch, q.Hidden))
		}
	}
	dStates := randomOf(r, 0, 1, q.StatesSize())
	grad := both(recurrentGrad{q}, append([]*tensor.Dense{trace, dStates}, with(in[2], at.lengths, at.factors)...)...)
	both(recurrentGradOf{q, gradInput}, grad, in[1])
	both(recurrentGradOf{q, gradWeight}, grad, in[0])
	both(recurrentGradOf{q, gradState}, append([]*tensor.Dense{grad}, with(trace, at.factors)...)...)
	both(recurrentGradOf{q, gradBias}, grad)
	both(recurrentGradOf{q, gradStateBias}, grad)
	both(recurrentGradOf{q, gradFirst}, grad)
	if q.Cell == recurrent.LSTM {
		both(recurrentGradOf{q, gradFirstCell}, grad)
	}
}

func TestTimeMajorOnCUDA(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	lengths := tensor.New(tensor.WithShape(3), tensor.WithBacking([]float32{0, 4, 2}))
	onBoth(t, timeMajor{}, 0, randomOf(r, 0, 1, 3, 4, 5))
	onBoth(t, timeMajor{}, 0, randomOf(r, 0, 1, 3, 4, 5), lengths)
	onBoth(t, timeMajor{back: true}, 0, randomOf(r, 0, 1, 4, 3, 5), lengths)
	onBoth(t, timeMajor{}, 0, randomOf(r, 0, 1, 300, 70, 9)) // more elements than 65535 blocks of one
	onBoth(t, onesOf{graph.Shape{3, 2}}, 0, randomOf(r, 0, 1, 3, 4, 5))
}
