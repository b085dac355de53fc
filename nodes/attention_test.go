package nodes_test

import (
	"math"
	"strings"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/graph/graphtest"
	"github.com/thinnet/thinnet/nodes"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// attentionCases are rows of the gradient table.
var attentionCases = []graphtest.Case{
	{Node: "ScaledDotProductAttention", In: three(graph.Shape{2, 2, 3, 4}, graph.Shape{2, 2, 5, 4}, graph.Shape{2, 2, 5, 3}), Net: attend()},
	{Node: "ScaledDotProductAttention", Name: "causal, without heads", In: three(graph.Shape{2, 4, 3}, graph.Shape{2, 4, 3}, graph.Shape{2, 4, 2}), Net: attend(nodes.Causal(), nodes.AttentionScale(0.7))},
	{Node: "ScaledDotProductAttention", Name: "lengths and a mask that learns", In: append(three(graph.Shape{3, 2, 3, 2}, graph.Shape{3, 2, 4, 2}, graph.Shape{3, 2, 4, 2}), graphtest.Normal(2, 1, 4)), Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node {
		lengths := s.Ints(graph.Shape{3}, []int{4, 0, 2})
		return nodes.ScaledDotProductAttention(s, in[0], in[1], in[2], nodes.KeyLengths(lengths), nodes.AttentionMask(in[3]))
	}},
	{Node: "ScaledDotProductAttention", Name: "of one", In: normal(2, 3, 3), Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node {
		return nodes.ScaledDotProductAttention(s, in[0], in[0], in[0])
	}},
	{Node: "MultiheadAttention", In: normal(2, 3, 4), Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node {
		return nodes.MultiheadAttention(s, in[0], in[0], in[0], 2)
	}},
	{Node: "MultiheadAttention", Name: "of other sizes, causal, no bias", In: three(graph.Shape{2, 3, 4}, graph.Shape{2, 2, 3}, graph.Shape{2, 2, 5}), Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node {
		return nodes.MultiheadAttention(s, in[0], in[1], in[2], 2, nodes.Causal(), nodes.NoBias())
	}},
	{Node: "TransformerEncoderLayer", In: normal(2, 3, 4), Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node {
		return nodes.TransformerEncoderLayer(s, in[0], 2, 5, nodes.EncoderActivation(nodes.Tanh))
	}},
	{Node: "TransformerEncoderLayer", Name: "norm first, with lengths", In: normal(2, 3, 4), Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node {
		lengths := s.Ints(graph.Shape{2}, []int{3, 1})
		return nodes.TransformerEncoderLayer(s, in[0], 1, 3, nodes.EncoderActivation(nodes.Tanh), nodes.NormFirst(), nodes.KeyLengths(lengths), nodes.DropWith(half))
	}},
	{Node: "SinusoidalPositions", In: normal(2, 3, 5), Net: func(_ *graph.Scope, in ...*graph.Node) *graph.Node {
		return nodes.SinusoidalPositions(in[0])
	}},
	{Node: "LearnedPositions", In: normal(2, 3, 4), Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node {
		return nodes.LearnedPositions(s, in[0], 5)
	}},
}

func three(a, b, c graph.Shape) []graphtest.Input {
	return []graphtest.Input{graphtest.Normal(a...), graphtest.Normal(b...), graphtest.Normal(c...)}
}

func attend(opts ...nodes.ScaledDotProductAttentionOption) func(s *graph.Scope, in ...*graph.Node) *graph.Node {
	return func(s *graph.Scope, in ...*graph.Node) *graph.Node {
		return nodes.ScaledDotProductAttention(s, in[0], in[1], in[2], opts...)
	}
}

// half stands for a dropout.
func half(s *graph.Scope, x *graph.Node) *graph.Node {
	return nodes.Mul(x, s.State("half", graph.Shape{}, graph.Constant(0.5)))
}

// Where no key counts, the output is 0 and so are all gradients that come through it;
// by length, and by a mask of -Inf, the logarithm of 0.
func TestAttentionToNothing(t *testing.T) {
	for name, masked := range map[string]func(s *graph.Scope) nodes.AttentionOption{
		"length": func(s *graph.Scope) nodes.AttentionOption {
			return nodes.KeyLengths(s.State("lengths", graph.Shape{2}, graph.Values([]float64{2, 0})))
		},
		"mask": func(s *graph.Scope) nodes.AttentionOption {
			keep := s.State("keep", graph.Shape{2, 1, 2}, graph.Values([]float64{1, 1, 0, 0}))
			return nodes.AttentionMask(graph.Lift(func(in ...*gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.Log(in[0]) }, keep))
		},
	} {
		m, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
			x = nodes.Mul(x, s.Param("scale", graph.Shape{2, 2, 3}, graph.Ones()))
			return nodes.ScaledDotProductAttention(s, x, x, x, masked(s))
		}, graph.Shape{2, 2, 3})
		if err != nil {
			t.Fatalf("%+v", err)
		}
		tr := m.Trainer(nodes.MSE())
		r, err := tr.Step(ramp(2, 2, 3), ramp(2, 2, 3))
		if err != nil {
			t.Fatalf("%+v", err)
		}
		y, g := r.Output.Float32s(), tr.Gradients()[0].Value.Float32s()
		for i := range y {
			if nothing := i >= 6; nothing != (y[i] == 0) || nothing != (g[i] == 0) || math.IsNaN(float64(g[i])) {
				t.Errorf("%s: element %d is %v with gradient %v, want 0 in the second sample alone", name, i, y[i], g[i])
			}
		}
	}
}

// What a query may not look at has no bearing on it, whatever it is.
func TestCausalAttentionSeesThePastAlone(t *testing.T) {
	m, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.TransformerEncoderLayer(s, x, 2, 8, nodes.Causal())
	}, graph.Shape{1, 5, 4}, graph.Seed(1))
	if err != nil {
		t.Fatalf("%+v", err)
	}
	x := ramp(1, 5, 4)
	before, err := m.Predict(x)
	if err != nil {
		t.Fatal(err)
	}
	want := append([]float32{}, before.Float32s()...)
	for i := 12; i < 20; i++ { // steps 3 and 4
		x.Float32s()[i] = -7
	}
	after, err := m.Predict(x)
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range after.Float32s() {
		if changed := v != want[i]; changed != (i >= 12) {
			t.Errorf("output %d was %v and is %v, want a change from step 3 on", i, want[i], v)
		}
	}
}

// An encoder layer drops in the places of PyTorch's, each at a scope of its own.
func TestWhereTheEncoderLayerDrops(t *testing.T) {
	places := map[string]graph.Shape{}
	_, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.TransformerEncoderLayer(s.In("l"), x, 2, 7, nodes.DropWith(func(s *graph.Scope, x *graph.Node) *graph.Node {
			places[s.Path()] = x.Shape().Clone()
			return x
		}))
	}, graph.Shape{3, 5, 4})
	if err != nil {
		t.Fatalf("%+v", err)
	}
	for path, want := range map[string]graph.Shape{
		"l.self_attn.dropout": {3, 2, 5, 5}, "l.dropout": {3, 5, 7}, "l.dropout1": {3, 5, 4}, "l.dropout2": {3, 5, 4},
	} {
		if got := places[path]; !got.Eq(want) || len(places) != 4 {
			t.Errorf("at %s it drops values of shape %v, want %v; all places: %v", path, got, want, places)
		}
	}
}

func TestMistakesInAttention(t *testing.T) {
	type (
		scope = *graph.Scope
		node  = *graph.Node
	)
	sequence := graph.Shape{2, 3, 4}
	for _, c := range []struct {
		net  graph.Func
		want string
	}{
		{func(s scope, x node) node { return nodes.ScaledDotProductAttention(s.In("a"), x, nodes.Flatten(x), x) },
			"a: ScaledDotProductAttention: q has shape (2, 3, 4), k (2, 12) and v (2, 3, 4), want (N, heads, L, d)"},
		{func(s scope, x node) node {
			return nodes.ScaledDotProductAttention(s.In("a"), x, x, x, nodes.AttentionScale(math.NaN()))
		}, "a: ScaledDotProductAttention: AttentionScale is NaN, want a finite value"},
		{func(s scope, x node) node {
			return nodes.ScaledDotProductAttention(s.In("a"), x, x, x, nodes.AttentionMask(x))
		}, "a: ScaledDotProductAttention: the mask has shape (2, 3, 4), want one that is broadcast to the scores of shape (2, 3, 3)"},
		{func(s scope, x node) node {
			return nodes.ScaledDotProductAttention(s.In("a"), x, x, x, nodes.AttentionMask(s.Ints(graph.Shape{1}, []int{1})))
		}, "a: ScaledDotProductAttention: AttentionMask has element type int, want float32"},
		{func(s scope, x node) node {
			return nodes.ScaledDotProductAttention(s.In("a"), x, x, x, nodes.KeyLengths(s.Ints(graph.Shape{3}, []int{1, 2, 3})))
		}, "a: ScaledDotProductAttention: KeyLengths has shape (3), want (2), one length for each sample"},
		{func(s scope, x node) node {
			return nodes.ScaledDotProductAttention(s.In("a"), x, x, x, nodes.KeyLengths(nil))
		}, "a: ScaledDotProductAttention: KeyLengths is nil, want a node of shape (2), one length for each sample"},
		{func(s scope, x node) node {
			return nodes.ScaledDotProductAttention(s.In("a"), x, x, x, nodes.AttentionMask(nil))
		}, "a: ScaledDotProductAttention: AttentionMask is nil, want a node"},
		{func(s scope, x node) node {
			return nodes.MultiheadAttention(s.In("a"), x, x, x, 2, nodes.DropWith(nil))
		}, "a.dropout: the function of DropWith is nil"},
		{func(s scope, x node) node {
			return nodes.MultiheadAttention(s.In("a"), x, s.Ints(graph.Shape{2, 3, 4}, make([]int, 24)), x, 2)
		}, "a: MultiheadAttention: k has element type int, want float32"},
		{func(s scope, _ node) node {
			x := s.Ints(graph.Shape{2, 3, 4}, make([]int, 24))
			return nodes.ScaledDotProductAttention(s.In("a"), x, x, x)
		}, "a: ScaledDotProductAttention: q has element type int, want float32"},
		{func(s scope, _ node) node {
			return nodes.TransformerEncoderLayer(s.In("l"), s.Ints(graph.Shape{2, 3, 4}, make([]int, 24)), 2, 8, nodes.NormFirst())
		}, "l: TransformerEncoderLayer: x has element type int, want float32"},
		{func(s scope, x node) node {
			return nodes.ScaledDotProductAttention(s.In("a"), x, x, x, nodes.DropWith(func(scope, node) node { return nil }))
		}, "a.dropout: the function of DropWith returned nil, want a node"},
		{func(s scope, x node) node {
			return nodes.MultiheadAttention(s.In("a"), x, x, x, 2, nodes.DropWith(func(_ scope, x node) node { return nodes.Flatten(x) }))
		}, "a.dropout: the function of DropWith returned shape (2, 18) of float32, want those of its input, (2, 2, 3, 3) of float32"},
		{func(s scope, x node) node { return nodes.MultiheadAttention(s.In("a"), x, x, nodes.Flatten(x), 2) },
			"a: MultiheadAttention: q has shape (2, 3, 4), k (2, 3, 4) and v (2, 12), want (N, L, E), (N, S, Ek) and (N, S, Ev)"},
		{func(s scope, x node) node { return nodes.MultiheadAttention(s.In("a"), x, x, x, 3) },
			"a: MultiheadAttention: heads is 3, want a divisor of 4, the last axis of q"},
		{func(s scope, x node) node { return nodes.MultiheadAttention(s.In("a"), x, x, x, 0) },
			"a: MultiheadAttention: heads is 0, want a divisor of 4, the last axis of q"},
		{func(s scope, x node) node { return nodes.MultiheadAttention(s.In("a"), x, x, nil, 2) },
			"a: MultiheadAttention: input 2 is nil, want a node"},
		{func(s scope, x node) node { return nodes.TransformerEncoderLayer(s.In("l"), nodes.Flatten(x), 2, 8) },
			"l: TransformerEncoderLayer: x has shape (2, 12), want (N, T, E)"},
		{func(s scope, x node) node { return nodes.TransformerEncoderLayer(s.In("l"), x, 3, 8) },
			"l.self_attn: MultiheadAttention: heads is 3, want a divisor of 4, the last axis of q"},
		{func(s scope, x node) node { return nodes.TransformerEncoderLayer(s.In("l"), x, 2, 0) },
			"l.linear1: Linear: out is 0, want at least 1"},
		{func(s scope, x node) node {
			return nodes.TransformerEncoderLayer(s.In("l"), x, 2, 8, nodes.EncoderActivation(nil))
		}, "l: TransformerEncoderLayer: the function of EncoderActivation is nil"},
		{func(s scope, x node) node {
			return nodes.TransformerEncoderLayer(s.In("l"), x, 2, 8, nodes.EncoderActivation(func(node) node { return nil }))
		}, "l: TransformerEncoderLayer: the function of EncoderActivation returned nil, want a node"},
		{func(s scope, x node) node {
			return nodes.TransformerEncoderLayer(s.In("l"), x, 2, 8, nodes.EncoderActivation(func(x node) node { return nodes.Flatten(x) }))
		}, "l: TransformerEncoderLayer: the function of EncoderActivation returned shape (2, 24) of float32, want those of its input, (2, 3, 8) of float32"},
		{func(s scope, _ node) node {
			return nodes.SinusoidalPositions(s.Ints(graph.Shape{2, 3, 4}, make([]int, 24)))
		},
			"sinusoidalpositions#1: SinusoidalPositions: x has element type int, want float32"},
		{func(s scope, _ node) node {
			return nodes.LearnedPositions(s.In("p"), s.Ints(graph.Shape{2, 3, 4}, make([]int, 24)), 3)
		},
			"p: LearnedPositions: x has element type int, want float32"},
		{func(_ scope, x node) node { return nodes.SinusoidalPositions(nodes.Flatten(x)) },
			"sinusoidalpositions#1: SinusoidalPositions: x has shape (2, 12), want (N, T, E)"},
		{func(s scope, x node) node { return nodes.LearnedPositions(s.In("p"), nodes.Flatten(x), 5) },
			"p: LearnedPositions: x has shape (2, 12), want (N, T, E)"},
		{func(s scope, x node) node { return nodes.LearnedPositions(s.In("p"), x, 2) },
			"p: LearnedPositions: x has shape (2, 3, 4) and maxLen is 2, want at least its 3 steps"},
	} {
		_, err := graph.Build(c.net, sequence)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want %q in it", err, c.want)
		}
	}
}

// After a mistake all that is declared is inert, and the first mistake is the one reported.
func TestAttentionAndRecurrenceAfterAMistake(t *testing.T) {
	opts := []nodes.AttentionOption{nodes.KeyLengths(nil), nodes.AttentionMask(nil), nodes.DropWith(half)}
	for name, net := range map[string]graph.Func{
		"ScaledDotProductAttention": func(s *graph.Scope, x *graph.Node) *graph.Node {
			return nodes.ScaledDotProductAttention(s, x, x, x, opts[0], opts[1], opts[2])
		},
		"MultiheadAttention": func(s *graph.Scope, x *graph.Node) *graph.Node {
			return nodes.MultiheadAttention(s, x, x, x, 2, opts[0], opts[1], opts[2])
		},
		"TransformerEncoderLayer": func(s *graph.Scope, x *graph.Node) *graph.Node {
			return nodes.TransformerEncoderLayer(s, x, 2, 8, opts[0], opts[1], opts[2])
		},
		"SinusoidalPositions": func(_ *graph.Scope, x *graph.Node) *graph.Node { return nodes.SinusoidalPositions(x) },
		"LearnedPositions":    func(s *graph.Scope, x *graph.Node) *graph.Node { return nodes.LearnedPositions(s, x, 3) },
		"Embedding":           func(s *graph.Scope, x *graph.Node) *graph.Node { return nodes.Embedding(s, x, 3, 2) },
		"SequenceLengths":     func(_ *graph.Scope, x *graph.Node) *graph.Node { return nodes.SequenceLengths(x, 0) },
		"LSTM": func(s *graph.Scope, x *graph.Node) *graph.Node {
			return all(nodes.LSTM(s, x, 4, nodes.Lengths(nil), nodes.InitialState(nil)))
		},
	} {
		for what, after := range map[string]graph.Func{
			"an inert node": func(s *graph.Scope, _ *graph.Node) *graph.Node {
				return net(s.In("second"), s.In("first").Errorf("a mistake"))
			},
			"a node": func(s *graph.Scope, x *graph.Node) *graph.Node {
				s.In("first").Errorf("a mistake")
				return net(s.In("second"), x)
			},
		} {
			if _, err := graph.Build(after, graph.Shape{2, 3, 4}); err == nil || err.Error() != "graph.Build: first: a mistake" {
				t.Errorf("%s of %s: got error %v, want that of the first mistake", name, what, err)
			}
		}
	}
}

// What [nodes.Lengths] refuses, KeyLengths refuses too.
func TestKeyLengthsAreChecked(t *testing.T) {
	for length, want := range map[float64]string{
		-2: "a: MultiheadAttention: KeyLengths: the length of sample 1 is -2, want a whole number from 0 to 3, the keys",
		7:  "the length of sample 1 is 7, want", 1.5: "the length of sample 1 is 1.5, want", math.NaN(): "the length of sample 1 is NaN, want",
	} {
		m, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
			lengths := s.State("lengths", graph.Shape{2}, graph.Zeros())
			return nodes.MultiheadAttention(s.In("a"), x, x, x, 2, nodes.KeyLengths(lengths))
		}, graph.Shape{2, 3, 4})
		if err != nil {
			t.Fatalf("%+v", err)
		}
		m.Weights()[0].Value.Float32s()[1] = float32(length)
		if _, err := m.Predict(ramp(2, 3, 4)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q in it", err, want)
		}
	}
}

// ramp holds the numbers from -1 up by tenths.
func ramp(shape ...int) *tensor.Dense {
	v := make([]float32, graph.Shape(shape).TotalSize())
	for i := range v {
		v[i] = float32(i)/10 - 1
	}
	return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(v))
}
