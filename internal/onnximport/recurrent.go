package onnximport

import "slices"

const recurrentAttributes = "activation_alpha activation_beta activations clip direction hidden_size layout output_sequence"

// A recurrence is an LSTM, a GRU or an RNN, taken apart.
type recurrence struct {
	*call
	order   []int    // of the gates in a layer of ours, by their numbers in ONNX
	acts    []string // the usual activations of a direction
	hidden  int
	x       *value // (N, T, F)
	lengths *value // (N), nil without
	ways    []way
	first   bool // layout 1: the batch comes first
}

// A way is one direction. Weights are as ONNX has them.
type way struct {
	w, r, wb, rb, p *value // (G·H, F), (G·H, H), (G·H), (G·H), (3·H); wb, rb and p may be nil
	h, c            *value // the states at the start, (N, H), nil for zeros
	acts            []string
	reverse         bool
}

func (c *call) lstm() []*value {
	return c.recurrence([]int{0, 2, 3, 1}, "Sigmoid", "Tanh", "Tanh").declare()
}

func (c *call) gru() []*value {
	return c.recurrence([]int{1, 0, 2}, "Sigmoid", "Tanh").declare()
}

func (c *call) rnn() []*value { return c.recurrence([]int{0}, "Tanh").declare() }

// recurrence reads the inputs and attributes.
func (c *call) recurrence(order []int, acts ...string) *recurrence {
	q := &recurrence{call: c, order: order, acts: acts, x: c.x(0), first: c.attrInt("layout", 0) == 1}
	w, r := c.x(1), c.x(2)
	if len(q.x.shape) != 3 || len(w.shape) != 3 || len(r.shape) != 3 {
		fail("X, W and R have shapes %v, %v and %v, want three axes each", q.x.shape, w.shape, r.shape)
	}
	if !q.first {
		q.x = c.transpose(q.x, 1, 0, 2)
	}
	q.hidden = r.shape[2]
	rows := q.hidden * len(order)
	reversed := map[string][]bool{"forward": {false}, "reverse": {true}, "bidirectional": {false, true}}[c.attrString("direction", "forward")]
	d := len(reversed)
	switch {
	case d == 0:
		fail("direction is %q, want forward, reverse or bidirectional", c.attrString("direction", "forward"))
	case !slices.Equal(w.shape, []int{d, rows, q.x.shape[2]}) || !slices.Equal(r.shape, []int{d, rows, q.hidden}):
		fail("X, W and R have shapes %v, %v and %v, want (T, N, F), (%d, %d·H, F) and (%d, %d·H, H)", c.x(0).shape, w.shape, r.shape, d, len(order), d, len(order))
	case c.attrInt("hidden_size", q.hidden) != q.hidden:
		fail("hidden_size is %d, and R has shape %v, want (%d, %d·H, H)", c.attrInt("hidden_size", 0), r.shape, d, len(order))
	}
	if c.has(4) {
		q.lengths = c.sized(4, q.x.shape[0])
	}
	names := c.strings("activations")
	if names == nil {
		for range d {
			names = append(names, acts...)
		}
	}
	if len(names) != d*len(acts) {
		fail("activations are %q, want %d for each direction", names, len(acts))
	}
	for i, reverse := range reversed {
		q.ways = append(q.ways, q.way(i, reverse, names[i*len(acts):][:len(acts)]))
	}
	return q
}

// way reads direction i.
func (q *recurrence) way(i int, reverse bool, acts []string) way {
	d := map[bool]int{false: 1, true: 2}[q.attrString("direction", "forward") == "bidirectional"]
	rows, n := q.hidden*len(q.order), q.x.shape[0]
	of := func(v *value) *value { return q.reshape(q.part(v, 0, i, 1), v.shape[1:]...) }
	y := way{acts: acts, reverse: reverse, w: of(q.call.x(1)), r: of(q.call.x(2))}
	if q.has(3) {
		b := of(q.sized(3, d, 2*rows))
		y.wb, y.rb = q.part(b, 0, 0, rows), q.part(b, 0, rows, rows)
	}
	state := func(k int) *value {
		if !q.has(k) {
			return nil
		}
		if v := q.call.x(k); v.isZero() && len(v.shape) == 3 && v.shape[2] == q.hidden {
			return nil // of any batch
		}
		if q.first {
			return q.reshape(q.part(q.sized(k, n, d, q.hidden), 1, i, 1), n, q.hidden)
		}
		return of(q.sized(k, d, n, q.hidden))
	}
	y.h = state(5)
	if q.n.GetOpType() == "LSTM" {
		y.c = state(6)
		if q.has(7) {
			y.p = of(q.sized(7, d, 3*q.hidden))
		}
	}
	return y
}

// sized is input i, which has to have a shape.
func (c *call) sized(i int, shape ...int) *value {
	v := c.x(i)
	if !slices.Equal(v.shape, shape) {
		fail("input %d has shape %v, want %v", i, v.shape, shape)
	}
	return v
}

// strings are those of an attribute, nil if it is not there.
func (c *call) strings(name string) (out []string) {
	if a := c.attribute(name, onnxStrings); a != nil {
		for _, s := range a.Strings {
			out = append(out, string(s))
		}
	}
	return out
}

// declare declares the layer and puts its outputs in ONNX's order.
func (q *recurrence) declare() []*value {
	y, h, cell := q.states()
	n, t, d := q.x.shape[0], q.x.shape[1], len(q.ways)
	y = q.reshape(y, n, t, d, q.hidden)
	if !q.first {
		y, h = q.transpose(y, 1, 2, 0, 3), q.transpose(h, 1, 0, 2)
		if cell != nil {
			cell = q.transpose(cell, 1, 0, 2)
		}
	}
	return []*value{y, h, cell}
}

// states are h at all steps, (N, T, D·H), and h and c at the end, (N, D, H).
func (q *recurrence) states() (y, h, cell *value) {
	if !q.usual() {
		return q.unrolled()
	}
	switch {
	case len(q.ways) == 2 || !q.ways[0].reverse:
		return q.layer(q.x, q.ways...)
	case q.lengths == nil:
		back := downTo0(q.x.shape[1])
		y, h, cell = q.layer(q.take(q.x, 1, back), q.ways...)
		return q.take(y, 1, back), h, cell
	}
	// From the lengths on only the second of two directions goes back; the first is 0.
	y, h, cell = q.layer(q.x, q.ways[0].zeros(q.call.run), q.ways[0])
	if cell != nil {
		cell = q.part(cell, 1, 1, 1)
	}
	return q.part(y, 2, q.hidden, q.hidden), q.part(h, 1, 1, 1), cell
}
