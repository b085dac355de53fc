package nodes_test

import (
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
)

func TestGoldenRecurrent(t *testing.T) {
	all, err := readGoldens("recurrent.json")
	if err != nil {
		t.Fatal(err)
	}
	runGoldens(t, all, map[string]goldenNet{
		"LSTM": recurrentNet(nodes.LSTM),
		"GRU":  recurrentNet(nodes.GRU),
		"RNN":  recurrentNet(nodes.RNN),
		"Embedding": func(t *testing.T, g golden) (net, []int) {
			var opts []nodes.EmbeddingOption
			if i := arg[*int](t, g, "padding_idx"); i != nil {
				opts = append(opts, nodes.PaddingIndex(*i))
			}
			words, dim := arg[int](t, g, "num_embeddings"), arg[int](t, g, "embedding_dim")
			return func(s *graph.Scope, in ...*graph.Node) *graph.Node {
				return nodes.Embedding(s, in[0], words, dim, opts...)
			}, nil
		},
	})
}

func recurrentNet(layer recurrentLayer) goldenNet {
	return func(t *testing.T, g golden) (net, []int) {
		opts := []nodes.RecurrentOption{nodes.Layers(arg[int](t, g, "num_layers"))}
		if arg[bool](t, g, "bidirectional") {
			opts = append(opts, nodes.Bidirectional())
		}
		if !arg[bool](t, g, "bias") {
			opts = append(opts, nodes.NoBias())
		}
		if arg[string](t, g, "nonlinearity") == "relu" {
			opts = append(opts, nodes.ReLURecurrence())
		}
		hidden, lengths := arg[int](t, g, "hidden_size"), arg[[]int](t, g, "lengths")
		return func(s *graph.Scope, in ...*graph.Node) *graph.Node {
			opts := opts
			if lengths != nil {
				opts = append(opts, nodes.Lengths(s.Ints(graph.Shape{len(lengths)}, lengths)))
			}
			if len(in) > 1 {
				opts = append(opts, nodes.InitialState(in[1:]...))
			}
			r := layer(s, in[0], hidden, opts...)
			parts := []*graph.Node{nodes.Flatten(r.Output), nodes.Flatten(r.Hidden)}
			if r.Cell != nil {
				parts = append(parts, nodes.Flatten(r.Cell))
			}
			return nodes.Concat(1, parts...)
		}, nil
	}
}
