package main

import (
	"cmp"
	"fmt"
	"math"

	"github.com/pkg/errors"
	"google.golang.org/protobuf/encoding/protowire"
)

// maxListed bounds what is listed of a file: a message of two bytes is an entry, too.
const maxListed = 1 << 17

// onnxReader collects what is in an ONNX file. The numbers of fields are those of
// internal/onnxpb/onnx.proto.
type onnxReader struct {
	content           *content
	info              *onnxInfo
	graph             bool // there is one
	producer, version string
	weights           map[string]bool
	listed            int
}

// A field is a number, or bytes that are text or a message.
type field struct {
	number protowire.Number
	value  uint64
	bytes  []byte
}

// fieldsOf calls f for each field of a message.
func fieldsOf(message []byte, f func(field) error) error {
	for len(message) > 0 {
		number, kind, n := protowire.ConsumeTag(message)
		if n < 0 {
			return errors.WithStack(protowire.ParseError(n))
		}
		message = message[n:]
		x := field{number: number}
		switch kind {
		case protowire.VarintType:
			x.value, n = protowire.ConsumeVarint(message)
		case protowire.BytesType:
			x.bytes, n = protowire.ConsumeBytes(message)
		default:
			n = protowire.ConsumeFieldValue(number, kind, message)
		}
		if n < 0 {
			return errors.WithStack(protowire.ParseError(n))
		}
		message = message[n:]
		if err := f(x); err != nil {
			return err
		}
	}
	return nil
}

func (o *onnxReader) list() error {
	if o.listed++; o.listed > maxListed {
		return errors.Errorf("has more than %d weights, inputs, outputs and so on", maxListed)
	}
	return nil
}

func (o *onnxReader) model(b []byte) error {
	return fieldsOf(b, func(f field) error {
		switch f.number {
		case 1:
			o.info.IR = int64(f.value)
		case 2:
			o.producer = string(f.bytes)
		case 3:
			o.version = string(f.bytes)
		case 7:
			o.graph = true
			return fieldsOf(f.bytes, o.graphField)
		case 8:
			return o.opset(f.bytes)
		case 14:
			return o.metadata(f.bytes)
		}
		return nil
	})
}

func (o *onnxReader) opset(b []byte) error {
	var domain string
	var version int64
	err := fieldsOf(b, func(f field) error {
		switch f.number {
		case 1:
			domain = string(f.bytes)
		case 2:
			version = int64(f.value)
		}
		return nil
	})
	o.info.Opsets[cmp.Or(domain, "ai.onnx")] = version
	return cmp.Or(err, o.list())
}

func (o *onnxReader) metadata(b []byte) error {
	var key, value string
	err := fieldsOf(b, func(f field) error {
		switch f.number {
		case 1:
			key = string(f.bytes)
		case 2:
			value = string(f.bytes)
		}
		return nil
	})
	if o.content.Metadata == nil {
		o.content.Metadata = map[string]string{}
	}
	o.content.Metadata[key] = value
	return cmp.Or(err, o.list())
}

func (o *onnxReader) graphField(f field) error {
	switch f.number {
	case 1:
		return o.node(f.bytes)
	case 5:
		return o.initializer(f.bytes)
	case 11, 12:
		v := valueInfo{Shape: []string{}}
		if err := cmp.Or(v.read(f.bytes, o), o.list()); err != nil {
			return err
		}
		if f.number == 11 {
			o.info.Inputs = append(o.info.Inputs, v)
		} else {
			o.info.Outputs = append(o.info.Outputs, v)
		}
	}
	return nil
}

func (o *onnxReader) node(b []byte) error {
	var operator, domain string
	err := fieldsOf(b, func(f field) error {
		switch f.number {
		case 4:
			operator = string(f.bytes)
		case 7:
			domain = string(f.bytes)
		}
		return nil
	})
	if domain != "" && domain != "ai.onnx" {
		operator = domain + "." + operator
	}
	if o.info.Operators[operator]++; o.info.Operators[operator] == 1 {
		err = cmp.Or(err, o.list())
	}
	return err
}

// initializer lists a weight without decoding it.
func (o *onnxReader) initializer(b []byte) error {
	t := tensorInfo{Shape: []int{}, Elements: 1}
	axis := func(d uint64) error {
		if d > maxONNX || d > 0 && t.Elements > math.MaxInt/int(d) {
			return errors.Errorf("tensor %q has the sizes %v and %d, want a sound product", t.Name, t.Shape, int64(d))
		}
		t.Shape = append(t.Shape, int(d))
		t.Elements *= int(d)
		return o.list()
	}
	err := fieldsOf(b, func(f field) error {
		switch f.number {
		case 1:
			if f.bytes == nil {
				return axis(f.value)
			}
			for packed := f.bytes; len(packed) > 0; {
				d, n := protowire.ConsumeVarint(packed)
				if n < 0 {
					return errors.WithStack(protowire.ParseError(n))
				}
				if err := axis(d); err != nil {
					return err
				}
				packed = packed[n:]
			}
		case 2:
			t.Type = typeName(int32(f.value))
		case 4, 5, 6, 7, 9, 10, 11: // the data in one form or another
			t.Bytes += int64(len(f.bytes))
		case 8:
			t.Name = string(f.bytes)
		}
		return nil
	})
	if err != nil {
		return err
	}
	t.Type = cmp.Or(t.Type, typeName(0))
	o.weights[t.Name] = true
	if o.content.Elements > math.MaxInt-t.Elements {
		return errors.New("has more elements than a number can count")
	}
	o.content.add(t)
	return o.list()
}

// read takes a ValueInfoProto: its name, and in its type the tensor's type and shape.
func (v *valueInfo) read(b []byte, o *onnxReader) error {
	return fieldsOf(b, func(f field) error {
		switch f.number {
		case 1:
			v.Name = string(f.bytes)
		case 2:
			return fieldsOf(f.bytes, func(f field) error {
				if f.number != 1 { // a tensor
					return nil
				}
				return fieldsOf(f.bytes, func(f field) error {
					switch f.number {
					case 1:
						v.Type = typeName(int32(f.value))
					case 2:
						return fieldsOf(f.bytes, func(f field) error { return v.axis(f, o) })
					}
					return nil
				})
			})
		}
		return nil
	})
}

// axis takes a Dimension.
func (v *valueInfo) axis(f field, o *onnxReader) error {
	if f.number != 1 {
		return nil
	}
	size := "?"
	err := fieldsOf(f.bytes, func(f field) error {
		switch f.number {
		case 1:
			size = fmt.Sprint(int64(f.value))
		case 2:
			size = string(f.bytes)
		}
		return nil
	})
	v.Shape = append(v.Shape, size)
	return cmp.Or(err, o.list())
}
