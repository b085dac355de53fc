package onnx_test

import (
	"math"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/onnxpb"
	"github.com/thinnet/thinnet/internal/onnxtest"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/onnx"
	"github.com/thinnet/thinnet/train"
	"gorgonia.org/tensor"
)

// undrawn is what a training step computes where nothing is dropped.
func undrawn(m *graph.Model, x *tensor.Dense) (*tensor.Dense, error) {
	shape := m.OutputShape()
	shape[0] = x.Shape()[0]
	r, err := m.Trainer(nodes.MSE(), graph.InMode(graph.Calibrate)).Step(x, tensor.New(tensor.WithShape(shape...), tensor.Of(tensor.Float32)))
	return r.Output, err
}

// switchedOff makes all dropout of a file the identity.
func switchedOff(p *onnxpb.ModelProto) {
	for _, w := range p.Graph.Initializer {
		if w.GetName() == "training_mode" {
			w.RawData = []byte{0}
		}
	}
}

// With its switch off, the dropout of a file is the identity, and the norms are those of
// training.
func TestModelsInTraining(t *testing.T) {
	all := trained(t)
	for i, c := range all {
		all[i].Least = 2
		if dropouts := count(written(t, c.Model, onnx.Training()), "Dropout"); dropouts == 0 && !plainModels[c.Name] {
			t.Errorf("%s has no dropout in training", c.Name)
		}
	}
	onnxtest.Compare(t, all, onnxtest.Comparison{Want: undrawn, Edit: switchedOff, AsWritten: true}, onnx.Training())
	onnxtest.Compare(t, all, onnxtest.Comparison{AsWritten: true}, onnx.Training())
}

// plainModels drop nothing unless they are told to.
var plainModels = map[string]bool{
	"LeNet5": true, "LeNet5Original": true, "ResNet 18": true, "ResNet 50": true, "CIFARResNet": true, "SeriesCNN": true,
}

// The next values of the state are those after an update, but for the divisor of ONNX's
// running variance.
func TestRunningStatistics(t *testing.T) {
	const batch, momentum = 6, 0.3
	m := cases(t, row{node: "BatchNorm2D", shape: images, net: func(s *scope, x *node) *node {
		return nodes.BatchNorm2D(s.In("bn"), nodes.Conv2D(s.In("conv"), x, 3, 3), nodes.Momentum(momentum))
	}})[0]
	path := t.TempDir() + "/norm.onnx"
	if err := onnx.Export(m.Model, path, onnx.Training()); err != nil {
		t.Fatalf("%+v", err)
	}
	shape := images.Clone()
	shape[0] = batch
	x := tensor.New(tensor.WithShape(shape...), tensor.WithBacking(tensor.Random(tensor.Float32, shape.TotalSize())))
	r := onnxtest.Run(t, []onnxtest.Job{{Model: path, Inputs: map[string]*tensor.Dense{"input": x}}})[0]
	if r.Err != nil {
		t.Fatal(r.Err)
	}
	before := map[string][]float64{}
	for _, w := range m.Model.Weights() {
		before[w.Name] = floats(w.Value)
	}
	tr := m.Model.Trainer(nodes.MSE())
	out := m.Model.OutputShape()
	out[0] = batch
	if _, err := tr.Step(x, tensor.New(tensor.WithShape(out...), tensor.Of(tensor.Float32))); err != nil {
		t.Fatalf("%+v", err)
	}
	if err := tr.Update(train.SGD(0.1)); err != nil {
		t.Fatalf("%+v", err)
	}
	values := float64(batch * out[2] * out[3])
	for _, w := range m.Model.Weights() {
		if w.Trainable {
			continue
		}
		got := r.Outputs[w.Name+".next"].Values
		for i, want := range floats(w.Value) {
			if w.Name == "bn.running_var" {
				kept := (1 - momentum) * before[w.Name][i]
				want = kept + (want-kept)*(values-1)/values
			}
			if i >= len(got) || !(math.Abs(got[i]-want) <= 1e-5*(1+math.Abs(want))) {
				t.Errorf("%s.next is %v, want %v at %d", w.Name, got, want, i)
				break
			}
		}
	}
}

func floats(d *tensor.Dense) (out []float64) {
	switch d.Dtype() {
	case tensor.Int64:
		for _, v := range d.Int64s() {
			out = append(out, float64(v))
		}
	default:
		for _, v := range d.Float32s() {
			out = append(out, float64(v))
		}
	}
	return out
}
