package regularize_test

import (
	"fmt"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/regularize"
)

// The regularisation of an AWD-LSTM: dropped words, locked masks before, between and
// after the layers, and dropped weights of the state.
func ExampleRecurrentDropout() {
	m, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
		x = nodes.Embedding(s.In("words"), x, 100, 16, nodes.Parametrize(regularize.EmbeddingDropout(0.1)))
		x = regularize.LockedDropout(s.In("in"), x, 0.4)
		x = nodes.LSTM(s.In("lstm"), x, 32, nodes.Layers(2),
			nodes.Between(func(s *graph.Scope, x *graph.Node) *graph.Node { return regularize.LockedDropout(s, x, 0.25) }),
			nodes.ParametrizeRecurrent(regularize.DropConnect(0.5)),
			nodes.RecurrentFactors(regularize.RecurrentDropout(0.1)),
		).Output
		return nodes.Linear(s.In("out"), regularize.LockedDropout(s.In("drop"), x, 0.4), 100)
	}, graph.Shape{4, 20})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m.OutputShape())
	// Output: (4, 20, 100)
}
