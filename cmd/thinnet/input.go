package main

import (
	"bytes"
	"encoding/csv"
	"io"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/export"
	"github.com/thinnet/thinnet/train"
	"gorgonia.org/tensor"
)

// maxInput bounds what is read into memory.
const maxInput = 1 << 30

// read returns samples (n, ...) of the shape of the model.
func (p *predictor) read(input string, stdin io.Reader) (*tensor.Dense, error) {
	b, err := readInput(input, stdin)
	if err != nil {
		return nil, err
	}
	switch {
	case len(b) == 0:
		return nil, errors.New("is empty, want an image, an NPY array or a table of numbers")
	case bytes.HasPrefix(b, []byte("\x93NUMPY")):
		return p.array(b)
	case isImage(b):
		return p.image(b)
	case bytes.IndexByte(b, 0) >= 0:
		return nil, errors.New("is no PNG, JPEG or GIF image, no NPY array and no table of numbers")
	}
	return p.table(b)
}

func readInput(input string, stdin io.Reader) ([]byte, error) {
	r := stdin
	if input != "-" {
		f, err := os.Open(input)
		if err != nil {
			return nil, errors.WithStack(errors.Unwrap(err)) // who calls names it
		}
		defer f.Close()
		r = f
	}
	b, err := io.ReadAll(io.LimitReader(r, maxInput+1))
	if err == nil && len(b) > maxInput {
		err = errors.Errorf("has more than %d bytes", maxInput)
	}
	return b, errors.WithStack(err)
}

func isImage(b []byte) bool {
	for _, magic := range []string{"\x89PNG", "\xff\xd8\xff", "GIF8"} {
		if bytes.HasPrefix(b, []byte(magic)) {
			return true
		}
	}
	return false
}

func (p *predictor) image(b []byte) (*tensor.Dense, error) {
	channels, size := 1, p.Shape
	if len(p.Shape) == 3 {
		channels, size = p.Shape[0], p.Shape[1:]
	}
	if len(size) != 2 || p.Data.layout() == stepsFirst || channels != 1 && channels != 3 {
		return nil, errors.Errorf("is an image, and the model wants samples of shape %v", p.Shape)
	}
	opts := []train.ImageOption{train.Size(size[1], size[0])}
	if channels == 1 {
		opts = append(opts, train.Grey())
	}
	x, err := train.DecodeImage(bytes.NewReader(b), int64(len(b)), opts...)
	if err != nil {
		return nil, err
	}
	return x, errors.WithStack(x.Reshape(append([]int{1}, p.Shape...)...))
}

func (p *predictor) array(b []byte) (*tensor.Dense, error) {
	x, err := export.DecodeNPY(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return nil, err
	}
	if shape := x.Shape(); !shape.Eq(p.Shape) && (len(shape) == 0 || !shape[1:].Eq(p.Shape)) {
		return nil, errors.Errorf("has shape %v, want %v or (n, ...) of it", shape, p.Shape)
	}
	if x.Shape().Eq(p.Shape) {
		err = x.Reshape(append([]int{1}, p.Shape...)...)
	}
	return x, errors.WithStack(err)
}

// table reads numbers, one sample a line. A first line that is of words is passed over.
func (p *predictor) table(b []byte) (*tensor.Dense, error) {
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(b, []byte("\ufeff"))))
	r.ReuseRecord, r.FieldsPerRecord = true, -1
	if t, ok := p.Data.Spec.(*csvTable); ok {
		r.Comma = t.comma()
	}
	width := p.Shape.TotalSize()
	var values []float32
	for first := true; ; first = false {
		cells, err := r.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, errors.WithMessage(err, "is no PNG, JPEG or GIF image, no NPY array and no table of numbers")
		}
		if first && !slices.ContainsFunc(cells, isNumber) {
			continue // a header
		}
		line, _ := r.FieldPos(0)
		if len(cells) != width {
			return nil, errors.Errorf("line %d has %d numbers, want %d: samples have shape %v", line, len(cells), width, p.Shape)
		}
		for i, cell := range cells {
			v, err := strconv.ParseFloat(strings.TrimSpace(cell), 32)
			if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
				return nil, errors.Errorf("line %d, column %d is %q, want a number", line, i+1, cell)
			}
			values = append(values, float32(v))
		}
	}
	if len(values) == 0 {
		return nil, errors.New("has no sample")
	}
	return tensor.New(tensor.WithShape(append([]int{len(values) / width}, p.Shape...)...), tensor.WithBacking(values)), nil
}

// isNumber says whether a cell is one, if one that is too large or NaN.
func isNumber(cell string) bool {
	_, err := strconv.ParseFloat(strings.TrimSpace(cell), 32)
	return err == nil || errors.Is(err, strconv.ErrRange)
}
