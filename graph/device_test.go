package graph_test

import (
	"errors"
	"os"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/cuda"
	"github.com/thinnet/thinnet/nodes"
	"gorgonia.org/tensor"
)

// onCUDA builds a model on CUDA device 0, or skips the test where there is none. With
// THINNET_CUDA=require that is a failure.
func onCUDA(t testing.TB, fn graph.Func, shape graph.Shape, opts ...graph.Option) *graph.Model {
	t.Helper()
	m, err := graph.Build(fn, shape, append(opts, graph.On(graph.CUDA(0)))...)
	var none *cuda.Unavailable
	if errors.As(err, &none) && os.Getenv("THINNET_CUDA") != "require" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestPredictOnCUDA(t *testing.T) {
	net := func(s *graph.Scope, x *graph.Node) *graph.Node { return nodes.ReLU(nodes.ReLU(x)) }
	m := onCUDA(t, net, graph.Shape{2, 3})
	x := tensor.New(tensor.WithShape(2, 3), tensor.WithBacking([]float32{1, -1, 2, -2, 3, -3}))
	for range 3 {
		y, err := m.Predict(x)
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range []float32{1, 0, 2, 0, 3, 0} {
			if y.Float32s()[i] != want {
				t.Errorf("element %d is %v, want %v", i, y.Float32s()[i], want)
			}
		}
	}
}
