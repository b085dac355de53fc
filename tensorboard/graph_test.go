package tensorboard_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/eventtest"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/regularize"
	"github.com/thinnet/thinnet/tensorboard"
)

func net(s *graph.Scope, x *graph.Node) *graph.Node {
	block := s.In("block1")
	x = nodes.BatchNorm2D(block.In("bn"), nodes.Conv2D(block.In("conv"), x, 4, 3))
	x = regularize.Dropout(s.In("drop"), nodes.ReLU(x), 0.5)
	return nodes.Linear(s.In("fc"), nodes.Flatten(x), 10)
}

// The graph has each node once, after its inputs, by a name in the scopes of its path.
func TestGraph(t *testing.T) {
	for _, batch := range []int{4, 1} {
		m, err := graph.Build(net, graph.Shape{batch, 1, 8, 8})
		must(t, err)
		dir := t.TempDir()
		w := create(t, dir)
		must(t, w.Graph(m))
		events := eventtest.Read(t, w.Name())
		nodes := map[string]eventtest.Node{}
		for _, n := range events[1].Nodes {
			for _, in := range n.Inputs {
				if _, ok := nodes[in]; !ok {
					t.Errorf("node %s has input %s, which is not before it", n.Name, in)
				}
			}
			if _, twice := nodes[n.Name]; twice || strings.ContainsAny(n.Name, "#: ^") {
				t.Errorf("a node is called %q", n.Name)
			}
			nodes[n.Name] = n
		}
		conv := nodes["block1/conv/Conv"]
		if conv.Op != "Conv" || conv.Layer != "Conv2D(kernel=3x3)" || !slices.Equal(conv.Shape, []int{batch, 4, 6, 6}) || !slices.Equal(conv.Inputs[:2], []string{"input", "block1/conv/weight"}) {
			t.Errorf("the convolution is %+v, in %+v", conv, events[1].Nodes)
		}
		if w := nodes["block1/bn/running_mean"]; w.Op != "State" || !slices.Equal(w.Shape, []int{4}) {
			t.Errorf("the running mean is %+v", w)
		}
		if d := nodes["drop/Dropout"]; d.Layer != "Dropout(p=0.5)" {
			t.Errorf("the dropout is %+v", d)
		}
	}
}

// A model that cannot be trained is shown as it predicts.
func TestGraphOfOneSample(t *testing.T) {
	m, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.BatchNorm1D(s.In("bn"), x)
	}, graph.Shape{1, 3})
	must(t, err)
	w, err := tensorboard.New(t.TempDir())
	must(t, err)
	defer w.Close()
	must(t, w.Graph(m))
	if n := len(eventtest.Read(t, w.Name())[1].Nodes); n < 3 {
		t.Errorf("read %d nodes", n)
	}
}
