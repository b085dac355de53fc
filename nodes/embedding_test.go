package nodes_test

import (
	"strings"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/graph/graphtest"
	"github.com/thinnet/thinnet/nodes"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// embeddingCases have the words inside, for they have no gradient.
var embeddingCases = []graphtest.Case{
	{Node: "Embedding", In: normal(2, 3), Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node {
		words := s.Ints(graph.Shape{2, 4}, []int{1, 0, 4, 1, 2, 3, 1, 4})
		return nodes.Concat(1, nodes.Flatten(nodes.Embedding(s, words, 5, 3)), in[0])
	}},
	{Node: "Embedding", Name: "parametrized", In: normal(2, 3), Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node {
		words := s.Ints(graph.Shape{2, 2}, []int{1, 0, 0, 2})
		y := nodes.Embedding(s, words, 3, 3, nodes.Parametrize(func(_ *graph.Scope, w *graph.Node) *graph.Node { return nodes.Tanh(w) }))
		return nodes.Concat(1, nodes.Flatten(y), in[0])
	}},
}

func embed(t *testing.T, dt graph.Option, shape graph.Shape, words []float64, opts ...nodes.EmbeddingOption) (*tensor.Dense, error) {
	t.Helper()
	m, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.Embedding(s.In("words"), x, 5, 2, append(opts, nodes.WeightInit(graph.Values([]float64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9})))...)
	}, shape, dt)
	if err != nil {
		return nil, err
	}
	return m.Predict(tensor.New(tensor.WithShape(shape...), tensor.WithBacking(words)))
}

// The input of a model is of its element type, so words come as such numbers.
func TestEmbeddingOfAModelsInput(t *testing.T) {
	y, err := embed(t, graph.Float64(), graph.Shape{2, 2}, []float64{4, 0, 2, 2})
	if err != nil {
		t.Fatalf("%+v", err)
	}
	want := []float64{8, 9, 0, 1, 4, 5, 4, 5}
	for i, v := range y.Float64s() {
		if v != want[i] {
			t.Fatalf("got %v of shape %v, want %v", y.Float64s(), y.Shape(), want)
		}
	}
}

func TestEmbeddingMistakes(t *testing.T) {
	for _, c := range []struct {
		words []float64
		opts  []nodes.EmbeddingOption
		want  string
	}{
		{[]float64{0, 5}, nil, "words: Embedding: x at [0 1] is 5, want the number of a word, whole and from 0 to 4"},
		{[]float64{-1, 0}, nil, "x at [0 0] is -1, want"},
		{[]float64{0, 1.5}, nil, "x at [0 1] is 1.5, want"},
		{[]float64{0, 1}, []nodes.EmbeddingOption{nodes.PaddingIndex(5)}, "words: Embedding: PaddingIndex is 5, want one of the 5 words"},
		{[]float64{0, 1}, []nodes.EmbeddingOption{nodes.PaddingIndex(-1)}, "words: Embedding: PaddingIndex is -1, want one of the 5 words"},
	} {
		if _, err := embed(t, graph.Float64(), graph.Shape{1, 2}, c.words, c.opts...); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("words %v: got error %v, want %q", c.words, err, c.want)
		}
	}
	for _, c := range []struct {
		net  graph.Func
		want string
	}{
		{func(s *graph.Scope, x *graph.Node) *graph.Node { return nodes.Embedding(s.In("words"), nil, 5, 2) },
			"words: Embedding: x is nil, want a node"},
		{func(s *graph.Scope, x *graph.Node) *graph.Node { return nodes.Embedding(s, x, 0, 2) },
			"Embedding: words and dim are 0 and 2, want at least 1"},
		{func(s *graph.Scope, x *graph.Node) *graph.Node { return nodes.Embedding(s, x, 1<<24+1, 2) },
			"Embedding: words is 16777217, want at most 2²⁴"},
		{func(s *graph.Scope, x *graph.Node) *graph.Node {
			bools := gorgonia.NewMatrix(x.Gorgonia().Graph(), tensor.Bool, gorgonia.WithName("b"), gorgonia.WithShape(1, 2))
			return nodes.Embedding(s, s.Wrap(bools), 5, 2)
		}, "Embedding: x has element type bool, want whole numbers of type float32, float64, int, int32 or int64"},
		{func(s *graph.Scope, x *graph.Node) *graph.Node {
			return nodes.Embedding(s, x, 5, 2, nodes.WeightInit(nil), nodes.PaddingIndex(1))
		}, "Embedding: weight has no initialiser"},
	} {
		if _, err := graph.Build(c.net, graph.Shape{1, 2}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got error %v, want %q", err, c.want)
		}
	}
}

// The row of the padding starts as 0 and stays so.
func TestPaddingIndexGetsNoGradient(t *testing.T) {
	m, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.Flatten(nodes.Embedding(s, x, 3, 2, nodes.PaddingIndex(1)))
	}, graph.Shape{1, 3}, graph.Float64())
	if err != nil {
		t.Fatalf("%+v", err)
	}
	tr := m.Trainer(dotLoss)
	one := tensor.New(tensor.WithShape(1, 6), tensor.WithBacking([]float64{1, 2, 3, 4, 5, 6}))
	if _, err := tr.Step(tensor.New(tensor.WithShape(1, 3), tensor.WithBacking([]float64{1, 0, 0})), one); err != nil {
		t.Fatalf("%+v", err)
	}
	if w := m.Weights()[0].Value.Float64s(); w[2] != 0 || w[3] != 0 || w[0] == 0 {
		t.Errorf("the table is %v, want zeros in row 1 alone", w)
	}
	got, want := tr.Gradients()[0].Value.Float64s(), []float64{8, 10, 0, 0, 0, 0}
	for i, v := range got {
		if v != want[i] {
			t.Fatalf("the gradient is %v, want %v", got, want)
		}
	}
}
