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

// readONNX reads the messages of a file one after the other, without making values of
// them: memory is that of the file and of what is listed.
func readONNX(r io.ReaderAt, size int64, c *content) ([]export.Tensor, error) {
	if size > maxONNX {
		return nil, errors.Errorf("has %d bytes, want at most %d", size, maxONNX)
	}
	b := make([]byte, size)
	if n, err := r.ReadAt(b, 0); n < len(b) {
		return nil, errors.WithStack(err)
	}
	o := onnxReader{content: c, info: &onnxInfo{Opsets: map[string]int64{}, Operators: map[string]int{}}, weights: map[string]bool{}}
	if err := o.model(b); err != nil {
		return nil, errors.WithMessage(err, "is damaged")
	}
	if !o.graph || len(o.info.Opsets) == 0 {
		return nil, errors.New("is damaged, or something else: it has no graph or no opset")
	}
	// Files of old list weights among the inputs too.
	o.info.Inputs = slices.DeleteFunc(o.info.Inputs, func(v valueInfo) bool { return o.weights[v.Name] })
	o.info.Producer = strings.TrimSpace(o.producer + " " + o.version)
	c.ONNX = o.info
	return nil, nil
}

func typeName(t int32) string {
	if name, ok := onnxpb.TensorProto_DataType_name[t]; ok {
		return strings.ToLower(name)
	}
	return fmt.Sprintf("type %d", t)
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
