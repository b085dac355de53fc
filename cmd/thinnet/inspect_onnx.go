package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/export"
	"github.com/thinnet/thinnet/internal/onnxpb"
	"google.golang.org/protobuf/proto"
)

// maxONNX is what a protobuf message has at most.
const maxONNX = math.MaxInt32

// onnxInfo is what is in an ONNX file beside its weights.
type onnxInfo struct {
	IR        int64            `json:"ir_version"`
	Producer  string           `json:"producer,omitempty"`
	Opsets    map[string]int64 `json:"opsets"` // by domain
	Inputs    []valueInfo      `json:"inputs"`
	Outputs   []valueInfo      `json:"outputs"`
	Operators map[string]int   `json:"operators"`
}

type valueInfo struct {
	Name  string   `json:"name"`
	Type  string   `json:"type"`
	Shape []string `json:"shape"`
}

func readONNX(r io.ReaderAt, size int64, c *content) ([]export.Tensor, error) {
	if size > maxONNX {
		return nil, errors.Errorf("has %d bytes, want at most %d", size, maxONNX)
	}
	b := make([]byte, size)
	if n, err := r.ReadAt(b, 0); n < len(b) {
		return nil, errors.WithStack(err)
	}
	var m onnxpb.ModelProto
	if err := proto.Unmarshal(b, &m); err != nil {
		return nil, errors.Wrap(err, "is damaged")
	}
	g := m.GetGraph()
	if g == nil || len(m.GetOpsetImport()) == 0 {
		return nil, errors.New("is damaged, or something else: it has no graph or no opset")
	}
	o := &onnxInfo{IR: m.GetIrVersion(), Producer: strings.TrimSpace(m.GetProducerName() + " " + m.GetProducerVersion()),
		Opsets: map[string]int64{}, Operators: map[string]int{}}
	for _, s := range m.GetOpsetImport() {
		o.Opsets[cmp.Or(s.GetDomain(), "ai.onnx")] = s.GetVersion()
	}
	weights := map[string]bool{}
	for _, t := range g.GetInitializer() {
		weights[t.GetName()] = true
		info, err := initializer(t)
		if err != nil {
			return nil, err
		}
		c.add(info)
	}
	for _, v := range g.GetInput() {
		if !weights[v.GetName()] { // files of old list weights there too
			o.Inputs = append(o.Inputs, describe(v))
		}
	}
	for _, v := range g.GetOutput() {
		o.Outputs = append(o.Outputs, describe(v))
	}
	for _, n := range g.GetNode() {
		name := n.GetOpType()
		if d := n.GetDomain(); d != "" && d != "ai.onnx" {
			name = d + "." + name
		}
		o.Operators[name]++
	}
	c.ONNX = o
	for _, p := range m.GetMetadataProps() {
		if c.Metadata == nil {
			c.Metadata = map[string]string{}
		}
		c.Metadata[p.GetKey()] = p.GetValue()
	}
	return nil, nil
}

// initializer describes a weight without decoding it.
func initializer(t *onnxpb.TensorProto) (tensorInfo, error) {
	info := tensorInfo{Name: t.GetName(), Type: typeName(t.GetDataType()), Shape: []int{}, Elements: 1}
	for _, d := range t.GetDims() {
		if d < 0 || d > maxONNX || d > 0 && int64(info.Elements) > math.MaxInt64/d {
			return info, errors.Errorf("tensor %q has the shape %v, want sizes of sound product", t.GetName(), t.GetDims())
		}
		info.Shape = append(info.Shape, int(d))
		info.Elements *= int(d)
	}
	info.Bytes = int64(len(t.GetRawData()) + 4*len(t.GetFloatData()) + 4*len(t.GetInt32Data()) + 8*len(t.GetInt64Data()) + 8*len(t.GetDoubleData()) + 8*len(t.GetUint64Data()))
	return info, nil
}

func typeName(t int32) string {
	if name, ok := onnxpb.TensorProto_DataType_name[t]; ok {
		return strings.ToLower(name)
	}
	return fmt.Sprintf("type %d", t)
}

func describe(v *onnxpb.ValueInfoProto) valueInfo {
	t := v.GetType().GetTensorType()
	info := valueInfo{v.GetName(), typeName(t.GetElemType()), []string{}}
	for _, d := range t.GetShape().GetDim() {
		info.Shape = append(info.Shape, cmp.Or(d.GetDimParam(), fmt.Sprint(d.GetDimValue())))
	}
	return info
}

func (o *onnxInfo) print(w io.Writer) {
	var opsets, operators []string
	for _, d := range slices.Sorted(maps.Keys(o.Opsets)) {
		opsets = append(opsets, fmt.Sprintf("%s %d", oneLine(d), o.Opsets[d]))
	}
	total := 0
	for _, name := range slices.Sorted(maps.Keys(o.Operators)) {
		operators = append(operators, fmt.Sprintf("%d %s", o.Operators[name], oneLine(name)))
		total += o.Operators[name]
	}
	fmt.Fprintf(w, "IR version %d, opset %s, by %s\n", o.IR, strings.Join(opsets, ", "), cmp.Or(oneLine(o.Producer), "no one who says so"))
	for _, v := range o.Inputs {
		fmt.Fprintf(w, "input %s: %s (%s)\n", oneLine(v.Name), v.Type, oneLine(strings.Join(v.Shape, ", ")))
	}
	for _, v := range o.Outputs {
		fmt.Fprintf(w, "output %s: %s (%s)\n", oneLine(v.Name), v.Type, oneLine(strings.Join(v.Shape, ", ")))
	}
	fmt.Fprintf(w, "%d nodes: %s\n", total, strings.Join(operators, ", "))
}
