package regularize_test

import (
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/regularize"
)

// A nil node is told of where it is given, not where what comes of it is used.
func TestMistakeOfNilNode(t *testing.T) {
	for name, drop := range map[string]graph.Func{
		"Dropout":         func(s *graph.Scope, x *graph.Node) *graph.Node { return regularize.Dropout(s, x, 0.5) },
		"AlphaDropout":    func(s *graph.Scope, x *graph.Node) *graph.Node { return regularize.AlphaDropout(s, x, 0.5) },
		"GaussianDropout": func(s *graph.Scope, x *graph.Node) *graph.Node { return regularize.GaussianDropout(s, x, 0.5) },
		"GaussianNoise":   func(s *graph.Scope, x *graph.Node) *graph.Node { return regularize.GaussianNoise(s, x, 0.5) },
	} {
		for _, opts := range [][]graph.Option{nil, {graph.Float64()}} {
			_, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
				return nodes.Linear(s.In("fc"), drop(s.In("drop"), nil), 2)
			}, graph.Shape{2, 3}, opts...)
			if want := "graph.Build: drop: " + name + ": x is nil, want a node"; err == nil || err.Error() != want {
				t.Errorf("got %v, want %s", err, want)
			}
		}
	}
}
