package onnx_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
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

// backendData is where Debian's libonnx-testdata has the backend tests of ONNX.
const backendData = "/usr/share/libonnx-testdata/data"

// covered are the families of node tests that have to pass, by the beginnings of names.
var covered = []string{
	"basic_conv_", "conv_", "convtranspose", "batchnorm", "dropout", "training_dropout", "instancenorm", "layer_normalization",
	"averagepool", "maxpool", "globalaveragepool", "globalmaxpool", "lppool", "gemm", "matmul_", "prelu",
	"relu", "leakyrelu", "elu", "selu", "celu", "sigmoid", "hardsigmoid", "hardswish", "tanh", "softplus", "softsign", "softmax", "logsoftmax",
	"thresholdedrelu", "clip", "lstm", "gru", "rnn", "simple_rnn",
	"reshape", "flatten", "transpose", "squeeze", "unsqueeze", "concat", "slice", "gather_0", "gather_1", "gather_2d", "gather_negative", "expand", "constant_pad", "edge_pad", "reflect_pad",
	"split_", "shape", "size", "tile", "identity", "constant", "constantofshape", "depthtospace", "spacetodepth", "resize", "upsample", "where", "range_float_type_positive_delta", "range_int32_type_negative_delta",
	"reduce_", "abs", "neg", "exp_", "exp", "log_", "sqrt", "reciprocal", "erf", "add", "sub", "mul", "div", "pow", "sum", "mean", "min_float32", "min_float64", "min_int32", "min_int64", "min_example", "min_one", "min_two", "max_float32", "max_float64", "max_int32", "max_int64", "max_example", "max_one", "max_two", "floor", "ceil", "round", "sign",
}

// notCovered are cases of these families that do not pass, with the reason.
var notCovered = map[string]string{
	"resize_downsample_scales_cubic_align_corners":  "the size is rounded before the scale is taken of it, as ONNX Runtime does",
	"resize_downsample_scales_linear_align_corners": "the size is rounded before the scale is taken of it, as ONNX Runtime does",
	"resize_tf_crop_and_resize":                     "tf_crop_and_resize is not supported",
	"range_float_type_positive_delta_expanded":      "Loop is not supported",
	"range_int32_type_negative_delta_expanded":      "Loop is not supported",
	"constantofshape_int_shape_zero":                "the output has no elements",
	"reshape_allowzero_reordered":                   "the output has no elements",
	"slice_start_out_of_bounds":                     "the output has no elements",
	"split_zero_size_splits":                        "the output has no elements",
	"identity_opt":                                  "optional values are not read",
	"identity_sequence":                             "sequences are not read",
	"training_dropout":                              "the mask is drawn by NumPy",
	"training_dropout_default":                      "the mask is drawn by NumPy",
	"training_dropout_default_mask":                 "the mask is drawn by NumPy",
	"training_dropout_mask":                         "the mask is drawn by NumPy",
}

// TestBackend runs the official tests of single operators, and of models that PyTorch
// exported.
func TestBackend(t *testing.T) {
	if _, err := os.Stat(backendData); err != nil {
		t.Skipf("the backend tests of ONNX are not there: %v (Debian: apt-get install libonnx-testdata)", err)
	}
	for _, folder := range []string{"node", "pytorch-converted", "pytorch-operator"} {
		entries, err := os.ReadDir(filepath.Join(backendData, folder))
		if err != nil {
			t.Fatal(err)
		}
		passed, left := 0, 0
		for _, e := range entries {
			name := strings.TrimPrefix(e.Name(), "test_")
			must := folder != "node" || slices.ContainsFunc(covered, func(p string) bool { return strings.HasPrefix(name, p) })
			reason, known := notCovered[name]
			err := backendCase(filepath.Join(backendData, folder, e.Name()))
			switch {
			case err == nil && known:
				t.Errorf("%s/%s passes, and is listed as one that does not: %s", folder, name, reason)
			case err == nil:
				passed++
			case must && !known:
				t.Errorf("%s/%s: %v", folder, name, err)
			case known:
				left++
			case strings.Contains(err.Error(), "panicked"):
				t.Errorf("%s/%s: %+v", folder, name, err)
			}
		}
		t.Logf("%s: %d of %d pass; %d of the families that have to are listed with a reason", folder, passed, len(entries), left)
	}
}

// backendCase runs a case for each of its outputs.
func backendCase(dir string) error {
	file := filepath.Join(dir, "model.onnx")
	m := &onnxpb.ModelProto{}
	raw, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if err := proto.Unmarshal(raw, m); err != nil {
		return err
	}
	var inputs []*tensor.Dense
	var from []*onnxpb.ValueInfoProto
	stored := map[string]bool{}
	for _, w := range m.Graph.Initializer {
		stored[w.GetName()] = true
	}
	given := slices.DeleteFunc(slices.Clone(m.Graph.Input), func(p *onnxpb.ValueInfoProto) bool { return stored[p.GetName()] })
	for i, p := range given {
		x, empty, err := readInput(filepath.Join(dir, "test_data_set_0", fmt.Sprintf("input_%d.pb", i)))
		switch {
		case err != nil:
			return err
		case empty != nil: // there is no tensor to bind it to
			empty.Name = p.Name
			m.Graph.Initializer = append(m.Graph.Initializer, empty)
		default:
			inputs, from = append(inputs, x), append(from, p)
		}
	}
	m.Graph.Input = from
	if raw, err = proto.Marshal(m); err != nil {
		return err
	}
	training := slices.ContainsFunc(m.Graph.Node, func(n *onnxpb.NodeProto) bool { return n.GetOpType() == "BatchNormalization" }) &&
		strings.HasSuffix(dir, "training_mode")
	for k, out := range m.Graph.Output {
		want, err := readProto(filepath.Join(dir, "test_data_set_0", fmt.Sprintf("output_%d.pb", k)))
		if err != nil {
			return err
		}
		free := freeInput(inputs)
		err = errors.New("it has no input with an axis and elements")
		if free >= 0 {
			err = backendOutput(raw, m.Graph, inputs, free, out.GetName(), want, training)
		}
		if err != nil && allKnown(m, inputs, out.GetName(), want) == nil {
			err = nil
		}
		if err != nil {
			return fmt.Errorf("output %d: %w", k, err)
		}
	}
	return nil
}

// freeInput is the input that a model gets, rather one of floats.
func freeInput(inputs []*tensor.Dense) int {
	for _, floating := range []bool{true, false} {
		for i, x := range inputs {
			f := x.Dtype() == tensor.Float32 || x.Dtype() == tensor.Float64
			if x.Dims() > 0 && x.Shape().TotalSize() > 0 && (f || !floating) && x.Dtype() != tensor.Bool {
				return i
			}
		}
	}
	return -1
}

// allKnown is a case whose inputs are all known before the model runs: it gets another one,
// which nothing reads.
func allKnown(m *onnxpb.ModelProto, inputs []*tensor.Dense, name string, want *tensor.Dense) error {
	m = proto.Clone(m).(*onnxpb.ModelProto)
	more := "an input that nothing reads"
	one := &onnxpb.TensorShapeProto{Dim: []*onnxpb.TensorShapeProto_Dimension{{Value: &onnxpb.TensorShapeProto_Dimension_DimValue{DimValue: 1}}}}
	m.Graph.Input = append(m.Graph.Input, &onnxpb.ValueInfoProto{Name: &more, Type: &onnxpb.TypeProto{Value: &onnxpb.TypeProto_TensorType{
		TensorType: &onnxpb.TypeProto_Tensor{ElemType: proto.Int32(int32(onnxpb.TensorProto_FLOAT)), Shape: one},
	}}})
	raw, err := proto.Marshal(m)
	if err != nil {
		return err
	}
	inputs = append(slices.Clone(inputs), tensor.New(tensor.WithShape(1), tensor.Of(tensor.Float32)))
	return backendOutput(raw, m.Graph, inputs, len(inputs)-1, name, want, false)
}

func backendOutput(raw []byte, g *onnxpb.GraphProto, inputs []*tensor.Dense, free int, name string, want *tensor.Dense, training bool) error {
	opts := []onnx.LoadOption{onnx.Output(name)}
	for i, in := range g.Input {
		if i != free {
			opts = append(opts, onnx.Bind(in.GetName(), inputs[i]))
		}
	}
	opts = append(opts, onnx.InputShape(inputs[free].Shape()...))
	f, err := onnx.Read(bytes.NewReader(raw), int64(len(raw)), opts...)
	if err != nil {
		return err
	}
	var build []graph.Option
	if inputs[free].Dtype() == tensor.Float64 {
		build = append(build, graph.Float64())
	}
	m, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
		if training { // by a parameter, which a loss must depend on
			x = nodes.Mul(x, s.Param("ones", x.Shape(), graph.Ones()))
		}
		return f.Declare(s, x)
	}, f.Shape(), build...)
	if err != nil {
		return err
	}
	y, err := m.Predict(inputs[free])
	if training {
		y, err = stepOutput(m, inputs[free])
	}
	if err != nil {
		return err
	}
	if !slices.Equal(y.Shape(), want.Shape()) {
		return fmt.Errorf("the output has shape %v, want %v", y.Shape(), want.Shape())
	}
	got, expect := numbers(y), numbers(want)
	for i, v := range got {
		w := expect[i]
		if math.IsNaN(w) && math.IsNaN(v) || v == w {
			continue
		}
		if !(math.Abs(v-w) <= 1e-7+1e-3*math.Abs(w)) { // the tolerance of ONNX's own runner
			return fmt.Errorf("element %d is %v, want %v", i, v, w)
		}
	}
	return nil
}

// stepOutput is what a training step computes.
func stepOutput(m *graph.Model, x *tensor.Dense) (*tensor.Dense, error) {
	loss := func(y, _ *graph.Node) *graph.Node {
		return nodes.MSE()(nodes.Reshape(y, 1, -1), nodes.Reshape(nodes.Add(y, y), 1, -1))
	}
	r, err := m.Trainer(loss).Step(x, tensor.New(tensor.WithShape(x.Shape()[0]), tensor.Of(tensor.Float32)))
	return r.Output, err
}

func numbers(d *tensor.Dense) (out []float64) {
	switch v := d.Data().(type) {
	case []float32:
		for _, x := range v {
			out = append(out, float64(x))
		}
	case []float64:
		out = v
	case []int:
		for _, x := range v {
			out = append(out, float64(x))
		}
	case []int64:
		for _, x := range v {
			out = append(out, float64(x))
		}
	case []int32:
		for _, x := range v {
			out = append(out, float64(x))
		}
	case []uint8:
		for _, x := range v {
			out = append(out, float64(x))
		}
	case []bool:
		for _, x := range v {
			out = append(out, map[bool]float64{true: 1}[x])
		}
	case float32:
		out = []float64{float64(v)}
	case float64:
		out = []float64{v}
	case int64:
		out = []float64{float64(v)}
	case int32:
		out = []float64{float64(v)}
	case bool:
		out = []float64{map[bool]float64{true: 1}[v]}
	}
	return out
}

// readProto reads a tensor of a test case.
func readProto(path string) (*tensor.Dense, error) {
	d, empty, err := readInput(path)
	if empty != nil {
		err = errors.New("a tensor of no elements")
	}
	return d, err
}

// readInput reads a tensor, or one that has no elements.
func readInput(path string) (d *tensor.Dense, empty *onnxpb.TensorProto, err error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, nil, err
	}
	p := &onnxpb.TensorProto{}
	if err := proto.Unmarshal(raw, p); err != nil {
		return nil, nil, err
	}
	if slices.Contains(p.Dims, 0) {
		return nil, p, nil
	}
	d, err = decoded(path, p)
	return d, nil, err
}

func decoded(path string, p *onnxpb.TensorProto) (*tensor.Dense, error) {
	shape, n := graph.Shape{}, 1
	for _, d := range p.Dims {
		shape, n = append(shape, int(d)), n*int(d)
		if d < 0 || d > 1<<24 || n > 1<<24 {
			return nil, fmt.Errorf("%s is no tensor", path)
		}
	}
	data := p.RawData
	var v any
	switch onnxpb.TensorProto_DataType(p.GetDataType()) {
	case onnxpb.TensorProto_FLOAT:
		v = elements(data, n, p.FloatData)
	case onnxpb.TensorProto_DOUBLE:
		v = elements(data, n, p.DoubleData)
	case onnxpb.TensorProto_INT64:
		v = elements(data, n, p.Int64Data)
	case onnxpb.TensorProto_INT32:
		v = elements(data, n, p.Int32Data)
	case onnxpb.TensorProto_UINT8:
		v = elements[uint8](data, n, nil)
	case onnxpb.TensorProto_INT8:
		v = widened[int8](data, n)
	case onnxpb.TensorProto_INT16:
		v = widened[int16](data, n)
	case onnxpb.TensorProto_UINT16:
		v = widened[uint16](data, n)
	case onnxpb.TensorProto_UINT32:
		v = widened[uint32](data, n)
	case onnxpb.TensorProto_UINT64:
		v = widened[uint64](data, n)
	case onnxpb.TensorProto_BOOL:
		v = elements[bool](data, n, nil)
	default:
		return nil, fmt.Errorf("element type %v", onnxpb.TensorProto_DataType(p.GetDataType()))
	}
	if len(shape) == 0 {
		switch v := v.(type) {
		case []float32:
			return tensor.New(tensor.FromScalar(v[0])), nil
		case []float64:
			return tensor.New(tensor.FromScalar(v[0])), nil
		case []int64:
			return tensor.New(tensor.FromScalar(v[0])), nil
		case []int32:
			return tensor.New(tensor.FromScalar(v[0])), nil
		case []bool:
			return tensor.New(tensor.FromScalar(v[0])), nil
		}
		return nil, fmt.Errorf("a scalar of %T", v)
	}
	return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(v)), nil
}

func elements[T any](raw []byte, n int, listed []T) []T {
	if raw == nil && len(listed) == n {
		return listed
	}
	v := make([]T, n)
	if _, err := binary.Decode(raw, binary.LittleEndian, v); err != nil {
		return nil
	}
	return v
}

func widened[T int8 | int16 | uint16 | uint32 | uint64](raw []byte, n int) []int64 {
	out := make([]int64, n)
	for i, v := range elements[T](raw, n, nil) {
		out[i] = int64(v)
	}
	return out
}
