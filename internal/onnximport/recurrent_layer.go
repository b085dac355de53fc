package onnximport

import (
	"slices"

	"github.com/thinnet/thinnet/nodes"
)

// usual says whether a layer of ours computes it.
func (q *recurrence) usual() bool {
	for _, w := range q.ways {
		relu := q.n.GetOpType() == "RNN" && slices.Equal(w.acts, []string{"Relu"})
		if w.p != nil || !slices.Equal(w.acts, q.acts) && !relu || !slices.Equal(w.acts, q.ways[0].acts) {
			return false
		}
	}
	linear := q.n.GetOpType() != "GRU" || q.attrInt("linear_before_reset", 0) != 0
	return linear && q.attrFloat("clip", 0) == 0 && q.attrInt("input_forget", 0) == 0
}

// layer declares a layer of ours.
func (q *recurrence) layer(x *value, ways ...way) (y, h, cell *value) {
	s := q.s
	var hs, cs []*value
	opts := []nodes.RecurrentOption{}
	for i, w := range ways {
		suffix := []string{"_l0", "_l0_reverse"}[i]
		s = s.Given("weight_ih"+suffix, q.ordered(w.w).node()).Given("weight_hh"+suffix, q.ordered(w.r).node())
		if w.wb != nil {
			s = s.Given("bias_ih"+suffix, q.ordered(w.wb).node()).Given("bias_hh"+suffix, q.ordered(w.rb).node())
		}
		hs, cs = append(hs, w.h), append(cs, w.c)
	}
	if len(ways) == 2 {
		opts = append(opts, nodes.Bidirectional())
	}
	if ways[0].wb == nil {
		opts = append(opts, nodes.NoBias())
	}
	if q.lengths != nil {
		opts = append(opts, nodes.Lengths(q.lengths.node()))
	}
	if slices.ContainsFunc(ways, func(w way) bool { return w.h != nil || w.c != nil }) {
		initial := nodes.InitialState(q.start(hs...).node())
		if q.n.GetOpType() == "LSTM" {
			initial = nodes.InitialState(q.start(hs...).node(), q.start(cs...).node())
		}
		opts = append(opts, initial)
	}
	var r nodes.Recurrence
	switch q.n.GetOpType() {
	case "LSTM":
		r = nodes.LSTM(s, x.node(), q.hidden, opts...)
		cell = computed(floats, r.Cell)
	case "GRU":
		r = nodes.GRU(s, x.node(), q.hidden, opts...)
	default:
		if ways[0].acts[0] == "Relu" {
			opts = append(opts, nodes.ReLURecurrence())
		}
		r = nodes.RNN(s, x.node(), q.hidden, opts...)
	}
	return computed(floats, r.Output), computed(floats, r.Hidden), cell
}

// start are the states of all directions at the start, (N, D, H).
func (q *recurrence) start(ways ...*value) *value {
	n := q.x.shape[0]
	if ways[0] == nil {
		return q.filled(floats, 0, n, len(ways), q.hidden)
	}
	states := make([]*value, len(ways))
	for i, v := range ways {
		states[i] = q.reshape(v, n, 1, q.hidden)
	}
	return q.concat(1, states...)
}

// ordered has the rows of a weight or a bias in the order of ours.
func (q *recurrence) ordered(v *value) *value {
	rows := make([]int, 0, v.shape[0])
	for _, gate := range q.order {
		for i := range q.hidden {
			rows = append(rows, gate*q.hidden+i)
		}
	}
	return q.take(v, 0, rows)
}

// zeros is a direction that computes zeros.
func (w way) zeros(r *run) way {
	zero := func(v *value) *value {
		if v == nil {
			return nil
		}
		return r.filled(floats, 0, v.shape...)
	}
	return way{w: zero(w.w), r: zero(w.r), wb: zero(w.wb), rb: zero(w.rb), h: zero(w.h), c: zero(w.c), acts: w.acts}
}
