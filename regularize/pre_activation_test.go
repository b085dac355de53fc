package regularize_test

import (
	"fmt"
	"log"
	"slices"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/graph/graphtest"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/regularize"
	"gorgonia.org/tensor"
)

func dropChannels(s *graph.Scope, x *graph.Node) *graph.Node {
	return regularize.SpatialDropout2D(s, x, 0.5)
}

func preActivationGradients() []graphtest.Case {
	block := func(drop graph.Func) graph.Func {
		return func(s *graph.Scope, x *graph.Node) *graph.Node {
			return regularize.PreActivationConv2D(s, x, 3, 2, drop, nodes.Pad(1))
		}
	}
	return []graphtest.Case{
		gradientOf("PreActivationConv2D", "", block(dropChannels), graphtest.Normal(3, 4, 3, 3)),
		gradientOf("PreActivationConv2D", "without dropout", block(nil), graphtest.Normal(3, 2, 3, 3)),
	}
}

// A block of a residual network that drops channels before each convolution.
func ExamplePreActivationConv2D() {
	m, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.Residual(s, x, func(s *graph.Scope, x *graph.Node) *graph.Node {
			x = regularize.PreActivationConv2D(s.In("1"), x, 16, 3, dropChannels, nodes.Pad(1), nodes.NoBias())
			return regularize.PreActivationConv2D(s.In("2"), x, 16, 3, dropChannels, nodes.Pad(1), nodes.NoBias())
		})
	}, graph.Shape{8, 16, 32, 32})
	if err != nil {
		log.Fatal(err)
	}
	for _, w := range m.Weights() {
		if w.Trainable {
			fmt.Println(w.Name, w.Value.Shape())
		}
	}
	// Output:
	// 1.bn.weight (16)
	// 1.bn.bias (16)
	// 1.conv.weight (16, 16, 3, 3)
	// 2.bn.weight (16)
	// 2.bn.bias (16)
	// 2.conv.weight (16, 16, 3, 3)
}

// Worked by hand: of maps of 3 and 5 the first is kept, twice as large, and a
// convolution of 1 by 1 adds them up to 6.
func TestDropBeforeConvolutionAgainstHand(t *testing.T) {
	f := func(s *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.Conv2D(s.In("conv"), dropChannels(s.In("drop"), x), 1, 1, nodes.NoBias(), nodes.WeightInit(graph.Ones()))
	}
	m := build(t, f, graph.Shape{1, 2, 1, 1}, graph.Seed(seed))
	x := tensor.New(tensor.WithShape(1, 2, 1, 1), tensor.WithBacking([]float32{3, 5}))
	seen := map[float32]bool{}
	for draw := range uint64(40) {
		y, err := m.Sample(x, draw)
		if err != nil {
			t.Fatalf("%+v", err)
		}
		seen[y.Float32s()[0]] = true
	}
	for _, want := range []float32{0, 6, 10, 16} {
		if !seen[want] {
			t.Errorf("40 draws give %v, want %v among them", seen, want)
		}
	}
	if len(seen) != 4 {
		t.Errorf("got %v, want 0, 6, 10 and 16", seen)
	}
}

func TestPreActivationConvInEvalIsTheBlockWithoutDrop(t *testing.T) {
	predict := func(drop graph.Func) []float32 {
		m := build(t, func(s *graph.Scope, x *graph.Node) *graph.Node {
			return regularize.PreActivationConv2D(s.In("block"), x, 4, 3, drop)
		}, graph.Shape{2, 3, 6, 6}, graph.Seed(seed))
		x := tensor.New(tensor.WithShape(2, 3, 6, 6), tensor.Of(tensor.Float32))
		for i := range x.Float32s() {
			x.Float32s()[i] = float32(i%13) - 6
		}
		y, err := m.Predict(x)
		if err != nil {
			t.Fatalf("%+v", err)
		}
		return slices.Clone(y.Float32s())
	}
	if !slices.Equal(predict(dropChannels), predict(nil)) {
		t.Error("in evaluation a block with dropout is not the block without, bit for bit")
	}
}
