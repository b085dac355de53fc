package onnx_test

import (
	"bytes"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/onnxpb"
	"github.com/thinnet/thinnet/internal/onnxtest"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/onnx"
	"google.golang.org/protobuf/proto"
)

// written returns the file of a model.
func written(t *testing.T, m *graph.Model, opts ...onnx.Option) *onnxpb.ModelProto {
	t.Helper()
	var b bytes.Buffer
	if err := onnx.Write(&b, m, opts...); err != nil {
		t.Fatalf("%+v", err)
	}
	p := &onnxpb.ModelProto{}
	if err := proto.Unmarshal(b.Bytes(), p); err != nil {
		t.Fatal(err)
	}
	return p
}

// count returns how many nodes a file has of an operator.
func count(p *onnxpb.ModelProto, op string) (n int) {
	for _, node := range p.Graph.Node {
		if node.GetOpType() == op {
			n++
		}
	}
	return n
}

var foldRows = []row{
	{node: "Conv2D", shape: images, net: func(s *scope, x *node) *node {
		x = nodes.BatchNorm2D(s.In("bn1"), nodes.Conv2D(s.In("conv1"), x, 6, 3, nodes.Groups(2), nodes.NoBias()))
		return nodes.BatchNorm2D(s.In("bn2"), nodes.Conv2D(s.In("conv2"), nodes.ReLU(x), 3, 1), nodes.NoAffine())
	}},
	{node: "ConvTranspose2D", shape: images, net: func(s *scope, x *node) *node {
		return nodes.BatchNorm2D(s.In("bn"), nodes.ConvTranspose2D(s.In("conv"), x, 3, 2))
	}},
	{node: "Linear", shape: flat, net: func(s *scope, x *node) *node {
		return nodes.BatchNorm1D(s.In("bn"), nodes.Linear(s.In("fc"), x, 5, nodes.NoBias()))
	}},
	{node: "Linear", name: "of a shared weight", shape: flat, net: func(s *scope, x *node) *node {
		w := s.Param("w", graph.Shape{6, 6}, graph.Normal(0, 1))
		x = nodes.BatchNorm1D(s.In("bn"), nodes.Linear(s.In("fc1"), x, 6, nodes.SharedWeight(w)))
		return nodes.Linear(s.In("fc2"), x, 6, nodes.SharedWeight(w))
	}},
}

func TestFoldBatchNorm(t *testing.T) {
	all := cases(t, foldRows...)
	for _, c := range all {
		if n := count(written(t, c.Model, onnx.FoldBatchNorm()), "BatchNormalization"); n != 0 {
			t.Errorf("%s: %d batch norms are left", c.Name, n)
		}
	}
	onnxtest.Agree(t, append(all, trained(t)...), onnx.FoldBatchNorm())
}

// What more than the norm reads, and a norm that no map is before, stay.
func TestFoldBatchNormLeavesWhatItMust(t *testing.T) {
	rows := []row{
		{node: "Conv2D", name: "read twice", shape: images, net: func(s *scope, x *node) *node {
			y := nodes.Conv2D(s.In("conv"), x, 4, 3)
			return nodes.Add(y, nodes.BatchNorm2D(s.In("bn"), y))
		}},
		{node: "BatchNorm2D", name: "of the input", shape: images, net: func(s *scope, x *node) *node { return nodes.BatchNorm2D(s.In("bn"), x) }},
		{node: "ConvTranspose2D", name: "in groups", shape: images, net: func(s *scope, x *node) *node {
			return nodes.BatchNorm2D(s.In("bn"), nodes.ConvTranspose2D(s.In("conv"), x, 4, 3, nodes.Groups(2)))
		}},
	}
	all := cases(t, rows...)
	for _, c := range all {
		if n := count(written(t, c.Model, onnx.FoldBatchNorm()), "BatchNormalization"); n != 1 {
			t.Errorf("%s: %d batch norms are left, want 1", c.Name, n)
		}
	}
	onnxtest.Agree(t, all, onnx.FoldBatchNorm())
}
