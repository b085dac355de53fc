package regularize_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/graph/graphtest"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/regularize"
	"gorgonia.org/tensor"
)

// An LSTM of one unit over two steps of 1, with input weights of 1 and recurrent ones of
// ½. The mask drops that of the forget gate, which changes the second step alone, as the
// first has a state of 0.
func TestWeightDropAgainstHand(t *testing.T) {
	lstm := func(opts ...nodes.RecurrentOption) graph.Func {
		return func(s *graph.Scope, x *graph.Node) *graph.Node {
			return nodes.LSTM(s.In("lstm"), x, 1, append(opts, nodes.NoBias())...).Output
		}
	}
	step := stepThat("lstm.weight_hh_l0", 0.5, 1, 0, 1, 1)
	for _, c := range []struct {
		name string
		net  graph.Func
		want []float64
	}{
		{"all weights", lstm(), []float64{.369606, .602023}},
		{"weight drop", lstm(nodes.ParametrizeRecurrent(regularize.DropConnect(0.5))), []float64{.369606, .640402}},
	} {
		m := build(t, c.net, graph.Shape{1, 2, 1}, graph.Seed(seed), graph.Float64())
		for _, w := range m.Weights() {
			v := 1.0
			if strings.Contains(w.Name, "hh") {
				v = 0.5
			}
			copy(w.Value.Float64s(), constant(v, 4))
		}
		m.SetStep(step)
		x := tensor.Ones(tensor.Float64, 1, 2, 1)
		r, err := m.Trainer(nodes.MSE()).Step(x, x)
		if err != nil {
			t.Fatalf("%+v", err)
		}
		wantClose(t, c.name, r.Output.Float64s(), c.want, 5e-7)
	}
}

// A word that is dropped is dropped wherever it occurs.
func TestEmbeddingDropoutDropsWords(t *testing.T) {
	words := []float32{0, 1, 2, 1, 0, 2, 2, 0, 1, 1}
	y := sample(t, func(s *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.Embedding(s.In("embedding"), x, 3, 2, nodes.WeightInit(graph.Ones()), nodes.Parametrize(regularize.EmbeddingDropout(0.5)))
	}, graph.Shape{2, 5}, words)
	seen := map[float32][]float32{}
	for i, w := range words {
		v := y[2*i : 2*i+2]
		if first, ok := seen[w]; ok && !slices.Equal(first, v) {
			t.Errorf("word %v is %v and %v, want one of them", w, first, v)
		}
		if seen[w] = v; v[0] != v[1] || v[0] != 0 && v[0] != 2 {
			t.Errorf("word %v is %v, want zeros or twos", w, v)
		}
	}
}

// A language model in little: the decoder reads the matrix of the embedding, which
// drops words of it, and the recurrence drops weights.
func TestGradientsOfALanguageModel(t *testing.T) {
	graphtest.CheckAll(t, []graphtest.Case{{
		Name: "tied", Modes: allModes, In: []graphtest.Input{graphtest.Ints(graph.Shape{2, 3}, 0, 3, 1, 4, 4, 2)},
		Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node {
			w := s.In("encoder").Param("weight", graph.Shape{5, 4}, graph.Uniform(-0.1, 0.1))
			x := nodes.Embedding(s.In("embedding"), in[0], 5, 4, nodes.SharedWeight(w), nodes.Parametrize(regularize.EmbeddingDropout(0.3)))
			x = regularize.LockedDropout(s.In("drop"), x, 0.2)
			x = nodes.LSTM(s.In("lstm"), x, 4, nodes.Layers(2), nodes.ParametrizeRecurrent(regularize.DropConnect(0.5))).Output
			return nodes.Linear(s.In("decoder"), x, 5, nodes.SharedWeight(w))
		},
	}})
}
