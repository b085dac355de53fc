package nodes_test

import (
	"strings"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
)

func TestParametrizeMistakes(t *testing.T) {
	for _, c := range []struct {
		f    graph.Func
		want string
	}{
		{nil, "fc.weight: the function of Parametrize is nil"},
		{func(*graph.Scope, *graph.Node) *graph.Node { return nil }, "fc.weight: the function of Parametrize returned nil, want a node"},
		{func(_ *graph.Scope, w *graph.Node) *graph.Node { return nodes.Flatten(nodes.Reshape(w, 1, 6)) },
			"fc.weight: the function of Parametrize returned shape (1, 6) of float32, want those of its input, (2, 3) of float32"},
		{func(s *graph.Scope, _ *graph.Node) *graph.Node { return s.Ints(graph.Shape{2, 3}, make([]int, 6)) },
			"fc.weight: the function of Parametrize returned shape (2, 3) of int, want those of its input, (2, 3) of float32"},
		{func(s *graph.Scope, w *graph.Node) *graph.Node { return s.Errorf("at the weight") }, "fc.weight: at the weight"},
	} {
		_, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
			return nodes.Linear(s.In("fc"), x, 2, nodes.Parametrize(c.f))
		}, graph.Shape{4, 3})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got error %v, want %q", err, c.want)
		}
	}
}
