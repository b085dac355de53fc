package onnx_test

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/models"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/onnx"
	"github.com/thinnet/thinnet/regularize"
	"gorgonia.org/tensor"
)

// small are networks whose files are small.
var small = map[string]struct {
	net   graph.Func
	shape graph.Shape
}{
	"cnn": {func(s *graph.Scope, x *graph.Node) *graph.Node {
		x = nodes.ReLU(nodes.BatchNorm2D(s.In("bn"), nodes.Conv2D(s.In("conv"), x, 2, 3, nodes.Pad(1))))
		x = regularize.Dropout(s.In("drop"), nodes.Flatten(nodes.MaxPool2D(x, 2)), 0.5)
		return nodes.Linear(s.In("fc"), x, 2)
	}, graph.Shape{1, 1, 4, 4}},
	"lstm": {models.LSTMClassifier(2, models.Hidden(2), models.Bidirectional(), models.Padded(0)), graph.Shape{1, 3, 2}},
	"attention": {func(s *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.LayerNorm(s.In("ln"), nodes.MultiheadAttention(s.In("a"), x, x, x, 2))
	}, graph.Shape{1, 3, 4}},
}

func smallFile(t testing.TB, name string) []byte {
	t.Helper()
	m, err := graph.Build(small[name].net, small[name].shape, graph.Seed(1))
	if err != nil {
		t.Fatalf("%+v", err)
	}
	var b bytes.Buffer
	if err := onnx.Write(&b, m); err != nil {
		t.Fatalf("%+v", err)
	}
	return b.Bytes()
}

// What is read is an error, or a graph that can be declared and predicts, or says why not.
func FuzzONNX(f *testing.F) {
	for name := range small {
		f.Add(smallFile(f, name))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := onnx.Read(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			wantNoPanic(t, err)
			return
		}
		if size := file.Shape().TotalSize(); size > 1<<12 || size < 1 {
			return
		}
		m, err := graph.Build(file.Declare, file.Shape())
		if err != nil {
			wantNoPanic(t, err)
			return
		}
		x := tensor.New(tensor.WithShape(file.Shape()...), tensor.Of(tensor.Float32))
		for i := range x.Float32s() {
			x.Float32s()[i] = float32(math.Sin(float64(i)))
		}
		if _, err := m.Predict(x); err != nil {
			wantNoPanic(t, err)
		}
	})
}

func wantNoPanic(t *testing.T, err error) {
	t.Helper()
	if text := err.Error(); strings.Contains(text, "panicked") || strings.Contains(text, "runtime error") {
		t.Fatalf("%+v", err)
	}
}

func build(f *onnx.File) error {
	_, err := graph.Build(f.Declare, f.Shape())
	return err
}
