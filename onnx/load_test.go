package onnx_test

import (
	"bytes"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/onnxpb"
	"github.com/thinnet/thinnet/internal/onnxtest"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/onnx"
	"github.com/thinnet/thinnet/train"
	"google.golang.org/protobuf/proto"
	"gorgonia.org/tensor"
)

// What was exported and loaded again predicts the same for other batch sizes, and has the
// same parameters under the same names.
func TestLoadWhatWasExported(t *testing.T) {
	for _, c := range append(trained(t), cases(t, append(nodeRows, predictionRows...)...)...) {
		for _, fold := range []bool{false, true} {
			roundTrip(t, c, fold)
		}
	}
}

func roundTrip(t *testing.T, c onnxtest.Case, fold bool) {
	t.Helper()
	var file bytes.Buffer
	var opts []onnx.Option
	if fold {
		opts = append(opts, onnx.FoldBatchNorm())
	}
	if err := onnx.Write(&file, c.Model, opts...); err != nil {
		t.Errorf("%s: %+v", c.Name, err)
		return
	}
	f, err := onnx.Read(bytes.NewReader(file.Bytes()), int64(file.Len()))
	if err != nil {
		t.Errorf("%s: %+v", c.Name, err)
		return
	}
	shape := f.Shape()
	shape[0] = max(2, c.Least)
	m, err := graph.Build(f.Declare, shape)
	if err != nil {
		t.Errorf("%s: %+v", c.Name, err)
		return
	}
	if got, want := parameters(m), parameters(c.Model); !fold && !slices.Equal(got, want) {
		t.Errorf("%s: the parameters are %q, want %q", c.Name, got, want)
	}
	for _, batch := range []int{max(1, c.Least), 3} {
		x := input(c, max(batch, c.Least))
		want, err := c.Model.Predict(x)
		if err != nil {
			t.Fatalf("%s: %+v", c.Name, err)
		}
		got, err := m.Predict(x)
		if err != nil {
			t.Errorf("%s: %+v", c.Name, err)
			return
		}
		size, off := 0.0, 0.0
		for i, v := range graph.Data[float32](want) {
			if u := graph.Data[float32](got)[i]; u != v {
				size, off = max(size, math.Abs(float64(v))), max(off, math.Abs(float64(u-v)))
			}
		}
		if !slices.Equal(got.Shape(), want.Shape()) || !(off <= 1e-5*max(size, 1e-3)) {
			t.Errorf("%s for %d samples: shape %v, want %v; the largest difference is %.3g for elements of up to %.3g", c.Name, batch, got.Shape(), want.Shape(), off, size)
		}
	}
}

func parameters(m *graph.Model) (names []string) {
	for _, w := range m.Weights() {
		if w.Trainable {
			names = append(names, w.Name)
		}
	}
	slices.Sort(names)
	return names
}

func input(c onnxtest.Case, batch int) *tensor.Dense {
	f := c.Input
	if f == nil {
		f = (*rand.Rand).NormFloat64
	}
	shape := c.Model.Shape()
	shape[0] = batch
	x := tensor.New(tensor.WithShape(shape...), tensor.Of(tensor.Float32))
	r := rand.New(rand.NewPCG(1, uint64(batch)))
	for i := range x.Float32s() {
		x.Float32s()[i] = float32(f(r))
	}
	return x
}

func smallCNN(s *graph.Scope, x *graph.Node) *graph.Node {
	x = nodes.ReLU(nodes.BatchNorm2D(s.In("bn"), nodes.Conv2D(s.In("conv"), x, 8, 3, nodes.Pad(1))))
	return nodes.Linear(s.In("fc"), nodes.Flatten(nodes.MaxPool2D(x, 2)), 10)
}

// A loaded model learns as the one that was exported, with a batch norm and the optimiser's
// moments, and a part of one learns under another last layer.
func TestLoadToTrainFurther(t *testing.T) {
	ctx := t.Context()
	data := train.Digits(300, 1)
	m, err := graph.Build(smallCNN, graph.Shape{50, 1, 28, 28}, graph.Seed(1))
	if err != nil {
		t.Fatalf("%+v", err)
	}
	fit := func(m *graph.Model, opts ...train.FitOption) *train.History {
		t.Helper()
		h, err := train.Fit(ctx, m, data, nodes.CrossEntropy(), train.Adam(1e-3), append(opts, train.Epochs(2), train.ReportTo(nil), train.Loading(train.Shuffle(3)))...)
		if err != nil {
			t.Fatalf("%+v", err)
		}
		return h
	}
	fit(m)
	path := filepath.Join(t.TempDir(), "m.onnx")
	if err := onnx.Export(m, path); err != nil {
		t.Fatalf("%+v", err)
	}
	again, err := onnx.Load(path, onnx.InputShape(50, 1, 28, 28), onnx.BuildOptions(graph.Seed(1)))
	if err != nil {
		t.Fatalf("%+v", err)
	}
	want, got := fit(m), fit(again)
	for i, e := range got.Epochs {
		if w := want.Epochs[i].Loss; math.Abs(e.Loss-w) > 1e-4*w {
			t.Errorf("epoch %d: the loss of the loaded model is %v, want %v", i+1, e.Loss, w)
		}
	}

	f, err := onnx.Open(path, onnx.Output("flatten/Flatten"))
	if err == nil || !strings.Contains(err.Error(), `onnx.Output: there is no value "flatten/Flatten"; the outputs are ["output"]`) {
		t.Errorf("got %v", err)
	}
	f, err = onnx.Open(path, onnx.Output(before(t, path, "Gemm")))
	if err != nil {
		t.Fatalf("%+v", err)
	}
	head, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.Linear(s.In("head"), nodes.Flatten(f.Declare(s.In("body"), x)), 10)
	}, graph.Shape{50, 1, 28, 28}, graph.Seed(2))
	if err != nil {
		t.Fatalf("%+v", err)
	}
	body := head.Weights()[0]
	was := slices.Clone(body.Value.Float32s())
	h := fit(head, train.Freeze("body.*"))
	if h.Last().Loss >= h.Epochs[0].Loss || !slices.Equal(body.Value.Float32s(), was) || !strings.HasPrefix(body.Name, "body.") {
		t.Errorf("under another last layer: losses %v and %v, and %s must stay", h.Epochs[0].Loss, h.Last().Loss, body.Name)
	}
}

// before is what the first node of an operator reads.
func before(t *testing.T, path, op string) string {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	p := &onnxpb.ModelProto{}
	if err := proto.Unmarshal(raw, p); err != nil {
		t.Fatal(err)
	}
	for _, n := range p.Graph.Node {
		if n.GetOpType() == op {
			return n.Input[0]
		}
	}
	t.Fatalf("%s has no %s", path, op)
	return ""
}
