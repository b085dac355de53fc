package regularize_test

import (
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/regularize"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Steps of a layer 800 to 800 on a batch of 100: without dropout, with dropout of its
// output, and of its weights by one mask and by one for each sample.
func BenchmarkStepOf800Units(b *testing.B) {
	shape := graph.Shape{100, 800}
	x := tensor.New(tensor.WithShape(shape...), tensor.WithBacking(tensor.Random(tensor.Float32, shape.TotalSize())))
	y := tensor.New(tensor.WithShape(shape...), tensor.Of(tensor.Float32))
	for _, c := range []struct {
		name string
		net  graph.Func
	}{
		{"plain", func(s *graph.Scope, x *graph.Node) *graph.Node { return nodes.Linear(s.In("fc"), x, 800) }},
		{"Dropout", func(s *graph.Scope, x *graph.Node) *graph.Node {
			return regularize.Dropout(s.In("drop"), nodes.Linear(s.In("fc"), x, 800), 0.5)
		}},
		{"DropConnect", func(s *graph.Scope, x *graph.Node) *graph.Node {
			return nodes.Linear(s.In("fc"), x, 800, nodes.Parametrize(regularize.DropConnect(0.5)))
		}},
		{"DropConnectLinear", dropConnectLinear(800, 0.5)},
	} {
		b.Run(c.name, func(b *testing.B) {
			// A parameter before the layer, so that it has to give the gradient of x too.
			m := build(b, func(s *graph.Scope, x *graph.Node) *graph.Node {
				return c.net(s, nodes.Mul(x, s.Param("scale", graph.Shape{800}, graph.Ones())))
			}, shape)
			tr, solver := m.Trainer(nodes.MSE()), gorgonia.NewVanillaSolver(gorgonia.WithLearnRate(1e-6))
			for b.Loop() {
				if _, err := tr.Step(x, y); err != nil {
					b.Fatal(err)
				}
				if err := tr.Update(solver); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// A training step of convolutions that drop their weights, and of a plain one. Of what
// other processes take, -test.cpu 1 and the processor time show least.
func BenchmarkStepOfConv16To16(b *testing.B) {
	shape := graph.Shape{8, 16, 16, 16}
	x := tensor.New(tensor.WithShape(shape...), tensor.WithBacking(tensor.Random(tensor.Float32, shape.TotalSize())))
	y := tensor.New(tensor.WithShape(shape...), tensor.Of(tensor.Float32))
	same := regularize.ConvOptions(nodes.Same())
	for _, c := range []struct {
		name string
		net  graph.Func
	}{
		{"plain", func(s *graph.Scope, x *graph.Node) *graph.Node {
			return nodes.Conv2D(s.In("conv"), x, 16, 3, nodes.Same())
		}},
		{"DropConnectConv2D", dropping(regularize.DropConnectConv2D, 16, 3, 0.5, same)},
		{"DropFilterR", dropping(regularize.DropFilterR, 16, 3, 0.5, same)},
	} {
		b.Run(c.name, func(b *testing.B) {
			m := build(b, func(s *graph.Scope, x *graph.Node) *graph.Node {
				return c.net(s, nodes.Mul(x, s.Param("scale", graph.Shape{16, 1, 1}, graph.Ones())))
			}, shape)
			tr := m.Trainer(nodes.MSE())
			for b.Loop() {
				if _, err := tr.Step(x, y); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
