package nodes_test

import (
	"strings"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/graph/graphtest"
	"github.com/thinnet/thinnet/nodes"
)

type recurrentLayer func(s *graph.Scope, x *graph.Node, hidden int, opts ...nodes.RecurrentOption) nodes.Recurrence

var recurrentLayers = []struct {
	name  string
	layer recurrentLayer
	lstm  bool
	opts  []nodes.RecurrentOption
}{
	{"LSTM", nodes.LSTM, true, nil},
	{"GRU", nodes.GRU, false, nil},
	{"RNN", nodes.RNN, false, nil},
	{"RNN with ReLU", nodes.RNN, false, []nodes.RecurrentOption{nodes.ReLURecurrence()}},
}

// all is every result of a recurrent layer in one node.
func all(r nodes.Recurrence) *graph.Node {
	parts := []*graph.Node{nodes.Flatten(r.Output), nodes.Flatten(r.Hidden)}
	if r.Cell != nil {
		parts = append(parts, nodes.Flatten(r.Cell))
	}
	return nodes.Concat(1, append(parts, r.Last())...)
}

func recurrentCases() []graphtest.Case {
	var cases []graphtest.Case
	for _, l := range recurrentLayers {
		node, with, _ := strings.Cut(l.name, " ")
		add := func(name string, in []graphtest.Input, net func(s *graph.Scope, in []*graph.Node, opts ...nodes.RecurrentOption) nodes.Recurrence, opts ...nodes.RecurrentOption) {
			cases = append(cases, graphtest.Case{Node: node, Name: strings.TrimSpace(with + " " + name), Modes: everyMode, In: in, Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node {
				return all(net(s, in, append(opts, l.opts...)...))
			}})
		}
		plain := func(s *graph.Scope, in []*graph.Node, opts ...nodes.RecurrentOption) nodes.Recurrence {
			return l.layer(s, in[0], 4, opts...)
		}
		short := func(s *graph.Scope, in []*graph.Node, opts ...nodes.RecurrentOption) nodes.Recurrence {
			return l.layer(s, in[0], 4, append(opts, nodes.Lengths(s.Ints(graph.Shape{4}, []int{2, 5, 0, 3})))...)
		}
		started := func(s *graph.Scope, in []*graph.Node, opts ...nodes.RecurrentOption) nodes.Recurrence {
			return l.layer(s, in[0], 4, append(opts, nodes.InitialState(in[1:]...))...)
		}
		add("", normal(2, 3, 5), plain)
		add("no bias", normal(4, 5, 5), plain, nodes.NoBias())
		add("two layers, both directions", normal(2, 3, 2), plain, nodes.Layers(2), nodes.Bidirectional())
		add("lengths", normal(4, 5, 3), short, nodes.Bidirectional())
		withStates := append(normal(3, 4, 3), normal(3, 2, 4)...)
		if l.lstm {
			withStates = append(withStates, normal(3, 2, 4)...)
		}
		add("initial state", withStates, started, nodes.Layers(2))
		add("initial state, reverse", withStates, started, nodes.Bidirectional())
		add("factors", normal(4, 5, 3), short, nodes.Bidirectional(), nodes.RecurrentFactors(func(_ *graph.Scope, ones *graph.Node) *graph.Node {
			return nodes.Sigmoid(nodes.Mul(ones, ones))
		}))
	}
	return cases
}
