package graph

import (
	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// part has room for a piece of the batch.
type part struct{ x, t *tensor.Dense }

// part returns the room for a piece of size samples.
func (pc *pieces) part(size int) *part {
	p := pc.parts[size]
	if p == nil || !sameShape(p.x.Shape()[1:], pc.x.Shape()[1:]) || !sameShape(p.t.Shape()[1:], pc.t.Shape()[1:]) || p.t.Dtype() != pc.t.Dtype() {
		if pc.parts == nil {
			pc.parts = map[int]*part{}
		}
		p = &part{pieceLike(pc.x, size), pieceLike(pc.t, size)}
		pc.parts[size] = p
	}
	return p
}

func pieceLike(d *tensor.Dense, size int) *tensor.Dense {
	shape := d.Shape().Clone()
	shape[0] = size
	return newDense(d.Dtype(), shape)
}

// join copies the output of a piece into that of the batch.
func (pc *pieces) join(y *tensor.Dense, lo, hi int) error {
	n, size := pc.x.Shape()[0], hi-lo
	if y.Dims() == 0 || y.Shape()[0]%size != 0 {
		return errors.Errorf("the output has shape %v, want the %d samples along the first axis, to compute a batch in pieces", y.Shape(), size)
	}
	rows := y.Shape()[0] / size // of a sample
	if lo == 0 && (pc.output == nil || pc.output.Shape()[0] != rows*n || !sameShape(pc.output.Shape()[1:], y.Shape()[1:])) {
		pc.output = pieceLike(y, rows*n)
	}
	if !sameShape(pc.output.Shape()[1:], y.Shape()[1:]) || rows*n != pc.output.Shape()[0] {
		return errors.Errorf("the output of %d samples has shape %v, which does not join with that of other pieces to %v", size, y.Shape(), pc.output.Shape())
	}
	at := lo * rows * perRow(y)
	if y.Dtype() == tensor.Float32 {
		copy(pc.output.Float32s()[at:], y.Float32s())
	} else {
		copy(pc.output.Float64s()[at:], y.Float64s())
	}
	return nil
}

// copyRows fills dst with the rows of src from lo on.
func copyRows(dst, src *tensor.Dense, lo int) {
	at := lo * perRow(src)
	n := dst.Shape()[0] * perRow(src)
	switch dst.Dtype() {
	case tensor.Float32:
		copy(dst.Float32s(), src.Float32s()[at:at+n])
	case tensor.Float64:
		copy(dst.Float64s(), src.Float64s()[at:at+n])
	case tensor.Int:
		copy(dst.Ints(), src.Ints()[at:at+n])
	}
}

func perRow(d *tensor.Dense) int { return d.Shape().TotalSize() / d.Shape()[0] }

// ofPiece makes an error that is about a row of a piece, as those of targets are, one
// about that row of the batch.
func ofPiece(err error, lo, hi int) error {
	var of interface{ Row() int }
	if !errors.As(err, &of) {
		return err
	}
	return &pieceError{errors.WithMessagef(err, "samples %d to %d of the step", lo, hi-1), lo + of.Row()}
}

type pieceError struct {
	error
	row int
}

// Row is that of the batch.
func (e *pieceError) Row() int { return e.row }

// Unwrap gives errors.Is and errors.As the cause.
func (e *pieceError) Unwrap() error { return e.error }
