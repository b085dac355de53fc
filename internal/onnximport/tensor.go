package onnximport

import (
	"bytes"
	"encoding/binary"
	"math"
	"slices"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/half"
	"github.com/thinnet/thinnet/internal/onnxpb"
)

// maxElements bounds the elements of a tensor, whatever a file says.
const maxElements = 1 << 40

// A stored tensor is one of a file, checked and not decoded.
type stored struct {
	kind  kind
	shape []int
	of    *onnxpb.TensorProto
	raw   []byte // its bytes, or nil if the elements are numbers of the message
	learn bool   // it is a weight that learns
}

// an element type of ONNX: what it is here, and its bytes.
type element struct {
	kind kind
	size int
}

var elements = map[onnxpb.TensorProto_DataType]element{
	onnxpb.TensorProto_FLOAT: {floats, 4}, onnxpb.TensorProto_DOUBLE: {floats, 8},
	onnxpb.TensorProto_FLOAT16: {floats, 2}, onnxpb.TensorProto_BFLOAT16: {floats, 2},
	onnxpb.TensorProto_INT8: {ints, 1}, onnxpb.TensorProto_INT16: {ints, 2},
	onnxpb.TensorProto_INT32: {ints, 4}, onnxpb.TensorProto_INT64: {ints, 8},
	onnxpb.TensorProto_UINT8: {ints, 1}, onnxpb.TensorProto_UINT16: {ints, 2},
	onnxpb.TensorProto_UINT32: {ints, 4}, onnxpb.TensorProto_UINT64: {ints, 8},
	onnxpb.TensorProto_BOOL: {bools, 1},
}

func typeOf(p *onnxpb.TensorProto) onnxpb.TensorProto_DataType {
	return onnxpb.TensorProto_DataType(p.GetDataType())
}

// check returns a tensor of a file whose data are as long as its shape says. Those that
// lie in another file are read by outside.
func check(p *onnxpb.TensorProto, outside Outside) (*stored, error) {
	e, ok := elements[typeOf(p)]
	if !ok {
		return nil, errors.Errorf("element type %v is not read, want numbers or booleans", typeOf(p))
	}
	if p.Segment != nil {
		return nil, errors.New("it is a segment of a tensor, want a whole one")
	}
	t := &stored{kind: e.kind, of: p}
	n := 1
	for _, d := range p.Dims {
		if d < 0 || d > maxElements/int64(max(n, 1)) {
			return nil, errors.Errorf("the shape is %v, want sizes of at least 0 and at most 2⁴⁰ elements", p.Dims)
		}
		n *= int(d)
		t.shape = append(t.shape, int(d))
	}
	if p.GetDataLocation() == onnxpb.TensorProto_EXTERNAL {
		raw, err := outside(p, n*e.size)
		t.raw = raw
		return t, err
	}
	if p.RawData != nil {
		if len(p.RawData) != n*e.size {
			return nil, errors.Errorf("there are %d bytes of data, want %d for shape %v of type %v", len(p.RawData), n*e.size, p.Dims, typeOf(p))
		}
		t.raw = p.RawData
		return t, nil
	}
	if have := t.numbers(); have != n {
		return nil, errors.Errorf("there are %d elements, want %d for shape %v of type %v", have, n, p.Dims, typeOf(p))
	}
	return t, nil
}

// numbers is how many elements the message lists one by one.
func (t *stored) numbers() int {
	switch typeOf(t.of) {
	case onnxpb.TensorProto_FLOAT:
		return len(t.of.FloatData)
	case onnxpb.TensorProto_DOUBLE:
		return len(t.of.DoubleData)
	case onnxpb.TensorProto_INT64:
		return len(t.of.Int64Data)
	case onnxpb.TensorProto_UINT32, onnxpb.TensorProto_UINT64:
		return len(t.of.Uint64Data)
	}
	return len(t.of.Int32Data)
}

// finite says whether all elements are numbers. A mask of -Inf is no weight.
func (t *stored) finite() bool {
	step, exponent := 4, uint64(0x7f80_0000)
	switch typeOf(t.of) {
	case onnxpb.TensorProto_FLOAT:
	case onnxpb.TensorProto_DOUBLE:
		step, exponent = 8, 0x7ff0_0000_0000_0000
	case onnxpb.TensorProto_FLOAT16:
		step, exponent = 2, 0x7c00
	case onnxpb.TensorProto_BFLOAT16:
		step, exponent = 2, 0x7f80
	default:
		return true
	}
	if t.raw == nil {
		return !slices.ContainsFunc(t.array().data, func(v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) })
	}
	var word [8]byte
	for at := 0; at < len(t.raw); at += step {
		copy(word[:step], t.raw[at:])
		if binary.LittleEndian.Uint64(word[:])&exponent == exponent {
			return false
		}
	}
	return true
}

// array decodes the elements.
func (t *stored) array() *array {
	a := &array{kind: t.kind, shape: t.shape}
	if t.raw != nil || sizeOf(t.shape) == 0 {
		a.data = t.decoded()
		return a
	}
	switch typeOf(t.of) {
	case onnxpb.TensorProto_FLOAT:
		a.data = widened(t.of.FloatData)
	case onnxpb.TensorProto_DOUBLE:
		a.data = widened(t.of.DoubleData)
	case onnxpb.TensorProto_INT64:
		a.data = widened(t.of.Int64Data)
	case onnxpb.TensorProto_UINT32, onnxpb.TensorProto_UINT64:
		a.data = widened(t.of.Uint64Data)
	case onnxpb.TensorProto_FLOAT16, onnxpb.TensorProto_BFLOAT16:
		a.data = make([]float64, len(t.of.Int32Data))
		for i, v := range t.of.Int32Data {
			a.data[i] = widen(uint16(v), typeOf(t.of))
		}
	default:
		a.data = widened(t.of.Int32Data)
	}
	return a
}

// decoded are the elements of the bytes.
func (t *stored) decoded() []float64 {
	n := sizeOf(t.shape)
	switch typeOf(t.of) {
	case onnxpb.TensorProto_FLOAT:
		return decode[float32](t.raw, n)
	case onnxpb.TensorProto_DOUBLE:
		return decode[float64](t.raw, n)
	case onnxpb.TensorProto_INT8:
		return decode[int8](t.raw, n)
	case onnxpb.TensorProto_INT16:
		return decode[int16](t.raw, n)
	case onnxpb.TensorProto_INT32:
		return decode[int32](t.raw, n)
	case onnxpb.TensorProto_INT64:
		return decode[int64](t.raw, n)
	case onnxpb.TensorProto_UINT16:
		return decode[uint16](t.raw, n)
	case onnxpb.TensorProto_UINT32:
		return decode[uint32](t.raw, n)
	case onnxpb.TensorProto_UINT64:
		return decode[uint64](t.raw, n)
	case onnxpb.TensorProto_FLOAT16, onnxpb.TensorProto_BFLOAT16:
		out := make([]float64, n)
		for i := range out {
			out[i] = widen(binary.LittleEndian.Uint16(t.raw[2*i:]), typeOf(t.of))
		}
		return out
	}
	return decode[uint8](t.raw, n)
}

// decode reads what check has found to be there.
func decode[T number](raw []byte, n int) []float64 {
	v := make([]T, n)
	if err := binary.Read(bytes.NewReader(raw), binary.LittleEndian, v); err != nil {
		fail("reading a tensor: %v", err)
	}
	return widened(v)
}

// widen is a number of 16 bits.
func widen(b uint16, t onnxpb.TensorProto_DataType) float64 {
	if t == onnxpb.TensorProto_BFLOAT16 {
		return float64(half.BFloat16(b))
	}
	return float64(half.Float16(b))
}
