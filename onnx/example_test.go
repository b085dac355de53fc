package onnx_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/onnx"
	"github.com/thinnet/thinnet/regularize"
	"gorgonia.org/tensor"
)

func exampleNet(s *graph.Scope, x *graph.Node) *graph.Node {
	x = nodes.Conv2D(s.In("conv1"), x, 16, 3, nodes.Pad(1), nodes.NoBias())
	x = nodes.ReLU(nodes.BatchNorm2D(s.In("bn1"), x))
	x = regularize.SpatialDropout2D(s.In("drop1"), nodes.MaxPool2D(x, 2), 0.1)
	return nodes.Linear(s.In("fc"), nodes.Flatten(x), 10)
}

func ExampleExport() {
	m, err := graph.Build(exampleNet, graph.Shape{64, 1, 28, 28})
	if err != nil {
		fmt.Println(err)
		return
	}
	dir, err := os.MkdirTemp("", "onnx")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "digits.onnx")
	if err := onnx.Export(m, path, onnx.FoldBatchNorm()); err != nil {
		fmt.Println(err)
		return
	}
	file, err := os.Stat(path)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(file.Name(), file.Size() > 100_000) // 31,370 weights of the dense layer
	// Output: digits.onnx true
}

func ExampleWrite() {
	m, err := graph.Build(exampleNet, graph.Shape{64, 1, 28, 28})
	if err != nil {
		fmt.Println(err)
		return
	}
	var predicting, training bytes.Buffer
	if err := onnx.Write(&predicting, m, onnx.Names("image", "logits")); err != nil {
		fmt.Println(err)
		return
	}
	if err := onnx.Write(&training, m, onnx.Training()); err != nil {
		fmt.Println(err)
		return
	}
	for _, name := range []string{"logits", "drop1/Dropout", "bn1.running_mean", "bn1.running_mean.next"} {
		fmt.Println(name, bytes.Contains(predicting.Bytes(), []byte(name)), bytes.Contains(training.Bytes(), []byte(name)))
	}
	// Output:
	// logits true false
	// drop1/Dropout false true
	// bn1.running_mean true true
	// bn1.running_mean.next false true
}

func ExampleLoad() {
	m, err := graph.Build(exampleNet, graph.Shape{4, 1, 8, 8}, graph.Seed(1))
	if err != nil {
		fmt.Println(err)
		return
	}
	dir, err := os.MkdirTemp("", "onnx")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "model.onnx")
	if err := onnx.Export(m, path); err != nil {
		fmt.Println(err)
		return
	}
	again, err := onnx.Load(path) // by any program
	if err != nil {
		fmt.Println(err)
		return
	}
	y, err := again.Predict(tensor.New(tensor.WithShape(3, 1, 8, 8), tensor.Of(tensor.Float32)))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(again.Shape(), y.Shape(), again.Weights()[0].Name)
	// Output: (1, 1, 8, 8) (3, 10) conv1.weight
}

// The graph of a file up to the input of its last layer is part of another model.
func ExampleOpen() {
	m, err := graph.Build(exampleNet, graph.Shape{4, 1, 8, 8}, graph.Seed(1))
	if err != nil {
		fmt.Println(err)
		return
	}
	var file bytes.Buffer
	if err := onnx.Write(&file, m); err != nil {
		fmt.Println(err)
		return
	}
	f, err := onnx.Read(bytes.NewReader(file.Bytes()), int64(file.Len()), onnx.Output("flatten#1/Reshape"))
	if err != nil {
		fmt.Println(err)
		return
	}
	again, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.Linear(s.In("head"), f.Declare(s.In("body"), x), 3)
	}, f.Shape())
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, w := range again.Weights() {
		fmt.Println(w.Name)
	}
	// Output:
	// body.conv1.weight
	// body.bn1.weight
	// body.bn1.bias
	// body.bn1.running_mean
	// body.bn1.running_var
	// body.bn1.num_batches_tracked
	// head.weight
	// head.bias
}
