package onnxgraph

import (
	"fmt"
	"maps"
	"slices"

	"github.com/thinnet/thinnet/internal/onnxpb"
	"google.golang.org/protobuf/proto"
)

// Attributes are those of a node: int, []int, float64, string, []string or a
// *onnxpb.TensorProto.
type Attributes map[string]any

func (a Attributes) protos() []*onnxpb.AttributeProto {
	var out []*onnxpb.AttributeProto
	for _, name := range slices.Sorted(maps.Keys(a)) {
		p := &onnxpb.AttributeProto{Name: proto.String(name)}
		switch v := a[name].(type) {
		case int:
			p.Type, p.I = onnxpb.AttributeProto_INT.Enum(), proto.Int64(int64(v))
		case []int:
			p.Type = onnxpb.AttributeProto_INTS.Enum()
			for _, n := range v {
				p.Ints = append(p.Ints, int64(n))
			}
		case float64:
			p.Type, p.F = onnxpb.AttributeProto_FLOAT.Enum(), proto.Float32(float32(v))
		case string:
			p.Type, p.S = onnxpb.AttributeProto_STRING.Enum(), []byte(v)
		case []string:
			p.Type = onnxpb.AttributeProto_STRINGS.Enum()
			for _, s := range v {
				p.Strings = append(p.Strings, []byte(s))
			}
		case *onnxpb.TensorProto:
			p.Type, p.T = onnxpb.AttributeProto_TENSOR.Enum(), v
		default: // a mistake in a form, which the first test of it shows
			panic(fmt.Sprintf("attribute %s is a %T", name, v))
		}
		out = append(out, p)
	}
	return out
}
