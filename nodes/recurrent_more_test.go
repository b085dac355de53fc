package nodes_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel/kerneltest"
	"github.com/thinnet/thinnet/nodes"
	"gorgonia.org/tensor"
)

// runOf builds a net, takes a training step on random numbers and returns its output
// and all gradients; the cotangent is 1 everywhere.
func runOf(t *testing.T, net graph.Func, x *tensor.Dense, opts ...graph.Option) (*graph.Model, []float64) {
	t.Helper()
	m, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.Reshape(net(s, x), 0, -1)
	}, x.Shape(), append(opts, graph.Seed(3))...)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	tr := m.Trainer(func(y, dy *graph.Node) *graph.Node { return dotLoss(nodes.Reshape(y, 1, -1), nodes.Reshape(dy, 1, -1)) })
	dy := tensor.New(tensor.WithShape(m.OutputShape()...), tensor.Of(tensor.Float64))
	for i := range dy.Float64s() {
		dy.Float64s()[i] = float64(i%5) - 1.5
	}
	r, err := tr.Step(x, dy)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	out := numbersOf(r.Output)
	for _, g := range tr.Gradients() {
		out = append(out, numbersOf(g.Value)...)
	}
	return m, out
}

func numbersOf(d *tensor.Dense) []float64 {
	out := make([]float64, d.Shape().TotalSize())
	for i := range out {
		out[i] = at(d, i)
	}
	return out
}

func randomInput(r *rand.Rand, shape ...int) *tensor.Dense {
	x := tensor.New(tensor.WithShape(shape...), tensor.Of(tensor.Float64))
	for i := range x.Float64s() {
		x.Float64s()[i] = float64(float32(r.NormFloat64()))
	}
	return x
}

// One unit with weights of 1, 1/2 and no bias, by hand; and with a recurrent weight of
// which the part of the forget gate is dropped and the others are doubled.
func TestLSTMWorkedNumbers(t *testing.T) {
	for _, c := range []struct {
		name string
		drop []float64
		h, c [2]float64
	}{
		{"plain", []float64{1, 1, 1, 1}, [2]float64{.369606, .602023}, [2]float64{.556770, 1.061206}},
		{"weight drop", []float64{2, 0, 2, 2}, [2]float64{.369606, .640402}, [2]float64{.556770, 1.107556}},
	} {
		for steps := 1; steps <= 2; steps++ {
			m, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
				k := s.State("k", graph.Shape{4, 1}, graph.Values(c.drop))
				r := nodes.LSTM(s, x, 1, nodes.NoBias(), nodes.WeightInit(graph.Values([]float64{1, 1, 1, 1})),
					nodes.ParametrizeRecurrent(func(_ *graph.Scope, w *graph.Node) *graph.Node { return nodes.Mul(w, k) }))
				return nodes.Concat(1, r.Last(), nodes.Flatten(r.Cell))
			}, graph.Shape{1, steps, 1}, graph.Float64())
			if err != nil {
				t.Fatalf("%+v", err)
			}
			for _, w := range m.Weights() {
				if w.Name == "weight_hh_l0" {
					copy(w.Value.Float64s(), []float64{.5, .5, .5, .5})
				}
			}
			y, err := m.Predict(tensor.New(tensor.WithShape(1, steps, 1), tensor.WithBacking(slices.Repeat([]float64{1}, steps))))
			if err != nil {
				t.Fatalf("%+v", err)
			}
			got, want := y.Float64s(), []float64{c.h[steps-1], c.c[steps-1]}
			if math.Abs(got[0]-want[0]) > 1e-6 || math.Abs(got[1]-want[1]) > 1e-6 {
				t.Errorf("%s, after step %d: h and c are %v, want %v", c.name, steps, got, want)
			}
		}
	}
}

// What lies beyond the length of a sample may be NaN: neither outputs nor gradients
// see it, and what a sample gives is what it gives alone.
func TestLengthsOfPaddedSequences(t *testing.T) {
	const steps, features = 6, 3
	lengths := []int{4, 6, 0, 1}
	r := rand.New(rand.NewPCG(1, 2))
	x := randomInput(r, len(lengths), steps, features)
	for n, length := range lengths {
		for i := length * features; i < steps*features; i++ {
			x.Float64s()[n*steps*features+i] = math.NaN()
		}
	}
	for _, l := range recurrentLayers {
		net := func(s *graph.Scope, x *graph.Node) *graph.Node {
			opts := append([]nodes.RecurrentOption{nodes.Layers(2), nodes.Bidirectional(), nodes.Lengths(nodes.SequenceLengths(x, math.NaN()))}, l.opts...)
			r := l.layer(s, x, 5, opts...)
			return nodes.Concat(1, nodes.Flatten(r.Output), nodes.Flatten(r.Hidden))
		}
		m, got := runOf(t, net, x, graph.Float64())
		for i, v := range got {
			if math.IsNaN(v) {
				t.Fatalf("%s: number %d of outputs and gradients is NaN", l.name, i)
			}
		}
		wide := steps*10 + 4*5
		for n, length := range lengths {
			y := got[n*wide:][:wide]
			for i := length * 10; i < steps*10; i++ {
				if y[i] != 0 {
					t.Fatalf("%s: the output of sample %d at step %d is %v, beyond its length of %d", l.name, n, i/10, y[i], length)
				}
			}
			if length == 0 {
				continue
			}
			alone, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
				r := l.layer(s, x, 5, append([]nodes.RecurrentOption{nodes.Layers(2), nodes.Bidirectional()}, l.opts...)...)
				return nodes.Concat(1, nodes.Flatten(r.Output), nodes.Flatten(r.Hidden))
			}, graph.Shape{1, length, features}, graph.Float64())
			if err != nil {
				t.Fatalf("%+v", err)
			}
			for i, w := range alone.Weights() {
				copy(w.Value.Float64s(), m.Weights()[i].Value.Float64s())
			}
			own := x.Float64s()[n*steps*features:][:length*features]
			want, err := alone.Predict(tensor.New(tensor.WithShape(1, length, features), tensor.WithBacking(slices.Clone(own))))
			if err != nil {
				t.Fatalf("%+v", err)
			}
			w := want.Float64s()
			for i, v := range w {
				k := i
				if i >= length*10 { // the states come after all steps
					k += (steps - length) * 10
				}
				if math.Abs(y[k]-v) > 1e-12 {
					t.Fatalf("%s: number %d of sample %d is %v, want %v as without padding", l.name, i, n, y[k], v)
				}
			}
		}
	}
}

func TestSequenceLengths(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		pad   float64
		shape graph.Shape
		x     []float64
		want  []float64
	}{
		{0, graph.Shape{3, 4}, []float64{1, 2, 0, 0, 0, 0, 0, 0, 0, 1, 0, 2}, []float64{2, 0, 4}},
		{nan, graph.Shape{2, 3, 2}, []float64{1, nan, nan, nan, nan, nan, nan, nan, nan, 5, nan, nan}, []float64{1, 2}},
		{-1, graph.Shape{2, 2, 2}, []float64{-1, -1, -1, nan, -1, 3, -1, -1}, []float64{2, 1}},
	} {
		m, err := graph.Build(func(_ *graph.Scope, x *graph.Node) *graph.Node { return nodes.SequenceLengths(x, c.pad) }, c.shape)
		if err != nil {
			t.Fatalf("%+v", err)
		}
		y, err := m.Predict(tensor.New(tensor.WithShape(c.shape...), tensor.WithBacking(c.x)))
		if err != nil {
			t.Fatalf("%+v", err)
		}
		if got := numbersOf(y); !slices.Equal(got, c.want) {
			t.Errorf("pad %v: got %v, want %v", c.pad, got, c.want)
		}
	}
}

// In float32 and in float64 a layer computes the same, at every level of instructions
// and with any number of threads the same bits.
func TestRecurrentSizes(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	sizes := [][4]int{{1, 1, 1, 1}, {7, 5, 33, 65}, {3, 2, 70, 130}, {33, 3, 5, 64}} // N, T, F, H
	for range 6 {
		sizes = append(sizes, [4]int{1 + r.IntN(20), 1 + r.IntN(6), 1 + r.IntN(40), 1 + r.IntN(100)})
	}
	for i, z := range sizes {
		l := recurrentLayers[i%len(recurrentLayers)]
		x := randomInput(r, z[0], z[1], z[2])
		lengths := make([]int, z[0])
		for n := range lengths {
			lengths[n] = r.IntN(z[1] + 1)
		}
		net := func(s *graph.Scope, x *graph.Node) *graph.Node {
			opts := slices.Clone(l.opts)
			if i%2 == 1 {
				opts = append(opts, nodes.Bidirectional(), nodes.Lengths(s.Ints(graph.Shape{z[0]}, lengths)))
			}
			return nodes.Flatten(l.layer(s, x, z[3], opts...).Output)
		}
		_, want := runOf(t, net, x, graph.Float64())
		kerneltest.EachLevel(t, func(t *testing.T) {
			var first []float64
			kerneltest.EachThreads(t, func(t *testing.T) {
				m, got := runOf(t, net, x)
				if first == nil {
					first = got
				}
				largest := 1.0
				for _, v := range want {
					largest = max(largest, math.Abs(v))
				}
				for k, v := range want {
					if math.Abs(got[k]-v) > 2e-5*largest {
						t.Fatalf("%s %v: number %d is %v in float32 and %v in float64", l.name, z, k, got[k], v)
					}
					if math.Float64bits(got[k]) != math.Float64bits(first[k]) {
						t.Fatalf("%s %v: number %d is %v, and %v on one thread", l.name, z, k, got[k], first[k])
					}
				}
				y, err := m.Predict(x)
				if err != nil {
					t.Fatalf("%+v", err)
				}
				for k, v := range numbersOf(y) {
					if v != got[k] {
						t.Fatalf("%s %v: number %d is %v in a prediction and %v in training", l.name, z, k, v, got[k])
					}
				}
			})
		})
	}
}

func TestRecurrentMistakes(t *testing.T) {
	type (
		scope = *graph.Scope
		node  = *graph.Node
	)
	lstm := func(opts ...nodes.RecurrentOption) graph.Func {
		return func(s scope, x node) node { return nodes.LSTM(s.In("lstm"), x, 4, opts...).Output }
	}
	with := func(f func(s scope, x node) nodes.RecurrentOption) graph.Func {
		return func(s scope, x node) node { return nodes.LSTM(s.In("lstm"), x, 4, f(s, x)).Output }
	}
	keep := func(_ scope, x node) node { return x }
	none := func(scope, node) node { return nil }
	for _, c := range []struct {
		shape graph.Shape
		net   graph.Func
		want  string
	}{
		{graph.Shape{2, 3}, lstm(), "lstm: LSTM: x has shape (2, 3), want (N, T, F)"},
		{nil, func(s scope, x node) node { return nodes.GRU(s.In("gru"), x, 0).Last() }, "gru: GRU: hidden is 0, want at least 1"},
		{nil, func(s scope, x node) node { return nodes.RNN(s.In("rnn"), x, -1).Hidden }, "rnn: RNN: hidden is -1, want at least 1"},
		{nil, lstm(nodes.Layers(0)), "lstm: LSTM: Layers is 0, want at least 1"},
		{nil, lstm(nodes.ReLURecurrence()), "lstm: LSTM: ReLURecurrence is given, which is for RNN alone"},
		{nil, lstm(nodes.Between(keep)), "lstm: LSTM: Between is given for one layer, which has nothing between; want Layers of 2 or more"},
		{nil, lstm(nodes.Layers(2), nodes.Between(nil)), "lstm: LSTM: the function of Between is nil"},
		{nil, lstm(nodes.Layers(2), nodes.Between(none)), "lstm: LSTM: the function of Between returned nil, want a node"},
		{nil, lstm(nodes.Layers(2), nodes.Between(func(_ scope, x node) node { return nodes.Flatten(x) })),
			"lstm: LSTM: the function of Between returned shape (2, 12) of float32, want (2, 3, F) of float32"},
		{nil, lstm(nodes.Layers(2), nodes.Between(func(s scope, _ node) node { return s.Ints(graph.Shape{2, 3, 4}, make([]int, 24)) })),
			"lstm: LSTM: the function of Between returned shape (2, 3, 4) of int, want (2, 3, F) of float32"},
		{nil, lstm(nodes.RecurrentFactors(nil)), "lstm: LSTM: the function of RecurrentFactors is nil"},
		{nil, lstm(nodes.RecurrentFactors(none)), "lstm.recurrent_l0: the function of RecurrentFactors returned nil, want a node"},
		{nil, lstm(nodes.RecurrentFactors(func(_ scope, x node) node { return nodes.Reshape(x, 4, 2) })),
			"lstm.recurrent_l0: the function of RecurrentFactors returned shape (4, 2) of float32, want those of its input, (2, 4) of float32"},
		{nil, lstm(nodes.RecurrentFactors(func(s scope, _ node) node { return s.Ints(graph.Shape{2, 4}, make([]int, 8)) })),
			"lstm.recurrent_l0: the function of RecurrentFactors returned shape (2, 4) of int, want"},
		{nil, lstm(nodes.Parametrize(none)), "lstm.weight_ih_l0: the function of Parametrize returned nil, want a node"},
		{nil, lstm(nodes.ParametrizeRecurrent(nil)), "lstm.weight_hh_l0: the function of ParametrizeRecurrent is nil"},
		{nil, lstm(nodes.ParametrizeRecurrent(none)), "lstm.weight_hh_l0: the function of ParametrizeRecurrent returned nil, want a node"},
		{nil, lstm(nodes.Lengths(nil)), "lstm: LSTM: Lengths is nil, want a node of shape (2), one length for each sample"},
		{nil, with(func(s scope, x node) nodes.RecurrentOption { return nodes.Lengths(x) }),
			"lstm: LSTM: Lengths has shape (2, 3, 4), want (2), one length for each sample"},
		{nil, lstm(nodes.InitialState()), "lstm: LSTM: InitialState has 0 states, want 2: h and c"},
		{nil, with(func(s scope, x node) nodes.RecurrentOption { return nodes.InitialState(x) }),
			"lstm: LSTM: InitialState has 1 states, want 2: h and c"},
		{nil, with(func(s scope, x node) nodes.RecurrentOption { return nodes.InitialState(x, x, x) }),
			"lstm: LSTM: InitialState has 3 states, want 2: h and c"},
		{nil, with(func(s scope, x node) nodes.RecurrentOption {
			return nodes.InitialState(s.State("h", graph.Shape{2, 1, 4}, graph.Zeros()), nil)
		}), "lstm: LSTM: c of InitialState is nil, want a node of shape (2, 1, 4)"},
		{nil, func(s scope, x node) node { return nodes.GRU(s.In("gru"), x, 4, nodes.InitialState(x, x)).Last() },
			"gru: GRU: InitialState has 2 states, want 1: h"},
		{nil, func(s scope, x node) node { return nodes.LSTM(s.In("lstm"), x, 1<<62).Output },
			"lstm: LSTM: hidden is 4611686018427387904, want at least 1 and at most 2⁴⁰"},
		{nil, func(s scope, x node) node { return nodes.LSTM(s.In("lstm"), x, 1<<40).Output },
			"lstm: LSTM: lstm.weight_ih_l0: the shape is (4398046511104, 4), want at most 2⁴⁰ elements"},
		{nil, func(s scope, _ node) node {
			return nodes.RNN(s.In("rnn"), s.Ints(graph.Shape{2, 3, 4}, make([]int, 24)), 4).Output
		},
			"rnn: RNN: x has element type int, want float32"},
		{nil, func(s scope, _ node) node { return nodes.SequenceLengths(s.Ints(graph.Shape{2, 3}, make([]int, 6)), 0) },
			"sequencelengths#1: SequenceLengths: x has element type int, want float32"},
		{nil, with(func(s scope, x node) nodes.RecurrentOption { return nodes.InitialState(x, x) }),
			"lstm: LSTM: InitialState has h of shape (2, 3, 4) of float32, want (2, 1, 4) of float32"},
		{nil, func(s scope, x node) node {
			nodes.LSTM(s.In("lstm"), x, 4)
			return nodes.LSTM(s.In("lstm"), x, 4).Output
		}, "lstm.weight_ih_l0"},
	} {
		if c.shape == nil {
			c.shape = graph.Shape{2, 3, 4}
		}
		if _, err := graph.Build(c.net, c.shape); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got error %v, want %q", err, c.want)
		}
	}
	for _, c := range []struct {
		lengths []int
		want    string
	}{
		{[]int{1, 4}, "lstm: LSTM: Lengths: the length of sample 1 is 4, want a whole number from 0 to 3, the steps of x"},
		{[]int{-1, 2}, "the length of sample 0 is -1, want"},
	} {
		m, err := graph.Build(with(func(s scope, x node) nodes.RecurrentOption {
			return nodes.Lengths(s.Ints(graph.Shape{2}, c.lengths))
		}), graph.Shape{2, 3, 4})
		if err != nil {
			t.Fatalf("%+v", err)
		}
		if _, err := m.Predict(tensor.New(tensor.WithShape(2, 3, 4), tensor.Of(tensor.Float32))); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("lengths %v: got error %v, want %q", c.lengths, err, c.want)
		}
	}
}

// A state_dict of PyTorch has these names and shapes.
func TestRecurrentNamesAreThoseOfPyTorch(t *testing.T) {
	m, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.GRU(s.In("gru"), x, 4, nodes.Layers(2), nodes.Bidirectional()).Output
	}, graph.Shape{2, 3, 5})
	if err != nil {
		t.Fatalf("%+v", err)
	}
	var got []string
	for _, w := range m.Weights() {
		got = append(got, fmt.Sprint(w.Name, w.Value.Shape()))
	}
	want := []string{
		"gru.weight_ih_l0(12, 5)", "gru.weight_hh_l0(12, 4)", "gru.bias_ih_l0(12)", "gru.bias_hh_l0(12)",
		"gru.weight_ih_l0_reverse(12, 5)", "gru.weight_hh_l0_reverse(12, 4)", "gru.bias_ih_l0_reverse(12)", "gru.bias_hh_l0_reverse(12)",
		"gru.weight_ih_l1(12, 8)", "gru.weight_hh_l1(12, 4)", "gru.bias_ih_l1(12)", "gru.bias_hh_l1(12)",
		"gru.weight_ih_l1_reverse(12, 8)", "gru.weight_hh_l1_reverse(12, 4)", "gru.bias_ih_l1_reverse(12)", "gru.bias_hh_l1_reverse(12)",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
