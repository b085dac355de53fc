package nodes

import (
	"fmt"
	"math"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/guard"
	"github.com/thinnet/thinnet/internal/kernel/recurrent"
)

// A Recurrence is what a recurrent layer computes of a sequence. H is the number of
// hidden units, D is 2 with [Bidirectional] and 1 without, and L that of [Layers].
type Recurrence struct {
	// Output is the state h of the last layer at all steps, (N, T, D·H): that of
	// the forward direction, then that of the reverse one. Beyond the length of a
	// sample it is 0.
	Output *graph.Node

	// Hidden is the state h at the end of each layer and direction, (N, L·D, H): at
	// the last step that counts, or for the reverse direction at the first step.
	Hidden *graph.Node

	// Cell is the state c of an LSTM, like Hidden; else nil.
	Cell *graph.Node
}

// Last returns the state at the end of the last layer, (N, D·H), which a classifier
// of sequences takes.
func (r Recurrence) Last() *graph.Node {
	h := r.Hidden.Dim(-1)
	directions := r.Output.Dim(-1) / h
	s := r.Hidden.Layer("Last")
	ends := make([]*graph.Node, directions)
	for d := range ends {
		ends[d] = layerState(s, r.Hidden, r.Hidden.Dim(1)-directions+d)
	}
	return together(s, -1, ends)
}

// layerState is number i of the states (N, L·D, H), as (N, H).
func layerState(s *graph.Scope, states *graph.Node, i int) *graph.Node {
	return s.Apply(reshape{graph.Shape{states.Dim(0), states.Dim(2)}}, s.Apply(slice{1, i, 1}, states))
}

// recurrence declares the layers.
func recurrence(s *graph.Scope, kind recurrent.Cell, x *graph.Node, hidden int, opts []RecurrentOption) (r Recurrence) {
	c := recurrentConfig{layers: 1}
	for _, opt := range guard.Given(opts) {
		opt.recurrent(&c)
	}
	if kind == recurrent.Tanh && c.relu {
		kind = recurrent.ReLU
	}
	if c.check(s, kind, x, hidden); s.Err() != nil {
		inert := s.Fail(s.Err())
		return Recurrence{inert, inert, inert}
	}
	s = s.Describe("%s", c.text())
	var lengths *graph.Node
	if c.givenLengths {
		lengths = checkedLengths{"Lengths", 1, "steps of x"}.apply(s, x, c.lengths)
	}
	var hs, cs []*graph.Node
	y := x
	for layer := range c.layers {
		if layer > 0 && c.between != nil {
			y = c.between(s.In(fmt.Sprintf("between_l%d", layer-1)), y)
			if y == nil {
				y = s.Errorf("the function of Between returned nil, want a node")
			}
		}
		if s.Err() == nil && (y.Dims() != 3 || y.Dim(0) != x.Dim(0) || y.Dim(1) != x.Dim(1) || y.Dtype() != x.Dtype()) {
			s.Errorf("the function of Between returned shape %v of %v, want (%d, %d, F) of %v", y.Shape(), y.Dtype(), x.Dim(0), x.Dim(1), x.Dtype())
		}
		qs := make([]sequence, c.directions())
		states := make([]*graph.Node, c.directions())
		steps := timeMajorOf(s, y, lengths)
		for d := range qs {
			states[d], qs[d] = c.direction(s, kind, steps, hidden, layer, d, lengths)
			hs = append(hs, endState(s, states[d], qs[d], false))
			if kind == recurrent.LSTM {
				cs = append(cs, endState(s, states[d], qs[d], true))
			}
		}
		if layer == c.layers-1 { // before the output, which a summary shows as the last of a path
			r.Hidden = together(s, 1, hs)
			if kind == recurrent.LSTM {
				r.Cell = together(s, 1, cs)
			}
		}
		outs := make([]*graph.Node, len(qs))
		for d, q := range qs {
			outs[d] = s.Apply(outputs{q}, some(states[d], lengths)...)
		}
		y = together(s, -1, outs)
	}
	r.Output = y
	return r
}

// endState is the state at the end of a layer in one direction, (N, 1, H).
func endState(s *graph.Scope, states *graph.Node, q sequence, cell bool) *graph.Node {
	return s.Apply(reshape{graph.Shape{q.Batch, 1, q.Hidden}}, s.Apply(endOf{q, cell}, states))
}

// together concatenates at the scope of the layer.
func together(s *graph.Scope, axis int, parts []*graph.Node) *graph.Node {
	if len(parts) == 1 {
		return parts[0]
	}
	return s.Apply(concat{axis}, parts...)
}

// direction declares a layer in one direction, on x (T, N, F), and returns the node
// of its states.
func (c *recurrentConfig) direction(s *graph.Scope, kind recurrent.Cell, x *graph.Node, hidden, layer, d int, lengths *graph.Node) (*graph.Node, sequence) {
	q := sequence{Layer: recurrent.Layer{
		Cell: kind, Steps: x.Dim(0), Batch: x.Dim(1), In: x.Dim(2), Hidden: hidden, Reverse: d == 1,
	}}
	suffix := fmt.Sprintf("_l%d", layer)
	if q.Reverse {
		suffix += "_reverse"
	}
	bound := 1 / math.Sqrt(float64(hidden))
	init := graph.Uniform(-bound, bound)
	param := func(name string, shape graph.Shape, given graph.Init) *graph.Node {
		if given == nil {
			given = init
		}
		return s.Param(name+suffix, shape, given)
	}
	rows := q.Gates() * hidden
	in := []*graph.Node{x,
		parametrized(s, "Parametrize", "weight_ih"+suffix, param("weight_ih", graph.Shape{rows, q.In}, c.weight), c.parametrize),
		parametrized(s, "ParametrizeRecurrent", "weight_hh"+suffix, param("weight_hh", graph.Shape{rows, hidden}, c.weight), c.parametrizeState),
	}
	if !c.noBias {
		q.bias = true
		in = append(in, param("bias_ih", graph.Shape{rows}, c.bias), param("bias_hh", graph.Shape{rows}, c.bias))
	}
	q.h0, q.c0 = len(c.states) > 0, len(c.states) > 1
	for _, state := range c.states {
		in = append(in, layerState(s, state, layer*c.directions()+d))
	}
	if lengths != nil {
		q.lengths = true
		in = append(in, lengths)
	}
	if factors := c.factorsOf(s, "recurrent"+suffix, x, hidden); factors != nil {
		q.factors = true
		in = append(in, factors)
	}
	if s.Mode() == graph.Train {
		trace := s.Apply(recurrentTrace{q}, in...)
		return s.Apply(tracedStates{q}, append([]*graph.Node{trace}, in...)...), q
	}
	return s.Apply(recurrentStates{q}, in...), q
}
