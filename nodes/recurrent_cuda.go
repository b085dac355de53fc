package nodes

import (
	"math"

	"github.com/thinnet/thinnet/internal/cuda"
	"github.com/thinnet/thinnet/internal/kernel/recurrent"
)

// A deviceSequence is the memory of a sequence on a CUDA device, laid out as package
// recurrent has it.
type deviceSequence struct {
	sequence
	h, c, gates      cuda.Pointer
	oneCell          bool // of all steps only the last c is kept
	lengths, factors cuda.Pointer
	masked           cuda.Pointer // the state times the factors
}

// pointerOf returns where input i lies, 0 for one that is not there.
func pointerOf(in []cuda.Value, i int) cuda.Pointer { return input(in, i).Pointer }

func (q sequence) state() int { return q.Batch * q.Hidden }

// kept is how many numbers of a unit and a step the trace has beside the states, and width
// how many gradients there are.
func (q sequence) kept() int {
	if q.Gates() > 1 {
		return 4
	}
	return 0
}
func (q sequence) width() int { return max(1, q.kept()) }

// traced is the sequence in a trace.
func (q sequence) traced(trace cuda.Pointer) deviceSequence {
	return deviceSequence{sequence: q, h: trace, c: trace.Add((q.Steps + 1) * q.state()),
		gates: trace.Add(q.TraceSize() - q.Steps*q.kept()*q.state())}
}

// time is the place of step k along the axis of time, and after that of the state after k
// steps.
func (q sequence) time(k int) int {
	if q.Reverse {
		return q.Steps - 1 - k
	}
	return k
}

func (q sequence) after(k int) int {
	if q.Reverse {
		return q.Steps - k
	}
	return k
}

// hidden, cell and gatesOf return the states after k steps, and the gates of step k.
func (d *deviceSequence) hidden(k int) cuda.Pointer { return d.h.Add(d.after(k) * d.state()) }

func (d *deviceSequence) cell(k int) cuda.Pointer {
	if d.oneCell {
		return d.c
	}
	return d.c.Add(d.after(k) * d.state())
}

func (d *deviceSequence) gatesOf(k int) cuda.Pointer {
	return d.gates.Add(d.time(k) * d.kept() * d.state())
}

// each launches the kernel of a step for all units of all samples.
func (d *deviceSequence) each(c *cuda.Commands, kernel string, k int, args ...any) {
	args = append(args, d.lengths, d.time(k))
	if d.Gates() == 1 {
		args = append(args, d.Cell == recurrent.ReLU)
	}
	c.Each(kernel, d.state(), append(args, d.state(), d.Hidden, cuda.Divisor(d.Hidden))...)
}

// run computes the sequence for the inputs of an op.
func (d *deviceSequence) run(c *cuda.Commands, in []cuda.Value) {
	at := d.at()
	d.lengths, d.factors = pointerOf(in, at.lengths), pointerOf(in, at.factors)
	bias, stateBias := pointerOf(in, at.biasIH), pointerOf(in, at.biasHH)
	if d.factors != 0 {
		d.masked = c.Scratch(d.state())
	}
	d.start(c, d.hidden(0), pointerOf(in, at.h0))
	if d.Cell == recurrent.LSTM {
		d.start(c, d.cell(0), pointerOf(in, at.c0))
	}
	d.project(c, in[0], in[1])
	var sums cuda.Pointer
	if d.Cell == recurrent.GRU {
		sums = c.Scratch(d.Gates() * d.state())
	}
	if d.factors != 0 {
		c.Each("recurrent_masked", d.state(), d.masked, d.hidden(0), d.factors, d.state(), d.state(), cuda.Divisor(d.state()))
	}
	for k := range d.Steps {
		from := d.hidden(k)
		if d.factors != 0 {
			from = d.masked
		}
		p := cuda.Product{A: from, B: in[2].Pointer, M: d.Batch, N: d.Gates() * d.Hidden, K: d.Hidden, TransposeB: true}
		switch d.Cell {
		case recurrent.GRU: // whose n takes the state's part times r
			p.C = sums
			c.Gemm(p)
			d.each(c, "gru_step", k, d.gatesOf(k), sums, bias, stateBias, d.hidden(k), d.hidden(k+1), d.masked, d.factors)
		case recurrent.LSTM:
			p.C, p.Add = d.gatesOf(k), true
			c.Gemm(p)
			d.each(c, "lstm_step", k, d.gatesOf(k), bias, stateBias, d.cell(k), d.cell(k+1), d.hidden(k), d.hidden(k+1), d.masked, d.factors)
		default:
			p.C, p.Add = d.hidden(k+1), true
			c.Gemm(p)
			d.each(c, "rnn_step", k, d.hidden(k+1), bias, stateBias, d.hidden(k), d.masked, d.factors)
		}
	}
}

// start sets a first state, 0 if it is not given.
func (d *deviceSequence) start(c *cuda.Commands, to, from cuda.Pointer) {
	if from == 0 {
		c.Fill(to, 0, d.state())
	} else {
		c.Copy(to, from, 4*d.state())
	}
}

// project writes what the input of all steps adds to the gates, by one product. Without
// gates that is kept where the states will be.
func (d *deviceSequence) project(c *cuda.Commands, x, weight cuda.Value) {
	p := cuda.Product{
		C: d.gates, A: x.Pointer, B: weight.Pointer, TransposeB: true,
		M: d.Steps * d.Batch, N: d.Gates() * d.Hidden, K: d.In, LDC: d.kept() * d.Hidden,
	}
	if d.kept() == 0 {
		p.C, p.LDC = d.h.Add(d.first()), d.Hidden
	}
	c.Gemm(p)
}

// first is where the state after the step at time 0 lies.
func (q sequence) first() int {
	if q.Reverse {
		return 0
	}
	return q.state()
}

// Launch implements [graph.Launcher].
func (op recurrentTrace) Launch(c *cuda.Commands, trace cuda.Value, in ...cuda.Value) {
	d := op.traced(trace.Pointer)
	d.run(c, in)
}

// Launch implements [graph.Launcher].
func (op recurrentStates) Launch(c *cuda.Commands, states cuda.Value, in ...cuda.Value) {
	d := deviceSequence{sequence: op.sequence, h: states.Pointer, c: states.Add((op.Steps + 1) * op.state()), oneCell: true}
	d.gates = c.Scratch(op.Steps * op.kept() * op.state())
	d.run(c, in)
}

// Launch implements [graph.Launcher].
func (op tracedStates) Launch(c *cuda.Commands, states cuda.Value, in ...cuda.Value) {
	d, size := op.traced(in[0].Pointer), (op.Steps+1)*op.state()
	c.Copy(states.Pointer, d.h, 4*size)
	if op.Cell == recurrent.LSTM {
		c.Copy(states.Add(size), d.cell(op.Steps), 4*op.state())
	}
}

// Launch implements [graph.Launcher].
func (op outputs) Launch(c *cuda.Commands, y cuda.Value, in ...cuda.Value) {
	swapSteps(c, y.Pointer, in[0].Add(op.first()), pointerOf(in, lastIf(op.lengths, in)), op.Batch, op.Steps, op.Hidden, true)
}

// Launch implements [graph.Launcher].
func (op outputsGrad) Launch(c *cuda.Commands, d cuda.Value, in ...cuda.Value) {
	first, size := op.first(), op.Steps*op.state()
	c.Fill(d.Pointer, 0, first)
	swapSteps(c, d.Add(first), in[0].Pointer, pointerOf(in, lastIf(op.lengths, in)), op.Steps, op.Batch, op.Hidden, false)
	c.Fill(d.Add(first+size), 0, d.Len()-first-size)
}

// Launch implements [graph.Launcher].
func (op endOf) Launch(c *cuda.Commands, y cuda.Value, in ...cuda.Value) {
	c.Copy(y.Pointer, in[0].Add(op.End(op.cell)), y.Bytes())
}

// Launch implements [graph.Launcher].
func (op endGrad) Launch(c *cuda.Commands, d cuda.Value, in ...cuda.Value) {
	c.Fill(d.Pointer, 0, d.Len())
	c.Copy(d.Add(op.End(op.cell)), in[0].Pointer, in[0].Bytes())
}

// Launch implements [graph.Launcher].
func (op onesOf) Launch(c *cuda.Commands, y cuda.Value, _ ...cuda.Value) {
	c.Fill(y.Pointer, math.Float32bits(1), y.Len())
}
