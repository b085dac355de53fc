package graphtest

import (
	"slices"
	"strings"
	"testing"

	"github.com/thinnet/thinnet/graph"
)

// CheckNil gives the net of every case nil in the place of each of its inputs in turn,
// and reports one that builds, or whose error doesn't say that a node is nil. For each
// [Case].Node one of the errors must name it, unless it is listed in except:
//
//	fc1: Linear: x is nil, want a node
func CheckNil(t testing.TB, cases []Case, except ...string) {
	t.Helper()
	named, last := map[string]bool{}, map[string]string{}
	for _, c := range cases {
		for i := range c.In {
			for _, opts := range [][]graph.Option{nil, {graph.Float64()}} {
				_, err := graph.Build(c.without(i), graph.Shape{1, 1}, opts...)
				switch {
				case err == nil:
					t.Errorf("%v builds where input %d is nil, want an error", c, i)
					continue
				case !strings.Contains(err.Error(), "is nil, want a node"):
					t.Errorf("%v: got the error %q where input %d is nil, want that it is nil", c, err, i)
				}
				named[c.Node] = named[c.Node] || strings.Contains(err.Error(), c.Node+": ")
				last[c.Node] = err.Error()
			}
		}
	}
	for node, err := range last {
		if !named[node] && !slices.Contains(except, node) {
			t.Errorf("%s: where an input is nil no error names it, such as %q", node, err)
		}
	}
}

// without declares the net with input i nil.
func (c Case) without(i int) graph.Func {
	return func(s *graph.Scope, _ *graph.Node) *graph.Node {
		in := make([]*graph.Node, len(c.In))
		for k, input := range c.In {
			if k != i {
				in[k] = input.declare(s.In(inputs), k)
			}
		}
		return c.Net(s, in...)
	}
}
