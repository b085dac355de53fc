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
		{nil, "fc: Linear: the function of Parametrize is nil"},
		{func(*graph.Scope, *graph.Node) *graph.Node { return nil }, "fc: Linear: the function of Parametrize returned nil"},
		{func(_ *graph.Scope, w *graph.Node) *graph.Node { return nodes.Flatten(nodes.Reshape(w, 1, 6)) },
			"fc: Linear: the function of Parametrize returned shape (1, 6) for the weight of shape (2, 3), want the same"},
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
