package nodes_test

import (
	"fmt"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"gorgonia.org/tensor"
)

func ExampleLSTM() {
	m, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
		r := nodes.LSTM(s.In("lstm"), x, 16, nodes.Layers(2), nodes.Bidirectional())
		return nodes.Linear(s.In("fc"), r.Last(), 10)
	}, graph.Shape{8, 20, 4})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, w := range m.Weights()[8:12] {
		fmt.Println(w.Name, w.Value.Shape())
	}
	fmt.Println(m.OutputShape())
	// Output:
	// lstm.weight_ih_l1 (64, 32)
	// lstm.weight_hh_l1 (64, 16)
	// lstm.bias_ih_l1 (64)
	// lstm.bias_hh_l1 (64)
	// (8, 10)
}

// Sequences of different lengths, padded with 0: what is beyond a length plays no part.
func ExampleGRU() {
	m, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
		lengths := nodes.SequenceLengths(x, 0)
		return nodes.GRU(s.In("gru"), x, 2, nodes.Lengths(lengths), nodes.WeightInit(graph.Ones()), nodes.NoBias()).Output
	}, graph.Shape{2, 3, 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	y, err := m.Predict(tensor.New(tensor.WithShape(2, 3, 1), tensor.WithBacking([]float32{1, 2, 3, 1, 0, 0})))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.3f\n", y.Float32s())
	// Output: [0.205 0.205 0.269 0.269 0.290 0.290 0.205 0.205 0.000 0.000 0.000 0.000]
}

func ExampleRNN() {
	m, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.RNN(s.In("rnn"), x, 1, nodes.WeightInit(graph.Constant(0.5)), nodes.NoBias(), nodes.ReLURecurrence()).Output
	}, graph.Shape{1, 4, 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	y, err := m.Predict(tensor.New(tensor.WithShape(1, 4, 1), tensor.WithBacking([]float32{8, 0, 0, 0})))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(y.Float32s())
	// Output: [4 2 1 0.5]
}

// The words of a sentence come as numbers of the model's element type; 0 is no word.
func ExampleEmbedding() {
	m, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.Embedding(s.In("words"), x, 3, 2, nodes.PaddingIndex(0), nodes.WeightInit(graph.Values([]float64{9, 9, 1, 2, 3, 4})))
	}, graph.Shape{1, 3})
	if err != nil {
		fmt.Println(err)
		return
	}
	y, err := m.Predict(tensor.New(tensor.WithShape(1, 3), tensor.WithBacking([]float32{2, 1, 0})))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(y.Shape(), y.Float32s())
	// Output: (1, 3, 2) [3 4 1 2 0 0]
}

func ExampleSequenceLengths() {
	m, err := graph.Build(func(_ *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.SequenceLengths(x, 0)
	}, graph.Shape{2, 4})
	if err != nil {
		fmt.Println(err)
		return
	}
	y, err := m.Predict(tensor.New(tensor.WithShape(2, 4), tensor.WithBacking([]float32{5, 0, 7, 0, 3, 0, 0, 0})))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(y.Float32s())
	// Output: [3 1]
}
