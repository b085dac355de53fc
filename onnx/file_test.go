package onnx_test

import (
	"bytes"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/onnxgraph"
	"github.com/thinnet/thinnet/internal/onnxtest"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/onnx"
)

// The same model gives the same bytes.
func TestFilesAreRepeatable(t *testing.T) {
	for _, c := range trained(t)[:3] {
		var files [2]bytes.Buffer
		for i := range files {
			if err := onnx.Write(&files[i], c.Model, onnx.Training()); err != nil {
				t.Fatalf("%+v", err)
			}
		}
		if !bytes.Equal(files[0].Bytes(), files[1].Bytes()) {
			t.Errorf("%s has other bytes the second time", c.Name)
		}
	}
}

func TestWhatIsInAFile(t *testing.T) {
	m := cases(t, row{node: "Conv2D", shape: images, net: func(s *scope, x *node) *node {
		return nodes.BatchNorm2D(s.In("bn"), nodes.ReLU(nodes.Conv2D(s.In("conv"), x, 3, 3)))
	}})[0].Model
	p := written(t, m, onnx.Names("image", "map"))
	if p.GetIrVersion() != 8 || len(p.OpsetImport) != 1 || p.OpsetImport[0].GetVersion() != 17 || p.GetProducerName() != "thinnet" {
		t.Errorf("IR %d, opsets %v by %q, want 8, 17 and thinnet", p.GetIrVersion(), p.OpsetImport, p.GetProducerName())
	}
	in, out := p.Graph.Input[0], p.Graph.Output[0]
	if in.GetName() != "image" || out.GetName() != "map" {
		t.Errorf("input and output are %q and %q, want image and map", in.GetName(), out.GetName())
	}
	for _, v := range []interface{ GetDimParam() string }{in.Type.GetTensorType().Shape.Dim[0], out.Type.GetTensorType().Shape.Dim[0]} {
		if v.GetDimParam() != "batch" {
			t.Errorf("a first axis is %v, want batch", v)
		}
	}
	names := map[string]bool{}
	for _, w := range p.Graph.Initializer {
		names[w.GetName()] = true
	}
	for _, w := range m.Weights() {
		if !names[w.Name] && w.Name != "bn.num_batches_tracked" {
			t.Errorf("there is no %s among %v", w.Name, names)
		}
	}
}

// In float64 ONNX Runtime lacks operators, so that such a file is checked alone.
func TestFloat64(t *testing.T) {
	var files []string
	for _, c := range every {
		m, err := graph.Build(c.net, c.shape, graph.Float64())
		if err != nil {
			t.Fatalf("%+v", err)
		}
		path := t.TempDir() + "/double.onnx"
		if err := onnx.Export(m, path); err != nil {
			t.Fatalf("%s: %+v", c.name, err)
		}
		for _, w := range written(t, m).Graph.Initializer {
			if w.GetName() == m.Weights()[0].Name && w.GetDataType() != int32(onnxgraph.Float64) {
				t.Errorf("%s: %s has type %d, want %d", c.name, w.GetName(), w.GetDataType(), onnxgraph.Float64)
			}
		}
		files = append(files, path)
	}
	for path, wrong := range onnxtest.Check(t, files...) {
		t.Errorf("%s: %s", path, wrong)
	}
}

// What the model returns may be its input, a weight, or one value twice.
func TestOutputs(t *testing.T) {
	onnxtest.Agree(t, cases(t,
		row{node: "Dropout", name: "alone", shape: flat, net: func(_ *scope, x *node) *node { return x }},
		row{node: "Reshape", name: "that changes nothing", shape: flat, net: plain(func(x *node) *node { return nodes.Reshape(nodes.Tanh(x), 0, -1) })},
		row{node: "Param", shape: flat, net: func(s *scope, _ *node) *node { return s.Param("w", graph.Shape{2, 3}, graph.Normal(0, 1)) }},
	))
}
