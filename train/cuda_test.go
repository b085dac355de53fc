package train_test

import (
	"context"
	"math"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/cuda/cudatest"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/regularize"
	"github.com/thinnet/thinnet/train"
)

// digitNet is small enough for a driver without a device.
func digitNet(s *graph.Scope, x *graph.Node) *graph.Node {
	x = nodes.MaxPool2D(x, 2)
	x = nodes.ReLU(nodes.BatchNorm2D(s.In("bn"), nodes.Conv2D(s.In("conv"), x, 8, 3)))
	x = nodes.MaxPool2D(regularize.SpatialDropout2D(s.In("drop1"), x, 0.1), 2)
	x = regularize.Dropout(s.In("drop2"), nodes.ReLU(nodes.Linear(s.In("fc1"), nodes.Flatten(x), 32)), 0.2)
	return nodes.Linear(s.In("fc2"), x, 10)
}

// fitDigits trains digitNet on a device; it returns the history and the weights.
func fitDigits(t *testing.T, device graph.Device, epochs int) (*graph.Model, *train.History, [][]float32) {
	t.Helper()
	m, err := graph.Build(digitNet, graph.Shape{32, 1, 28, 28}, graph.Seed(3), graph.On(device))
	cudatest.Check(t, err)
	h, err := train.Fit(context.Background(), m, train.Digits(200, 1), nodes.CrossEntropy(), train.Adam(0.01),
		train.Epochs(epochs), train.BatchSize(32), train.Validation(train.Digits(60, 2)))
	if err != nil {
		t.Fatal(err)
	}
	var weights [][]float32
	for _, w := range m.Weights() {
		if w.Value.Dtype().String() == "float32" {
			weights = append(weights, append([]float32(nil), w.Value.Float32s()...))
		}
	}
	return m, h, weights
}

// The same seed, masks and batches: after some steps the runs have drifted apart by
// rounding alone.
func TestFitOnCUDAIsThatOfTheCPU(t *testing.T) {
	_, got, _ := fitDigits(t, graph.CUDA(0), 3)
	_, want, _ := fitDigits(t, graph.CPU(), 3)
	for i, w := range want.Epochs {
		g := got.Epochs[i]
		t.Logf("epoch %d: loss %.6f, on the CPU %.6f", i+1, g.Loss, w.Loss)
		if tolerance := math.Pow(10, float64(i-4)); math.Abs(g.Loss-w.Loss) > tolerance*w.Loss {
			t.Errorf("epoch %d: loss %v, on the CPU %v, want them equal to %g", i+1, g.Loss, w.Loss, tolerance)
		}
	}
}

// Launch by launch or as one graph, and a second time: the bits are the same.
func TestFitOnCUDARepeatsToTheBit(t *testing.T) {
	_, _, captured := fitDigits(t, graph.CUDA(0), 1)
	t.Setenv("THINNET_CUDA_GRAPHS", "0")
	_, _, eager := fitDigits(t, graph.CUDA(0), 1)
	for i, w := range captured {
		for k, v := range w {
			if math.Float32bits(v) != math.Float32bits(eager[i][k]) {
				t.Fatalf("element %d of weight %d: %v captured, %v eager", k, i, v, eager[i][k])
			}
		}
	}
}
