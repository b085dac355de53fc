package onnx

import (
	"bytes"
	"encoding/binary"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// encoded are the elements of d in little-endian order, as ONNX has raw data.
func encoded(d *tensor.Dense) ([]byte, error) {
	var data any
	switch d.Dtype() {
	case tensor.Float32:
		data = d.Float32s()
	case tensor.Float64:
		data = d.Float64s()
	case tensor.Int32:
		data = d.Int32s()
	case tensor.Int64:
		data = d.Int64s()
	case tensor.Int:
		wide := make([]int64, len(d.Ints()))
		for i, n := range d.Ints() {
			wide[i] = int64(n)
		}
		data = wide
	default:
		return nil, errors.Errorf("element type %v has no form in ONNX", d.Dtype())
	}
	var b bytes.Buffer
	if err := binary.Write(&b, binary.LittleEndian, data); err != nil {
		return nil, errors.WithStack(err)
	}
	return b.Bytes(), nil
}
