package onnximport

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/onnxpb"
	"github.com/thinnet/thinnet/nodes"
	"google.golang.org/protobuf/proto"
	"gorgonia.org/tensor"
)

// A golden is a case of onnx_gradients.json, what PyTorch computed; the README beside it
// describes the fields.
type golden struct {
	Name, Node string
	Args       struct {
		Axes, Indices    []int
		Axis, K, Largest *int
		Keepdims         *int
		Min, Max         *float64
		Alpha, Beta      *float64
		Condition        *goldenTensor
	}
	Inputs, DInputs []goldenTensor
	Output, DY      goldenTensor
}

type goldenTensor struct {
	Shape graph.Shape
	Data  []goldenNumber
}

// A goldenNumber may also be what JSON lacks: "nan", "inf" or "-inf".
type goldenNumber float64

func (n *goldenNumber) UnmarshalJSON(b []byte) error {
	v, err := strconv.ParseFloat(strings.Trim(string(b), `"`), 64)
	*n = goldenNumber(v)
	return err
}

func (g goldenTensor) floats() []float64 { return widened(g.Data) }

// What operators compute, and their gradients, are PyTorch's, also where a function has a
// corner.
func TestGoldenGradients(t *testing.T) {
	text, err := os.ReadFile("../../testdata/golden/onnx_gradients.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Cases []golden }
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Cases) < 60 {
		t.Fatalf("there are %d cases, want 60 and more", len(file.Cases))
	}
	for _, g := range file.Cases {
		t.Run(g.Name, func(t *testing.T) {
			g.check(t, 1e-9, graph.Float64())
			g.check(t, 1e-5)
		})
	}
}

// check compares the output and the gradients, which may be off by a part of the largest
// number.
func (g golden) check(t *testing.T, tolerance float64, opts ...graph.Option) {
	t.Helper()
	m, err := graph.Build(func(s *graph.Scope, _ *graph.Node) *graph.Node {
		in := make([]*graph.Node, len(g.Inputs))
		for i, x := range g.Inputs {
			in[i] = s.Param(fmt.Sprint("x", i), x.Shape, graph.Values(x.floats()))
		}
		var y *graph.Node
		if err := attempt(func() { y = g.declare(s, in) }); err != nil {
			return s.Fail(err)
		}
		return y
	}, graph.Shape{1, 1}, opts...)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	sum := func(y, dy *graph.Node) *graph.Node {
		return nodes.Reshape(nodes.MatMul(nodes.Reshape(y, 1, -1), nodes.Reshape(dy, -1, 1)))
	}
	tr := m.Trainer(sum)
	r, err := tr.Step(tensor.New(tensor.WithShape(1, 1), tensor.Of(m.Dtype())),
		tensor.New(tensor.WithShape(1, len(g.DY.Data)), tensor.WithBacking(g.DY.floats())))
	if err != nil {
		t.Fatalf("%+v", err)
	}
	near(t, "the output", r.Output, g.Output, tolerance)
	for _, d := range tr.Gradients() {
		i, err := strconv.Atoi(strings.TrimPrefix(d.Name, "x"))
		if err != nil {
			t.Fatal(err)
		}
		near(t, "the gradient of "+d.Name, d.Value, g.DInputs[i], tolerance)
	}
}

// declare declares the node of the case as one of a file.
func (g golden) declare(s *graph.Scope, in []*graph.Node) *graph.Node {
	r := &run{f: &File{made: 1 << 20, opset: lastSet, output: "y"}, root: s, s: s, values: map[string]*value{}, counted: map[string]bool{}, most: 1 << 20}
	n := &onnxpb.NodeProto{OpType: &g.Node, Name: &g.Node, Output: []string{"y"}}
	input := func(name string, v *value) {
		r.values[name] = v
		n.Input = append(n.Input, name)
	}
	known := func(name string, k kind, shape []int, v ...float64) { input(name, r.constant(&array{k, shape, v})) }
	if c := g.Args.Condition; c != nil {
		known("condition", bools, c.Shape, c.floats()...)
	}
	for i, x := range in {
		input(fmt.Sprint("x", i), computed(floats, x))
	}
	for name, v := range map[string][]int{"axes": g.Args.Axes, "indices": g.Args.Indices} {
		if v != nil {
			known(name, ints, []int{len(v)}, widened(v)...)
		}
	}
	if k := g.Args.K; k != nil {
		known("k", ints, []int{1}, float64(*k))
	}
	if g.Node == "Clip" {
		for i, bound := range []*float64{g.Args.Min, g.Args.Max} {
			if bound == nil {
				n.Input = append(n.Input, "")
			} else {
				known(fmt.Sprint("bound", i), floats, nil, *bound)
			}
		}
	}
	for name, v := range map[string]*int{"axis": g.Args.Axis, "largest": g.Args.Largest, "keepdims": g.Args.Keepdims} {
		if v != nil {
			n.Attribute = append(n.Attribute, &onnxpb.AttributeProto{Name: &name, I: proto.Int64(int64(*v)), Type: onnxpb.AttributeProto_INT.Enum()})
		}
	}
	for name, v := range map[string]*float64{"alpha": g.Args.Alpha, "beta": g.Args.Beta} {
		if v != nil {
			n.Attribute = append(n.Attribute, &onnxpb.AttributeProto{Name: &name, F: proto.Float32(float32(*v)), Type: onnxpb.AttributeProto_FLOAT.Enum()})
		}
	}
	if err := r.node(n); err != nil {
		fail("%v", err)
	}
	return r.values["y"].node()
}

func near(t *testing.T, what string, got *tensor.Dense, want goldenTensor, tolerance float64) {
	t.Helper()
	if !slices.Equal(got.Shape(), want.Shape) {
		t.Errorf("%s has shape %v, want %v", what, got.Shape(), want.Shape)
		return
	}
	v, _ := dense(got)
	largest := 1.0
	for _, w := range want.floats() {
		if a := math.Abs(w); a < math.Inf(1) {
			largest = max(largest, a)
		}
	}
	for i, w := range want.floats() {
		if x := v.data[i]; x != w && !(math.IsNaN(x) && math.IsNaN(w)) && !(math.Abs(x-w) <= tolerance*largest) {
			t.Errorf("%s (%v): element %d is %.17g, want %.17g", what, got.Dtype(), i, x, w)
		}
	}
}
