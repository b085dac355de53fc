package nodes

import (
	"github.com/thinnet/thinnet/internal/cuda"
	"github.com/thinnet/thinnet/internal/kernel"
	"github.com/thinnet/thinnet/internal/kernel/recurrent"
)

// Launch implements [graph.Launcher].
func (op recurrentGrad) Launch(c *cuda.Commands, grad cuda.Value, in ...cuda.Value) {
	d := op.traced(in[0].Pointer)
	rest := in[3:]
	if op.lengths {
		d.lengths, rest = rest[0].Pointer, rest[1:]
	}
	if op.factors {
		d.factors = rest[0].Pointer
	}
	b := deviceBackward{deviceSequence: d, given: in[1].Pointer, weight: in[2].Pointer, grad: grad.Pointer}
	b.run(c)
}

// A deviceBackward is a run over a sequence from its end.
type deviceBackward struct {
	deviceSequence
	given, weight, grad cuda.Pointer
	sums, carry         cuda.Pointer // what a step says of the state before it; 0 before the first one
}

func (b *deviceBackward) run(c *cuda.Commands) {
	n := b.state()
	first := b.grad.Add(b.Steps * b.width() * n)
	dc := first.Add(n)
	if b.Cell == recurrent.LSTM {
		c.Copy(dc, b.given.Add((b.Steps+1)*n), 4*n)
	}
	sums := c.Scratch(n)
	var carried cuda.Pointer // where anything reaches a state by other ways than the gates
	if b.Cell == recurrent.GRU || b.lengths != 0 {
		carried = c.Scratch(n)
	}
	for k := b.Steps - 1; k >= 0; k-- {
		d, given := b.gradOf(k), b.given.Add(b.after(k+1)*n)
		switch b.Cell {
		case recurrent.LSTM:
			b.each(c, "lstm_step_grad", k, d, dc, b.gatesOf(k), b.cell(k+1), b.cell(k), given, b.sums, b.factors, b.carry, carried)
		case recurrent.GRU:
			b.each(c, "gru_step_grad", k, d, b.gatesOf(k), b.hidden(k), given, b.sums, b.factors, b.carry, carried)
		default:
			b.each(c, "rnn_step_grad", k, d, b.hidden(k+1), given, b.sums, b.factors, b.carry, carried)
		}
		b.sums, b.carry = sums, carried
		for i, s := range b.spans(true) {
			c.Gemm(cuda.Product{
				C: sums, A: d.Add(s.column), LDA: b.width() * b.Hidden, B: b.weight.Add(s.row * b.Hidden),
				M: b.Batch, N: b.Hidden, K: s.n, Add: i > 0,
			})
		}
	}
	c.Each("recurrent_first", n, first, b.given.Add(b.after(0)*n), b.sums, b.factors, b.carry, n)
}

// gradOf returns the gradients of what goes into the gates of step k.
func (b *deviceBackward) gradOf(k int) cuda.Pointer {
	return b.grad.Add(b.time(k) * b.width() * b.state())
}

// A span is a run of columns of the gradients of a run, and the row of a weight at which it
// starts.
type span struct{ column, row, n int }

// spans returns what of the gradients weighs on the state, or on the input.
func (q sequence) spans(state bool) []span {
	if h := q.Hidden; q.Cell == recurrent.GRU && state {
		return []span{{0, 0, 2 * h}, {3 * h, 2 * h, h}}
	}
	return []span{{0, 0, q.Gates() * q.Hidden}}
}

// Launch implements [graph.Launcher].
func (op recurrentGradOf) Launch(c *cuda.Commands, y cuda.Value, in ...cuda.Value) {
	grad, rows, columns := in[0].Pointer, op.Steps*op.Batch, op.width()*op.Hidden
	first := grad.Add(rows * columns)
	switch op.of {
	case gradInput:
		c.Gemm(cuda.Product{C: y.Pointer, A: grad, LDA: columns, B: in[1].Pointer, M: rows, N: op.In, K: op.Gates() * op.Hidden})
	case gradWeight:
		op.weight(c, y, grad, in[1].Pointer, op.In, false)
	case gradState:
		op.weight(c, y, grad, op.before(c, in), op.Hidden, true)
	case gradBias, gradStateBias:
		op.bias(c, y, grad)
	case gradFirst:
		c.Copy(y.Pointer, first, y.Bytes())
	case gradFirstCell:
		c.Copy(y.Pointer, first.Add(op.state()), y.Bytes())
	}
}

// before returns the states that went into the gates of all steps.
func (op recurrentGradOf) before(c *cuda.Commands, in []cuda.Value) cuda.Pointer {
	h := in[1].Pointer
	if op.Reverse {
		h = h.Add(op.state())
	}
	if len(in) < 3 {
		return h
	}
	n := op.Steps * op.state()
	masked := c.Scratch(n)
	c.Each("recurrent_masked", n, masked, h, in[2], n, op.state(), cuda.Divisor(op.state()))
	return masked
}

// weight is the gradient of a weight by which x of that many columns went into the gates.
func (op recurrentGradOf) weight(c *cuda.Commands, y cuda.Value, grad, x cuda.Pointer, columns int, state bool) {
	for _, s := range op.spans(state) {
		c.Gemm(cuda.Product{
			C: y.Add(s.row * columns), A: grad.Add(s.column), LDA: op.width() * op.Hidden, TransposeA: true, B: x,
			M: s.n, N: columns, K: op.Steps * op.Batch,
		})
	}
}

// bias sums the gradients of each gate over all steps and samples.
func (op recurrentGradOf) bias(c *cuda.Commands, y cuda.Value, grad cuda.Pointer) {
	columns := op.width() * op.Hidden
	sums := y.Pointer
	if columns != y.Len() {
		sums = c.Scratch(columns)
	}
	launchSums(c, sums, grad, kernel.Layout{Outer: op.Steps * op.Batch, Groups: columns, Inner: 1})
	if sums == y.Pointer {
		return
	}
	for _, s := range op.spans(op.of == gradStateBias) {
		c.Copy(y.Add(s.row), sums.Add(s.column), 4*s.n)
	}
}
