package graphtest_test

import (
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/graph/graphtest"
)

func TestCheckNil(t *testing.T) {
	row := func(node string, net func(s *graph.Scope, in ...*graph.Node) *graph.Node) graphtest.Case {
		return graphtest.Case{Node: node, In: []graphtest.Input{graphtest.Normal(1, 1)}, Net: net}
	}
	told := func(s *graph.Scope, in ...*graph.Node) *graph.Node {
		return s.Layer("Told", in...).Errorf("x is wrong")
	}
	r := &recorder{}
	graphtest.CheckNil(r, []graphtest.Case{row("Told", told)})
	r.wantNone(t)

	graphtest.CheckNil(r, []graphtest.Case{
		row("Blind", func(s *graph.Scope, _ ...*graph.Node) *graph.Node {
			return s.Param("w", graph.Shape{1}, graph.Ones())
		}),
		row("Vague", func(s *graph.Scope, in ...*graph.Node) *graph.Node {
			return s.Layer("Vague").Errorf("x has shape %v", in[0].Shape())
		}),
		row("Other", told),
		row("Excused", told),
	}, "Excused")
	for _, words := range []string{"Blind builds where input 0 is nil", "Vague: got the error", "Other: where an input is nil no error names it"} {
		r.wantFailure(t, words)
	}
	if len(r.failures) != 5 { // the first two in both element types
		t.Errorf("got failures %q, want 5", r.failures)
	}
}
