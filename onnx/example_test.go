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
