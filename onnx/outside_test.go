package onnx_test

import (
	"bytes"
	"io"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/onnxpb"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/onnx"
	"google.golang.org/protobuf/proto"
	"gorgonia.org/tensor"
)

// PyTorch gives a recurrent layer a state at the start that is made of zeros, as many as
// there are samples, or as there were in the batch that it traced. The first is no
// hindrance to writing what was loaded, and of the second an error says what it is.
func TestZerosAtTheStart(t *testing.T) {
	m, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.GRU(s.In("gru"), x, 3).Output
	}, graph.Shape{2, 4, 5}, graph.Seed(1))
	if err != nil {
		t.Fatalf("%+v", err)
	}
	x := tensor.New(tensor.WithShape(2, 4, 5), tensor.Of(tensor.Float32))
	for i := range x.Float32s() {
		x.Float32s()[i] = float32(math.Sin(float64(i)))
	}
	want, err := m.Predict(x)
	if err != nil {
		t.Fatalf("%+v", err)
	}

	open := loaded(t, withState(t, m, 0))
	got, err := open.Predict(x)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	for i, v := range got.Float32s() {
		if math.Abs(float64(v-want.Float32s()[i])) > 1e-6 {
			t.Fatalf("got %v, want %v", got, want)
		}
	}
	if err := onnx.Write(io.Discard, open); err != nil {
		t.Errorf("writing what was loaded: %v", err)
	}

	fixed := loaded(t, withState(t, m, 2))
	if _, err := fixed.Predict(x); err != nil {
		t.Errorf("%+v", err)
	}
	_, err = fixed.Predict(tensor.New(tensor.WithShape(3, 4, 5), tensor.Of(tensor.Float32)))
	if want := "the file is for batches of 2 alone, and this is one of 3: export it with an open batch"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("another batch: got %v, want %s", err, want)
	}
}

func loaded(t *testing.T, file []byte) *graph.Model {
	t.Helper()
	f, err := onnx.Read(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatalf("%+v", err)
	}
	m, err := graph.Build(f.Declare, f.Shape())
	if err != nil {
		t.Fatalf("%+v", err)
	}
	return m
}

// withState is the file of m, whose GRU begins with zeros for a batch; 0 is any.
func withState(t *testing.T, m *graph.Model, batch int64) []byte {
	t.Helper()
	var file bytes.Buffer
	if err := onnx.Write(&file, m); err != nil {
		t.Fatalf("%+v", err)
	}
	p := &onnxpb.ModelProto{}
	if err := proto.Unmarshal(file.Bytes(), p); err != nil {
		t.Fatal(err)
	}
	g := p.Graph
	node := func(op, out string, in ...string) *onnxpb.NodeProto {
		return &onnxpb.NodeProto{OpType: &op, Name: &out, Input: in, Output: []string{out}}
	}
	axis := &onnxpb.AttributeProto{Name: proto.String("axis"), Type: onnxpb.AttributeProto_INT.Enum(), I: proto.Int64(0)}
	for name, v := range map[string]int64{"one": 1, "three": 3, "first": 0, "fixed": batch} {
		g.Initializer = append(g.Initializer, &onnxpb.TensorProto{Name: &name, Dims: []int64{1}, DataType: proto.Int32(7), Int64Data: []int64{v}})
	}
	input := g.Input[0]
	sizes := func(out, n string) *onnxpb.NodeProto {
		c := node("Concat", out, "one", n, "three")
		c.Attribute = append(c.Attribute, axis)
		return c
	}
	more := []*onnxpb.NodeProto{node("Shape", "shape", input.GetName()), node("Gather", "n", "shape", "first"), sizes("sizes", "n")}
	if batch == 0 {
		more = append(more, node("ConstantOfShape", "zeros", "sizes"))
	} else {
		input.Type.GetTensorType().Shape.Dim[0] = &onnxpb.TensorShapeProto_Dimension{Value: &onnxpb.TensorShapeProto_Dimension_DimValue{DimValue: batch}}
		more = append(more, sizes("traced", "fixed"), node("ConstantOfShape", "state", "traced"), node("Expand", "zeros", "state", "sizes"))
	}
	at := slices.IndexFunc(g.Node, func(n *onnxpb.NodeProto) bool { return n.GetOpType() == "GRU" })
	for len(g.Node[at].Input) < 6 {
		g.Node[at].Input = append(g.Node[at].Input, "")
	}
	g.Node[at].Input[5] = "zeros"
	g.Node = append(more, g.Node...)
	b, err := proto.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
