package onnx_test

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/graph/graphtest"
	"github.com/thinnet/thinnet/internal/onnxpb"
	"github.com/thinnet/thinnet/onnx"
	"google.golang.org/protobuf/proto"
	"gorgonia.org/tensor"
)

// A file of float64 makes a model of float64, with the predictions of the one that wrote it.
func TestLoadFloat64(t *testing.T) {
	for _, c := range every {
		m, err := graph.Build(c.net, c.shape, graph.Float64(), graph.Seed(1))
		if err != nil {
			t.Fatalf("%+v", err)
		}
		loaded := read(t, written(t, m))
		x := tensor.New(tensor.WithShape(c.shape...), tensor.Of(tensor.Float64))
		r := rand.New(rand.NewPCG(1, 2))
		for i := range x.Float64s() {
			if x.Float64s()[i] = r.NormFloat64(); c.words > 0 {
				x.Float64s()[i] = float64(r.IntN(c.words))
			}
		}
		want, err := m.Predict(x)
		if err != nil {
			t.Fatalf("%+v", err)
		}
		got, err := loaded.Predict(x)
		if err != nil {
			t.Errorf("%s: %+v", c.name, err)
			continue
		}
		size, off := 0.0, 0.0
		for i, v := range want.Float64s() {
			size, off = max(size, math.Abs(v)), max(off, math.Abs(v-got.Float64s()[i]))
		}
		if !(off <= 1e-6*size) { // ONNX has attributes, such as epsilon, in float32
			t.Errorf("%s: the largest difference is %.3g, of up to %.3g", c.name, off, size)
		}
	}
}

func read(t *testing.T, p *onnxpb.ModelProto, opts ...onnx.LoadOption) *graph.Model {
	t.Helper()
	data, err := proto.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	f, err := onnx.Read(bytes.NewReader(data), int64(len(data)), opts...)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	var build []graph.Option
	if len(p.Graph.Initializer) > 0 && p.Graph.Initializer[0].GetDataType() == int32(onnxpb.TensorProto_DOUBLE) {
		build = append(build, graph.Float64())
	}
	m, err := graph.Build(f.Declare, f.Shape(), build...)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	return m
}

// Numbers of 16 bits are those that they say. Where one is infinite, as in a mask, none
// learns.
func TestLoadHalves(t *testing.T) {
	want := []float32{1, -2, 0.5, 65504, 6.1035156e-05, 5.9604645e-08, float32(math.Inf(1)), 0}
	for of, bits := range map[onnxpb.TensorProto_DataType][]uint16{
		onnxpb.TensorProto_FLOAT16:  {0x3c00, 0xc000, 0x3800, 0x7bff, 0x0400, 0x0001, 0x7c00, 0x0000},
		onnxpb.TensorProto_BFLOAT16: {0x3f80, 0xc000, 0x3f00, 0x477f, 0x3880, 0x3380, 0x7f80, 0x0000},
	} {
		for _, listed := range []bool{false, true} {
			p := &onnxpb.TensorProto{Name: proto.String("w"), DataType: proto.Int32(int32(of)), Dims: []int64{8}}
			for _, b := range bits {
				if listed {
					p.Int32Data = append(p.Int32Data, int32(b))
				} else {
					p.RawData = binary.LittleEndian.AppendUint16(p.RawData, b)
				}
			}
			g := emptyGraph(nil, 17, 1, 8)
			g.g.Initializer = append(g.g.Initializer, p)
			g.node("Add", nil, "x", "w")
			m, err := g.load()
			if err != nil {
				t.Fatalf("%v: %+v", of, err)
			}
			if len(m.Weights()) > 0 {
				t.Errorf("%v: the weights are %v, want none: one is infinite", of, m.Weights())
			}
			y, err := m.Predict(tensor.New(tensor.WithShape(1, 8), tensor.Of(tensor.Float32)))
			if err != nil {
				t.Fatalf("%v: %+v", of, err)
			}
			for i, v := range y.Float32s() {
				w := want[i]
				if of == onnxpb.TensorProto_BFLOAT16 {
					w = math.Float32frombits(uint32(bits[i]) << 16)
				}
				if v != w {
					t.Errorf("%v, listed %v: element %d is %v, want %v", of, listed, i, v, w)
				}
			}
		}
	}
}

// A file of two inputs is a model of either, with the other one bound, of any output.
func TestLoadInputsAndOutputs(t *testing.T) {
	g := emptyGraph(nil, 17, 2, 3)
	second := proto.Clone(g.g.Input[0]).(*onnxpb.ValueInfoProto)
	second.Name = proto.String("y")
	second.Type.GetTensorType().Shape.Dim[1].Value = &onnxpb.TensorShapeProto_Dimension_DimParam{DimParam: "width"}
	g.g.Input = append(g.g.Input, second)
	g.node("Sub", nil, "x", "y")
	g.node("Abs", nil, "v1")
	data := g.file()
	one := tensor.New(tensor.WithShape(1, 3), tensor.WithBacking([]float32{1, 5, 2}))
	other := tensor.New(tensor.WithShape(1, 3), tensor.WithBacking([]float32{4, 4, 4}))
	for _, c := range []struct {
		bound string
		opts  []onnx.LoadOption
		want  []float32
	}{
		{"y", nil, []float32{3, 1, 2}},
		{"y", []onnx.LoadOption{onnx.Output("v1")}, []float32{-3, 1, -2}},
		{"x", []onnx.LoadOption{onnx.Output("v1"), onnx.InputShape(1, 3)}, []float32{3, -1, 2}},
	} {
		f, err := onnx.Read(bytes.NewReader(data), int64(len(data)), append(c.opts, onnx.Bind(c.bound, other))...)
		if err != nil {
			t.Fatalf("%+v", err)
		}
		m, err := graph.Build(f.Declare, f.Shape())
		if err != nil {
			t.Fatalf("%+v", err)
		}
		y, err := m.Predict(one)
		if err != nil || !slices.Equal(y.Float32s(), c.want) || !slices.Equal(f.Outputs(), []string{"v2"}) {
			t.Errorf("%s bound: got %v, %v of outputs %q, want %v", c.bound, y, err, f.Outputs(), c.want)
		}
	}
	_, err := onnx.Read(bytes.NewReader(data), int64(len(data)), onnx.Bind("x", other))
	if want := `leaves axis 1 of input "y" open, want its size by onnx.InputShape`; err == nil || !bytes.Contains([]byte(err.Error()), []byte(want)) {
		t.Errorf("got %v, want %q", err, want)
	}
}

// Lengths that are all the number of steps change nothing, also backwards from a cell.
func TestLengthsOfAll(t *testing.T) {
	var ends [][]float32
	for _, lengths := range []bool{false, true} {
		g := emptyGraph(rand.New(rand.NewPCG(3, 4)), 17, 4, 3, 6)
		in := []string{"x", g.weight(1, 8, 6), g.weight(1, 8, 2), "", "", "", g.weight(1, 3, 2)}
		if lengths {
			in[4] = g.node("Cast", attrs{"to": 6}, g.list(4, 4, 4))
		}
		g.nodeOf("LSTM", attrs{"hidden_size": 2, "direction": "reverse"}, 3, 2, in...)
		m, err := g.load()
		if err != nil {
			t.Fatalf("%+v", err)
		}
		y, err := m.Predict(g.input(4))
		if err != nil {
			t.Fatalf("%+v", err)
		}
		ends = append(ends, y.Float32s())
	}
	for i, v := range ends[1] {
		if w := ends[0][i]; math.Abs(float64(v-w)) > 1e-6 {
			t.Fatalf("with lengths the cell is %v, want %v", ends[1], ends[0])
		}
	}
}

// Recurrent layers that are declared step by step learn.
func TestRecurrentGradients(t *testing.T) {
	var all []graphtest.Case
	for seed := uint64(100); seed < 125; seed++ { // none of which has a gradient that is 0
		r := rand.New(rand.NewPCG(seed, 5))
		g := emptyGraph(r, 17, 3, 2, 3)
		g.recurrent()
		data := g.file()
		f, err := onnx.Read(bytes.NewReader(data), int64(len(data)), onnx.InputShape(3, 2, 3))
		if err != nil {
			t.Fatalf("%v: %+v", g, err)
		}
		all = append(all, graphtest.Case{Node: g.text, In: []graphtest.Input{graphtest.Normal(3, 2, 3)},
			Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node { return f.Declare(s, in[0]) }})
	}
	graphtest.CheckAll(t, all)
}
