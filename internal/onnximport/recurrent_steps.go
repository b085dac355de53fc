package onnximport

import (
	"github.com/thinnet/thinnet/nodes"
)

// maxSteps bounds a recurrence that is declared step by step.
const maxSteps = 1 << 12

// unrolled declares the recurrence step by step, where no layer of ours computes it: with
// other activations, peepholes, clipping, coupled gates, or a GRU whose reset gate comes
// before the product.
func (q *recurrence) unrolled() (y, h, cell *value) {
	if t := q.x.shape[1]; t > maxSteps {
		fail("there are %d steps of a kind that is declared one by one, want at most %d", t, maxSteps)
	}
	var ys, hs, cs []*value
	for _, w := range q.ways {
		y, h, c := q.steps(w)
		ys, hs = append(ys, y), append(hs, h)
		if c != nil {
			cs = append(cs, c)
		}
	}
	if cs != nil {
		cell = q.concat(1, cs...)
	}
	return q.concat(2, ys...), q.concat(1, hs...), cell
}

// steps are those of one direction: h at all steps, (N, T, H), and h and c at the end, (N,
// 1, H).
func (q *recurrence) steps(w way) (y, h, cell *value) {
	n, t, rows := q.x.shape[0], q.x.shape[1], q.hidden*len(q.order)
	gates := q.product(q.reshape(q.x, n*t, q.x.shape[2]), q.transpose(w.w, 1, 0))
	if w.wb != nil {
		gates = q.operation("Add", gates, w.wb)
	}
	gates = q.reshape(gates, n, t, rows)
	h, cell = w.h, w.c
	if h == nil {
		h = q.filled(floats, 0, n, q.hidden)
	}
	if cell == nil {
		cell = q.filled(floats, 0, n, q.hidden)
	}
	ys := make([]*value, t)
	for k := range t {
		if w.reverse {
			k = t - 1 - k
		}
		x := q.reshape(q.part(gates, 1, k, 1), n, rows)
		var next, nextCell *value
		switch q.n.GetOpType() {
		case "LSTM":
			next, nextCell = q.stepLSTM(w, x, h, cell)
		case "GRU":
			next, nextCell = q.stepGRU(w, x, h), cell
		default:
			next, nextCell = q.act(w, 0, q.operation("Add", x, q.recur(w, h))), cell
		}
		out := next
		if q.lengths != nil {
			there := q.operation("Greater", q.reshape(q.lengths, n, 1), q.constant(&array{ints, nil, []float64{float64(k)}}))
			out = q.choose(there, next, q.filled(floats, 0, n, q.hidden))
			next, nextCell = q.choose(there, next, h), q.choose(there, nextCell, cell)
		}
		h, cell = next, nextCell
		ys[k] = q.reshape(out, n, 1, q.hidden)
	}
	h = q.reshape(h, n, 1, q.hidden)
	if q.n.GetOpType() != "LSTM" {
		return q.concat(1, ys...), h, nil
	}
	return q.concat(1, ys...), h, q.reshape(cell, n, 1, q.hidden)
}

// recur is what the state adds to all gates.
func (q *recurrence) recur(w way, h *value) *value {
	y := q.product(h, q.transpose(w.r, 1, 0))
	if w.rb != nil {
		y = q.operation("Add", y, w.rb)
	}
	return y
}

// gate is one of those of v, whose last axis has all of them.
func (q *recurrence) gate(v *value, i int) *value {
	return q.part(v, len(v.shape)-1, i*q.hidden, q.hidden)
}

func (q *recurrence) stepLSTM(w way, x, h, c *value) (next, cell *value) {
	sum := q.operation("Add", x, q.recur(w, h))
	peep := func(gate, hole int, c *value) *value {
		v := q.gate(sum, gate)
		if w.p != nil {
			v = q.operation("Add", v, q.operation("Mul", c, q.gate(w.p, hole)))
		}
		return v
	}
	i := q.act(w, 0, peep(0, 0, c))
	f := q.scaled(i, -1, 1)
	if q.attrInt("input_forget", 0) == 0 {
		f = q.act(w, 0, peep(2, 2, c))
	}
	g := q.act(w, 1, q.gate(sum, 3))
	cell = q.operation("Add", q.operation("Mul", f, c), q.operation("Mul", i, g))
	o := q.act(w, 0, peep(1, 1, cell))
	return q.operation("Mul", o, q.act(w, 2, cell)), cell
}

func (q *recurrence) stepGRU(w way, x, h *value) *value {
	state := q.recur(w, h)
	z := q.act(w, 0, q.operation("Add", q.gate(x, 0), q.gate(state, 0)))
	r := q.act(w, 0, q.operation("Add", q.gate(x, 1), q.gate(state, 1)))
	var term *value
	if q.attrInt("linear_before_reset", 0) != 0 {
		term = q.operation("Mul", r, q.gate(state, 2))
	} else {
		rows := q.part(w.r, 0, 2*q.hidden, q.hidden)
		term = q.product(q.operation("Mul", r, h), q.transpose(rows, 1, 0))
		if w.rb != nil {
			term = q.operation("Add", term, q.gate(w.rb, 2))
		}
	}
	n := q.act(w, 1, q.operation("Add", q.gate(x, 2), term))
	return q.operation("Add", q.operation("Mul", q.scaled(z, -1, 1), n), q.operation("Mul", z, h))
}

// act is activation i of a direction, of what is clipped before, but for the cell: ONNX
// says that the inputs of all activations are clipped, and the programs that run its files
// leave that one.
func (q *recurrence) act(w way, i int, v *value) *value {
	const ofCell = 2
	if clip := q.attrFloat("clip", 0); clip > 0 && i != ofCell {
		number := func(v float64) *value { return q.constant(&array{floats, nil, []float64{v}}) }
		v = q.operation("Min", q.operation("Max", v, number(-clip)), number(clip))
	}
	if q.attribute("activation_alpha", onnxFloats) != nil || q.attribute("activation_beta", onnxFloats) != nil {
		fail("activation_alpha and activation_beta are not supported")
	}
	switch name := w.acts[i]; name {
	case "Relu":
		return computed(floats, nodes.ReLU(v.node()))
	case "Tanh":
		return computed(floats, nodes.Tanh(v.node()))
	case "Sigmoid":
		return computed(floats, nodes.Sigmoid(v.node()))
	case "Softplus":
		return computed(floats, nodes.Softplus(v.node()))
	case "Softsign":
		return q.function(name, v)
	default:
		fail("the activation %q is not supported, want Relu, Sigmoid, Softplus, Softsign or Tanh", name)
		return nil
	}
}

// choose is a where cond, of one column, is true, and b elsewhere.
func (q *recurrence) choose(cond, a, b *value) *value {
	return computed(floats, q.s.Apply(choose{}, q.expand(cond, a.shape).node(), a.node(), b.node()))
}
