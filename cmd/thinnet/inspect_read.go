package main

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"io"
	"math"
	"os"
	"reflect"
	"strings"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/export"
	"gorgonia.org/tensor"
)

// A formatReader reads a file of one format.
type formatReader func(r io.ReaderAt, size int64, c *content) ([]export.Tensor, error)

// inspect reads a file.
func inspect(path string, stats bool) (*content, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, errors.WithStack(errors.Unwrap(err)) // who calls names it
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, errors.WithStack(err)
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("is not a file, want one")
	}
	return decode(f, info.Size(), stats)
}

// decode reads size bytes of r, whatever they are.
func decode(r io.ReaderAt, size int64, stats bool) (*content, error) {
	c := &content{Bytes: size}
	read, err := formatOf(r, size, c)
	if err != nil {
		return nil, err
	}
	ts, err := read(r, size, c)
	if err != nil {
		return nil, errors.WithMessagef(err, "looks like %s", c.Format)
	}
	for _, t := range ts {
		x := tensorInfo{t.Name, t.Value.Dtype().String(), append([]int{}, t.Value.Shape()...), t.Value.Shape().TotalSize(), 0, nil}
		if t.Value.IsScalar() {
			x.Elements = 1
		}
		x.Bytes = int64(x.Elements) * int64(t.Value.Dtype().Size())
		if stats {
			x.Stats = statisticsOf(t.Value)
		}
		c.add(x)
	}
	return c, nil
}

// formatOf tells the format by the first bytes.
func formatOf(r io.ReaderAt, size int64, c *content) (formatReader, error) {
	head := make([]byte, min(size, 16))
	if n, err := r.ReadAt(head, 0); n < len(head) {
		return nil, errors.WithStack(err)
	}
	switch {
	case len(head) == 0:
		return nil, errors.New("is empty, want " + wanted)
	case bytes.HasPrefix(head, []byte("\x93NUMPY")):
		c.Format = "NPY"
		return readNPY, nil
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return zipFormat(r, size, c)
	case len(head) > 8 && head[8] == '{' && binary.LittleEndian.Uint64(head) < uint64(size):
		c.Format = "safetensors"
		return readSafetensors, nil
	case head[0] == 0x08: // the field ir_version
		c.Format = "ONNX"
		return readONNX, nil
	case bytes.HasPrefix(head, []byte("\x89HDF")):
		return nil, errors.New("is a file of HDF5, want weights by NPZ: see docs/from-keras.md")
	}
	return nil, errors.New("is of an unknown format, want " + wanted)
}

const wanted = "a file of safetensors, NPZ, NPY, ONNX or torch.save"

// zipFormat tells an NPZ file from one of torch.save.
func zipFormat(r io.ReaderAt, size int64, c *content) (formatReader, error) {
	c.Format = "NPZ"
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, errors.WithMessage(err, "looks like a zip archive")
	}
	for _, f := range z.File {
		if strings.HasSuffix(f.Name, "/data.pkl") || f.Name == "data.pkl" {
			c.Format = "PyTorch"
			return func(r io.ReaderAt, size int64, _ *content) ([]export.Tensor, error) {
				return export.DecodePyTorch(r, size)
			}, nil
		}
	}
	return func(r io.ReaderAt, size int64, _ *content) ([]export.Tensor, error) { return export.DecodeNPZ(r, size) }, nil
}

func readNPY(r io.ReaderAt, size int64, _ *content) ([]export.Tensor, error) {
	d, err := export.DecodeNPY(r, size)
	return []export.Tensor{{Name: "array", Value: d}}, err
}

// readSafetensors also names what is more than weights.
func readSafetensors(r io.ReaderAt, size int64, c *content) ([]export.Tensor, error) {
	ts, meta, err := export.DecodeSafetensors(r, size)
	if err != nil {
		return nil, err
	}
	c.Metadata = meta
	switch {
	case meta["format"] == "thinnet frozen model":
		c.Format = "frozen model (safetensors)"
	case meta["thinnet.training"] != "":
		c.Format = "checkpoint (safetensors)"
	}
	return ts, nil
}

// statistics are of the elements of a tensor that are finite.
type statistics struct {
	Mean      finite `json:"mean"`
	Std       finite `json:"std"`
	Min       finite `json:"min"`
	Max       finite `json:"max"`
	NotFinite int    `json:"not_finite"`
}

// statisticsOf takes two passes, for the sake of the standard deviation.
func statisticsOf(d *tensor.Dense) *statistics {
	s := &statistics{Mean: finite(math.NaN()), Std: finite(math.NaN()), Min: finite(math.NaN()), Max: finite(math.NaN())}
	var sum, squares float64
	n, low, high := 0, math.Inf(1), math.Inf(-1)
	each(d, func(x float64) {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			s.NotFinite++
			return
		}
		n, sum, low, high = n+1, sum+x, min(low, x), max(high, x)
	})
	if n == 0 {
		return s
	}
	mean := sum / float64(n)
	each(d, func(x float64) {
		if !math.IsNaN(x) && !math.IsInf(x, 0) {
			squares += (x - mean) * (x - mean)
		}
	})
	s.Mean, s.Std, s.Min, s.Max = finite(mean), finite(math.Sqrt(squares/float64(n))), finite(low), finite(high)
	return s
}

// each calls f for all elements.
func each(d *tensor.Dense, f func(float64)) {
	switch data := d.Data().(type) {
	case []float32:
		for _, x := range data {
			f(float64(x))
		}
	case []float64:
		for _, x := range data {
			f(x)
		}
	default:
		v := reflect.ValueOf(data)
		if v.Kind() != reflect.Slice { // a scalar is its element
			f(number(v))
			return
		}
		for i := range v.Len() {
			f(number(v.Index(i)))
		}
	}
}

func number(v reflect.Value) float64 {
	switch {
	case v.CanInt():
		return float64(v.Int())
	case v.CanUint():
		return float64(v.Uint())
	case v.CanFloat():
		return v.Float()
	case v.Kind() == reflect.Bool && v.Bool():
		return 1
	}
	return 0
}
