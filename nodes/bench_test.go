package nodes_test

import (
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"gorgonia.org/tensor"
)

// Sizes are those of small convolutional networks at a batch of 32. A step is
// forward and backward, to the input too; bytes are those of the input.
func BenchmarkLayers(b *testing.B) {
	image := graph.Shape{32, 32, 28, 28}
	for _, c := range []struct {
		name  string
		shape graph.Shape
		net   graph.Func
	}{
		{"Linear", graph.Shape{32, 1024}, func(s *graph.Scope, x *graph.Node) *graph.Node { return nodes.Linear(s, x, 512) }},
		{"Conv2D", image, func(s *graph.Scope, x *graph.Node) *graph.Node { return nodes.Conv2D(s, x, 32, 3, nodes.Pad(1)) }},
		{"Conv2D_depthwise", image, func(s *graph.Scope, x *graph.Node) *graph.Node {
			return nodes.Conv2D(s, x, 32, 3, nodes.Pad(1), nodes.Groups(32))
		}},
		{"ConvTranspose2D", image, func(s *graph.Scope, x *graph.Node) *graph.Node {
			return nodes.ConvTranspose2D(s, x, 16, 2, nodes.Stride(2))
		}},
		{"MaxPool2D", image, func(_ *graph.Scope, x *graph.Node) *graph.Node { return nodes.MaxPool2D(x, 2) }},
		{"AvgPool2D", image, func(_ *graph.Scope, x *graph.Node) *graph.Node { return nodes.AvgPool2D(x, 2) }},
		{"GlobalAvgPool", image, func(_ *graph.Scope, x *graph.Node) *graph.Node { return nodes.GlobalAvgPool(x) }},
		{"Transpose", image, func(_ *graph.Scope, x *graph.Node) *graph.Node { return nodes.Transpose(x, 0, 2, 3, 1) }},
		{"Concat", image, func(_ *graph.Scope, x *graph.Node) *graph.Node { return nodes.Concat(1, x, x) }},
		{"Add", image, func(_ *graph.Scope, x *graph.Node) *graph.Node { return nodes.Add(x, x) }},
	} {
		m, err := graph.Build(func(s *graph.Scope, _ *graph.Node) *graph.Node {
			return c.net(s, s.In("(in)").Param("0", c.shape, graph.Normal(0, 1)))
		}, graph.Shape{1, 1})
		if err != nil {
			b.Fatal(err)
		}
		x := tensor.New(tensor.WithShape(1, 1), tensor.Of(tensor.Float32))
		dy := tensor.New(tensor.WithShape(1, m.OutputShape().TotalSize()), tensor.Of(tensor.Float32))
		b.Run(c.name+"/forward", func(b *testing.B) {
			b.SetBytes(int64(4 * c.shape.TotalSize()))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := m.Predict(x); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(c.name+"/step", func(b *testing.B) {
			b.SetBytes(int64(4 * c.shape.TotalSize()))
			b.ReportAllocs()
			tr := m.Trainer(dotLoss)
			for b.Loop() {
				if _, err := tr.Step(x, dy); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
